// Waits before and behind a lost packet say whether a queue was full: it grows and drains no faster than time goes by.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { measureNeighbours, weighMoments } from '../../../src/analysis/signatures/load/buckets/full-queue.js';
import { LEG } from '../../../src/analysis/signatures/load/rows/load-rows.js';
import { createRandom } from '../../../src/model/random.js';
import { buildLoadRows } from './built-rows.js';
import type { BuiltLoadRow } from './built-rows.js';

const FULL_NS = 40e6;
const GUESS = { quantile: 0.3, leastNs: 1e6, toleranceNs: 0.5e6 };
const COUNT = 600;

/** A queue that is filled for some 100 ms now and then; `isLost` says who is lost at which wait. */
function fillNowAndThen(seed: number, isLost: (waitNs: number, draw: number) => boolean): BuiltLoadRow[] {
  const random = createRandom(seed);
  return Array.from({ length: COUNT }, (_, i) => {
    const inSpell = i % 60;
    const waitNs = inSpell < 4 ? inSpell * 10e6 : inSpell < 14 ? FULL_NS : Math.max(0, FULL_NS - (inSpell - 14) * 10e6);
    return { waitNs: waitNs + 0.2e6 * random.uniform(), isLost: isLost(waitNs, random.uniform()) };
  });
}

function weigh(built: readonly BuiltLoadRow[]) {
  const rows = buildLoadRows(built);
  return { rows, ...weighMoments(rows, measureNeighbours(rows), GUESS) };
}

function meanLogOdds({ rows, odds }: ReturnType<typeof weigh>): number {
  const lost = [...rows.isLost.keys()].filter((i) => rows.isLost[i] === 1);
  return lost.reduce((sum, i) => sum + Math.log(odds[i] ?? 1), 0) / lost.length;
}

describe('moments of loss', () => {
  test('in a full queue are found at its height and speak for it', () => {
    for (const seed of [31, 32, 33]) {
      const weighed = weigh(fillNowAndThen(seed, (waitNs, draw) => waitNs === FULL_NS && draw < 0.5));
      const heightNs = weighed.heightNs[LEG.round] ?? NaN;
      assert.ok(Math.abs(heightNs / FULL_NS - 1) < 0.05, `seed ${seed}: ${heightNs}`);
      assert.ok(meanLogOdds(weighed) > 0.5, `seed ${seed}: ${meanLogOdds(weighed)}`);
    }
  });

  test('that do not heed the queue speak against it, where one is taken to be full at all', () => {
    for (const seed of [31, 32, 33]) {
      const weighed = weigh(fillNowAndThen(seed, (_waitNs, draw) => draw < 0.1));
      assert.ok(Number.isNaN(weighed.heightNs[LEG.round]) || meanLogOdds(weighed) < 0, `seed ${seed}`);
    }
  });

  test('without waits know no queue and say nothing', () => {
    const { heightNs, odds } = weigh(Array.from({ length: COUNT }, (_, i) => ({ isLost: i % 20 === 0 })));
    assert.ok(heightNs.every(Number.isNaN));
    assert.ok(odds.every((odd) => odd === 1));
  });

  test('too far from any answer have no neighbours', () => {
    const rows = buildLoadRows([
      { timeNs: 0, waitNs: FULL_NS },
      { timeNs: 200e6, isLost: true },
      { timeNs: 400e6, waitNs: FULL_NS },
    ]);
    const near = measureNeighbours(rows);
    assert.ok(Number.isNaN(near.beforeWaitNs[1]) && Number.isNaN(near.afterWaitNs[1]));
  });
});
