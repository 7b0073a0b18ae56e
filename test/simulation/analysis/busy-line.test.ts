// A line that others keep busy: the whole examination waits and then loads it less; one that is free is loaded at once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildNarrowPath, examine } from './examined-path.js';

const examineBeside = (share: number, quantity: 'available' | null = null) =>
  examine(
    buildNarrowPath({
      narrow: {
        rateBitsPerSec: 50e6,
        queueBytes: 250_000,
        propagationNs: 2e6,
        crossTraffic: { share, sizeBytes: 1200 },
      },
    }),
    { seed: 11, quantity },
  );

describe('a busy line', () => {
  it('is looked at again and loaded less, and the report says so', () => {
    const { report, phases } = examineBeside(0.8);
    const free = examineBeside(0.1);
    assert.ok(phases.includes('look'));
    assert.ok(
      report.limits.some((limit) => /busy for more than \d+ %/.test(limit)),
      report.limits.join('\n'),
    );
    assert.ok(!free.phases.includes('look') && !free.report.limits.some((limit) => limit.includes('busy')));
  });

  it('holds up nobody who asked for one quantity', () => {
    assert.ok(!examineBeside(0.8, 'available').phases.includes('look'));
  });

  it('keeps to a share of the link that was asked for', () => {
    const path = buildNarrowPath({ narrow: { rateBitsPerSec: 20e6, queueBytes: 250_000, propagationNs: 2e6 } });
    const { report } = examine(path, { seed: 12, maxLinkShare: 0.02 });
    // Whatever was sent before the rate was known: a reach, the delay run and a first train.
    assert.ok(report.cost.bytes <= (0.02 * 20e6 * 15) / 8, `${report.cost.bytes}`);
    assert.notEqual(report.estimates.capacity.forward, null);
  });
});
