// What every pattern kind must tell: its cost in closed form, and its packets one after the other.
import type { Pattern, PatternKind } from '../../model/sequence.js';

export type PatternOf<K extends PatternKind> = Extract<Pattern, { readonly kind: K }>;

/** Takes one packet of a schedule: ns after the first packet (never less than the row before), IP bytes, burst and place in it. */
export type EmitPacket = (offsetNs: number, sizeBytes: number, burst: number, position: number) => void;

export interface PatternCost {
  readonly packets: number;
  /** IP packets without their link headers. */
  readonly ipBytes: number;
}

/** Both functions expect a pattern whose fields are within their bounds (see fields.ts). */
export interface PatternExpansion<P extends Pattern> {
  /** What `expand` will emit, computed without emitting it, so that a huge pattern is refused cheaply. */
  readonly cost: (pattern: P) => PatternCost;
  readonly expand: (pattern: P, emit: EmitPacket) => void;
}
