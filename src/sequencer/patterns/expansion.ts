// What every pattern kind must tell: its packets one after the other. What they cost is in model/pattern-cost.ts.
import type { Pattern, PatternKind } from '../../model/sequence.js';

export type PatternOf<K extends PatternKind> = Extract<Pattern, { readonly kind: K }>;

/** What sets a packet apart from the others of its sequence. */
export interface PacketMark {
  /** DSCP · 4 + ECN; without it the sequence's own. */
  readonly trafficClass?: number;
  /** Without it 0. */
  readonly flow?: number;
}

/** Takes one packet of a schedule: ns after the first packet (never less than the row before), IP bytes, burst and place in it. */
export type EmitPacket = (
  offsetNs: number,
  sizeBytes: number,
  burst: number,
  position: number,
  mark?: PacketMark,
) => void;

/** Expects a pattern whose fields are within their bounds (see fields.ts); emits as many packets as its cost says. */
export type ExpandPattern<P extends Pattern> = (pattern: P, emit: EmitPacket) => void;
