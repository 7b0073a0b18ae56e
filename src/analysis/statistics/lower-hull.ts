// The line that lies below all points and closest to them: what a lower bound that drifts looks like under one-sided noise.
import type { Line } from './straight-line.js';

/**
 * The edge of the lower convex hull that spans the mean of x (Zhang, Liu, Xia, "Clock synchronization algorithms for network
 * measurements", INFOCOM 2002): of all lines with no point below them the one with the least sum of distances. `x` ascending.
 * null with fewer than two different x.
 */
export function computeLowerHullLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  return computePrefixHullLines(x, y, [x.length])[0] ?? null;
}

/** The same of the first so many points, for each of `lengths`, which ascend: a hull that grows costs each point once for all of them. */
export function computePrefixHullLines(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  lengths: readonly number[],
): (Line | null)[] {
  const hull: Hull = { points: new Int32Array(lengths.at(-1) ?? 0), count: 0 };
  let sumX = 0;
  let next = 0;
  return lengths.map((length) => {
    for (; next < length; next += 1) {
      sumX += x[next] ?? 0;
      addPoint(hull, x, y, next);
    }
    return findEdge(hull, x, y, sumX / length);
  });
}

/** Indices of its points, ascending. */
interface Hull {
  readonly points: Int32Array;
  count: number;
}

/** Point `i` is the one furthest to the right by now. */
function addPoint(hull: Hull, x: ArrayLike<number>, y: ArrayLike<number>, i: number): void {
  const { points } = hull;
  const xi = x[i] ?? 0;
  const yi = y[i] ?? 0;
  let { count } = hull;
  // Ends: each turn takes a point off the hull that lies on or above the line from the one before it to the new one.
  while (count >= 2) {
    const a = points[count - 2] ?? 0;
    const b = points[count - 1] ?? 0;
    const xa = x[a] ?? 0;
    const ya = y[a] ?? 0;
    if (!(((y[b] ?? 0) - ya) * (xi - xa) >= (yi - ya) * ((x[b] ?? 0) - xa))) break;
    count -= 1;
  }
  const last = points[count - 1] ?? 0;
  // Of points one above the other only the lowest counts.
  const replaces = count > 0 && x[last] === xi;
  if (!replaces || !(yi >= (y[last] ?? 0))) {
    if (replaces) count -= 1;
    points[count] = i;
    count += 1;
  }
  hull.count = count;
}

function findEdge({ points, count }: Hull, x: ArrayLike<number>, y: ArrayLike<number>, meanX: number): Line | null {
  if (count < 2) return null;
  let right = 1;
  while (right < count && !((x[points[right] ?? 0] ?? 0) >= meanX)) right += 1;
  // The mean of many equal x may be rounded up: then nothing lies beyond it.
  if (right === count) right = 1;
  const from = points[right - 1] ?? 0;
  const to = points[right] ?? 0;
  const slope = ((y[to] ?? 0) - (y[from] ?? 0)) / ((x[to] ?? 0) - (x[from] ?? 0));
  return { slope, intercept: (y[from] ?? 0) - slope * (x[from] ?? 0) };
}
