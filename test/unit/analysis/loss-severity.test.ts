// Whether packets sent one by one show more loss than a healthy path has: surely, surely not, or perhaps.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computeFaultyChance, isLossClear } from '../../../src/analysis/signatures/load/loss-severity.js';

describe('the chance that a path loses more than 0.1 %', () => {
  test('is small where none of some hundreds was lost, and grows with each one that was', () => {
    const chances = [0, 1, 2, 5].map((lost) => computeFaultyChance({ sent: 424, lost }));
    const [none = NaN, one = NaN, two = NaN, five = NaN] = chances;
    assert.ok(none < 0.2 && none > 0.05, chances.join());
    assert.ok(one > none && two > one && five > two && five > 0.99, chances.join());
  });

  test('is near certain wherever the interval is clear', () => {
    for (const sent of [50, 424, 3000]) {
      const lost = Array.from({ length: sent }, (_, k) => k).find((k) => isLossClear({ sent, lost: k })) ?? sent;
      const chance = computeFaultyChance({ sent, lost });
      assert.ok(chance > 0.9, `${lost} of ${sent}: ${chance}`);
    }
  });

  test('is nothing where thousands came', () => {
    assert.ok(computeFaultyChance({ sent: 20_000, lost: 2 }) < 1e-3);
  });
});
