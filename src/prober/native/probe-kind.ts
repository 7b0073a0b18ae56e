// What the ways to a target have in common: how a row of the schedule becomes a packet, and a received frame a row again.
import type { PathDescription, Via } from '../../model/path.js';
import type { EncodedProbe, ProbeEnvelope } from '../../packet/probe-packet.js';
import type { QuotedProbe, Reply } from '../../packet/reply.js';
import type { TrainRequest, TrainWord } from '../../packet/stamp-train.js';

export type NativeVia = Extract<Via, 'icmp' | 'udp' | 'tcp' | 'stamp'>;

/** What the far end said of its own stamps, beside its answer. */
export interface FarAnswer {
  /** T2 and T3 in ns since 1970 on the far clock; null where it gave none. */
  readonly receivedNs: bigint | null;
  readonly sentNs: bigint | null;
  /** The number of its reply. */
  readonly sequence: number;
  /** Whether that is its own count (stateful, RFC 8762 4.2) and not a copy of ours, which tells no direction of loss. */
  readonly isCounted: boolean;
  /** A later word on when an earlier reply really left: the reply's own `sequence` and the far kernel's stamp. */
  readonly followUp: { readonly sequence: number; readonly sentNs: bigint } | null;
  /** Its counts and follow-ups are of the session of this flow. */
  readonly flow: number;
  /** What it said of marks (RFC 8972 4.4); null where it says nothing. */
  readonly marks: FarMarks | null;
}

export interface FarMarks {
  /** Traffic class (DSCP · 4 + ECN) with which the request arrived. */
  readonly receivedClass: number;
  /** It did not reply with the DSCP that was asked for: the reply's mark then tells nothing of the way back. */
  readonly isRefused: boolean;
}

export interface Match {
  readonly index: number;
  readonly far: FarAnswer | null;
  /** Traffic class of the request as it arrived, where the answer quotes it. */
  readonly quotedClass?: number;
}

export type FarWord = TrainWord & {
  /** When the far end handed the packet to its kernel, ns since 1970 on its clock. */
  readonly sentNs: bigint | null;
  /** Length of the IP packet. */
  readonly sizeBytes: number;
};

/** How trains of the far end are asked for, and what comes of that. */
export interface FarChannel {
  /** `number` tells requests of one run apart. */
  encodeRequest(envelope: ProbeEnvelope, request: TrainRequest, number: number): EncodedProbe;
  /** null for what has nothing to do with trains. */
  parse(reply: Reply, frame: Uint8Array): FarWord | null;
}

/** One way of probing, bound to one target. Each run gets numbers of its own, so that stragglers of an earlier one match nothing. */
export interface ProbeKind {
  readonly via: NativeVia;
  /** For notes: "ICMP echo", "STAMP on udp/3237". */
  readonly label: string;
  readonly minSizeBytes: number;
  readonly replySize: PathDescription['replySize'];
  readonly maxProbesPerSec: number | null;
  /** Kernel filter that passes the answers to these probes and the error messages about them. */
  readonly filter: Uint8Array;
  /** Numbers for a new run of `count` packets. */
  beginRun(count: number): void;
  /** `flow` as in a schedule: each has addresses, protocol and ports of its own. The bytes are valid until the next call. */
  encode(envelope: ProbeEnvelope, index: number, flow: number): EncodedProbe;
  /** The answer to a probe of this run; null for anything else. `frame` holds what `reply` points into. */
  matchAnswer(reply: Reply, frame: Uint8Array): Match | null;
  /** Row of a probe of this run that an error message quotes; null for anything else. */
  matchQuote(quoted: QuotedProbe): number | null;
  /** Whether an error message quotes a probe of this kind at all, of whichever run. */
  ownsQuote(quoted: QuotedProbe): boolean;
  /** null where the far end cannot be asked to send. */
  readonly farChannel: FarChannel | null;
  close(): void;
}

/** `a − b` of 16-bit or 32-bit counters that wrap, 0 ≤ result < 2^bits. */
export function wrapDifference(a: number, b: number, bits: 16 | 32): number {
  const difference = a - b;
  return bits === 16 ? difference & 0xffff : difference >>> 0;
}
