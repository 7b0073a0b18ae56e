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
  return takeMedian(Float64Array.from(values));
}

/** As `computeMedian`, but leaves `scratch` in another order: for an array that nobody reads afterwards. */
export function takeMedian(scratch: Float64Array): number {
  const half = scratch.length >> 1;
  const upper = selectRank(scratch, half);
  if (scratch.length % 2 === 1) return upper;
  // Selection left all that is not larger in front.
  let lower = half > 0 ? -Infinity : Number.NaN;
  for (let i = 0; i < half; i += 1) lower = Math.max(lower, scratch[i] as number);
  return (upper + lower) / 2;
}

/** As `computePercentile`, but of values in any order, which it leaves in another one. */
export function takePercentile(scratch: Float64Array, share: number): number {
  const rank = Math.min(scratch.length, Math.max(1, Math.ceil(share * scratch.length)));
  return selectRank(scratch, rank - 1);
}

/**
 * Moves the value of 0-based `rank` to its place, smaller ones before it and larger ones behind it (Hoare's FIND, 1961), and
 * returns it: linear time on average, where sorting takes n·log n. NaN outside the array. Ends because each pass shrinks
 * `from..to`, with NaN among the values too.
 */
function selectRank(values: Float64Array, rank: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = values[rank] as number;
    let i = from;
    let j = to;
    do {
      while ((values[i] as number) < pivot) i += 1;
      while (pivot < (values[j] as number)) j -= 1;
      if (i <= j) {
        const moved = values[i] as number;
        values[i] = values[j] as number;
        values[j] = moved;
        i += 1;
        j -= 1;
      }
    } while (i <= j);
    if (j < rank) from = i;
    if (rank < i) to = j;
  }
  return values[rank] ?? Number.NaN;
}

/** Arithmetic mean; NaN for an empty array. */
export function computeMean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum / values.length;
}
