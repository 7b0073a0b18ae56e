// Propagation apart from serialisation: the line over packet size that round trips have in empty queues. Smallest round trips
// alone would do without noise; with it they are too small, and with steady queues too large, so all of them are used.
import type { Estimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import type { FittedValue } from './delay-line-interval.js';
import { fitDelayLine } from './delay-line.js';
import type { DelayPoint } from './delay-line.js';
import { computeRoundTrips } from '../round-trip-times.js';
import { ETHERNET_HEADER_BYTES } from '../../../model/units.js';

export interface DelayBySize {
  /** Round trip at size 0, ns: propagation and every fixed cost. */
  readonly propagation: Estimate;
  /** ns per byte of frame, summed over the store-and-forward hops both ways (one way with small replies). */
  readonly serialisation: Estimate;
}

const MIN_SIZES = 6;
const MIN_SAMPLES_PER_SIZE = 3;

/** null with fewer than six sizes of three samples. */
export function estimatePropagation(traces: readonly Trace[]): DelayBySize | null {
  const points = collectPoints(traces);
  const sizes = new Set(points.map(({ bytes }) => bytes)).size;
  const fit = sizes < MIN_SIZES ? null : fitDelayLine(points);
  if (fit === null) return null;
  const toEstimate = (fitted: FittedValue): Estimate => {
    const value = Math.max(0, fitted.value);
    const low = Math.max(0, fitted.low);
    const high = Math.max(value, fitted.high);
    const isSharp = fit.isSeen && high - low <= 0.1 * value;
    return {
      value,
      low,
      high,
      method: fit.isSeen
        ? `round trips of ${sizes} sizes: line, queues and stamp noise fitted together, likelihood interval`
        : `round trips of ${sizes} sizes, too few of which met empty queues for a line: what the fastest packet allows`,
      samples: points.length,
      quality: isSharp ? 'good' : fit.isSeen && high - low <= 0.5 * value ? 'fair' : 'poor',
      limitedBy: isSharp ? null : 'noise',
    };
  };
  return { propagation: toEstimate(fit.intercept), serialisation: toEstimate(fit.slope) };
}

/** In the order of sending. Sizes of fewer than three samples are left out. */
function collectPoints(traces: readonly Trace[]): DelayPoint[] {
  const points = traces.flatMap((trace) => {
    const { rows, rttNs } = computeRoundTrips(trace);
    return rows.map((row, i) => ({
      bytes: (trace.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES,
      delayNs: rttNs[i] ?? 0,
    }));
  });
  const counts = new Map<number, number>();
  for (const { bytes } of points) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  return points.filter(({ bytes }) => (counts.get(bytes) ?? 0) >= MIN_SAMPLES_PER_SIZE);
}
