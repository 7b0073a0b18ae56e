// A light look at a path: how often do paced small packets find a queue? A first idea of the utilisation for a few kilobytes.
import type { Trace } from '../../../model/trace.js';
import { computeMedian } from '../../statistics/quantile.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { findEmptyQueue } from './empty-queue.js';
import type { EmptyQueue } from './empty-queue.js';
import { computeRoundTrips } from '../round-trip-times.js';

export interface BusyLook {
  /** Share of the packets that waited somewhere, 0-1, with a 95 % interval for packets as far apart as these. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  /** As many independent ones would tell as much. */
  readonly moments: number;
  /** Delay of a packet that met nobody, ns. */
  readonly floorNs: number;
  /** Waits shorter than this pass for noise, ns. */
  readonly resolutionNs: number;
  /** Share of the packets that waited less, as those that waited a little more let expect. */
  readonly hiddenShare: number;
  /** Median of the waits that show; 0 where none does. */
  readonly usualWaitNs: number;
}

const LEAST_SAMPLES = 30;
/** A wait counts from so many σ of the noise on. */
const RESOLUTION = 4;

/**
 * Packets that come independently of the traffic find a server busy as often as it is busy (Poisson arrivals see time averages,
 * Wolff 1982; paced ones do where the traffic keeps no step with them), so the share is the utilisation of the only shared link,
 * and more than that of the busiest where several are. It is too small where waits hide in the noise: other traffic of small
 * packets, and more than 97 % of the packets waiting. The samples are taken as fewer where neighbours are alike. null with fewer than 30 round trips of one size.
 */
export function estimateBusyShare(traces: readonly Trace[]): BusyLook | null {
  const size = traces.at(-1)?.sizeBytes[0];
  const even = traces.filter(({ sizeBytes }) => sizeBytes[0] === size);
  const rttNs = even.flatMap((trace) => [...computeRoundTrips(trace).rttNs]);
  return estimateBusyShareOf(rttNs, { leastResolutionNs: 0, empty: findEmptyQueue(rttNs) });
}

export interface DelayScale {
  /** Waits are told no finer than this, ns. */
  readonly leastResolutionNs: number;
  readonly empty: EmptyQueue;
}

/** As `estimateBusyShare`, of any delays of one way and size with any constant in them, ns, in the order of sending. */
export function estimateBusyShareOf(
  delayNs: ArrayLike<number>,
  { leastResolutionNs, empty }: DelayScale,
): BusyLook | null {
  if (delayNs.length < LEAST_SAMPLES) return null;
  const { floorNs, noiseNs } = empty;
  const resolutionNs = Math.max(leastResolutionNs, RESOLUTION * noiseNs);
  const waits = Array.from(delayNs, (ns) => ns - floorNs);
  const waited = waits.map((ns) => (ns > resolutionNs ? 1 : 0));
  const share = waited.reduce<number>((sum, wait) => sum + wait, 0) / waited.length;
  const hiddenShare = Math.min(1 - share, computeHiddenShare(waits, resolutionNs));
  const usualWaitNs = share > 0 ? computeMedian(waits.filter((ns) => ns > resolutionNs)) : 0;
  const samples = waited.length * computeIndependence(waited, share);
  const { low, high } = computeWilsonInterval(share * samples, samples);
  return {
    share,
    low,
    high,
    samples: waited.length,
    moments: samples,
    floorNs,
    resolutionNs,
    hiddenShare,
    usualWaitNs,
  };
}

/** Waits too short to be told from noise are taken to be as frequent as those of the next step: with few of these a steeper fall is chance. */
function computeHiddenShare(waitsNs: readonly number[], stepNs: number): number {
  return waitsNs.filter((ns) => Math.floor(ns / stepNs) === 1).length / waitsNs.length;
}

/** Correlations from here on are noise. */
const LEAST_CORRELATION = 0.05;

/** 1 / (1 + 2 Σ ρ) over the lags up to the first that shows none (Geyer, "Practical Markov Chain Monte Carlo", 1992), 0-1. */
function computeIndependence(waited: readonly number[], share: number): number {
  const variance = share * (1 - share);
  if (!(variance > 0)) return 1;
  let sum = 0;
  for (let lag = 1; lag < waited.length / 2; lag += 1) {
    let products = 0;
    for (let i = lag; i < waited.length; i += 1)
      products += ((waited[i] ?? 0) - share) * ((waited[i - lag] ?? 0) - share);
    const correlation = products / (waited.length - lag) / variance;
    if (correlation < LEAST_CORRELATION) break;
    sum += correlation;
  }
  return 1 / (1 + 2 * sum);
}
