// Propagation apart from serialisation: the line over packet size that round trips have in empty queues. Smallest round trips
// alone would do without noise; with it they are too small, and with steady queues too large, so all of them are used.
import type { Estimate } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { fitDelayLine } from './delay-line.js';
import type { DelayPoint, FittedValue } from './delay-line.js';
import { computeRoundTrips } from './round-trip-times.js';
import { ETHERNET_HEADER_BYTES } from '../../model/units.js';

export interface DelayBySize {
  /** Round trip at size 0, ns: propagation and every fixed cost. */
  readonly propagation: Estimate;
  /** ns per byte of frame, summed over the store-and-forward hops both ways (one way with small replies). */
  readonly serialisation: Estimate;
}

export const MIN_SIZES = 6;
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
    const isSharp = high - low <= 0.1 * value;
    return {
      value,
      low,
      high,
      method: `round trips of ${sizes} sizes: line, queues and stamp noise fitted together, likelihood interval`,
      samples: points.length,
      quality: isSharp ? 'good' : high - low <= 0.5 * value ? 'fair' : 'poor',
      limitedBy: isSharp ? null : 'noise',
    };
  };
  return { propagation: toEstimate(fit.intercept), serialisation: toEstimate(fit.slope) };
}

function collectPoints(traces: readonly Trace[]): DelayPoint[] {
  const bySize = new Map<number, number[]>();
  for (const trace of traces) {
    const { rows, rttNs } = computeRoundTrips(trace);
    for (const [i, row] of rows.entries()) {
      const bytes = (trace.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES;
      const samples = bySize.get(bytes);
      if (samples) samples.push(rttNs[i] ?? 0);
      else bySize.set(bytes, [rttNs[i] ?? 0]);
    }
  }
  return [...bySize]
    .filter(([, samples]) => samples.length >= MIN_SAMPLES_PER_SIZE)
    .flatMap(([bytes, samples]) => samples.map((delayNs) => ({ bytes, delayNs })));
}
