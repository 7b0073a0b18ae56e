// What passes a token bucket at once, from the heads of streams that come much faster than the link sends. Buckets that hold only a
// few packets do not show in the arrivals of one long train.
import { BITS_PER_BYTE } from '../../model/units.js';
import type { Trace } from '../../model/trace.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';
import { isStamped, listStreams } from './stream-packets.js';
import type { Leg, StreamPacket } from './stream-packets.js';

const LEAST_STREAMS = 3;
const LEAST_PACKETS = 8;
/** Other traffic uses up tokens before some streams come; a bucket seen in a quarter of them is there. */
const FULL_SHARE = 0.75;
/** Behind no bucket heads are as often too slow as too fast, and their median is none; behind one it is above this share of the most. */
const TYPICAL_SHARE = 0.4;

/**
 * Bytes by which the heads of the streams of `trace` outran their tails: the line through the second half of the arrivals, drawn
 * back to the first arrival, falls short of it by the tokens. Upper quartile over the streams; 0 where noise explains it, unless a
 * bucket `isExpected`.
 */
export function estimateHeadBytes(trace: Trace, leg: Leg, isExpected = false): number {
  const heads = listHeadBytes(trace, leg);
  if (heads.length < LEAST_STREAMS) return 0;
  const sorted = sortAscending(heads);
  const upper = computePercentile(sorted, FULL_SHARE);
  const isTypical = isExpected || computePercentile(sorted, 0.5) > TYPICAL_SHARE * upper;
  return isTypical ? Math.max(0, upper) : 0;
}

/** One entry for each stream with at least eight stamped packets; below 0 where its head came slower than its tail. */
export function listHeadBytes(trace: Trace, leg: Leg): number[] {
  return listStreams(trace, leg)
    .flatMap((stream) => computeHeadBits(stream) ?? [])
    .map((bits) => bits / BITS_PER_BYTE);
}

/** null with fewer than eight stamped packets. */
function computeHeadBits(stream: readonly StreamPacket[]): number | null {
  let bits = 0;
  const placed = stream.map((packet) => ({ ...packet, endBits: (bits += packet.frameBits) })).filter(isStamped);
  const first = placed[0];
  if (first === undefined || placed.length < LEAST_PACKETS) return null;
  const tail = placed.slice(placed.length >> 1);
  const meanNs = tail.reduce((sum, { outNs }) => sum + outNs, 0) / tail.length;
  const meanBits = tail.reduce((sum, { endBits }) => sum + endBits, 0) / tail.length;
  let [product, square] = [0, 0];
  for (const { outNs, endBits } of tail) {
    product += (outNs - meanNs) * (endBits - meanBits);
    square += (endBits - meanBits) ** 2;
  }
  const nsPerBit = product / square;
  if (!(nsPerBit > 0)) return null;
  return (first.outNs - meanNs) / nsPerBit - (first.endBits - meanBits);
}
