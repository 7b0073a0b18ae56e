// Delays of invented examinations, with intervals as wide as some hundred samples make them: none bounds the 99th percentile.
import type { DelayEstimate, DelayIntervals, Interval, OpenInterval } from '../../../src/model/estimates.js';

/** `value` ± 5 %. */
export const within = (value: number): Interval => ({ low: 0.95 * value, high: 1.05 * value });
export const above = (value: number): OpenInterval => ({ low: 0.95 * value, high: null });

export const intervalsOf = (p50Ns: number, p95Ns: number, p99Ns: number): DelayIntervals => ({
  p50Ns: within(p50Ns),
  p95Ns: within(p95Ns),
  p99Ns: above(p99Ns),
  meanNs: within(p50Ns),
  independentSamples: 280,
  quality: 'fair',
});

export const delayOf = (medianMs: number, p95Ms: number, p99Ms: number): DelayEstimate => ({
  minNs: 0.9 * medianMs * 1e6,
  p50Ns: medianMs * 1e6,
  p95Ns: p95Ms * 1e6,
  p99Ns: p99Ms * 1e6,
  maxNs: 1.2 * p99Ms * 1e6,
  meanNs: medianMs * 1e6,
  samples: 320,
  intervals: intervalsOf(medianMs * 1e6, p95Ms * 1e6, p99Ms * 1e6),
});
