// A light look at a path: how often do paced small packets find a queue? A first idea of the utilisation for a few kilobytes.
import type { Trace } from '../../model/trace.js';
import { sortAscending, computePercentile } from '../statistics/quantile.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { computeRoundTrips } from './round-trip-times.js';

export interface BusyLook {
  /** Share of the packets that waited somewhere, 0-1, with a 95 % interval for packets as far apart as these. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  /** Waits shorter than this pass for noise, ns. */
  readonly resolutionNs: number;
}

const LEAST_SAMPLES = 30;
/** Of Gaussian noise the smallest of some hundreds lies 2.9 σ below the middle, the 15th percentile 1.04 σ. */
const LOWER_SHARE = 0.15;
const LOWER_TO_LEAST = 1.86;
/** A wait counts from so many σ above the smallest: 3 to the middle of the noise and 4 beyond it. */
const RESOLUTION = 7;
const LEAST_NOISE_NS = 300;

/**
 * Packets that come independently of the traffic find a server busy as often as it is busy (Poisson arrivals see time averages,
 * Wolff 1982; paced ones do where the traffic keeps no step with them), so the share is the utilisation of the only shared link,
 * and more than that of the busiest where several are. It is too small where waits hide in the noise: other traffic of small
 * packets, and more than 85 % of the packets waiting. The samples are taken as fewer where neighbours are alike
 * (first-order correlation). null with fewer than 30 round trips of one size.
 */
export function estimateBusyShare(traces: readonly Trace[]): BusyLook | null {
  const size = traces.at(-1)?.sizeBytes[0];
  const even = traces.filter(({ sizeBytes }) => sizeBytes[0] === size);
  const delayNs = even.flatMap((trace) => [...computeRoundTrips(trace).rttNs]);
  if (delayNs.length < LEAST_SAMPLES) return null;
  const sorted = sortAscending(delayNs);
  const leastNs = sorted[0] ?? 0;
  const noiseNs = Math.max(LEAST_NOISE_NS, (computePercentile(sorted, LOWER_SHARE) - leastNs) / LOWER_TO_LEAST);
  const resolutionNs = RESOLUTION * noiseNs;
  const waited = delayNs.map((ns) => (ns > leastNs + resolutionNs ? 1 : 0));
  const share = waited.reduce<number>((sum, wait) => sum + wait, 0) / waited.length;
  const samples = waited.length * computeIndependence(waited, share);
  const { low, high } = computeWilsonInterval(share * samples, samples);
  return { share, low, high, samples: waited.length, resolutionNs };
}

/** (1 − ρ)/(1 + ρ) of neighbours, 0-1. */
function computeIndependence(waited: readonly number[], share: number): number {
  const variance = share * (1 - share);
  if (!(variance > 0)) return 1;
  const products = waited.slice(1).reduce((sum, wait, i) => sum + (wait - share) * ((waited[i] ?? 0) - share), 0);
  const correlation = Math.min(0.95, Math.max(0, products / (waited.length - 1) / variance));
  return (1 - correlation) / (1 + correlation);
}
