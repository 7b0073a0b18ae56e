// Whoever stops now and then is told from a queue that others fill, from jitter and from detours by the waits of evenly sent packets.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { weighStalls } from '../../../src/analysis/signatures/stall-odds.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';

const COUNT = 400;
const INTERVAL_NS = 10e6;
const SEEDS = [11, 12, 13, 14, 15, 16];
const PACKET_NS = 120e3;
const OWN_NS = 10e3;

const drawExponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.uniform());

/** Odds of stalls by the waits that `drawWait` gives, over and above a little noise. */
function weigh(seed: number, drawWait: (random: Random, i: number) => number, packetNs = [PACKET_NS]): number {
  const random = createRandom(seed);
  const packets = Array.from({ length: COUNT }, (_, i) => ({
    leftNs: i * INTERVAL_NS,
    leastNs: 0,
    waitNs: drawExponential(random, 5e3) + drawWait(random, i),
    ownNs: OWN_NS,
  }));
  return weighStalls(packets, packetNs)?.logOdds ?? -Infinity;
}

describe('waits of evenly sent packets', () => {
  test('of a host that stops for milliseconds speak for stalls', () => {
    for (const seed of SEEDS) {
      const logOdds = weigh(seed, (random) => (random.uniform() < 0.1 ? drawExponential(random, 6e6) + 1e6 : 0));
      assert.ok(logOdds > 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('of one that stops so often and long that nearly all wait speak for stalls, too', () => {
    for (const seed of SEEDS) {
      const random = createRandom(seed);
      let freeNs = 0;
      const packets = Array.from({ length: COUNT }, (_, i) => {
        const leftNs = i * INTERVAL_NS;
        const stopNs = random.uniform() < 0.25 ? drawExponential(random, 34e6) : 0;
        freeNs = Math.max(leftNs, freeNs + OWN_NS) + stopNs;
        return { leftNs, leastNs: 0, waitNs: freeNs - leftNs, ownNs: OWN_NS };
      });
      const stalls = weighStalls(packets, [PACKET_NS]);
      assert.ok((stalls?.logOdds ?? -Infinity) > 0, `seed ${seed}: ${stalls?.logOdds}`);
    }
  });

  test('behind lone packets of others do not', () => {
    for (const seed of SEEDS) {
      const logOdds = weigh(seed, (random) => (random.uniform() < 0.3 ? random.uniform() * PACKET_NS : 0));
      assert.ok(logOdds < 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('behind lone packets of others do not where a bucket makes trains slower than the link', () => {
    for (const seed of SEEDS) {
      const logOdds = weigh(seed, (random) => (random.uniform() < 0.12 ? random.uniform() * 800e3 : 0), [800e3, 2.5e6]);
      assert.ok(logOdds < 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('of several sizes that a stopped host let go at once are one stall', () => {
    // Sent 2 ms apart, small and large in turn; a stop of 10 ms takes five with it, of which each takes its own time on the narrow link.
    const sizes = [
      { leastNs: 1e6, ownNs: 50e3 },
      { leastNs: 3e6, ownNs: 600e3 },
    ] as const;
    for (const seed of SEEDS) {
      const random = createRandom(seed);
      let freeNs = 0;
      const packets = Array.from({ length: COUNT }, (_, i) => {
        const { leastNs, ownNs } = sizes[i % 2 === 0 ? 0 : 1];
        const leftNs = i * 2e6;
        const stopNs = random.uniform() < 0.03 ? 10e6 + drawExponential(random, 5e6) : 0;
        freeNs = Math.max(leftNs + leastNs + stopNs, freeNs + ownNs);
        return { leftNs, leastNs, waitNs: freeNs - leftNs - leastNs, ownNs };
      });
      const stalls = weighStalls(packets, [600e3]);
      assert.ok((stalls?.logOdds ?? -Infinity) > 0, `seed ${seed}: ${stalls?.logOdds}`);
    }
  });

  test('in a queue that others fill for a while do not', () => {
    for (const seed of SEEDS) {
      let isBusy = false;
      const logOdds = weigh(seed, (random) => {
        isBusy = random.uniform() < (isBusy ? 0.85 : 0.05);
        return isBusy ? drawExponential(random, 6e6) : 0;
      });
      assert.ok(logOdds < 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('of jitter that delays every packet do not, for all its tail', () => {
    for (const seed of SEEDS) {
      const logOdds = weigh(seed, (random) => drawExponential(random, 200e3));
      assert.ok(logOdds < 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('on a detour that always takes as long do not', () => {
    for (const seed of SEEDS) {
      const logOdds = weigh(seed, (random) => (random.uniform() < 0.1 ? 3e6 : 0));
      assert.ok(logOdds < 0, `seed ${seed}: ${logOdds}`);
    }
  });

  test('of too few packets say nothing', () => {
    const few = [0, 1e6, 0].map((waitNs, i) => ({ leftNs: i * INTERVAL_NS, leastNs: 0, waitNs, ownNs: OWN_NS }));
    assert.equal(weighStalls(few, [PACKET_NS]), null);
  });
});
