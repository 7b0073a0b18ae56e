// Trains and bulks grow with the noise of stamps, with the rate and with the time between interrupts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEPTH_PLANS } from '../../../src/analysis/examination/plans/depth-plan.js';
import { planOverload } from '../../../src/analysis/examination/plans/train-plan.js';
import { computeLeastBulk, computeLeastPackets } from '../../../src/analysis/examination/plans/train-sizing.js';
import { computeTrainArrivals } from '../../../src/analysis/estimators/capacity/train-arrivals.js';
import { estimateTrainRate } from '../../../src/analysis/estimators/capacity/train-rate.js';
import { buildTrace } from './built-trace.js';

const FRAME = 1514;

describe('the length of trains', () => {
  for (const [noiseNs, rateBitsPerSec, target, packets] of [
    [0, 1e9, 0.01, 1],
    [20, 1e9, 0.01, 2],
    [5_000, 1e9, 0.01, 60],
    [5_000, 1e9, 0.02, 31],
    [5_000, 100e6, 0.01, 7],
    [50_000, 1e9, 0.01, 585],
  ] as const) {
    it(`is ${packets} packets for ${noiseNs} ns of noise at ${rateBitsPerSec / 1e6} Mb/s to be ${100 * target} % off`, () => {
      const limits = { noiseNs, coalescingNs: 0 };
      assert.equal(computeLeastPackets(limits, { frameBytes: FRAME, rateBitsPerSec }, target), packets);
    });
  }

  for (const [coalescingNs, rateBitsPerSec, packets] of [
    [0, 1e9, 1],
    [50_000, 1e9, 43],
    [50_000, 100e6, 6],
    [200_000, 100e6, 18],
  ] as const) {
    it(`of a bulk is ${packets} packets for ten interrupts of ${coalescingNs / 1e3} us at ${rateBitsPerSec / 1e6} Mb/s`, () => {
      assert.equal(computeLeastBulk({ noiseNs: 0, coalescingNs }, { frameBytes: FRAME, rateBitsPerSec }), packets);
    });
  }
});

function planAt(rateBitsPerSec: number, noiseNs: number, coalescingNs: number) {
  const gapNs = (FRAME * 8e9) / rateBitsPerSec;
  const rows = Array.from({ length: 20 }, (_, i) => ({
    sizeBytes: 1500,
    plannedNs: 0,
    txNs: i * 500,
    rxNs: 1e6 + i * gapNs,
  }));
  const [train] = computeTrainArrivals(buildTrace(rows), 'round-trip', false);
  const latest = train && estimateTrainRate(train, { ratio: 0, most: 0 });
  assert.ok(latest);
  const planned = planOverload([latest], latest, {
    plan: DEPTH_PLANS.quick,
    loads: 0,
    stamps: { noiseNs, coalescingNs },
    room: null,
  });
  return { bulk: planned.packets, all: planned.packets * (planned.trains ?? 1) };
}

describe('the train that is planned', () => {
  it('grows with noise, and the more the faster the path', () => {
    assert.ok(planAt(1e9, 200e3, 0).all > 1.5 * planAt(1e9, 5e3, 0).all);
    assert.ok(planAt(1e9, 200e3, 0).all > 1.3 * planAt(500e6, 200e3, 0).all);
  });

  it('has bulks of ten interrupts', () => {
    assert.equal(planAt(100e6, 1e3, 0).bulk, 5);
    assert.equal(planAt(100e6, 1e3, 200e3).bulk, 18);
    assert.equal(planAt(200e6, 1e3, 200e3).bulk, 35);
  });
});
