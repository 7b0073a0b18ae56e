// Whether streams begin with packets that came closer together than a link of the given rate sends, as they do on tokens.
import type { Trace } from '../../../model/trace.js';
import { isStamped, listStreams } from './stream-packets.js';
import type { Leg, StreamPacket } from './stream-packets.js';

export interface CloseStarts {
  readonly streams: number;
  /** Streams with such packets at their head, and with such in their middle, where a bucket is empty. */
  readonly atHead: number;
  readonly inMiddle: number;
}

/** Of a packet's time that is missing at least. */
const CLOSER_BY = 0.6;
/** Packets behind one that are compared with it. */
const REACH = 4;

/**
 * Other traffic only makes packets of a stream come further apart, so that those which passed on tokens show beside any of it.
 * Noise and machines that stand still make packets come closer, too, but do not know where a stream begins.
 */
export function countCloseStarts(trace: Trace, leg: Leg, nsPerBit: number): CloseStarts {
  const streams = listStreams(trace, leg)
    .map((stream) => stream.filter(isStamped))
    .filter(({ length }) => length > 2 * REACH);
  const countFrom = (pick: (stream: readonly StreamPacket[]) => number): number =>
    streams.filter((stream) => isCloseFrom(stream, pick(stream), nsPerBit)).length;
  return {
    streams: streams.length,
    atHead: countFrom(() => 0),
    inMiddle: countFrom(({ length }) => length >> 1),
  };
}

function isCloseFrom(stream: readonly StreamPacket[], from: number, nsPerBit: number): boolean {
  const first = stream[from];
  if (first === undefined) return false;
  let workNs = 0;
  return stream.slice(from + 1, from + 1 + REACH).some(({ outNs, frameBits }) => {
    workNs += frameBits * nsPerBit;
    return workNs - (outNs - first.outNs) > CLOSER_BY * frameBits * nsPerBit;
  });
}
