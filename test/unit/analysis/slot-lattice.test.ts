// Gaps on a lattice of slots are told from those that noise and other traffic make.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSlotPeriod } from '../../../src/analysis/estimators/capacity/slot-lattice.js';
import { createRandom } from '../../../src/model/random.js';

const PACKET = 1514;
const GAPS = 400;

/** Packets wait until slots of `grant` bytes have carried them, what is left of a slot being carried over. */
function drawSlotted(grant: number, periodNs: number, noiseNs: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const instants = Array.from({ length: GAPS + 1 }, (_, i) => {
    return Math.ceil(((i + 1) * PACKET) / grant) * periodNs + random.normal(0, noiseNs);
  });
  return Float64Array.from(instants.slice(1), (instant, i) => instant - (instants[i] ?? 0));
}

/** A plain link on which a share of the gaps holds packets of other sizes. */
function drawShared(gapNs: number, sizes: readonly number[], seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: GAPS }, () => {
    const size = random.uniform() < 0.3 ? (sizes[Math.floor(random.uniform() * sizes.length)] ?? 0) : 0;
    return gapNs * (1 + size / PACKET) + random.normal(0, 0.002 * gapNs);
  });
}

describe('the period of slots smaller than a packet', () => {
  for (const grant of [230, 331, 475, 690, 980]) {
    it(`is found for grants of ${grant} bytes`, () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const gaps = drawSlotted(grant, 1e6, 5e3, seed);
        const usual = Math.round(PACKET / grant) * 1e6;
        const period = findSlotPeriod(gaps, usual);
        assert.ok(period !== null && Math.abs(period / 1e6 - 1) < 0.02, `seed ${seed}: ${period}`);
      }
    });
  }

  it('is not seen in packets of other traffic, of mixed sizes or all alike', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      assert.equal(findSlotPeriod(drawShared(1e6, [60, 576, 1500], seed), 1e6), null, `seed ${seed}`);
      assert.equal(findSlotPeriod(drawShared(1e6, [PACKET], seed), 1e6), null, `seed ${seed}`);
      assert.equal(findSlotPeriod(drawShared(1e6, [576], seed), 1e6), null, `seed ${seed}`);
    }
  });

  it('is not seen in a few gaps beside the usual one that little noise widened', () => {
    const gaps = new Float64Array(GAPS).fill(1e6);
    gaps.set([1.998e6, 1.012e6, 1.009e6, 1.008e6, 1.012e6, 1.39e6]);
    assert.equal(findSlotPeriod(gaps, 1e6), null);
  });

  it('is not seen in noise', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = createRandom(seed);
      const gaps = Float64Array.from({ length: GAPS }, () => 1e6 + random.normal(0, 1e5));
      assert.equal(findSlotPeriod(gaps, 1e6), null, `seed ${seed}`);
    }
  });
});
