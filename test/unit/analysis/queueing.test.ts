// Queueing above the floor of a route, and floors that move: another route is no queue, a queue is no other route.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeQueueing, estimateQueueing } from '../../../src/analysis/estimators/delay/queueing.js';
import { splitAtRouteChanges } from '../../../src/analysis/estimators/delay/route-changes.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';

const COUNT = 300;

function draw(delayOf: (i: number, random: Random) => number, seed: number, ttlOf: (i: number) => number = () => 60) {
  const random = createRandom(seed);
  return {
    sentNs: Float64Array.from({ length: COUNT }, (_, i) => i * 8e6),
    delayNs: Float64Array.from({ length: COUNT }, (_, i) => 10e6 + delayOf(i, random)),
    replyTtl: Uint8Array.from({ length: COUNT }, (_, i) => ttlOf(i)),
  };
}

/** A far end that does not stamp. */
const ECHO = { forward: null, reverse: null };
const SEEDS = Array.from({ length: 40 }, (_, i) => 100 + i);

describe('queueing', () => {
  it('is the delay above the smallest', () => {
    const samples = draw((i) => (i % 10 === 0 ? 5_000 : 0), 1);
    const queueing = estimateQueueing(samples, ECHO);
    assert.deepEqual([queueing?.p50Ns, queueing?.p95Ns, queueing?.p99Ns], [0, 5_000, 5_000]);
    const nothing = { sentNs: new Float64Array(0), delayNs: new Float64Array(0), replyTtl: new Uint8Array(0) };
    assert.equal(estimateQueueing(nothing, ECHO), null);
  });

  it('knows no floor older than ten minutes', () => {
    const minute = 60e9;
    const queueing = computeQueueing({
      sentNs: Float64Array.from([0, 4 * minute, 12 * minute, 20 * minute]),
      delayNs: Float64Array.from([100, 150, 300, 280]),
      replyTtl: new Uint8Array(4),
    });
    assert.deepEqual([...queueing], [0, 50, 0, 0]);
  });

  for (const jumpNs of [-2e6, 300_000, 8e6]) {
    it(`does not hold a change of route by ${jumpNs / 1e6} ms`, () => {
      for (const seed of SEEDS) {
        const samples = draw((i, random) => (i >= 120 ? jumpNs : 0) + random.exponential(20_000), seed);
        const p99 = estimateQueueing(samples, ECHO)?.p99Ns ?? Infinity;
        assert.ok(p99 < 220_000, `seed ${seed}: ${p99}`);
      }
    });
  }

  it('finds several changes', () => {
    const samples = draw((i, random) => (i < 90 ? 0 : i < 200 ? 3e6 : 1e6) + random.exponential(20_000), 5);
    assert.deepEqual(splitAtRouteChanges(samples), [
      { from: 0, to: 90 },
      { from: 90, to: 200 },
      { from: 200, to: 300 },
    ]);
  });

  it('believes another TTL also where the new route is noisy', () => {
    const noisy = (i: number, random: Random): number => (i >= 150 ? 2e6 + random.exponential(5e6) : 1e4);
    assert.equal(splitAtRouteChanges(draw(noisy, 3, (i) => (i >= 150 ? 57 : 60))).length, 2);
    assert.equal(splitAtRouteChanges(draw(noisy, 3)).length, 1);
  });
});

describe('a queue', () => {
  const cases: readonly (readonly [name: string, (i: number, random: Random) => number])[] = [
    ['that comes with other traffic', (i, random) => random.exponential(i >= 150 ? 4e6 : 20_000)],
    [
      'that fills and stays full',
      (i, random) => Math.min(20e6, Math.max(0, i - 100) * 0.5e6) + random.exponential(1e5),
    ],
    ['that rises and falls as TCP does', (i, random) => (i % 100) * 2e5 + random.exponential(5e4)],
    ['of pure noise', (_, random) => random.exponential(1e6)],
    ['that lasts ten packets', (i) => (i >= 100 && i < 110 ? 5e6 : 0)],
  ];
  for (const [name, delayOf] of cases) {
    it(`${name} is not taken for another route`, () => {
      const split = SEEDS.filter((seed) => splitAtRouteChanges(draw(delayOf, seed)).length > 1);
      assert.deepEqual(split, []);
    });
  }
});
