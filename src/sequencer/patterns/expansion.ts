// What every pattern kind must tell: its packets one after the other. What they cost is in model/pattern-cost.ts.
import type { Pattern, PatternKind } from '../../model/sequence.js';

export type PatternOf<K extends PatternKind> = Extract<Pattern, { readonly kind: K }>;

/** One packet of a schedule. */
export interface PlannedPacket {
  /** ns after the first packet, never less than the packet before. */
  readonly offsetNs: number;
  /** Length of the IP packet. */
  readonly sizeBytes: number;
  readonly burst: number;
  /** Place in the burst. */
  readonly position: number;
  /** DSCP · 4 + ECN; without it the sequence's own. */
  readonly trafficClass?: number;
  /** Without it 0. */
  readonly flow?: number;
}

export type EmitPacket = (packet: PlannedPacket) => void;

/** Expects a pattern whose fields are within their bounds (see fields.ts); emits as many packets as its cost says. */
export type ExpandPattern<P extends Pattern> = (pattern: P, emit: EmitPacket) => void;
