// Round-trip times, their distribution, jitter, order and copies.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  computeDelayDistribution,
  computeSteppedDistribution,
  estimateDelayDistribution,
} from '../../../src/analysis/estimators/delay/delay-distribution.js';
import { estimateDuplication } from '../../../src/analysis/estimators/loss/duplication.js';
import { estimateJitter } from '../../../src/analysis/estimators/delay/jitter.js';
import { estimateReordering } from '../../../src/analysis/estimators/loss/reordering.js';
import { computeRoundTrips, selectOneStampSource } from '../../../src/analysis/estimators/round-trip-times.js';
import { computeQuantileInterval } from '../../../src/analysis/statistics/quantile-interval.js';
import { createRandom } from '../../../src/model/random.js';
import { buildTrace, INTERVAL_NS, RTT_NS } from './built-trace.js';

const withRtts = (rtts: readonly number[]) =>
  buildTrace(rtts.map((rtt, i) => ({ txNs: i * INTERVAL_NS, rxNs: i * INTERVAL_NS + rtt })));

describe('round-trip times', () => {
  it('take out the time at the far end', () => {
    const trace = buildTrace([{ farRxNs: 1e12, farTxNs: 1e12 + 50_000 }]);
    assert.deepEqual([...computeRoundTrips(trace).rttNs], [RTT_NS - 50_000]);
  });

  it('never mix rows with and without far stamps', () => {
    const stamped = { farRxNs: 5, farTxNs: 10 };
    const trips = computeRoundTrips(buildTrace([stamped, {}, {}, stamped]));
    assert.deepEqual(trips.rows, [0, 3]);
    assert.equal(trips.unusable, 2);
  });

  it('blame nobody for the last reply, which no later one could follow up', () => {
    const stamped = { farRxNs: 5, farTxNs: 10 };
    assert.equal(computeRoundTrips(buildTrace([stamped, stamped, {}])).unusable, 0);
    assert.equal(computeRoundTrips(buildTrace([stamped, {}, {}])).unusable, 1);
  });

  it('leave out rows without stamps, and whole runs with a stepped clock or two clocks', () => {
    const trips = computeRoundTrips(buildTrace([{ txNs: NaN }, {}, { lost: true }]));
    assert.deepEqual([trips.rows, trips.unusable], [[1], 1]);
    assert.equal(computeRoundTrips(buildTrace([{}, {}], { clockStepNs: -3 })).unusable, 2);
    const mixed = buildTrace([{}], { stamps: { tx: 'hardware', rx: 'kernel', far: null } });
    assert.equal(computeRoundTrips(mixed).rows.length, 0);
  });

  it('leave out times that are not positive', () => {
    assert.equal(computeRoundTrips(withRtts([-5, 0, 5])).rows.length, 1);
  });

  it('come from one stamp source, the one of most packets', () => {
    const user = buildTrace([{}], { stamps: { tx: 'user', rx: 'user', far: null } });
    const kernel = buildTrace([{}, {}]);
    assert.deepEqual(selectOneStampSource([user, kernel]), [kernel]);
  });
});

describe('delay distribution', () => {
  it('takes nearest-rank percentiles of all samples', () => {
    const delay = estimateDelayDistribution([withRtts(Array.from({ length: 200 }, (_, i) => 1000 * (200 - i)))]);
    const { intervals, ...figures } = delay ?? assert.fail();
    assert.deepEqual(figures, {
      minNs: 1000,
      p50Ns: 100_000,
      p95Ns: 190_000,
      p99Ns: 198_000,
      maxNs: 200_000,
      meanNs: 100_500,
      samples: 200,
    });
    // A delay that only falls has been seen once, however many packets saw it.
    assert.deepEqual(intervals.p50Ns, { low: null, high: null });
  });

  it('bounds percentiles by ranks of the binomial distribution', () => {
    const ascending = Float64Array.from({ length: 400 }, (_, i) => i + 1);
    // P(B < 181) = 0.0256 and P(B < 180) = 0.0201 of 400 with 0.5; 0.99^400 = 0.018.
    assert.deepEqual(computeQuantileInterval(ascending, 0.5, 400), { low: 180, high: 221 });
    assert.equal(computeQuantileInterval(ascending, 0.99, 400).high, 400);
    // Ten groups of forty: the second to the ninth of them.
    assert.deepEqual(computeQuantileInterval(ascending, 0.5, 10), { low: 41, high: 360 });
  });

  it('leaves the upper end of the 99th percentile open below 368 samples', () => {
    const order = createRandom(6).shuffle(Array.from({ length: 300 }, (_, i) => 1000 * (i + 1)));
    const intervals = estimateDelayDistribution([withRtts(order)])?.intervals;
    assert.equal(intervals?.p99Ns.high, null);
    assert.ok((intervals.p99Ns.low ?? 0) > 280_000);
  });

  it('bounds a queue that wanders by less than matters, and leaves one that drifts further open', () => {
    // One slow wave in 400 samples: neighbours say the same, so that of a whole wave little is known.
    const wave = (heightNs: number): number[] =>
      Array.from({ length: 400 }, (_, i) => 56e6 + heightNs * Math.sin((2 * Math.PI * i) / 400));
    const [stepNs, within, beyond] = [300e3, wave(90e3), wave(9e6)];
    assert.equal(computeDelayDistribution(within)?.intervals.p95Ns.high, null);
    const bounded = computeSteppedDistribution(within, stepNs)?.intervals.p95Ns;
    assert.ok(bounded?.low != null && bounded.low > 56e6 - 2 * stepNs, `${bounded?.low}`);
    assert.ok(bounded.high !== null && bounded.high < 56e6 + 2 * stepNs, `${bounded.high}`);
    assert.equal(computeSteppedDistribution(beyond, stepNs)?.intervals.p95Ns.high, null);
  });

  it('is null without a sample', () => {
    assert.equal(estimateDelayDistribution([buildTrace([{ lost: true }])]), null);
  });
});

describe('jitter', () => {
  it('follows RFC 3550 step by step', () => {
    // |D| = 160, 0, 320: J = 10, 9.375, 28.7890625.
    const jitter = estimateJitter([withRtts([1000, 1160, 1160, 840])]);
    assert.equal(jitter?.rfc3550Ns, 28.7890625);
    assert.equal(jitter.ipdvP99Ns, 320);
    assert.equal(jitter.pdvP99Ns, 320);
  });

  it('has no IPDV across a lost packet', () => {
    const rows = [{}, { lost: true }, { txNs: 2e6, rxNs: 2e6 + 9 * RTT_NS }];
    assert.equal(estimateJitter([buildTrace(rows)]), null);
  });
});

describe('order and copies', () => {
  it('counts replies behind one to a later packet', () => {
    const trace = buildTrace([{}, { txNs: 1, rxNs: 9e9 }, {}, {}]);
    assert.equal(estimateReordering([trace])?.value, 1 / 4);
    assert.equal(estimateReordering([buildTrace([{}, {}])])?.value, 0);
  });

  it('counts packets with copies once', () => {
    assert.equal(estimateDuplication([buildTrace([{ duplicates: 3 }, {}])])?.value, 1 / 2);
    assert.equal(estimateDuplication([buildTrace([{ lost: true }])]), null);
  });
});
