// The sums by a transformed grid against those of the definition, for drawn events.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import { computeFourierPowers } from '../../../src/analysis/statistics/fourier-sums.js';

function sumDirectly(times: Float64Array, frequency: number): number {
  const base = times[0] ?? 0;
  const angles = times.map((time) => 2 * Math.PI * frequency * (time - base));
  const re = angles.reduce((sum, angle) => sum + Math.cos(angle), 0);
  const im = angles.reduce((sum, angle) => sum + Math.sin(angle), 0);
  return re ** 2 + im ** 2;
}

describe('powers of events at evenly spaced frequencies', () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    test(`are those of the direct sum, seed ${seed}`, () => {
      const random = createRandom(seed);
      const span = 10 ** (3 + 7 * random.uniform());
      const times = Float64Array.from(
        { length: 2 + Math.floor(300 * random.uniform()) },
        () => span * random.uniform(),
      );
      const comb = {
        from: (100 * random.uniform()) / span,
        step: (0.01 + 3 * random.uniform()) / span,
        // One frequency, less than a block, several blocks.
        count: [1, 81, 5000][seed % 3] ?? 1,
      };
      const powers = computeFourierPowers(times, comb);
      assert.equal(powers.length, comb.count);
      for (const [k, power] of powers.entries()) {
        const direct = sumDirectly(times, comb.from + k * comb.step);
        assert.ok(Math.abs(power - direct) < 1e-7 * times.length ** 2, `frequency ${k}: ${power} instead of ${direct}`);
      }
    });
  }
});
