// Where the arrivals of a train settle to their lasting rate. In front of that a token bucket lets its burst pass faster.
import { computeMedian } from '../../statistics/quantile.js';
import { computeLeastSquaresLine } from '../../statistics/straight-line.js';

export interface Knee {
  /** First row of the steady part. */
  readonly row: number;
  /** Time per byte in front of the knee divided by that behind it; below 1. */
  readonly headShare: number;
}

/** Fewest rows on each side of a knee. */
const MIN_HEAD = 2;
const MIN_TAIL = 3;
/** Candidates tried along the curve. */
const CANDIDATES = 80;
/** The head must take at most this share of the tail's time per byte … */
const MAX_HEAD_SHARE = 0.85;
/** … and bending the line must leave at most this share of the squared error. */
const MAX_REST_ERROR = 0.5;
/** In a tail shorter than this a single late reply could pass for a knee: there the gaps themselves must be longer … */
const SHORT_TAIL = 20;
/** … by this factor, the median gap or, in a very short tail, every gap. */
const LONGER_GAPS = 1.3;
const VERY_SHORT_TAIL = 8;

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
  const isKnee = tail > 0 && headShare <= MAX_HEAD_SHARE && hasLongerGaps(timeNs, best.row);
  return isKnee ? { row: best.row, headShare } : null;
}

function hasLongerGaps(timeNs: Float64Array, row: number): boolean {
  if (timeNs.length - row >= SHORT_TAIL) return true;
  const gapsNs = timeNs.subarray(1).map((time, i) => time - (timeNs[i] ?? 0));
  const tail = gapsNs.subarray(row);
  const typicalNs = timeNs.length - row < VERY_SHORT_TAIL ? Math.min(...tail) : computeMedian(tail);
  return typicalNs > LONGER_GAPS * computeMedian(gapsNs.subarray(0, row));
}

function computeBentError(bytes: Float64Array, timeNs: Float64Array, row: number): number {
  return computeSquaredError(bytes, timeNs, 0, row + 1) + computeSquaredError(bytes, timeNs, row, timeNs.length);
}

function computeSlope(bytes: Float64Array, timeNs: Float64Array, from: number, to: number): number {
  return computeLeastSquaresLine(bytes.subarray(from, to), timeNs.subarray(from, to))?.slope ?? Number.NaN;
}

/** Of the straight line by least squares through rows `from` to `to` − 1: Syy − Sxy²/Sxx. No copies: it runs 160 times a train. */
function computeSquaredError(bytes: Float64Array, timeNs: Float64Array, from: number, to: number): number {
  const count = to - from;
  let meanX = 0;
  let meanY = 0;
  for (let i = from; i < to; i += 1) {
    meanX += (bytes[i] as number) / count;
    meanY += (timeNs[i] as number) / count;
  }
  let sumXx = 0;
  let sumXy = 0;
  let sumYy = 0;
  for (let i = from; i < to; i += 1) {
    const dx = (bytes[i] as number) - meanX;
    const dy = (timeNs[i] as number) - meanY;
    sumXx += dx * dx;
    sumXy += dx * dy;
    sumYy += dy * dy;
  }
  return sumXx > 0 ? Math.max(0, sumYy - (sumXy * sumXy) / sumXx) : 0;
}
