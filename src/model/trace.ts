// What came back: one row a packet sent, in columns. Loss, lateness and missing stamps are values here.
import type { HeardOnLink } from './link-evidence.js';

/** Where a stamp was taken. Never mixed in one statistic. */
export type StampSource = 'hardware' | 'kernel' | 'user';

export interface StampSources {
  readonly tx: StampSource;
  readonly rx: StampSource;
  /** Source of the far end's T2 and T3, null where the far end only echoes. */
  readonly far: StampSource | null;
}

/** Bits of `Trace.flags`. */
export const TRACE_FLAG = {
  /** The kernel took the packet; without this bit it never left and is not path loss. */
  sent: 1 << 0,
  /** A reply came and was matched. Sent without answered (or `unheard`) is lost. */
  answered: 1 << 1,
  /** The transmit stamp never came; `txOffsetNs` is NaN. */
  noTxStamp: 1 << 2,
  /** The receive stamp is missing; `rxOffsetNs` is NaN. */
  noRxStamp: 1 << 3,
  /** The local queue refused it (ENOBUFS). */
  localDrop: 1 << 4,
  /** The next hop did not answer address resolution, so the packet could not be addressed. Counts as lost. */
  noNeighbour: 1 << 5,
  /** The only answer was an error message of a router or host (unreachable, too big, time exceeded), not a reply. */
  errorReply: 1 << 6,
  /** Stopped before its turn; neither sent nor lost. */
  canceled: 1 << 7,
  /** The far end's T2 and T3 are valid in this row. T2 may be there without it: T3 comes with a later reply. */
  farStamps: 1 << 8,
  /** Sent, but the run stopped listening before an answer could be expected: neither answered nor lost. */
  unheard: 1 << 9,
} as const;

/** An error message that came back instead of a reply. */
export interface PathMessage {
  readonly kind: 'unreachable' | 'packet-too-big' | 'time-exceeded' | 'other';
  /** ICMP or ICMPv6 code. */
  readonly code: number;
  readonly from: string;
  /** MTU announced by packet-too-big, else null. */
  readonly mtuBytes: number | null;
  readonly count: number;
}

/**
 * What the far end sent on its own account (`Sequence.farPattern`): one row a packet it planned. Its departures are on the far
 * clock after the trace's `farBaseNs`, arrivals on ours after `baseNs`; NaN where there is none. A row without arrival was lost,
 * or never sent where `isSent` is 0.
 */
export interface FarTrain {
  readonly count: number;
  readonly sizeBytes: Uint16Array;
  readonly burst: Uint32Array;
  readonly position: Uint32Array;
  readonly plannedOffsetNs: Float64Array;
  readonly isSent: Uint8Array;
  readonly farTxOffsetNs: Float64Array;
  readonly rxOffsetNs: Float64Array;
}

/** Bytes that all programs of this machine moved through the port during a run, Ethernet headers counted; our own included. */
export interface PortBytes {
  readonly sent: number;
  readonly received: number;
  readonly durationNs: number;
}

/** How often the port met each error; null for what its driver does not count. */
export interface PortErrors {
  /** Frames received with a wrong checksum, of whole octets (FCS) and of a part of one (alignment). */
  readonly fcsErrors: number | null;
  readonly alignmentErrors: number | null;
  readonly collisions: number | null;
  /** Later than 512 bit times after the frame began: never on a half-duplex link that is sound. */
  readonly lateCollisions: number | null;
  /** Frames given up after 16 attempts. */
  readonly excessiveCollisions: number | null;
  readonly carrierErrors: number | null;
  /** Frames lost for want of room in the NIC (overruns) and in memory (missed). */
  readonly receiveOverruns: number | null;
  readonly receiveMissed: number | null;
}

/**
 * Columns of equal length `count`. Offsets are ns after `baseNs`, NaN where there is no stamp; the far end's offsets are
 * after `farBaseNs` on the far end's own clock, so T2 − T1 holds an unknown clock offset.
 */
export interface Trace {
  readonly sequenceId: string;
  readonly clock: 'wall' | 'phc' | 'virtual';
  readonly stamps: StampSources;
  readonly baseNs: bigint;
  readonly farBaseNs: bigint;
  readonly count: number;
  readonly sizeBytes: Uint16Array;
  readonly burst: Uint32Array;
  readonly position: Uint32Array;
  readonly plannedOffsetNs: Float64Array;
  /** T1 */ readonly txOffsetNs: Float64Array;
  /** T2 */ readonly farRxOffsetNs: Float64Array;
  /** T3 */ readonly farTxOffsetNs: Float64Array;
  /** T4 */ readonly rxOffsetNs: Float64Array;
  /** IP length of the reply, 0 where none came. */
  readonly replySizeBytes: Uint16Array;
  /** Order of arrival among all replies from 0; −1 where none came. */
  readonly arrival: Int32Array;
  /** Further copies of the reply. */
  readonly duplicates: Uint16Array;
  /** The stateful reflector's own sequence number; −1 where unknown. */
  readonly farSequence: Float64Array;
  /** TTL or hop limit of the reply, 0 where unknown. */
  readonly replyTtl: Uint8Array;
  readonly flags: Uint16Array;
  /** Traffic class (DSCP · 4 + ECN) as sent, as the far end received it and as the reply came; −1 where unknown. */
  readonly trafficClass: Uint8Array;
  readonly farTrafficClass: Int16Array;
  readonly replyTrafficClass: Int16Array;
  /** As in `Schedule`. */
  readonly flow: Uint8Array;
  /** null where the far end was asked for nothing, or did not do it. */
  readonly farTrain: FarTrain | null;
  /** null where the port's counters cannot be read. */
  readonly portBytes: PortBytes | null;
  /** Rise of the port's error counters during the run; null or absent where they cannot be read. */
  readonly portErrors?: PortErrors | null;
  /** What the link told up to the end of the run; null or absent where nobody listens. */
  readonly heard?: HeardOnLink | null;
  /** How long other sequences of the same sequencer had the turn on this port during the run; absent where nobody counts it. */
  readonly portTakenNs?: number;
  /** Frames and bytes this trace cost, address resolution included. */
  readonly cost: { readonly packets: number; readonly bytes: number };
  /** Replies lost between the wire and us (socket overflow, full ring): the probe's fault, not the path's. */
  readonly receiveOverflows: number;
  /** The wall clock was stepped during the run by about this much; 0 if not. Stamps of a stepped run are not usable. */
  readonly clockStepNs: number;
  readonly messages: readonly PathMessage[];
  /** True when a cancel request or a vanished port ended the run early. */
  readonly interrupted: boolean;
}

/** True where row `i` left the machine and was listened for, or found no neighbour to leave to. The denominator of loss. */
export function countsAsSent(trace: Trace, i: number): boolean {
  const flags = trace.flags[i] ?? 0;
  return (flags & (TRACE_FLAG.sent | TRACE_FLAG.noNeighbour)) !== 0 && (flags & TRACE_FLAG.unheard) === 0;
}

/** True where a real reply (not an error message) came for row `i`. */
export function isAnswered(trace: Trace, i: number): boolean {
  return ((trace.flags[i] ?? 0) & TRACE_FLAG.answered) !== 0;
}
