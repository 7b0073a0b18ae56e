// Where the arrivals of a train settle to their lasting rate. In front of that a token bucket lets its burst pass faster.
import { computeLeastSquaresLine } from '../statistics/straight-line.js';

export interface Knee {
  /** First row of the steady part. */
  readonly row: number;
  /** Time per byte in front of the knee divided by that behind it; below 1. */
  readonly headShare: number;
}

/** Fewest rows on each side of a knee. */
const MIN_HEAD = 2;
const MIN_TAIL = 4;
/** Candidates tried along the curve. */
const CANDIDATES = 80;
/** The head must take at most this share of the tail's time per byte … */
const MAX_HEAD_SHARE = 0.85;
/** … and bending the line must take away this much of the squared error. */
const MAX_REST_ERROR = 0.5;

/**
 * The best single bend of time (ns) over passed bytes: a broken line by least squares at each candidate, the smallest squared
 * error wins. null where one straight line does, or where the rate rises instead: no bucket does that.
 */
export function findKnee(bytes: Float64Array, timeNs: Float64Array): Knee | null {
  const whole = computeSquaredError(bytes, timeNs, 0, timeNs.length);
  let best: { row: number; error: number } | null = null;
  const step = Math.max(1, Math.floor(timeNs.length / CANDIDATES));
  for (let row = MIN_HEAD; row <= timeNs.length - MIN_TAIL; row += step) {
    const error = computeBentError(bytes, timeNs, row);
    if (best === null || error < best.error) best = { row, error };
  }
  if (best === null || best.error > MAX_REST_ERROR * whole) return null;
  const head = computeSlope(bytes, timeNs, 0, best.row + 1);
  const tail = computeSlope(bytes, timeNs, best.row, timeNs.length);
  const headShare = Math.max(0, head) / tail;
  return tail > 0 && headShare <= MAX_HEAD_SHARE ? { row: best.row, headShare } : null;
}

function computeBentError(bytes: Float64Array, timeNs: Float64Array, row: number): number {
  return computeSquaredError(bytes, timeNs, 0, row + 1) + computeSquaredError(bytes, timeNs, row, timeNs.length);
}

function computeSlope(bytes: Float64Array, timeNs: Float64Array, from: number, to: number): number {
  return computeLeastSquaresLine(bytes.subarray(from, to), timeNs.subarray(from, to))?.slope ?? Number.NaN;
}

function computeSquaredError(bytes: Float64Array, timeNs: Float64Array, from: number, to: number): number {
  const x = bytes.subarray(from, to);
  const y = timeNs.subarray(from, to);
  const line = computeLeastSquaresLine(x, y);
  if (line === null) return 0;
  return y.reduce((sum, time, i) => sum + (time - line.intercept - line.slope * (x[i] ?? 0)) ** 2, 0);
}
