// A size of which nothing comes is a limit, unless a path that loses packets in spells may have lost the few that were tried.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computeLimitProbability } from '../../../src/analysis/signatures/size-limit-odds.js';

const SMALLER = [
  [576, { passed: 12, failed: 0, refused: 0 }],
  [1280, { passed: 12, failed: 0, refused: 0 }],
  [1492, { passed: 12, failed: 0, refused: 0 }],
] as const;

const compute = (failed: number, lossRatio: number): number =>
  computeLimitProbability(new Map([...SMALLER, [1500, { passed: 0, failed, refused: 0 }]]), 1492, lossRatio);

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
});
