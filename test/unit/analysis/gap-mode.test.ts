// The gap that many packets share, among gaps that other packets made longer and noise of stamps spread.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findGapMode } from '../../../src/analysis/estimators/capacity/gap-mode.js';
import { createRandom } from '../../../src/model/random.js';

const SEEDS = Array.from({ length: 40 }, (_, i) => 7919 * (i + 1));

interface Drawn {
  readonly noise: number;
  readonly longerShare: number;
  readonly count: number;
}

/** Gaps of 1, some of them longer by one or two packets of two thirds of that. */
function drawGaps({ noise, longerShare, count }: Drawn, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => {
    const added = random.uniform() < longerShare ? 0.67 * (random.uniform() < 0.2 ? 2 : 1) : 0;
    return random.normal(1, noise) + added;
  });
}

function meanError(drawn: Drawn): number {
  const errors = SEEDS.map((seed) => (findGapMode(drawGaps(drawn, seed))?.value ?? Infinity) - 1);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

describe('gap mode', () => {
  it('is null of fewer than four gaps', () => {
    assert.equal(findGapMode([1, 1, 1]), null);
    assert.notEqual(findGapMode([1, 1, 1, 1]), null);
  });

  it('is the value itself where there is no noise, even if every third gap is longer', () => {
    const mode = findGapMode([1, 1, 1.67, 1, 1, 1.67, 1, 1, 2.34, 1, 1, 1.67]);
    assert.ok(Math.abs((mode?.value ?? 0) - 1) < 1e-3, JSON.stringify(mode));
    assert.ok(Math.abs((mode?.share ?? 0) - 2 / 3) < 0.05, JSON.stringify(mode));
  });

  it('has no bias without longer gaps: nothing takes the upper half of the noise for something else', () => {
    assert.ok(Math.abs(meanError({ noise: 0.05, longerShare: 0, count: 500 })) < 0.002);
    assert.ok(Math.abs(meanError({ noise: 0.12, longerShare: 0, count: 500 })) < 0.005);
  });

  it('is moved little by longer gaps', () => {
    for (const longerShare of [0.1, 0.3]) {
      const error = meanError({ noise: 0.05, longerShare, count: 500 });
      assert.ok(Math.abs(error) < 0.004, `${longerShare}: ${error}`);
    }
  });

  it('doubts a mode of a few gaps that noise alone may have put close together', () => {
    const held = SEEDS.filter((seed) => {
      const mode = findGapMode(drawGaps({ noise: 0.06, longerShare: 0, count: 16 }, seed));
      assert.ok(mode !== null);
      return Math.abs(mode.value - 1) < (2 * mode.spread) / Math.sqrt(mode.count) + mode.doubt;
    });
    assert.ok(held.length >= 0.93 * SEEDS.length, `${held.length} of ${SEEDS.length}`);
  });

  it('has no doubt where longer gaps stand apart', () => {
    for (const seed of SEEDS) {
      assert.equal(findGapMode(drawGaps({ noise: 0.02, longerShare: 0.3, count: 60 }, seed))?.doubt, 0, `seed ${seed}`);
    }
  });

  it('does not fall into two gaps that are equal by chance', () => {
    const gaps = [...drawGaps({ noise: 0.3, longerShare: 0, count: 30 }, 5), 2.5, 2.5];
    assert.ok(Math.abs((findGapMode(gaps)?.value ?? 0) - 1) < 0.2);
  });
});
