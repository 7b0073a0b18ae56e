// Streams of one rate as a group: what they took before and behind the path on average, and how far they scatter. What a group says of the
// path is weighed in stream-likelihood.ts.
import type { StreamPassage } from './stream-passage.js';

/** A stream that lost more came through a full queue, and its length says nothing (SLoPS aborts it, too). */
export const MOST_STREAM_LOSS = 0.15;
/** Mean length behind the path as a share of that before it. */
const OVERLOADED_ABOVE = 1.04;
/** Fewest streams of one rate whose scatter is worth a variance. */
const LEAST_GROUP = 3;
/** Rates within this factor make one group. */
const SAME_RATE = 1.2;
const FAST_SHARE = 0.3;
const FULL_FRAME_BITS = 1514 * 8;

export function isOverloaded({ meanX, meanZ }: Group): boolean {
  return meanZ > OVERLOADED_ABOVE * meanX;
}

function isUsable({ lossRatio, isBroken }: StreamPassage): boolean {
  return lossRatio < MOST_STREAM_LOSS && !isBroken;
}

/** x before and z behind, ns per bit: their means, and sums of the products of what they differ from those. */
export interface Group {
  readonly streams: number;
  readonly meanX: number;
  readonly meanZ: number;
  readonly sumXx: number;
  readonly sumXz: number;
  readonly sumZz: number;
  /** Whether other traffic has time to come between its packets. */
  readonly seesTraffic: boolean;
  readonly bits: number;
  /** Of a packet of other traffic, at most. */
  readonly frameBits: number;
}

/** Far above what comes out, streams are too short to meet other traffic. */
export function seesTraffic({ plannedNs, outNs }: StreamPassage): boolean {
  return plannedNs > FAST_SHARE * outNs;
}

/** From the slowest rate to the fastest. Streams that lost too much, or were not sent evenly, and rates with fewer than three are left out. */
export function groupUsable(streams: readonly StreamPassage[]): Group[] {
  const sorted = streams.filter(isUsable).sort((a, b) => b.plannedNs / b.bits - a.plannedNs / a.bits);
  const groups: StreamPassage[][] = [];
  let first: StreamPassage | null = null;
  for (const stream of sorted) {
    if (first !== null && isSameRate(first, stream)) groups.at(-1)?.push(stream);
    else groups.push([(first = stream)]);
  }
  return groups.filter((group) => group.length >= LEAST_GROUP).map(composeGroup);
}

/** Two rates far above what came out count as one. By plan: what stamps say of a rate is noise within a group. */
function isSameRate(slow: StreamPassage, fast: StreamPassage): boolean {
  const slowNs = slow.plannedNs / slow.bits;
  return slowNs <= SAME_RATE * (fast.plannedNs / fast.bits) || slowNs < FAST_SHARE * (slow.outNs / slow.bits);
}

function composeGroup(streams: readonly StreamPassage[]): Group {
  const meanOf = (pick: (stream: StreamPassage) => number): number =>
    streams.reduce((sum, stream) => sum + pick(stream), 0) / streams.length;
  const meanX = meanOf(({ inNs, bits }) => inNs / bits);
  const meanZ = meanOf(({ outNs, bits }) => outNs / bits);
  const sumOf = (pick: (dx: number, dz: number) => number): number =>
    streams.reduce((sum, { inNs, outNs, bits }) => sum + pick(inNs / bits - meanX, outNs / bits - meanZ), 0);
  return {
    streams: streams.length,
    meanX,
    meanZ,
    sumXx: sumOf((dx) => dx * dx),
    sumXz: sumOf((dx, dz) => dx * dz),
    sumZz: sumOf((_, dz) => dz * dz),
    seesTraffic: streams.every(seesTraffic),
    bits: meanOf(({ bits }) => bits),
    frameBits: Math.max(
      FULL_FRAME_BITS,
      meanOf(({ frameBits }) => frameBits),
    ),
  };
}
