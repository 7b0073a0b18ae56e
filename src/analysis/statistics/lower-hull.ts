// The line that lies below all points and closest to them: what a lower bound that drifts looks like under one-sided noise.
import type { Line } from './straight-line.js';

/**
 * The edge of the lower convex hull that spans the mean of x (Zhang, Liu, Xia, "Clock synchronization algorithms for network
 * measurements", INFOCOM 2002): of all lines with no point below them the one with the least sum of distances. `x` ascending.
 * null with fewer than two different x.
 */
export function computeLowerHullLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  const hull: number[] = [];
  let sumX = 0;
  const xAt = (i: number): number => x[i] ?? 0;
  const yAt = (i: number): number => y[i] ?? 0;
  // Whether point b lies on or above the line from a to c.
  const isAbove = (a: number, b: number, c: number): boolean =>
    (yAt(b) - yAt(a)) * (xAt(c) - xAt(a)) >= (yAt(c) - yAt(a)) * (xAt(b) - xAt(a));
  for (let i = 0; i < x.length; i += 1) {
    sumX += xAt(i);
    // Ends: each turn takes a point off the hull.
    while (hull.length >= 2 && isAbove(hull.at(-2) ?? 0, hull.at(-1) ?? 0, i)) hull.pop();
    const last = hull.at(-1);
    // Of points one above the other only the lowest counts.
    if (last !== undefined && xAt(last) === xAt(i)) {
      if (yAt(i) >= yAt(last)) continue;
      hull.pop();
    }
    hull.push(i);
  }
  const meanX = sumX / x.length;
  const right = Math.max(
    1,
    hull.findIndex((i) => xAt(i) >= meanX),
  );
  const from = hull[right - 1];
  const to = hull[right];
  if (from === undefined || to === undefined) return null;
  const slope = (yAt(to) - yAt(from)) / (xAt(to) - xAt(from));
  return { slope, intercept: yAt(from) - slope * xAt(from) };
}
