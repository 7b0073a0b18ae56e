// What a digest promises: percentiles within one bin of the samples', few bins whatever they were, and that merging loses nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  computeDigestMean,
  computeDigestPercentile,
  createDigest,
  mergeDigests,
  MOST_BINS,
} from '../../../src/analysis/statistics/delay-digest.js';
import { computePercentile, sortAscending } from '../../../src/analysis/statistics/quantile.js';
import type { DelayDigest } from '../../../src/model/period-summary.js';

const SHARES = [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1];
/** Microseconds to a minute, spread over any range. */
const delays = fc
  .record({
    floorNs: fc.double({ min: 0, max: 1e10, noNaN: true }),
    spreads: fc.array(fc.double({ min: 0, max: 24, noNaN: true }), { minLength: 1, maxLength: 700 }),
  })
  .map(({ floorNs, spreads }) => spreads.map((spread) => Math.round(floorNs + Math.exp(spread))));

function digest(samplesNs: readonly number[]): DelayDigest {
  const made = createDigest(samplesNs);
  assert.ok(made !== null);
  return made;
}

const growthOf = ({ collapses }: DelayDigest): number => (1.0005 / 0.9995) ** (2 ** collapses) * (1 + 1e-9);

function assertTellsPercentiles(made: DelayDigest, samplesNs: readonly number[]): void {
  const ascending = sortAscending(samplesNs);
  for (const share of SHARES) {
    const truth = computePercentile(ascending, share);
    const told = computeDigestPercentile(made, share);
    const growth = growthOf(made);
    assert.ok(
      told <= Math.max(1e3, truth) * growth && told >= (truth <= 1e3 ? 0 : truth / growth),
      `${share}: ${told} instead of ${truth}, bins ${growth}`,
    );
  }
}

test('percentiles lie within a bin of the true ones, extremes are exact and so is the mean to half a ns, bins are few', () => {
  fc.assert(
    fc.property(delays, (samplesNs) => {
      const made = digest(samplesNs);
      assertTellsPercentiles(made, samplesNs);
      assert.equal(computeDigestPercentile(made, 0), Math.min(...samplesNs));
      assert.equal(computeDigestPercentile(made, 1), Math.max(...samplesNs));
      const mean = samplesNs.reduce((sum, value) => sum + value, 0) / samplesNs.length;
      assert.ok(Math.abs(computeDigestMean(made) - mean) <= 0.5 + mean * 1e-9);
      assert.ok(made.bins.length <= 2 * MOST_BINS);
    }),
  );
});

test('merging is the same as one digest of all samples, in any order and grouping, through JSON too', () => {
  fc.assert(
    fc.property(fc.array(delays, { minLength: 1, maxLength: 5 }), (groups) => {
      const made = groups.map(digest);
      const merged = mergeDigests(made) as DelayDigest;
      assertTellsPercentiles(merged, groups.flat());
      const { bins, collapses, count } = digest(groups.flat());
      assert.deepEqual([merged.bins, merged.collapses, merged.count], [bins, collapses, count]);
      const nested = mergeDigests([...made].reverse().map((one) => mergeDigests([one]) as DelayDigest));
      assert.deepEqual(nested?.bins, merged.bins);
      assert.deepEqual(JSON.parse(JSON.stringify(merged)), merged);
    }),
  );
});

test('a quiet path keeps fine bins beside one value far away', () => {
  const quiet = Array.from({ length: 600 }, (_, i) => 10e6 + (i % 60) * 1e3);
  const made = digest([...quiet, 900e6]);
  assert.ok(growthOf(made) < 1.002, 'bins finer than 0.2 %');
  assert.ok(Math.abs(computeDigestPercentile(made, 0.5) - 10.03e6) < 10e3);
});

test('no samples make no digest, and delays below zero count as zero', () => {
  assert.equal(createDigest([]), null);
  assert.equal(mergeDigests([]), null);
  const made = digest([-5, 0, 0.5]);
  assert.deepEqual([made.minNs, made.maxNs, made.count], [0, 1, 3]);
  assert.equal(computeDigestPercentile(made, 0.3), 0);
});
