// Where values lie closest together: the mode of a sample, whatever its shape.
import { computeMedian } from './quantile.js';

/**
 * Halves the shortest stretch that holds half of the values until three or fewer are left (Robertson and Cryer 1974; Bickel 2002).
 * Values ascend; NaN without any.
 */
export function findHalfSampleMode(ascending: Float64Array): number {
  let from = 0;
  let count = ascending.length;
  while (count > 3) {
    const half = Math.ceil(count / 2);
    from = findShortest(ascending, from, count, half);
    count = half;
  }
  return computeMedian(ascending.subarray(from, from + count));
}

/** The `part` values of the ascending ones that lie closest together, the first of equals. At most as many as there are. */
export function findDensestStretch(ascending: Float64Array, part: number): Float64Array {
  const from = findShortest(ascending, 0, ascending.length, part);
  return ascending.subarray(from, from + part);
}

/** Width of the shortest stretch that holds `part` of the ascending values; Infinity where there are fewer. */
export function computeShortestWidth(ascending: Float64Array, part: number): number {
  return widthOf(ascending, findShortest(ascending, 0, ascending.length, part), part);
}

/** Where, among `count` values from `from` on, the shortest stretch of `part` values begins. */
function findShortest(ascending: Float64Array, from: number, count: number, part: number): number {
  let best = from;
  for (let i = from; i + part <= from + count; i += 1) {
    if (widthOf(ascending, i, part) < widthOf(ascending, best, part)) best = i;
  }
  return best;
}

function widthOf(ascending: Float64Array, from: number, count: number): number {
  return (ascending[from + count - 1] ?? Infinity) - (ascending[from] ?? 0);
}
