// Distributions of delays that stay small, can be merged and asked for percentiles. The bins are those of DDSketch (Masson, Rim and
// Lee, VLDB 2019) as the library makes them; what bounds their number is the uniform collapse of UDDSketch (Epicoco et al., 2020).
import { DDSketch } from '@datadog/sketches-js';
import { InvariantError } from '../../model/errors.js';
import type { DelayDigest } from '../../model/period-summary.js';

/**
 * More non-empty bins than this are merged in pairs until they fit. Narrow distributions keep the finest bins, 0.1 % wide, whatever
 * single values lie far away; a path whose delays spread evenly over a factor of ten gets bins of 14 %.
 */
export const MOST_BINS = 24;
const FINEST_ACCURACY = 0.0005;
/** Delays below are of one bin: finer than stamps of software tell, and each halving of a delay would cost bins. */
const LEAST_TOLD_NS = 1_000;
/** After so many collapses one bin spans a factor of 10^14: no two delays need more. */
const MOST_COLLAPSES = 15;

type Mapping = DDSketch['mapping'];
type Bins = readonly number[];

/** Bin `i` after `n` collapses holds what is in (γⁿ^(i−1), γⁿ^i] ns, where γⁿ = γ^(2ⁿ) and γ = (1 + a)/(1 − a) of the finest accuracy a. */
const mappings: readonly Mapping[] = Array.from({ length: MOST_COLLAPSES + 1 }, (_, collapses) => {
  const growth = ((1 + FINEST_ACCURACY) / (1 - FINEST_ACCURACY)) ** (2 ** collapses);
  return new DDSketch({ relativeAccuracy: (growth - 1) / (growth + 1) }).mapping;
});

/** Delays in ns, finite, rounded to whole ones, as is their mean; below zero counts as zero. Null for no samples. */
export function createDigest(samplesNs: ArrayLike<number>): DelayDigest | null {
  if (samplesNs.length === 0) return null;
  const sketch = new DDSketch({ relativeAccuracy: FINEST_ACCURACY });
  let minNs = Infinity;
  let maxNs = 0;
  let sumNs = 0;
  for (let i = 0; i < samplesNs.length; i += 1) {
    const delayNs = Math.max(0, Math.round(samplesNs[i] ?? 0));
    sketch.accept(Math.max(LEAST_TOLD_NS, delayNs));
    minNs = Math.min(minNs, delayNs);
    maxNs = Math.max(maxNs, delayNs);
    sumNs += delayNs;
  }
  const { bins, offset } = sketch.store;
  const filled: number[] = [];
  bins.forEach((count, position) => {
    if (count > 0) filled.push(position + offset, count);
  });
  const count = samplesNs.length;
  const wholeSumNs = Math.round(sumNs / count) * count;
  return collapseToFit({ count, minNs, maxNs, sumNs: wholeSumNs, collapses: 0, bins: filled });
}

/** What one digest of all their samples would say, at the resolution of the coarsest of them or coarser. Null for none. */
export function mergeDigests(digests: readonly DelayDigest[]): DelayDigest | null {
  const [first] = digests;
  if (first === undefined) return null;
  const collapses = digests.reduce((most, digest) => Math.max(most, digest.collapses), 0);
  const counts = new Map<number, number>();
  const sum = { count: 0, minNs: Infinity, maxNs: 0, sumNs: 0, collapses };
  for (const digest of digests) {
    sum.count += digest.count;
    sum.minNs = Math.min(sum.minNs, digest.minNs);
    sum.maxNs = Math.max(sum.maxNs, digest.maxNs);
    sum.sumNs += digest.sumNs;
    const growth = 2 ** (collapses - digest.collapses);
    for (let i = 0; i < digest.bins.length; i += 2) {
      const index = Math.ceil((digest.bins[i] ?? 0) / growth);
      counts.set(index, (counts.get(index) ?? 0) + (digest.bins[i + 1] ?? 0));
    }
  }
  const bins = [...counts].sort(([a], [b]) => a - b).flat();
  return collapseToFit({ ...sum, bins });
}

/**
 * The delay (ns) that `share` (0-1) of the samples do not exceed, by nearest rank; off by less than the width of its bin
 * (below 1 µs that is 1 µs), and exact for the least and the largest. Inside a bin samples are taken as evenly spread.
 */
export function computeDigestPercentile(digest: DelayDigest, share: number): number {
  const { count, bins, minNs, maxNs } = digest;
  const rank = Math.min(count, Math.max(1, Math.ceil(share * count)));
  if (rank === count) return maxNs;
  if (rank === 1) return minNs;
  let before = 0;
  for (let i = 0; i < bins.length; i += 2) {
    const within = bins[i + 1] ?? 0;
    if (rank <= before + within) {
      const [low, high] = computeBinBounds(digest.collapses, bins[i] ?? 0);
      const from = low < LEAST_TOLD_NS ? minNs : Math.max(low, minNs);
      const to = Math.min(high, maxNs);
      return Math.min(maxNs, Math.max(minNs, from + ((rank - before - 0.5) / within) * (to - from)));
    }
    before += within;
  }
  return maxNs;
}

/** Arithmetic mean, ns; off by half a nanosecond at most. */
export const computeDigestMean = (digest: DelayDigest): number => digest.sumNs / digest.count;

/** Lower and upper end of a bin, ns. The library tells the value that is off by the same ratio from both. */
function computeBinBounds(collapses: number, index: number): [number, number] {
  const mapping = mappings[collapses];
  if (mapping === undefined) throw new InvariantError(`a digest of ${collapses} collapses cannot be`);
  const middle = mapping.value(index);
  const high = (middle * (1 + mapping.gamma)) / 2;
  return [high / mapping.gamma, high];
}

/** Ends because each collapse halves the range of the indices. */
function collapseToFit(digest: DelayDigest): DelayDigest {
  let { bins, collapses } = digest;
  while (bins.length > 2 * MOST_BINS && collapses < MOST_COLLAPSES) {
    bins = collapseOnce(bins);
    collapses += 1;
  }
  return { ...digest, collapses, bins };
}

/** (γ^(i−1), γ^i] lies inside (γ²^(j−1), γ²^j] for j = ⌈i/2⌉. */
function collapseOnce(bins: Bins): Bins {
  const merged: number[] = [];
  for (let i = 0; i < bins.length; i += 2) {
    const index = Math.ceil((bins[i] ?? 0) / 2);
    const count = bins[i + 1] ?? 0;
    if (merged.at(-2) === index) merged.push((merged.pop() ?? 0) + count);
    else merged.push(index, count);
  }
  return merged;
}
