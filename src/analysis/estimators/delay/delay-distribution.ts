// The distribution of delays, from every sample of the traces given: never from averages of averages.
import type { DelayEstimate, DelayIntervals, OpenInterval } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { boundFloorGap } from '../../statistics/floor-gap.js';
import { countIndependent } from '../../statistics/independent-samples.js';
import { computeMeanInterval } from '../../statistics/mean-interval.js';
import { computeQuantileInterval } from '../../statistics/quantile-interval.js';
import { computeMean, computePercentile, sortAscending } from '../../statistics/quantile.js';
import { judgeSampleCount } from '../ratio.js';
import { computeRoundTrips } from '../round-trip-times.js';

/**
 * Percentiles are nearest-rank (see statistics/quantile.ts). The traces should hold packets of one size and one stamp source, in the
 * order of sending. null without a usable sample.
 */
export function estimateDelayDistribution(traces: readonly Trace[]): DelayEstimate | null {
  return computeDelayDistribution(traces.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs)));
}

/** `samples` in the order of sending, worth at most `mostIndependent`. null without one. */
export function computeDelayDistribution(samples: ArrayLike<number>, mostIndependent = Infinity): DelayEstimate | null {
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
    intervals: computeIntervals(samples, ascending, Math.min(mostIndependent, countIndependent(samples, ascending))),
  };
}

/**
 * The same where steps of `stepNs` do not matter: delays that wander within a step are alike, however much neighbours resemble each
 * other, and so may be worth more independent samples. Where they are, ends of intervals are moved outwards by a step.
 */
export function computeSteppedDistribution(samples: ArrayLike<number>, stepNs: number): DelayEstimate | null {
  const estimate = computeDelayDistribution(samples);
  const stepped = countInSteps(samples, stepNs);
  if (estimate === null || stepped <= estimate.intervals.independentSamples) return estimate;
  const ascending = sortAscending(samples);
  const { p50Ns, p95Ns, p99Ns, meanNs, ...basis } = computeIntervals(samples, ascending, stepped);
  const intervals = {
    p50Ns: moveOut(p50Ns, stepNs),
    p95Ns: moveOut(p95Ns, stepNs),
    p99Ns: moveOut(p99Ns, stepNs),
    meanNs: moveOut(meanNs, stepNs),
    ...basis,
  };
  return { ...estimate, intervals };
}

/** 95 % interval of the quantile `share`, with steps as for `computeSteppedDistribution`. */
export function computeSteppedQuantileInterval(
  samples: ArrayLike<number>,
  share: number,
  stepNs: number,
): OpenInterval {
  const ascending = sortAscending(samples);
  const exact = countIndependent(samples, ascending);
  const stepped = countInSteps(samples, stepNs);
  if (stepped <= exact) return computeQuantileInterval(ascending, share, exact);
  return moveOut(computeQuantileInterval(ascending, share, stepped), stepNs);
}

function countInSteps(samples: ArrayLike<number>, stepNs: number): number {
  const steps = Float64Array.from(samples, (ns) => Math.floor(ns / stepNs));
  return countIndependent(steps, sortAscending(steps));
}

function moveOut({ low, high }: OpenInterval, stepNs: number): OpenInterval {
  return { low: low === null ? null : Math.max(0, low - stepNs), high: high === null ? null : high + stepNs };
}

/**
 * Of delays above the smallest seen. The true smallest may lie lower, and then all of them are longer: each upper end is raised by
 * as much as that may be, and by `floorErrorNs`, what else may have lifted the smallest seen.
 */
export function computeVariationDistribution(samples: ArrayLike<number>, floorErrorNs = 0): DelayEstimate | null {
  const estimate = computeDelayDistribution(samples);
  if (estimate === null) return null;
  const gapNs = boundFloorGap(samples);
  const { p50Ns, p95Ns, p99Ns, meanNs, ...basis } = estimate.intervals;
  const raise = ({ low, high }: OpenInterval): OpenInterval => ({
    low,
    high: high === null || gapNs === null ? null : high + gapNs + floorErrorNs,
  });
  const intervals = { p50Ns: raise(p50Ns), p95Ns: raise(p95Ns), p99Ns: raise(p99Ns), meanNs: raise(meanNs), ...basis };
  return { ...estimate, intervals };
}

function computeIntervals(samples: ArrayLike<number>, ascending: Float64Array, independent: number): DelayIntervals {
  return {
    p50Ns: computeQuantileInterval(ascending, 0.5, independent),
    p95Ns: computeQuantileInterval(ascending, 0.95, independent),
    p99Ns: computeQuantileInterval(ascending, 0.99, independent),
    meanNs: computeMeanInterval(samples, independent),
    independentSamples: Math.floor(independent),
    quality: judgeSampleCount(independent).quality,
  };
}
