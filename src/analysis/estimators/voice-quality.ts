// How a call over this path would sound: the E-model of ITU-T G.107 as reduced by Cole and Rosenbluth ("Voice over IP
// performance monitoring", 2001). Sees delay and loss only; echo, noise and the telephones are taken as good.
import { NS_PER_MS } from '../../model/units.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';

export type Codec = 'g711' | 'g729a';

export interface VoiceQuality {
  readonly rFactor: number;
  /** Mean opinion score, 1-4.5. */
  readonly mos: number;
}

/** What the two directions of a call have in common, and one entry for each direction: the worse one is what is reported. */
export interface CallPath {
  readonly medianRttNs: number;
  readonly directions: readonly CallDirection[];
}

export interface CallDirection {
  readonly lossRatio: number;
  /** Delays above the smallest, ns, one for each packet that came. */
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
 * later than the buffer count as lost; the buffer is the size that sounds best, as adaptive ones seek. null without a packet.
 */
export function estimateVoiceQuality({ medianRttNs, directions }: CallPath, codec: Codec): VoiceQuality | null {
  const scores = directions
    .filter(({ variationNs }) => variationNs.length > 0)
    .map((direction) => scoreDirection(direction, medianRttNs / 2 + PACKET_NS, codec));
  if (scores.length === 0) return null;
  const rFactor = Math.min(...scores);
  return { rFactor, mos: computeMos(rFactor) };
}

function scoreDirection({ lossRatio, variationNs }: CallDirection, delayNs: number, codec: Codec): number {
  const ascending = sortAscending(variationNs);
  const scores = BUFFER_SHARES.map((share) => {
    const bufferNs = computePercentile(ascending, share);
    const late = ascending.reduce((count, value) => count + (value > bufferNs ? 1 : 0), 0) / ascending.length;
    return computeRFactor(delayNs + bufferNs, 1 - (1 - lossRatio) * (1 - late), codec);
  });
  return Math.max(...scores);
}
