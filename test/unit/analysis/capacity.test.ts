// What several trains say together: agreement, heads of buckets, other traffic, a probe that is the limit.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateCapacity } from '../../../src/analysis/estimators/capacity/capacity.js';
import type { TrainRate } from '../../../src/analysis/estimators/capacity/train-rate.js';

const train = (rateBitsPerSec: number, rest: Partial<TrainRate> = {}): TrainRate => ({
  rateBitsPerSec,
  relativeHalfWidth: 0.01,
  arrivals: 200,
  spanNs: 1e8,
  hasKnee: false,
  burstBytes: 0,
  passedBytes: 600e3,
  plannedShare: 0.67,
  departureShare: 0.67,
  reachedShare: 1,
  isCutOff: false,
  endsEarly: false,
  frameBytes: 1514,
  waitPackets: 100,
  missingShare: 0,
  belied: null,
  batchedShare: 0,
  batchNs: 0,
  sharesStamps: false,
  lostShare: 0,
  dispersion: null,
  ...rest,
});
const short = (rate: number, rest: Partial<TrainRate> = {}) =>
  train(rate, { arrivals: 18, passedBytes: 30e3, plannedShare: 0, relativeHalfWidth: 0.1, ...rest });

describe('capacity of several trains', () => {
  it('is null without one, and narrows with each that agrees', () => {
    assert.equal(estimateCapacity([]), null);
    const one = estimateCapacity([train(50e6)]);
    const two = estimateCapacity([train(50e6), train(50.2e6)]);
    assert.equal(one?.estimate.value, 50e6);
    assert.ok((two?.halfWidth ?? 1) < one.halfWidth);
    assert.equal(two?.estimate.quality, 'good');
    assert.equal(two.estimate.limitedBy, null);
  });

  it('is not that of a head that passed on tokens', () => {
    const lasting = train(50e6, { hasKnee: true, burstBytes: 60e3 });
    const result = estimateCapacity([short(3e9), lasting]);
    assert.equal(result?.estimate.value, 50e6);
    assert.equal(result.isDisputed, false);
    assert.equal(result.burstBytes, 60e3);
  });

  it('is a lower bound where no train overloaded the path', () => {
    const result = estimateCapacity([train(50e6, { plannedShare: 1 })]);
    assert.equal(result?.estimate.limitedBy, 'probe');
    assert.ok(result.estimate.high >= 5 * result.estimate.value && result.estimate.low < 50e6);
  });

  it('is a lower bound where small packets take as long as large ones', () => {
    const fast = train(2e9, { plannedShare: 0, departureShare: 0.98 });
    const check = (rate: number) => train(rate, { frameBytes: 764, plannedShare: 0 });
    assert.match(estimateCapacity([fast, check(1.05e9)])?.boundedBy ?? '', /by packets/);
    assert.equal(estimateCapacity([fast, check(1.95e9)])?.boundedBy, null);
    assert.match(estimateCapacity([fast])?.boundedBy ?? '', /no faster/);
    // At 10 Mb/s no processor is suspected: the port itself shapes.
    assert.equal(estimateCapacity([train(10e6, { plannedShare: 0, departureShare: 1 })])?.boundedBy, null);
  });

  it('widens its interval over long trains that disagree, and not over a short one', () => {
    const disputed = estimateCapacity([train(50e6), train(60e6, { passedBytes: 500e3 })]);
    assert.equal(disputed?.isDisputed, true);
    assert.ok(disputed.estimate.low < 50e6 && disputed.estimate.high > 60e6);
    assert.equal(disputed.estimate.quality, 'poor');
    const doubted = estimateCapacity([train(50e6), short(75e6)]);
    assert.deepEqual([doubted?.isDisputed, doubted?.isDoubted], [false, true]);
    assert.ok((doubted?.estimate.high ?? 0) < 52e6);
  });

  it('is extrapolated over other traffic from trains offered at different rates', () => {
    // 100 Mb/s shared with 20: a train offered at r passes at 100·r/(r + 20).
    const offered = (rate: number) => {
      const passed = (100e6 * rate) / (rate + 20e6);
      return train(passed, { plannedShare: passed / rate, departureShare: passed / rate, relativeHalfWidth: 0.005 });
    };
    const result = estimateCapacity([offered(130e6), offered(320e6)]);
    assert.ok(Math.abs((result?.estimate.value ?? 0) / 100e6 - 1) < 1e-6);
    assert.match(result?.estimate.method ?? '', /other traffic/);
    assert.ok((result?.estimate.low ?? 0) < 100e6 && (result?.estimate.high ?? 0) > 100e6);
  });
});
