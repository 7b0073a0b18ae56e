// Propagation and serialisation told apart, and intervals that hold what they promise.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatePropagation } from '../../../src/analysis/estimators/propagation.js';
import { createRandom } from '../../../src/model/random.js';
import { buildTrace } from './built-trace.js';

const SIZES = [92, 327, 561, 796, 1031, 1265, 1500];
const PROPAGATION_NS = 400_000;
/** Two hops of 100 Mb/s each way, echoed: 4 × 80 ns a byte. */
const NS_PER_BYTE = 320;

function drawTrace(seed: number, noiseNs: number, rounds = 14) {
  const random = createRandom(seed);
  const sizes = Array.from({ length: rounds }, () => random.shuffle(SIZES)).flat();
  return buildTrace(
    sizes.map((sizeBytes, i) => {
      const txNs = i * 8e6;
      const rtt = PROPAGATION_NS + NS_PER_BYTE * (sizeBytes + 14) + random.exponential(noiseNs);
      return { sizeBytes, txNs, rxNs: txNs + rtt };
    }),
  );
}

describe('propagation', () => {
  it('is within 2 us and covered in 93 of 100 draws with 10 us of queueing', () => {
    let covered = 0;
    let coveredSlope = 0;
    const errors: number[] = [];
    for (let seed = 1; seed <= 100; seed += 1) {
      const result = estimatePropagation([drawTrace(seed, 10_000)], createRandom(seed));
      assert.ok(result !== null, `seed ${seed}`);
      const { propagation, serialisation } = result;
      errors.push(propagation.value - PROPAGATION_NS);
      if (propagation.low <= PROPAGATION_NS && PROPAGATION_NS <= propagation.high) covered += 1;
      if (serialisation.low <= NS_PER_BYTE && NS_PER_BYTE <= serialisation.high) coveredSlope += 1;
    }
    const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    assert.ok(Math.abs(bias) < 500, `bias ${bias} ns`);
    assert.ok(errors.filter((error) => Math.abs(error) < 2000).length >= 90, errors.map(Math.round).join());
    assert.ok(covered >= 93, `propagation covered in ${covered} of 100`);
    assert.ok(coveredSlope >= 93, `serialisation covered in ${coveredSlope} of 100`);
  });

  it('is exact without noise', () => {
    const result = estimatePropagation([drawTrace(3, 0)], createRandom(3));
    assert.ok(Math.abs((result?.propagation.value ?? 0) - PROPAGATION_NS) < 1);
    assert.equal(result?.propagation.quality, 'good');
  });

  it('needs six sizes with three samples', () => {
    assert.equal(estimatePropagation([drawTrace(3, 0, 2)], createRandom(3)), null);
    assert.equal(estimatePropagation([], createRandom(3)), null);
  });
});
