// A size of which nothing comes is a limit, unless a path that loses packets in spells may have lost the few that were tried.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SizeTallies } from '../../../src/analysis/estimators/loss/size-limit.js';
import { computeLimitProbability } from '../../../src/analysis/signatures/size-limit-odds.js';

const SMALLER = [
  [576, { passed: 12, failed: 0, refused: 0 }],
  [1280, { passed: 12, failed: 0, refused: 0 }],
  [1492, { passed: 12, failed: 0, refused: 0 }],
] as const;

const compute = (failed: number, lossRatio: number, inSpells: SizeTallies = new Map()): number =>
  computeLimitProbability(new Map([...SMALLER, [1500, { passed: 0, failed, refused: 0 }]]), {
    passedBytes: 1492,
    inSpells,
    lossRatio,
  });

describe('a size of which nothing comes', () => {
  test('is a limit on a path that loses nothing else', () => {
    assert.ok(compute(3, 0) > 0.9, `${compute(3, 0)}`);
  });

  test('is mostly a spell where three were tried on a path that loses some percent', () => {
    assert.ok(compute(3, 0.04) < 0.7, `${compute(3, 0.04)}`);
  });

  test('is a limit there, too, after more tries than a spell takes', () => {
    assert.ok(compute(8, 0.04) > 0.95, `${compute(8, 0.04)}`);
  });

  test('is none where the tries stand among lost packets of sizes that pass', () => {
    const searched = [1280, 1310, 1340, 1370, 1400, 1410, 1420, 1435, 1450, 1465] as const;
    const tallies: SizeTallies = new Map([
      ...searched.map((size) => [size, { passed: 3, failed: 0, refused: 0 }] as const),
      [576, { passed: 60, failed: 16, refused: 0 }],
      [1480, { passed: 4, failed: 2, refused: 0 }],
      [1500, { passed: 0, failed: 8, refused: 0 }],
    ]);
    const inSpells: SizeTallies = new Map([
      [576, { passed: 4, failed: 14, refused: 0 }],
      [1480, { passed: 0, failed: 2, refused: 0 }],
      [1500, { passed: 0, failed: 6, refused: 0 }],
    ]);
    const told = computeLimitProbability(tallies, { passedBytes: 1480, inSpells, lossRatio: 0.09 });
    const blind = computeLimitProbability(tallies, { passedBytes: 1480, inSpells: new Map(), lossRatio: 0.09 });
    assert.ok(told < 0.5, `${told}`);
    assert.ok(blind > told, `${blind}`);
  });
});
