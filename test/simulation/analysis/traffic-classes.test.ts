// What an examination says of marks: kept ones, marks taken away going or coming, and a class that is served better.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClassTreatment } from '../../../src/model/estimates.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, examine } from './examined-path.js';

const SENT = [0, 1, 2, 32, 40, 72, 104, 136, 184, 192];
const EF = 184;
const ECT0 = 2;
const STAMP: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 1_500, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 0,
};

function treat(change: (path: PathModel) => PathModel, far?: FarEndModel): readonly ClassTreatment[] {
  const base = buildNarrowPath({ narrow: { rateBitsPerSec: 50e6 }, ...(far === undefined ? {} : { far }) });
  const description = far === undefined ? {} : { minSizeBytes: 72 };
  const { dscp } = examine(change(base), { seed: 1, quantity: 'dscp', description }).report.estimates;
  assert.deepEqual(
    dscp?.map(({ sent }) => sent),
    SENT,
  );
  return dscp;
}

function changeLast(hops: readonly HopModel[], change: Partial<HopModel>): HopModel[] {
  return hops.map((hop, i) => (i === hops.length - 1 ? { ...hop, ...change } : hop));
}

const find = (treatments: readonly ClassTreatment[], sent: number): ClassTreatment =>
  treatments.find((treatment) => treatment.sent === sent) ?? assert.fail(`class ${sent}`);
const CLEAR = { remark: { kind: 'clear-dscp' } } as const;

describe('traffic classes', () => {
  it('are kept both ways where nobody changes them; the ECN of a reflected packet says nothing of the way back', () => {
    for (const { sent, forward, reverse, loss } of treat((path) => path, STAMP)) {
      assert.equal(forward, sent);
      assert.equal(reverse, sent === ECT0 || sent === 1 ? null : sent);
      assert.deepEqual([loss.value, loss.samples], [0, 5]);
      assert.ok(loss.high > 0.3, 'five packets say little of loss');
    }
  });

  it('that are remarked going are told from those remarked coming back', () => {
    const going = treat((path) => ({ ...path, forward: changeLast(path.forward, CLEAR) }), STAMP);
    assert.deepEqual([find(going, EF).forward, find(going, EF).reverse], [0, EF]);
    const coming = treat((path) => ({ ...path, reverse: changeLast(path.reverse, CLEAR) }), STAMP);
    assert.deepEqual([find(coming, EF).forward, find(coming, EF).reverse], [EF, 0]);
    for (const treatments of [going, coming]) assert.equal(find(treatments, ECT0).forward, ECT0);
  });

  it('lose their ECN without losing their code point', () => {
    const bleach = { remark: { kind: 'clear-ecn' } } as const;
    const treatments = treat((path) => ({ ...path, forward: changeLast(path.forward, bleach) }), STAMP);
    assert.equal(find(treatments, ECT0).forward, 0);
    assert.equal(find(treatments, EF).forward, EF);
  });

  it('of a target that only echoes are told as they came back, not as they arrived', () => {
    const treatments = treat((path) => ({ ...path, forward: changeLast(path.forward, CLEAR) }));
    assert.deepEqual([find(treatments, EF).forward, find(treatments, EF).reverse], [null, 0]);
    assert.equal(find(treatments, ECT0).reverse, ECT0);
  });

  it('are not sent to a target that answers too seldom for them, and the report says so', () => {
    const description = { maxProbesPerSec: 1, replySize: 'small' } as const;
    const { report } = examine(buildNarrowPath({ narrow: {} }), { seed: 1, quantity: null, description });
    assert.equal(report.estimates.dscp, null);
    assert.match(report.limits.join('\n'), /Marked packets were not sent: the target answers too seldom/);
    assert.match(report.limits.join('\n'), /path MTU was not looked for: the target answers too seldom/);
  });
});
