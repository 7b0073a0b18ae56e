// As how many independent packets those of a path count: all where losses are scattered, few where a partition leaves their runs unexplained.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Partition } from '../../../src/analysis/signatures/load/load-hypothesis.js';
import {
  estimateIndependence,
  LEAST_INDEPENDENCE,
} from '../../../src/analysis/signatures/load/weighing/row-independence.js';
import { createRandom } from '../../../src/model/random.js';
import { buildLoadRows } from './built-rows.js';

const COUNT = 1500;
const SEEDS = [41, 42, 43, 44];

function estimate(lost: readonly boolean[], classOf = new Uint8Array(lost.length)): number {
  const rows = buildLoadRows(lost.map((isLost) => ({ isLost })));
  const partition: Partition = { classOf, classes: 2, firmness: Infinity, readings: [] };
  return estimateIndependence(rows, new Uint8Array(rows.count), partition);
}

/** Losses in runs of `meanRun` packets, 5 % of all. */
function drawRuns(seed: number, meanRun: number): boolean[] {
  const random = createRandom(seed);
  let isBad = false;
  return Array.from({ length: COUNT }, () => {
    isBad = isBad ? random.uniform() > 1 / meanRun : random.uniform() < 0.05 / meanRun / 0.95;
    return isBad;
  });
}

describe('packets count', () => {
  test('all, where they are lost independently', () => {
    for (const seed of SEEDS) {
      const random = createRandom(seed);
      const independence = estimate(Array.from({ length: COUNT }, () => random.uniform() < 0.05));
      assert.ok(independence > 0.85, `seed ${seed}: ${independence}`);
    }
  });

  test('as about the runs in which they are lost', () => {
    for (const seed of SEEDS) {
      // A chain with correlation ρ^k, ρ = 1 − 1/run − …: (1 − ρ)/(1 + ρ), about 1/(2·run).
      const independence = estimate(drawRuns(seed, 4));
      assert.ok(independence > LEAST_INDEPENDENCE && independence < 0.35, `seed ${seed}: ${independence}`);
    }
  });

  test('all again, where the partition knows of the runs', () => {
    for (const seed of SEEDS) {
      const lost = drawRuns(seed, 4);
      const classOf = Uint8Array.from(lost, (isLost) => (isLost ? 1 : 0));
      assert.equal(estimate(lost, classOf), 1, `seed ${seed}`);
    }
  });

  test('never as fewer than a tenth', () => {
    const lost = Array.from({ length: COUNT }, (_, i) => i > 500 && i < 700);
    assert.equal(estimate(lost), LEAST_INDEPENDENCE);
  });
});
