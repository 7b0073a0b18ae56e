// Delay of each direction, from the far end's stamps: the clocks' drift taken out, each direction above its own smallest. The
// offset between the clocks stays unknown, so how the smallest round trip divides between the directions is not told.
import type { Directional, Estimate, Estimates } from '../../../model/estimates.js';
import { computeMean } from '../../statistics/quantile.js';
import { computeVariationDistribution } from './delay-distribution.js';
import { computeQueueing } from './queueing.js';
import { estimateClockPieces, splitByClock } from './clock-skew.js';
import type { ClockPiece, ClockStretch } from './clock-skew.js';
import { selectStamped } from './one-way-samples.js';
import type { OneWaySamples } from './one-way-samples.js';
import { splitAtRouteChanges } from './route-changes.js';
import type { Stretch } from './route-changes.js';

export interface OneWayVariation {
  /** Delay above the smallest of its direction, route and clock piece, ns, one for each sample used. */
  readonly variationNs: Directional<Float64Array>;
  /** When each of them was sent, ns as in the samples. */
  readonly sentNs: Float64Array;
}

export interface OneWayDelays extends OneWayVariation {
  readonly estimate: Estimates['oneWay'];
}

const METHOD = 'lower hulls of both one-way delays over time (Zhang, Liu, Xia 2002), range of six interleaved parts';
const PER_MILLION = 1e6;
/** Half of the interval, ppm: a second's delays are then wrong by as many us at most. */
const GOOD_PPM = 1;
const FAIR_PPM = 10;

/**
 * Percentiles are of the runs with `intervalNs` from packet to packet, where it is given: behind a queue that sends them on in a
 * bunch, packets wait for each other, the more the closer they come. Clock and floor are of all. Without far stamps, or with
 * too few, everything is null.
 */
export function estimateOneWayDelays(samples: OneWaySamples, intervalNs?: number): OneWayDelays {
  const usable = selectStamped(samples);
  const pieces = listPieces(usable, estimateClockPieces);
  if (pieces.length === 0) {
    const nothing = { forward: null, reverse: null };
    return { estimate: { ...nothing, clockSkewPpm: null, isAbsolute: false }, ...NO_VARIATION };
  }
  const { variationNs, sentNs } = computeBothVariations(usable, pieces);
  const intervals = pieces.flatMap(({ from, to }) => Array.from(usable.intervalNs.subarray(from, to)));
  const selectEven = (values: Float64Array): Float64Array =>
    intervalNs === undefined ? values : values.filter((_, i) => intervals[i] === intervalNs);
  const forwardErrorNs = boundDriftError(usable, usable.forwardNs, 1, pieces);
  const reverseErrorNs = boundDriftError(usable, usable.reverseNs, -1, pieces);
  return {
    estimate: {
      forward: computeVariationDistribution(selectEven(variationNs.forward), forwardErrorNs),
      reverse: computeVariationDistribution(selectEven(variationNs.reverse), reverseErrorNs),
      clockSkewPpm: estimateSkew(usable, pieces),
      isAbsolute: false,
    },
    variationNs,
    sentNs,
  };
}

/** As `estimateOneWayDelays`, without percentiles and intervals, which take most of its time. */
export function computeOneWayVariation(samples: OneWaySamples): OneWayVariation {
  const usable = selectStamped(samples);
  const pieces = listPieces(usable, splitByClock);
  return pieces.length === 0 ? NO_VARIATION : computeBothVariations(usable, pieces);
}

const NO_VARIATION: OneWayVariation = {
  variationNs: { forward: null, reverse: null },
  sentNs: new Float64Array(0),
};

/** Stretches of one route and one rate of the clocks. */
function listPieces<T extends ClockStretch>(usable: OneWaySamples, split: (samples: OneWaySamples) => T[]): T[] {
  return splitAtRouteChanges({ delayNs: usable.rttNs, replyTtl: usable.replyTtl }).flatMap((stretch) =>
    split(selectRows(usable, stretch)).map((piece) => ({
      ...piece,
      from: piece.from + stretch.from,
      to: piece.to + stretch.from,
    })),
  );
}

function computeBothVariations(usable: OneWaySamples, pieces: readonly ClockStretch[]) {
  return {
    variationNs: {
      forward: computeVariation(usable, usable.forwardNs, 1, pieces),
      reverse: computeVariation(usable, usable.reverseNs, -1, pieces),
    },
    sentNs: Float64Array.from(pieces.flatMap(({ from, to }) => Array.from(usable.sentNs.subarray(from, to)))),
  };
}

function computeVariation(
  { sentNs, replyTtl }: OneWaySamples,
  delayNs: Float64Array,
  sign: 1 | -1,
  pieces: readonly ClockStretch[],
): Float64Array {
  const parts = pieces.map(({ from, to, skew }) => {
    const times = sentNs.subarray(from, to);
    const driftless = delayNs.subarray(from, to).map((delay, i) => delay - sign * skew * (times[i] ?? 0));
    return computeQueueing({ sentNs: times, delayNs: driftless, replyTtl: replyTtl.subarray(from, to) });
  });
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}

/**
 * A hull touches the delays from below: of all lines it is the highest at the mean time, so that noise lifts the floor. ns by which it
 * lies lower with a drift at the ends of its interval; of the worst piece.
 */
function boundDriftError(
  { sentNs }: OneWaySamples,
  delayNs: Float64Array,
  sign: 1 | -1,
  pieces: readonly ClockPiece[],
): number {
  const errorsNs = pieces.map(({ from, to, skew, low, high }) => {
    const times = sentNs.subarray(from, to);
    const delays = delayNs.subarray(from, to);
    const meanNs = computeMean(times);
    const computeFloor = (drift: number): number =>
      delays.reduce((least, delay, i) => Math.min(least, delay - sign * drift * ((times[i] ?? 0) - meanNs)), Infinity);
    return computeFloor(skew) - Math.min(computeFloor(low), computeFloor(high));
  });
  return Math.max(0, ...errorsNs);
}

/** The pieces' mean by their time; their widest interval, as one figure cannot hold a rate that changed. */
function estimateSkew({ sentNs }: OneWaySamples, pieces: readonly ClockPiece[]): Estimate {
  const timeOf = ({ from, to }: ClockPiece): number => (sentNs[to - 1] ?? 0) - (sentNs[from] ?? 0);
  const total = pieces.reduce((sum, piece) => sum + timeOf(piece), 0);
  const value = pieces.reduce((sum, piece) => sum + piece.skew * timeOf(piece), 0) / total;
  const isOnePiece = pieces.length === 1;
  const low = Math.min(...pieces.map((piece) => piece.low));
  const high = Math.max(...pieces.map((piece) => piece.high));
  const halfPpm = (PER_MILLION * (high - low)) / 2;
  const quality = isOnePiece && halfPpm <= GOOD_PPM ? 'good' : halfPpm <= FAIR_PPM ? 'fair' : 'poor';
  return {
    value: PER_MILLION * value,
    low: PER_MILLION * low,
    high: PER_MILLION * high,
    method: METHOD,
    samples: pieces.reduce((sum, { from, to }) => sum + to - from, 0),
    quality,
    limitedBy: quality === 'good' ? null : isOnePiece ? 'noise' : 'target',
  };
}

function selectRows(samples: OneWaySamples, { from, to }: Stretch): OneWaySamples {
  return {
    sentNs: samples.sentNs.subarray(from, to),
    forwardNs: samples.forwardNs.subarray(from, to),
    reverseNs: samples.reverseNs.subarray(from, to),
    rttNs: samples.rttNs.subarray(from, to),
    replyTtl: samples.replyTtl.subarray(from, to),
    intervalNs: samples.intervalNs.subarray(from, to),
  };
}
