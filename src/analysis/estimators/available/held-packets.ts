// Which packets of streams came behind the tight link later than it let them go, because the machine that stamps them stood still: it
// stamps what came meanwhile together, and closer than any link sends. What that means for other packets is decided elsewhere.
import { isStamped } from './stream-packets.js';
import type { StreamPacket } from './stream-packets.js';

export interface HeldPackets {
  /** Share of the packets that came late by more than the resolution, 0-1. */
  readonly share: number;
  /** Its standard error. */
  readonly error: number;
}

export interface Passing {
  /** Of the tight link. */
  readonly nsPerBit: number;
  /** Packets that came later by less pass for noise, ns. */
  readonly resolutionNs: number;
}

/** Packets behind one that are asked whether it was late: a pause ends before so many have come, or hides in the stream's length. */
const REACH = 24;
/** Streams too few for a share. */
const LEAST_PACKETS = 60;

/**
 * A first-in-first-out link lets a packet go at least the time of those behind it before these: one that came less than that before
 * one behind it was held since. What is held alone between others' packets shows less of it, and the last ones of a stream not at
 * all: they are not asked. Packets of one pause are late together: the error is that of the pauses. null with fewer than sixty packets.
 */
export function measureHeldPackets(
  streams: readonly (readonly StreamPacket[])[],
  { nsPerBit, resolutionNs }: Passing,
): HeldPackets | null {
  let [asked, held, pauses] = [0, 0, 0];
  for (const stream of streams) {
    const isLate = findHeld(stream.filter(isStamped), nsPerBit, resolutionNs);
    asked += isLate.length;
    held += isLate.filter((late) => late).length;
    pauses += isLate.filter((late, i) => late && isLate[i - 1] !== true).length;
  }
  if (asked < LEAST_PACKETS) return null;
  const perPause = held / Math.max(1, pauses);
  // As if one more had been met: none seen in few packets is not none.
  return { share: held / asked, error: (Math.max(1, perPause) * Math.sqrt(pauses + 1)) / asked };
}

/** All but the last packet, in the order of sending. */
function findHeld(stream: readonly StreamPacket[], nsPerBit: number, resolutionNs: number): boolean[] {
  return stream.slice(0, -1).map(({ outNs }, i) => {
    let workNs = 0;
    for (let behind = i + 1; behind < stream.length && behind <= i + REACH; behind += 1) {
      const next = stream[behind];
      workNs += (next?.frameBits ?? 0) * nsPerBit;
      if (outNs > (next?.outNs ?? Infinity) - workNs + resolutionNs) return true;
    }
    return false;
  });
}
