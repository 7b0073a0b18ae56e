// The path MTU and the table of traffic classes, as a person reads them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeMarks, renderClasses } from '../../../src/cli/classes-text.js';
import { describeMtu } from '../../../src/cli/mtu-text.js';
import type { ClassTreatment, MtuEstimate } from '../../../src/model/estimates.js';

const WHOLE: MtuEstimate = {
  forwardBytes: 1500,
  reverseBytes: 1500,
  failedBytes: { forward: null, reverse: null },
  isAnnounced: null,
  announcement: null,
  fragmentsPass: null,
};
const SILENT: MtuEstimate = {
  ...WHOLE,
  forwardBytes: 1480,
  failedBytes: { forward: 1481, reverse: null },
  isAnnounced: false,
};

describe('the path MTU', () => {
  const CASES: readonly (readonly [Partial<MtuEstimate>, string])[] = [
    [WHOLE, 'mtu  1500 bytes'],
    [{ ...WHOLE, reverseBytes: null }, 'mtu  1500 bytes'],
    [
      { ...SILENT, isAnnounced: true, announcement: { from: '10.0.0.1', mtuBytes: 1480 }, fragmentsPass: true },
      'mtu  1480 bytes forward, 1500 reverse; 10.0.0.1 said so; larger packets pass in fragments',
    ],
    [
      { ...SILENT, fragmentsPass: false },
      'mtu  1480 bytes forward, 1500 reverse; nobody said so: a black hole; fragments are lost, too',
    ],
    [
      { ...SILENT, isAnnounced: true, announcement: { from: '10.0.0.1', mtuBytes: null } },
      'mtu  1480 bytes forward, 1500 reverse; 10.0.0.1 refused more and named no size',
    ],
    [
      { ...SILENT, failedBytes: { forward: 1493, reverse: null }, reverseBytes: null },
      'mtu  1480 to 1492 bytes; nobody said so: a black hole',
    ],
  ];
  for (const [mtu, text] of CASES) {
    test(text, () => assert.equal(describeMtu({ ...WHOLE, ...mtu }), text));
  }
});

const LOSS = { value: 0, low: 0, high: 0.43, method: '', samples: 5, quality: 'poor', limitedBy: 'samples' } as const;
const KEPT: ClassTreatment = { sent: 184, forward: 184, reverse: 184, loss: LOSS, medianRttNs: 210_000 };

describe('traffic classes', () => {
  test('are a table by name', () => {
    const lost = { ...KEPT, sent: 2, forward: null, reverse: null, medianRttNs: null };
    assert.deepEqual(renderClasses([KEPT, { ...KEPT, forward: 0, reverse: 8 }, lost]), [
      'class   arrives as  comes back as  loss            median',
      'EF      as sent     as sent        0 % (below 43)  210 µs',
      'EF      CS0         DSCP 2         0 % (below 43)  210 µs',
      'ECT(0)  unknown     unknown        0 % (below 43)  -',
    ]);
  });

  test('in one cell are those that changed, or that none did, or nothing', () => {
    assert.equal(describeMarks([KEPT]), 'DSCP marks kept');
    assert.equal(describeMarks([KEPT, { ...KEPT, sent: 32, forward: 32, reverse: 0 }]), 'DSCP marks changed: CS1');
    assert.equal(describeMarks([{ ...KEPT, forward: null, reverse: null }]), '');
  });
});
