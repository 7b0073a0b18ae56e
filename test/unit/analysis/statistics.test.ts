// Intervals, quantiles, the Beta function and lines against published or computed values.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../../src/model/random.js';
import { computeBetaCdf, computeLogBeta, computeLogGamma } from '../../../src/analysis/statistics/log-beta.js';
import {
  computeMedian,
  computePercentile,
  sortAscending,
  takePercentile,
} from '../../../src/analysis/statistics/quantile.js';
import { computeTheilSenLine } from '../../../src/analysis/statistics/straight-line.js';
import { computeWilsonInterval } from '../../../src/analysis/statistics/wilson-interval.js';

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe('Wilson interval', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  for (const [successes, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    it(`agrees with the published ${successes}/${trials}`, () => {
      const interval = computeWilsonInterval(successes, trials);
      assertClose(interval.low, low, 5e-5);
      assertClose(interval.high, high, 5e-5);
    });
  }

  it('does not collapse at 1, and knows nothing without a trial', () => {
    const all = computeWilsonInterval(18, 18);
    assert.equal(all.high, 1);
    assertClose(all.low, 0.8241, 1e-3);
    assert.deepEqual(computeWilsonInterval(0, 0), { low: 0, high: 1 });
  });

  it('covers the truth in 93 % of draws or more', () => {
    const random = createRandom(11);
    for (const ratio of [0.002, 0.01, 0.05]) {
      let covered = 0;
      for (let draw = 0; draw < 1000; draw += 1) {
        let lost = 0;
        for (let i = 0; i < 1024; i += 1) if (random.uniform() < ratio) lost += 1;
        const { low, high } = computeWilsonInterval(lost, 1024);
        if (low <= ratio && ratio <= high) covered += 1;
      }
      assert.ok(covered >= 930, `seed 11, ratio ${ratio}: ${covered} of 1000`);
    }
  });
});

describe('quantiles', () => {
  it('are nearest-rank', () => {
    const values = sortAscending([15, 20, 35, 40, 50]);
    assert.deepEqual(
      [0, 0.05, 0.3, 0.4, 0.5, 1].map((share) => computePercentile(values, share)),
      [15, 15, 20, 20, 35, 50],
    );
  });

  it('of nothing are NaN', () => {
    assert.ok(Number.isNaN(computePercentile([], 0.5)));
    assert.ok(Number.isNaN(computeMedian([])));
  });

  it('average the middle for the median only', () => {
    assert.equal(computeMedian([4, 1, 3, 2]), 2.5);
    assert.equal(computeMedian([9, 1, 3]), 3);
  });

  it('by selection are those by sorting, with ties and infinities too', () => {
    const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true })), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
        const ascending = sortAscending(drawn);
        assert.ok(takePercentile(Float64Array.from(drawn), share) === computePercentile(ascending, share));
        const half = ascending.length >> 1;
        if (ascending.length % 2 === 1) assert.ok(computeMedian(drawn) === ascending[half]);
      }),
    );
  });
});

describe('Beta function', () => {
  it('has the known values', () => {
    assertClose(computeLogGamma(5), Math.log(24), 1e-11);
    assertClose(computeLogGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-11);
    assertClose(computeLogBeta(2, 3), Math.log(1 / 12), 1e-11);
    assertClose(computeBetaCdf(0.3, 1, 1), 0.3, 1e-10);
    assertClose(computeBetaCdf(0.4, 2, 3), 0.5248, 1e-9);
    assertClose(computeBetaCdf(0.001, 0.5, 424.5), 0.6434, 0.005);
  });

  it('grows with x from 0 to 1', () => {
    let before = 0;
    for (let x = 0; x <= 1; x += 0.01) {
      const now = computeBetaCdf(x, 3.5, 900.5);
      assert.ok(now >= before - 1e-12 && now <= 1);
      before = now;
    }
  });
});

describe('Theil-Sen line', () => {
  it('ignores a quarter of outliers', () => {
    const x = Array.from({ length: 40 }, (_, i) => i);
    const y = x.map((value) => (value % 4 === 0 ? 1e6 : 3 + 2 * value));
    const line = computeTheilSenLine(x, y);
    assertClose(line?.slope ?? 0, 2, 1e-9);
    assertClose(line?.intercept ?? 0, 3, 1e-9);
  });

  it('needs two different x', () => {
    assert.equal(computeTheilSenLine([1, 1], [2, 3]), null);
    assert.equal(computeTheilSenLine([], []), null);
  });
});
