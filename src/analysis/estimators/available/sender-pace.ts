// How fast streams left that were to leave faster than a link: below it, or hardly above, they cannot show what is left of it.
import { NS_PER_SEC } from '../../../model/units.js';
import { computeMedian } from '../../statistics/quantile.js';
import { isStamped } from './stream-packets.js';
import type { StreamPacket } from './stream-packets.js';

const LEAST_STREAMS = 3;
/** Fewer say little of a pace. */
const LEAST_PACKETS = 8;

/**
 * Median over the streams whose plan is faster than `aboveBitsPerSec`, pauses of the sender included; bits of frames per second. null with
 * fewer than three of them.
 */
export function estimateSenderPace(
  streams: readonly (readonly StreamPacket[])[],
  aboveBitsPerSec: number,
): number | null {
  const paces = streams.flatMap((stream) => {
    const left = stream.filter(isStamped);
    const planned = computePace(left, ({ plannedNs }) => plannedNs);
    return left.length >= LEAST_PACKETS && planned > aboveBitsPerSec ? [computePace(left, ({ inNs }) => inNs)] : [];
  });
  return paces.length < LEAST_STREAMS ? null : computeMedian(paces);
}

/** Infinity where all at once; what the first packet holds is not between them. */
function computePace(stream: readonly StreamPacket[], pick: (packet: StreamPacket) => number): number {
  const [first, last] = [stream[0], stream.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const bits = stream.slice(1).reduce((sum, { frameBits }) => sum + frameBits, 0);
  return (bits * NS_PER_SEC) / Math.max(0, pick(last) - pick(first));
}
