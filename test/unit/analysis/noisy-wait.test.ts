// The density of waits behind noise, against integrals, and the search that fits it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMinimum } from '../../../src/analysis/statistics/nelder-mead.js';
import { computeNoisyWaitDensities } from '../../../src/analysis/statistics/noisy-wait.js';

/** Of one exponential wait of mean 1 behind noise, by the definition: a sum over all waits in narrow steps. */
function integrateDensity(x: number, noise: number): number {
  const step = 1e-4 * Math.min(1, noise);
  let sum = 0;
  for (let wait = step / 2; wait < 40; wait += step) sum += Math.exp(-wait - 0.5 * ((x - wait) / noise) ** 2) * step;
  return sum / (noise * Math.sqrt(2 * Math.PI));
}

describe('one wait behind noise', () => {
  for (const noise of [0.5, 4]) {
    for (const noises of [-7, -2.5, 0, 1.96, 6, 9]) {
      it(`of ${noise} waits is as dense ${noises} noises from none as its integral says`, () => {
        const x = noises * noise;
        const wait = { noise, idleShare: 0, meanIdle: 1, meanWait: 1, stages: 1 };
        const [density = NaN] = computeNoisyWaitDensities(wait, Float64Array.of(x));
        const expected = integrateDensity(x, noise);
        assert.ok(Math.abs(density / expected - 1) < 1e-5, `${density} instead of ${expected}`);
      });
    }
  }
});

describe('a wait behind noise', () => {
  for (const stages of [1, 2, 3, 4]) {
    it(`of ${stages} stages is a density with the mean of its parts`, () => {
      const wait = { noise: 2, idleShare: 0.3, meanIdle: 1, meanWait: 10, stages };
      const at = Float64Array.from({ length: 21_500 }, (_, i) => -15 + 0.01 * i);
      const shares = computeNoisyWaitDensities(wait, at).map((density) => 0.01 * density);
      const whole = shares.reduce((sum, share) => sum + share, 0);
      const mean = shares.reduce((sum, share, i) => sum + share * (at[i] ?? 0), 0);
      assert.ok(Math.abs(whole - 1) < 1e-4, `${whole}`);
      assert.ok(Math.abs(mean - (0.3 * 1 + 0.7 * 10)) < 1e-2, `${mean}`);
    });
  }
});

describe('simplex search', () => {
  it('finds the bottom of a bent valley', () => {
    const rosenbrock = ([x = 0, y = 0]: readonly number[]): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const found = findMinimum(rosenbrock, {
      start: [-1.2, 1],
      steps: [0.5, 0.5],
      maxEvaluations: 600,
      tolerance: 1e-12,
    });
    assert.ok(Math.abs((found.at[0] ?? 0) - 1) < 1e-4 && Math.abs((found.at[1] ?? 0) - 1) < 1e-4, found.at.join());
  });

  it('stays within bounds that are told as infinite values, and within its evaluations', () => {
    let count = 0;
    const bounded = ([x = 0]: readonly number[]): number => {
      count += 1;
      return x < 2 ? Infinity : x;
    };
    const found = findMinimum(bounded, { start: [5], steps: [1], maxEvaluations: 60, tolerance: 1e-6 });
    assert.ok((found.at[0] ?? 0) >= 2 && (found.at[0] ?? 0) < 2.01, found.at.join());
    assert.ok(count <= 64, `${count}`);
  });
});
