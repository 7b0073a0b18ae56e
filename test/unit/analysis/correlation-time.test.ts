// How long neighbours in a series resemble each other, against series of which it is known.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  computeCorrelationTime,
  computeRankCorrelationTime,
} from '../../../src/analysis/statistics/correlation-time.js';
import { createRandom } from '../../../src/model/random.js';

describe('correlation time of ranks', () => {
  it('of independent values is about one', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = createRandom(seed);
      const time = computeRankCorrelationTime(Array.from({ length: 800 }, () => random.exponential(1e6)));
      assert.ok(time >= 1 && time < 1.5, `seed ${seed}: ${time}`);
    }
  });

  it('of values that each stay for twenty samples is about twenty, however heavy their tail', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = createRandom(seed);
      const stays = Array.from({ length: 100 }, () => 1 / (1 - random.uniform()) ** 2);
      const time = computeRankCorrelationTime(stays.flatMap((value) => Array.from({ length: 20 }, () => value)));
      assert.ok(time > 12 && time < 32, `seed ${seed}: ${time}`);
    }
  });

  it('of one value for ever, or of none, is one', () => {
    assert.equal(computeRankCorrelationTime([]), 1);
    assert.ok(computeRankCorrelationTime([7]) === 1);
    assert.equal(computeRankCorrelationTime(new Array<number>(200).fill(0)), 1);
  });

  it('does not take the order of equal values for one that lasts', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = createRandom(seed);
      const time = computeRankCorrelationTime(Array.from({ length: 800 }, () => Number(random.uniform() < 0.05)));
      assert.ok(time >= 1 && time < 1.5, `seed ${seed}: ${time}`);
    }
  });
});

describe('correlation time', () => {
  it('of a value that never varies is one, though its mean is rounded', () => {
    for (const value of [0.1, 186, 56e6 + 1 / 3])
      assert.equal(computeCorrelationTime(new Float64Array(401).fill(value)), 1);
  });
});
