// Order statistics. Percentiles are nearest-rank, so that each one is a value that was really seen.

/** A new array in ascending order. NaN must have been left out before. */
export function sortAscending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/**
 * The smallest sample such that at least `share` (0-1) of all samples are not larger: nearest rank, definition 1 of Hyndman and
 * Fan (1996). NaN for an empty array.
 */
export function computePercentile(ascending: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(share * ascending.length);
  return ascending[Math.min(ascending.length, Math.max(1, rank)) - 1] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle. NaN for an empty array. */
export function computeMedian(values: ArrayLike<number>): number {
  const ascending = sortAscending(values);
  const half = ascending.length >> 1;
  const upper = ascending[half] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : (upper + (ascending[half - 1] ?? Number.NaN)) / 2;
}

/** Arithmetic mean; NaN for an empty array. */
export function computeMean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum / values.length;
}
