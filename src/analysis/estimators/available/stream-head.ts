// What passes a token bucket at once, from the heads of streams that come much faster than the link sends. Buckets that hold only a
// few packets do not show in the arrivals of one long train.
import { BITS_PER_BYTE } from '../../../model/units.js';
import type { Trace } from '../../../model/trace.js';
import { computeMean, computePercentile, sortAscending } from '../../statistics/quantile.js';
import { isStamped, listStreams } from './stream-packets.js';
import type { Leg, StreamPacket } from './stream-packets.js';

const LEAST_STREAMS = 3;
/**
 * Standard errors by which the mean of the heads is above 0 behind a bucket. Noise and other traffic make heads that differ as much as they
 * are large: on drawn paths without a bucket every 15th passed for one without this.
 */
const LEAST_SURE = 4;
const LEAST_PACKETS = 8;
/** Other traffic uses up tokens before some streams come; a bucket seen in a quarter of them is there. */
const FULL_SHARE = 0.75;
/** Behind no bucket heads are as often too slow as too fast, and their median is none; behind one it is above this share of the most. */
const TYPICAL_SHARE = 0.4;

/**
 * Bytes by which the heads of the streams of `trace` outran their tails: the line through the second half of the arrivals, drawn
 * back to the first arrival, falls short of it by the tokens. Upper quartile over the streams; 0 where noise or other traffic explain it,
 * unless a bucket `isExpected`.
 */
export function estimateHeadBytes(trace: Trace, leg: Leg, isExpected = false): number {
  const heads = listHeads(trace, leg).map(({ bytes }) => bytes);
  if (heads.length < LEAST_STREAMS) return 0;
  const sorted = sortAscending(heads);
  const upper = computePercentile(sorted, FULL_SHARE);
  const isTypical = computePercentile(sorted, 0.5) > TYPICAL_SHARE * upper && areAboveNothing(heads.slice(1));
  return isExpected || isTypical ? Math.max(0, upper) : 0;
}

/** The first stream of all may follow on one that emptied the bucket; it is left out. */
function areAboveNothing(heads: readonly number[]): boolean {
  const mean = computeMean(heads);
  const squares = heads.reduce((sum, bytes) => sum + (bytes - mean) ** 2, 0);
  return mean > LEAST_SURE * Math.sqrt(squares / (heads.length - 1) / heads.length);
}

export interface StreamHead {
  /** By which it outran the tail; below 0 where it came slower. */
  readonly bytes: number;
  /** Standard error of that, as the tail's arrivals lie around their line. */
  readonly errorBytes: number;
}

/** One entry for each stream with at least eight stamped packets. */
export function listHeads(trace: Trace, leg: Leg): StreamHead[] {
  return listStreams(trace, leg).flatMap((stream) => computeHead(stream) ?? []);
}

/** null with fewer than eight stamped packets. */
function computeHead(stream: readonly StreamPacket[]): StreamHead | null {
  let bits = 0;
  const placed = stream.map((packet) => ({ ...packet, endBits: (bits += packet.frameBits) })).filter(isStamped);
  const first = placed[0];
  if (first === undefined || placed.length < LEAST_PACKETS) return null;
  const tail = placed.slice(placed.length >> 1);
  const meanNs = tail.reduce((sum, { outNs }) => sum + outNs, 0) / tail.length;
  const meanBits = tail.reduce((sum, { endBits }) => sum + endBits, 0) / tail.length;
  let [product, square, squareNs] = [0, 0, 0];
  for (const { outNs, endBits } of tail) {
    product += (outNs - meanNs) * (endBits - meanBits);
    square += (endBits - meanBits) ** 2;
    squareNs += (outNs - meanNs) ** 2;
  }
  const nsPerBit = product / square;
  if (!(nsPerBit > 0)) return null;
  const headBits = first.endBits - meanBits;
  // Of one arrival, and of the line where it is drawn on to the first.
  const scatterNs = Math.sqrt(Math.max(0, squareNs - nsPerBit * product) / (tail.length - 2));
  const errorNs = scatterNs * Math.sqrt(1 + 1 / tail.length + headBits ** 2 / square);
  return {
    bytes: ((first.outNs - meanNs) / nsPerBit - headBits) / BITS_PER_BYTE,
    errorBytes: errorNs / nsPerBit / BITS_PER_BYTE,
  };
}
