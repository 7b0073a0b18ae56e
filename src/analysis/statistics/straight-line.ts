// Straight lines through points, one that outliers cannot pull and one for speed. Points with equal x carry no slope.
import { takeMedian } from './quantile.js';

export interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** Most points taken into account pairwise; beyond it every n-th point is used, which keeps the cost below 20,000 pairs. */
const MAX_PAIRWISE_POINTS = 200;

/**
 * Theil-Sen: median of the slopes of all pairs, then the median intercept (Theil 1950, Sen 1968). Withstands 29 % of outliers.
 * null with fewer than two different x.
 */
export function computeTheilSenLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  const step = Math.max(1, Math.ceil(x.length / MAX_PAIRWISE_POINTS));
  const points = Math.ceil(x.length / step);
  const slopes = new Float64Array((points * (points - 1)) / 2);
  let pairs = 0;
  for (let i = 0; i < x.length; i += step) {
    const xi = x[i] ?? 0;
    const yi = y[i] ?? 0;
    for (let j = i + step; j < x.length; j += step) {
      const run = (x[j] ?? 0) - xi;
      if (run !== 0) slopes[pairs++] = ((y[j] ?? 0) - yi) / run;
    }
  }
  if (pairs === 0) return null;
  const slope = takeMedian(slopes.subarray(0, pairs));
  return { slope, intercept: takeMedian(Float64Array.from(x, (value, i) => (y[i] ?? 0) - slope * value)) };
}

/** Ordinary least squares. null with fewer than two different x. */
export function computeLeastSquaresLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i += 1) {
    meanX += (x[i] ?? 0) / n;
    meanY += (y[i] ?? 0) / n;
  }
  let sumXx = 0;
  let sumXy = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = (x[i] ?? 0) - meanX;
    sumXx += dx * dx;
    sumXy += dx * ((y[i] ?? 0) - meanY);
  }
  if (!(sumXx > 0)) return null;
  const slope = sumXy / sumXx;
  return { slope, intercept: meanY - slope * meanX };
}
