// Propagation apart from serialisation: the smallest round trip of each packet size, and the line through them.
import { ETHERNET_HEADER_BYTES } from '../../model/units.js';
import type { Random } from '../../model/random.js';
import type { Estimate } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { computeMean, computePercentile, sortAscending } from '../statistics/quantile.js';
import { computeTheilSenLine } from '../statistics/straight-line.js';
import { computeRoundTrips } from './round-trip-times.js';

export interface DelayBySize {
  /** Round trip at size 0, ns: propagation and every fixed cost. */
  readonly propagation: Estimate;
  /** ns per byte of frame, summed over the store-and-forward hops both ways (one way with small replies). */
  readonly serialisation: Estimate;
}

export const MIN_SIZES = 6;
const MIN_SAMPLES_PER_SIZE = 3;
const BOOTSTRAP_ROUNDS = 200;

interface SizeSamples {
  readonly bytes: number;
  readonly ascending: Float64Array;
}

interface Fit {
  readonly interceptNs: number;
  readonly slopeNsPerByte: number;
  readonly gapNs: number;
}

/**
 * Per size the end of the delay distribution is estimated as 2·x₁ − x₂ of its ordered samples (Robson and Whitlock 1964), which
 * takes out most of what queueing noise adds to a minimum; then Theil-Sen. Interval: bootstrap of the samples of each size,
 * widened by the mean x₂ − x₁. null with fewer than six sizes of three samples.
 */
export function estimatePropagation(traces: readonly Trace[], random: Random): DelayBySize | null {
  const groups = groupBySize(traces);
  const fit = fitSizes(groups);
  if (groups.length < MIN_SIZES || fit === null) return null;
  const rounds = Array.from({ length: BOOTSTRAP_ROUNDS }, () =>
    fitSizes(groups.map(({ bytes, ascending }) => ({ bytes, ascending: resample(ascending, random) }))),
  ).filter((round) => round !== null);
  const samples = groups.reduce((sum, group) => sum + group.ascending.length, 0);
  const largest = groups[groups.length - 1]?.bytes ?? 1;
  const toEstimate = (pick: (fit: Fit) => number, marginPerGap: number): Estimate => {
    const value = Math.max(0, pick(fit));
    const spread = sortAscending(rounds.map(pick));
    const margin = fit.gapNs * marginPerGap;
    const low = Math.max(0, Math.min(value, computePercentile(spread, 0.025) - margin));
    const high = Math.max(value, computePercentile(spread, 0.975) + margin);
    const sharp = high - low <= 0.1 * value;
    return {
      value,
      low,
      high,
      method: `smallest round trip of ${groups.length} sizes, Theil-Sen line, bootstrap interval`,
      samples,
      quality: sharp ? 'good' : high - low <= 0.5 * value ? 'fair' : 'poor',
      limitedBy: sharp ? null : 'noise',
    };
  };
  return {
    propagation: toEstimate((one) => one.interceptNs, 1),
    serialisation: toEstimate((one) => one.slopeNsPerByte, 2 / largest),
  };
}

function groupBySize(traces: readonly Trace[]): SizeSamples[] {
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
    .map(([bytes, samples]) => ({ bytes, ascending: sortAscending(samples) }))
    .sort((a, b) => a.bytes - b.bytes);
}

function fitSizes(groups: readonly SizeSamples[]): Fit | null {
  const gapNs = computeMean(groups.map(({ ascending }) => (ascending[1] ?? 0) - (ascending[0] ?? 0)));
  const line = computeTheilSenLine(
    groups.map(({ bytes }) => bytes),
    groups.map(({ ascending }) => (ascending[0] ?? 0) - gapNs),
  );
  return line && { interceptNs: line.intercept, slopeNsPerByte: line.slope, gapNs };
}

function resample(ascending: Float64Array, random: Random): Float64Array {
  const drawn = ascending.map(() => ascending[Math.floor(random.uniform() * ascending.length)] ?? 0);
  return drawn.sort();
}
