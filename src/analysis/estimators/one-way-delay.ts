// Delay of each direction, from the far end's stamps: the clocks' drift taken out, each direction above its own smallest. The
// offset between the clocks stays unknown, so how the smallest round trip divides between the directions is not told.
import type { Directional, Estimate, Estimates } from '../../model/report.js';
import { computeDelayDistribution } from './delay-distribution.js';
import { computeQueueing } from './queueing.js';
import { estimateClockPieces } from './clock-skew.js';
import type { ClockPiece } from './clock-skew.js';
import type { OneWaySamples } from './one-way-samples.js';
import { splitAtRouteChanges } from './route-changes.js';
import type { Stretch } from './route-changes.js';

export interface OneWayDelays {
  readonly estimate: Estimates['oneWay'];
  /** Delay above the smallest of its direction, route and clock piece, ns, one for each sample used. */
  readonly variationNs: Directional<Float64Array>;
}

const METHOD = 'lower hulls of both one-way delays over time (Zhang, Liu, Xia 2002), range of six interleaved parts';
const PER_MILLION = 1e6;
/** Half of the interval, ppm: a second's delays are then wrong by as many us at most. */
const GOOD_PPM = 1;
const FAIR_PPM = 10;

/** Without far stamps, or with too few, everything is null. */
export function estimateOneWayDelays(samples: OneWaySamples): OneWayDelays {
  const usable = selectUsable(samples);
  const pieces = splitAtRouteChanges({ delayNs: usable.rttNs, replyTtl: usable.replyTtl }).flatMap((stretch) =>
    estimateClockPieces(selectRows(usable, stretch)).map((piece) => shiftPiece(piece, stretch.from)),
  );
  if (pieces.length === 0) {
    const nothing = { forward: null, reverse: null };
    return { estimate: { ...nothing, clockSkewPpm: null, isAbsolute: false }, variationNs: nothing };
  }
  const variationNs = {
    forward: computeVariation(usable, usable.forwardNs, 1, pieces),
    reverse: computeVariation(usable, usable.reverseNs, -1, pieces),
  };
  return {
    estimate: {
      forward: computeDelayDistribution(variationNs.forward),
      reverse: computeDelayDistribution(variationNs.reverse),
      clockSkewPpm: estimateSkew(usable, pieces),
      isAbsolute: false,
    },
    variationNs,
  };
}

function computeVariation(
  { sentNs, replyTtl }: OneWaySamples,
  delayNs: Float64Array,
  sign: 1 | -1,
  pieces: readonly ClockPiece[],
): Float64Array {
  const parts = pieces.map(({ from, to, skew }) => {
    const times = sentNs.subarray(from, to);
    const driftless = delayNs.subarray(from, to).map((delay, i) => delay - sign * skew * (times[i] ?? 0));
    return computeQueueing({ sentNs: times, delayNs: driftless, replyTtl: replyTtl.subarray(from, to) });
  });
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
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

function selectUsable(samples: OneWaySamples): OneWaySamples {
  const isUsable = (_: number, i: number): boolean =>
    Number.isFinite(samples.forwardNs[i]) && Number.isFinite(samples.reverseNs[i]);
  return {
    sentNs: samples.sentNs.filter(isUsable),
    forwardNs: samples.forwardNs.filter(isUsable),
    reverseNs: samples.reverseNs.filter(isUsable),
    rttNs: samples.rttNs.filter(isUsable),
    replyTtl: samples.replyTtl.filter(isUsable),
  };
}

function selectRows(samples: OneWaySamples, { from, to }: Stretch): OneWaySamples {
  return {
    sentNs: samples.sentNs.subarray(from, to),
    forwardNs: samples.forwardNs.subarray(from, to),
    reverseNs: samples.reverseNs.subarray(from, to),
    rttNs: samples.rttNs.subarray(from, to),
    replyTtl: samples.replyTtl.subarray(from, to),
  };
}

function shiftPiece(piece: ClockPiece, by: number): ClockPiece {
  return { ...piece, from: piece.from + by, to: piece.to + by };
}
