// Two clocks that share no time: their rates compared, their drift taken out, and the delay of each direction told apart.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateOneWayDelays } from '../../../src/analysis/estimators/delay/one-way-delay.js';
import { collectOneWaySamples } from '../../../src/analysis/estimators/delay/one-way-samples.js';
import { computeLowerHullLine, computePrefixHullLines } from '../../../src/analysis/statistics/lower-hull.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { buildTrace } from './built-trace.js';

const COUNT = 320;
const INTERVAL_NS = 8e6;
const FLOOR_NS = 2e6;

interface Drawn {
  /** Far clock less ours at an instant of ours. */
  readonly offsetNs: (atNs: number) => number;
  /** Queueing of packet `i`. */
  readonly forwardNs?: (i: number) => number;
  readonly reverseNs?: (i: number) => number;
}

function drawTrace({ offsetNs, forwardNs = () => 0, reverseNs = () => 0 }: Drawn) {
  const rows = Array.from({ length: COUNT }, (_, i) => {
    const txNs = i * INTERVAL_NS;
    const arrivesNs = txNs + FLOOR_NS + forwardNs(i);
    const leavesNs = arrivesNs + 5_000;
    const rxNs = leavesNs + FLOOR_NS + reverseNs(i);
    const farNs = (atNs: number): number => atNs + offsetNs(atNs);
    return { txNs, rxNs, farRxNs: farNs(arrivesNs), farTxNs: farNs(leavesNs) };
  });
  return buildTrace(rows, { stamps: { tx: 'kernel', rx: 'kernel', far: 'kernel' } });
}

const estimate = (drawn: Drawn) => estimateOneWayDelays(collectOneWaySamples([drawTrace(drawn)], 100)).estimate;
const drift = (ppm: number) => (atNs: number) => -3e9 + (ppm / 1e6) * atNs;
const exponential = (random: Random, meanNs: number) => () => random.exponential(meanNs);

describe('lower hull', () => {
  it('is the edge below the mean of x', () => {
    // Points above y = x/2 but for two on it.
    const line = computeLowerHullLine([0, 1, 2, 3, 4], [3, 0.5, 4, 1.5, 9]);
    assert.deepEqual(line, { slope: 0.5, intercept: 0 });
  });

  it('needs two different x, and of equal ones takes the lowest', () => {
    assert.equal(computeLowerHullLine([1, 1], [2, 3]), null);
    assert.deepEqual(computeLowerHullLine([0, 0, 2, 2], [5, 1, 7, 1]), { slope: 0, intercept: 1 });
  });
});

describe('lower hulls of ever more points', () => {
  it('are those of each number of them by itself', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = createRandom(seed);
      const lengths = [2, 3, 7, 7, 20, 90, 300];
      // Few different values: points one above the other, and several on one line.
      const x = Array.from({ length: 300 }, () => Math.floor(100 * random.uniform())).sort((a, b) => a - b);
      const y = x.map((at) => at + Math.floor(10 * random.uniform()));
      const alone = lengths.map((length) => computeLowerHullLine(x.slice(0, length), y.slice(0, length)));
      assert.deepEqual(computePrefixHullLines(x, y, lengths), alone, `seed ${seed}`);
      for (const [i, line] of alone.entries()) {
        if (line === null) continue;
        const lowest = x.slice(0, lengths[i]).reduce((least, at, row) => {
          return Math.min(least, (y[row] ?? 0) - line.intercept - line.slope * at);
        }, Infinity);
        assert.ok(Math.abs(lowest) < 1e-9, `seed ${seed}: nothing lies below the line, and something on it: ${lowest}`);
      }
    }
  });

  it('are none of no points', () => assert.deepEqual(computePrefixHullLines([], [], []), []));
});

describe('the far clock', () => {
  it('has its rate covered in 93 of 100 draws of drift, noise and queues', () => {
    let covered = 0;
    const seeds = Array.from({ length: 100 }, (_, i) => 4000 + i);
    for (const seed of seeds) {
      const random = createRandom(seed);
      const ppm = 200 * (random.uniform() - 0.5);
      const stampNs = 20 * 2000 ** random.uniform();
      const noisy = (meanNs: number) => () => random.exponential(meanNs) + random.normal(0, stampNs);
      const { clockSkewPpm } = estimate({
        offsetNs: drift(ppm),
        forwardNs: noisy(1_000 * 1000 ** random.uniform()),
        reverseNs: noisy(1_000 * 1000 ** random.uniform()),
      });
      if (clockSkewPpm !== null && clockSkewPpm.low <= ppm && ppm <= clockSkewPpm.high) covered += 1;
    }
    assert.ok(covered >= 93, `${covered} of 100, seeds 4000-4099`);
  });

  it('is known to 0.1 ppm over 2.5 s where one direction is quiet, whatever the other does', () => {
    const random = createRandom(7);
    const { clockSkewPpm } = estimate({
      offsetNs: drift(-41.5),
      forwardNs: (i) => i * 20_000 + random.exponential(3e6),
      reverseNs: exponential(random, 3_000),
    });
    assert.ok(Math.abs((clockSkewPpm?.value ?? 0) + 41.5) < 0.1, JSON.stringify(clockSkewPpm));
  });

  it('that is stepped in between spoils no delay', () => {
    for (const stepNs of [-5e6, 300_000, 40e6]) {
      const random = createRandom(11);
      const { forward, reverse } = estimate({
        offsetNs: (atNs) => drift(20)(atNs) + (atNs > 0.9e9 ? stepNs : 0),
        forwardNs: exponential(random, 20_000),
        reverseNs: exponential(random, 20_000),
      });
      for (const delay of [forward, reverse]) {
        assert.ok((delay?.p95Ns ?? Infinity) < 80_000, `step ${stepNs}: ${JSON.stringify(delay)}`);
        assert.ok((delay?.p95Ns ?? 0) > 45_000, `step ${stepNs}: ${JSON.stringify(delay)}`);
      }
    }
  });

  it('that is slewed for a second makes no queue, and its rate is called what it is: not one figure', () => {
    const random = createRandom(13);
    const slewNs = (atNs: number): number => 500e-6 * Math.min(1e9, Math.max(0, atNs - 0.8e9));
    const { forward, reverse, clockSkewPpm } = estimate({
      offsetNs: (atNs) => drift(-8)(atNs) + slewNs(atNs),
      forwardNs: exponential(random, 5_000),
      reverseNs: exponential(random, 5_000),
    });
    assert.ok((forward?.p95Ns ?? Infinity) < 20_000, JSON.stringify(forward));
    assert.ok((reverse?.p95Ns ?? Infinity) < 20_000, JSON.stringify(reverse));
    assert.equal(clockSkewPpm?.limitedBy, 'target');
    assert.ok(clockSkewPpm.low <= -8 && clockSkewPpm.high >= 490, JSON.stringify(clockSkewPpm));
  });
});

describe('one-way delay', () => {
  it('shows which direction queues', () => {
    const random = createRandom(17);
    const { forward, reverse, isAbsolute } = estimate({
      offsetNs: drift(60),
      forwardNs: exponential(random, 2_000),
      reverseNs: exponential(random, 400_000),
    });
    // Of an exponential the 95th percentile is 3 means.
    assert.ok(Math.abs((reverse?.p95Ns ?? 0) / 1.2e6 - 1) < 0.3, JSON.stringify(reverse));
    assert.ok((forward?.p95Ns ?? Infinity) < 20_000, JSON.stringify(forward));
    assert.equal(forward?.minNs, 0);
    assert.equal(isAbsolute, false);
  });

  it('takes another route for what it is, and not for a clock', () => {
    const random = createRandom(19);
    const { forward, clockSkewPpm } = estimate({
      offsetNs: drift(3),
      forwardNs: (i) => (i > 150 ? 4e6 : 0) + random.exponential(5_000),
      reverseNs: exponential(random, 5_000),
    });
    assert.ok((forward?.p95Ns ?? Infinity) < 25_000, JSON.stringify(forward));
    assert.ok(clockSkewPpm !== null && clockSkewPpm.low <= 3 && 3 <= clockSkewPpm.high, JSON.stringify(clockSkewPpm));
  });

  it('is null where the far end only echoes', () => {
    const echoes = buildTrace(Array.from({ length: 100 }, () => ({})));
    assert.deepEqual(estimateOneWayDelays(collectOneWaySamples([echoes], 100)).estimate, {
      forward: null,
      reverse: null,
      clockSkewPpm: null,
      isAbsolute: false,
    });
  });

  it('runs over several runs on one time base', () => {
    const trace = drawTrace({ offsetNs: drift(50) });
    const laterNs = 20e9;
    const shifted = drawTrace({ offsetNs: (atNs) => drift(50)(atNs + laterNs) });
    const later = { ...shifted, baseNs: BigInt(laterNs), farBaseNs: BigInt(laterNs) };
    const samples = collectOneWaySamples([trace, later], 100);
    assert.equal(samples.sentNs.length, 2 * COUNT);
    const skew = estimateOneWayDelays(samples).estimate.clockSkewPpm;
    assert.ok(Math.abs((skew?.value ?? 0) - 50) < 1e-3, JSON.stringify(skew));
  });
});
