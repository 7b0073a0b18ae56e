// Where a series changes its level: found where it does, not where it does not, whatever the noise is like.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findChangePoints } from '../../../src/analysis/statistics/change-points.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';

const SEEDS = Array.from({ length: 200 }, (_, i) => 7000 + i);

function draw(seed: number, levels: readonly number[], noise: (random: Random) => number): number[] {
  const random = createRandom(seed);
  return levels.map((level) => level + noise(random));
}

const gaussian = (random: Random): number => random.normal(0, 1);
/** To one side only, as delays are; of the same deviation. */
const skewed = (random: Random): number => random.exponential(1);
const step = (before: number, after: number, height: number): number[] => [
  ...Array.from({ length: before }, () => 0),
  ...Array.from({ length: after }, () => height),
];

describe('changes of level', () => {
  for (const [name, noise] of [
    ['Gaussian', gaussian],
    ['skewed', skewed],
  ] as const) {
    it(`finds none in ${name} noise alone`, () => {
      const wrong = SEEDS.filter((seed) => findChangePoints(draw(seed, step(180, 0, 0), noise)).length > 0);
      assert.ok(wrong.length <= 0.03 * SEEDS.length, `seeds ${wrong.join(', ')}`);
    });

    it(`finds a step of three deviations in ${name} noise, within a few minutes`, () => {
      const off = SEEDS.filter((seed) => {
        const changes = findChangePoints(draw(seed, step(120, 60, 3), noise));
        return !changes.some((at) => Math.abs(at - 120) <= 5);
      });
      assert.ok(off.length <= 0.03 * SEEDS.length, `seeds ${off.join(', ')}`);
    });
  }

  it('finds a rise and the fall after it', () => {
    const changes = findChangePoints(draw(3, [...step(60, 40, 5), ...step(80, 0, 0)], gaussian));
    assert.equal(changes.length, 2);
    const [rise = 0, fall = 0] = changes;
    assert.ok(Math.abs(rise - 60) <= 5 && Math.abs(fall - 100) <= 5, changes.join(', '));
  });

  it('does without a change where there is nothing to compare', () => {
    assert.deepEqual(findChangePoints([]), []);
    assert.deepEqual(findChangePoints([1, 2, 3, 4, 5, 6, 7, 8, 9]), []);
    assert.deepEqual(findChangePoints(Array.from({ length: 100 }, () => 4)), []);
  });

  it('asks more of values that resemble each other', () => {
    const values = draw(11, step(60, 60, 1.6), gaussian);
    assert.equal(findChangePoints(values, 1).length, 1);
    assert.deepEqual(findChangePoints(values, 20), []);
  });
});
