// The packets of each stream before and behind a stretch of the path, whoever sent them.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES } from '../../../model/units.js';
import { TRACE_FLAG } from '../../../model/trace.js';
import type { Trace } from '../../../model/trace.js';
import { computeFates, isReply } from '../packet-fate.js';
import { hasUsableStamps } from '../round-trip-times.js';

/**
 * The stretch between the two stamps: T1 to T2, T3 to T4 of the replies, T1 to T4, or the far end's own packets from their
 * departure to their arrival here.
 */
export type Leg = 'forward' | 'reverse' | 'round-trip' | 'far-train';

export interface StreamPacket {
  readonly burst: number;
  readonly frameBits: number;
  readonly plannedNs: number;
  /** NaN where it did not come through, or has no stamp. */
  readonly inNs: number;
  readonly outNs: number;
  readonly isLost: boolean;
}

/** One list a stream (burst), in the order of sending; none without stamps. Small packets between streams are left out. */
export function listStreams(trace: Trace, leg: Leg): readonly (readonly StreamPacket[])[] {
  if (!hasUsableStamps(trace)) return [];
  const byBurst = new Map<number, StreamPacket[]>();
  const packets = leg === 'far-train' ? listFarPackets(trace) : listPackets(trace, leg);
  const largest = packets.reduce((most, { frameBits }) => Math.max(most, frameBits), 0);
  for (const packet of packets) {
    if (packet.frameBits < largest) continue;
    const stream = byBurst.get(packet.burst);
    if (stream) stream.push(packet);
    else byBurst.set(packet.burst, [packet]);
  }
  return [...byBurst.values()];
}

export function isStamped({ inNs, outNs }: StreamPacket): boolean {
  return isStamp(inNs) && isStamp(outNs);
}

/** Beyond 2^53 ns differences are not exact: such a stamp is garbage. */
function isStamp(ns: number): boolean {
  return Math.abs(ns) <= Number.MAX_SAFE_INTEGER;
}

function listPackets(trace: Trace, leg: 'forward' | 'reverse' | 'round-trip'): StreamPacket[] {
  const before = leg === 'reverse' ? trace.farTxOffsetNs : chooseDepartures(trace);
  const behind = leg === 'forward' ? trace.farRxOffsetNs : trace.rxOffsetNs;
  const needed = leg === 'reverse' ? TRACE_FLAG.farStamps : 0;
  const fates = computeFates(trace);
  const packets: StreamPacket[] = [];
  for (const [row, fate] of fates.entries()) {
    if (fate === 'excluded') continue;
    const isMeasured = isReply(trace, row) && ((trace.flags[row] ?? 0) & needed) === needed;
    packets.push({
      burst: trace.burst[row] ?? 0,
      frameBits: ((trace.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE,
      plannedNs: trace.plannedOffsetNs[row] ?? NaN,
      inNs: isMeasured ? (before[row] ?? NaN) : NaN,
      outNs: isMeasured ? (behind[row] ?? NaN) : NaN,
      isLost: fate === 'lost',
    });
  }
  return packets;
}

/** T1, or the plan where the port stamps too few departures: NICs that hold one stamp at a time do. */
function chooseDepartures(trace: Trace): Float64Array {
  const stamped = trace.txOffsetNs.filter((ns) => Number.isFinite(ns)).length;
  return 2 * stamped >= trace.count ? trace.txOffsetNs : trace.plannedOffsetNs;
}

function listFarPackets({ farTrain }: Trace): StreamPacket[] {
  if (farTrain === null) return [];
  const packets: StreamPacket[] = [];
  for (let row = 0; row < farTrain.count; row += 1) {
    if (farTrain.isSent[row] === 0) continue;
    const outNs = farTrain.rxOffsetNs[row] ?? NaN;
    packets.push({
      burst: farTrain.burst[row] ?? 0,
      frameBits: ((farTrain.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE,
      plannedNs: farTrain.plannedOffsetNs[row] ?? NaN,
      inNs: farTrain.farTxOffsetNs[row] ?? NaN,
      outNs,
      isLost: Number.isNaN(outNs),
    });
  }
  return packets;
}
