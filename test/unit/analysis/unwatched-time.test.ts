// What a link did while nobody watched it: told by what lies before and behind the gap, and beside drawn links that were counted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeForwardDelays } from '../../../src/analysis/estimators/available/forward-delays.js';
import { computeUnbroken } from '../../../src/analysis/estimators/available/unbroken-waits.js';
import { estimateBusyGap, estimateMemory } from '../../../src/analysis/estimators/available/unwatched-time.js';
import { sumWatches } from '../../../src/analysis/estimators/available/watched-window.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { buildTrace } from './built-trace.js';

const SEED = 20_261_124;
const STEP_NS = 1e6;

/** A link that is busy or idle in turn, for exponential times, looked at each millisecond: 1 where it is busy. */
function drawLink(random: Random, { share, memoryNs }: { share: number; memoryNs: number }, steps: number): Uint8Array {
  const meanNs = [memoryNs / share, memoryNs / (1 - share)] as const;
  const busy = new Uint8Array(steps);
  let state: 0 | 1 = random.uniform() < share ? 1 : 0;
  let untilNs = random.exponential(meanNs[state]);
  for (let step = 0; step < steps; step += 1) {
    while (untilNs < step * STEP_NS) {
      state = state === 1 ? 0 : 1;
      untilNs += random.exponential(meanNs[state]);
    }
    busy[step] = state;
  }
  return busy;
}

describe('a gap in which nobody watched', () => {
  it('is busy for sure until what waited has passed', () => {
    const rhythm = { share: 0.3, memoryNs: 1e6 };
    const gap = estimateBusyGap({ lengthNs: 5e6, backlogNs: 8e6, isBusyAfter: false }, rhythm);
    assert.deepEqual(gap, { busyNs: 5e6, errorNs: 0 });
  });

  it('is as busy as the link usually is, where it is long', () => {
    const rhythm = { share: 0.3, memoryNs: 1e6 };
    const { busyNs, errorNs } = estimateBusyGap({ lengthNs: 1e9, backlogNs: 0, isBusyAfter: null }, rhythm);
    assert.ok(Math.abs(busyNs / 1e9 - 0.3) < 0.01, `${busyNs}`);
    assert.ok(errorNs > 0);
  });

  for (const isBusyAfter of [false, true]) {
    it(`lies as far from drawn gaps as its error says, with the link ${isBusyAfter ? 'busy' : 'idle'} behind it`, () => {
      const random = createRandom(SEED);
      const [share, memoryNs, length] = [0.4, 20e6, 30];
      const link = drawLink(random, { share, memoryNs }, 400_000);
      const sums: number[] = [];
      for (let begin = 0; begin + length < link.length; begin += length) {
        if (link[begin] !== 0 || (link[begin + length] === 1) !== isBusyAfter) continue;
        sums.push(link.subarray(begin, begin + length).reduce((sum, busy) => sum + busy, 0) * STEP_NS);
      }
      const mean = sums.reduce((sum, ns) => sum + ns, 0) / sums.length;
      const deviation = Math.sqrt(sums.reduce((sum, ns) => sum + (ns - mean) ** 2, 0) / sums.length);
      const told = estimateBusyGap({ lengthNs: length * STEP_NS, backlogNs: 0, isBusyAfter }, { share, memoryNs });
      assert.ok(Math.abs(told.busyNs / mean - 1) < 0.1, `seed ${SEED}: ${told.busyNs} for ${mean}`);
      assert.ok(Math.abs(told.errorNs / deviation - 1) < 0.15, `seed ${SEED}: ${told.errorNs} for ${deviation}`);
    });
  }

  it('knows the memory of a link from how often neighbouring looks differ', () => {
    const random = createRandom(SEED);
    const [share, memoryNs] = [0.4, 20e6];
    const link = drawLink(random, { share, memoryNs }, 50_000);
    const changes = link.reduce((sum, busy, i) => sum + (i > 0 && busy !== link[i - 1] ? 1 : 0), 0);
    const told = estimateMemory({ share, pairs: link.length - 1, changes, intervalNs: STEP_NS });
    assert.ok(Math.abs(told / memoryNs - 1) < 0.15, `seed ${SEED}: ${told}`);
    assert.equal(estimateMemory({ share: 0.5, pairs: 100, changes: 60, intervalNs: STEP_NS }), 0);
  });

  it('counts with the time that was watched, and what waits at its end with both', () => {
    const alone = (baseNs: bigint, waitNs: readonly number[]) => {
      const trace = buildTrace(
        waitNs.map((_, i) => ({ plannedNs: i * STEP_NS })),
        { baseNs },
      );
      const waits = Float64Array.from(waitNs);
      const rows = [...waitNs.keys()];
      return {
        trace,
        rows,
        waited: waitNs.map((ns) => (ns > 0 ? 1 : 0)),
        waitNs: waits,
        unbroken: new Float64Array(rows.length),
      };
    };
    const waits = Array.from({ length: 100 }, (_, i) => (i % 20 < 10 ? 1e5 : 0));
    // Half busy in each, and 20 ms between them that begin idle.
    const watches = [alone(0n, waits), alone(120_000_000n, waits)];
    const { othersShare, errorShare } = sumWatches(watches, { rateBitsPerSec: 1e7, loads: [] });
    assert.ok(Math.abs(othersShare - 0.5) < 0.05, `${othersShare}`);
    assert.ok(errorShare > 0 && errorShare < 0.1, `${errorShare}`);
    // A load of ours that took all of these 20 ms leaves nothing unwatched.
    const load = buildTrace(
      Array.from({ length: 20 }, (_, i) => ({ plannedNs: i * STEP_NS, sizeBytes: 1500 })),
      { baseNs: 100_000_000n },
    );
    const covered = sumWatches(watches, { rateBitsPerSec: 1e7, loads: [load] });
    assert.ok(covered.errorShare < errorShare, `${covered.errorShare}`);
  });
});

describe('small packets that kept a link busy for the next one', () => {
  it('are those whose wait lasts until then', () => {
    const trace = buildTrace(Array.from({ length: 4 }, () => ({})));
    const waitNs = [2 * STEP_NS, 2 * STEP_NS, 0.4 * STEP_NS, 0.2 * STEP_NS];
    const odds = computeUnbroken({ trace, rows: [0, 1, 2, 3], waitNs, ownNs: 0.1 * STEP_NS });
    assert.deepEqual(
      [...odds].map((one) => Number(one.toFixed(3))),
      [0, 1, 1, 0.5],
    );
  });

  it('are none where one of both found the link idle', () => {
    const trace = buildTrace(Array.from({ length: 3 }, () => ({})));
    const odds = computeUnbroken({ trace, rows: [0, 1, 2], waitNs: [9e6, 0, 9e6], ownNs: 1e5 });
    assert.deepEqual([...odds], [0, 0, 0]);
  });
});

describe('forward delays of who follows a queue', () => {
  const COUNT = 400;
  /** A far clock of 40 ppm, and a queue of the way there that is never empty and ends 3 ms longer. */
  const sample = (grownNs: number) => {
    const random = createRandom(SEED);
    const sentNs = Float64Array.from({ length: COUNT }, (_, i) => i * 10e6);
    const drift = sentNs.map((ns) => 40e-6 * ns);
    const forwardNs = sentNs.map(
      (_, i) => 5e6 + (drift[i] ?? 0) + (grownNs * Math.min(i, COUNT / 2)) / (COUNT / 2) + random.exponential(1e5),
    );
    const reverseNs = sentNs.map((_, i) => 5e6 - (drift[i] ?? 0) + random.exponential(1e4));
    const rttNs = forwardNs.map((ns, i) => ns + (reverseNs[i] ?? 0));
    return {
      sentNs,
      forwardNs,
      reverseNs,
      rttNs,
      replyTtl: new Uint8Array(COUNT),
      intervalNs: new Float64Array(COUNT).fill(10e6),
    };
  };
  const rise = (delays: Float64Array): number =>
    Math.min(...delays.subarray(COUNT - 50)) - Math.min(...delays.subarray(0, 20));

  it('keep the growth of a queue that is never empty, and lose the drift of the clocks', () => {
    const grown = computeForwardDelays(sample(3e6)) ?? assert.fail('none');
    assert.ok(Math.abs(rise(grown) - 3e6) < 0.5e6, `${rise(grown)}`);
    const still = computeForwardDelays(sample(0)) ?? assert.fail('none');
    assert.ok(Math.abs(rise(still)) < 0.2e6, `${rise(still)}`);
  });
});
