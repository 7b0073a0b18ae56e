// The density of waits behind noise, against integrals, and the search that fits it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMinimum } from '../../../src/analysis/statistics/nelder-mead.js';
import { computeNoisyWaitDensity, computeNormalCdf } from '../../../src/analysis/statistics/noisy-wait.js';

describe('normal distribution', () => {
  for (const [z, p] of [
    [0, 0.5],
    [1.959964, 0.975],
    [-1.959964, 0.025],
    [-2.5, 0.00620967],
    [-7, 1.279813e-12],
    [9, 1],
  ] as const) {
    it(`at ${z} is ${p}`, () => {
      assert.ok(Math.abs(computeNormalCdf(z) / p - 1) < 1e-5, `${computeNormalCdf(z)}`);
    });
  }
});

describe('a wait behind noise', () => {
  for (const stages of [1, 2, 3, 4]) {
    it(`of ${stages} stages is a density with the mean of its parts`, () => {
      const wait = { noise: 2, idleShare: 0.3, meanIdle: 1, meanWait: 10, stages };
      let whole = 0;
      let mean = 0;
      for (let x = -15; x < 200; x += 0.01) {
        const density = computeNoisyWaitDensity(x, wait) * 0.01;
        whole += density;
        mean += density * x;
      }
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
