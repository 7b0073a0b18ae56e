// The distribution of delays, from every sample of the traces given: never from averages of averages.
import type { DelayEstimate } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { computeMean, computePercentile, sortAscending } from '../statistics/quantile.js';
import { computeRoundTrips } from './round-trip-times.js';

/**
 * Percentiles are nearest-rank (see statistics/quantile.ts). The traces should hold packets of one size and one stamp source.
 * null without a usable sample.
 */
export function estimateDelayDistribution(traces: readonly Trace[]): DelayEstimate | null {
  return computeDelayDistribution(traces.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs)));
}

/** null without a sample. */
export function computeDelayDistribution(samples: ArrayLike<number>): DelayEstimate | null {
  if (samples.length === 0) return null;
  const ascending = sortAscending(samples);
  return {
    minNs: computePercentile(ascending, 0),
    p50Ns: computePercentile(ascending, 0.5),
    p95Ns: computePercentile(ascending, 0.95),
    p99Ns: computePercentile(ascending, 0.99),
    maxNs: computePercentile(ascending, 1),
    meanNs: computeMean(ascending),
    samples: ascending.length,
  };
}
