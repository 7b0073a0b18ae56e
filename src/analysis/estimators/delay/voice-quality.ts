// How a call over this path would sound: the E-model of ITU-T G.107 as reduced by Cole and Rosenbluth ("Voice over IP
// performance monitoring", 2001). Sees delay and loss only; echo, noise and the telephones are taken as good.
import type { OpenInterval, VoiceEstimate } from '../../../model/estimates.js';
import { NS_PER_MS } from '../../../model/units.js';
import { countIndependent } from '../../statistics/independent-samples.js';
import { computePercentile, sortAscending } from '../../statistics/quantile.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';

export type Codec = 'g711' | 'g729a';

/** A figure and its 95 % interval. */
export interface Ranged extends OpenInterval {
  readonly value: number;
}

/** What the two directions of a call have in common, and one entry for each direction: the worse one is what is reported. */
export interface CallPath {
  readonly medianRttNs: Ranged;
  readonly directions: readonly CallDirection[];
}

export interface CallDirection {
  readonly lossRatio: Ranged;
  /** Delays above the smallest, ns, one for each packet that came, in the order of sending. */
  readonly variationNs: ArrayLike<number>;
}

/** Speech in one packet (RFC 3551): it must have been spoken before it can leave. */
const PACKET_NS = 20 * NS_PER_MS;
/** R of a perfect connection, impairment by delay per ms, and above which delay talkers interrupt each other. */
const BEST_R = 94.2;
const DELAY_PER_MS = 0.024;
const TALKOVER = { perMs: 0.11, aboveMs: 177.3 };
/** Sizes of the jitter buffer that are tried, as the share of packets that come in time. */
const BUFFER_SHARES = Array.from({ length: 41 }, (_, i) => 0.9 + i * 0.0025);
/** Buffers have whole steps. Within one, delays are alike: it costs R 0.024, and how long neighbours resemble each other does not matter. */
export const BUFFER_STEP_NS = NS_PER_MS;

/** Equipment impairment at a loss of `lossRatio` 0-1. */
export function computeLossImpairment(lossRatio: number, codec: Codec): number {
  switch (codec) {
    case 'g711':
      return 30 * Math.log(1 + 15 * lossRatio);
    case 'g729a':
      return 11 + 40 * Math.log(1 + 10 * lossRatio);
  }
}

/** R = 94.2 − [0.024 d + 0.11 (d − 177.3) H(d − 177.3)] − Ie, d the delay from mouth to ear; within 0-100. */
export function computeRFactor(delayNs: number, lossRatio: number, codec: Codec): number {
  const delayMs = delayNs / NS_PER_MS;
  const talkover = TALKOVER.perMs * Math.max(0, delayMs - TALKOVER.aboveMs);
  const r = BEST_R - DELAY_PER_MS * delayMs - talkover - computeLossImpairment(lossRatio, codec);
  return Math.min(100, Math.max(0, r));
}

/** MOS = 1 + 0.035 R + 7·10⁻⁶ R (R − 60)(100 − R) (ITU-T G.107 annex B), never below 1. */
export function computeMos(rFactor: number): number {
  return Math.max(1, 1 + 0.035 * rFactor + 7e-6 * rFactor * (rFactor - 60) * (100 - rFactor));
}

/**
 * The worse direction of a call. Delay: half the median round trip, 20 ms of speech in a packet, and a jitter buffer. Packets
 * later than the buffer count as lost; the buffer is the size that sounds best, as adaptive ones seek. The interval takes delay, loss
 * and late packets all at their lower ends, and all at their upper ends: wider than needed, as they hardly ever err together. null
 * without a packet.
 */
export function estimateVoiceQuality({ medianRttNs, directions }: CallPath, codec: Codec): VoiceEstimate | null {
  const scores = directions
    .filter(({ variationNs }) => variationNs.length > 0)
    .map((direction) => scoreDirection(direction, medianRttNs, codec));
  if (scores.length === 0) return null;
  const rFactor = Math.min(...scores.map(({ value }) => value));
  const low = Math.min(...scores.map((score) => score.low));
  const high = Math.min(...scores.map((score) => score.high));
  const intervals = { rFactor: { low, high }, mos: { low: computeMos(low), high: computeMos(high) } };
  return { rFactor, mos: computeMos(rFactor), intervals };
}

/** The best that any buffer makes of it; so are both ends. An open end is as bad, or as good, as can be. */
function scoreDirection(direction: CallDirection, rttNs: Ranged, codec: Codec): Ends {
  const steppedNs = Float64Array.from(direction.variationNs, (ns) => BUFFER_STEP_NS * Math.floor(ns / BUFFER_STEP_NS));
  const ascending = sortAscending(steppedNs);
  const independent = countIndependent(steppedNs, ascending);
  const lossRatio = widen(direction.lossRatio, independent);
  const score = (end: End, late: number, bufferNs: number): number => {
    const delayNs = (rttNs[end] ?? 0) / 2 + PACKET_NS + bufferNs;
    return computeRFactor(delayNs, 1 - (1 - (lossRatio[end] ?? 0)) * (1 - late), codec);
  };
  const ends = BUFFER_SHARES.map((share) => {
    const bufferNs = computePercentile(ascending, share);
    const late = countAbove(ascending, bufferNs) / ascending.length;
    const interval = computeWilsonInterval(late * independent, independent);
    const isOpen = rttNs.high === null || lossRatio.high === null;
    return {
      value: score('value', late, bufferNs),
      low: isOpen ? 0 : score('high', interval.high, bufferNs + BUFFER_STEP_NS),
      high: score('low', interval.low, bufferNs),
    };
  });
  const best = (end: End): number => Math.max(...ends.map((candidate) => candidate[end]));
  return { value: best('value'), low: best('low'), high: best('high') };
}

/** Of ascending values; a binary search. */
function countAbove(ascending: Float64Array, limit: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ascending[middle] as number) > limit) to = middle;
    else from = middle + 1;
  }
  return ascending.length - from;
}

/** The queue that delays packets may also be what drops them: losses are worth no more independent samples than delays. */
function widen({ value, low, high }: Ranged, independent: number): Ranged {
  const interval = computeWilsonInterval(value * independent, independent);
  return { value, low: low && Math.min(low, interval.low), high: high && Math.max(high, interval.high) };
}

type End = 'value' | 'low' | 'high';
type Ends = Readonly<Record<End, number>>;
