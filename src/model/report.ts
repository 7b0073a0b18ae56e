// The report, schema apparenet.report/1: what an examination ends with and every other room carries.
// docs/report.schema.json says the same for programs; a test holds them together.
import type { NeighbourFacts } from './link-evidence.js';
import type { Duplex, Via } from './path.js';
import type { EvidencePattern } from './evidence-pattern.js';
import type { StampSources } from './trace.js';
import type { Estimates } from './estimates.js';

export const REPORT_SCHEMA = 'apparenet.report/1';

export type Verdict = 'ok' | 'warning' | 'critical' | 'unknown';
export type Severity = 'info' | 'warning' | 'critical';

export const CONDITIONS = [
  'healthy',
  'congestion',
  'bufferbloat',
  'duplex-mismatch',
  'half-duplex',
  'overlong-half-duplex',
  'media-errors',
  'random-loss',
  'bursty-loss',
  'policer',
  'shaper',
  'mtu-black-hole',
  'mtu-mismatch',
  'packet-rate-limit',
  'reordering',
  'duplication',
  'dscp-remark',
  'route-change',
  'asymmetric-rate',
  'slow-target',
  'wireless-hop',
  'low-negotiation',
  'port-errors',
  'vlan-mismatch',
  'duplicate-address',
  'unreachable',
  'probe-limited',
  'unknown',
] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface Evidence {
  /** A sentence with the figure in it. */
  readonly text: string;
  readonly metric: string;
  readonly value: number | string | boolean | null;
  readonly expected: number | string | boolean | null;
}

export interface Finding {
  readonly condition: Condition;
  readonly probability: number;
  readonly severity: Severity;
  readonly where: {
    readonly kind: 'probe' | 'first-hop' | 'hop' | 'path' | 'target';
    readonly hop?: number;
    readonly address?: string;
  };
  readonly direction: 'forward' | 'reverse' | 'both' | 'unknown';
  /** Only for `duplex-mismatch`. */
  readonly halfSide?: 'near' | 'far' | 'unknown';
  readonly evidence: readonly Evidence[];
  readonly advice: string;
  /** What would settle it, beyond what was measured here. */
  readonly confirm?: string;
  /** The figures behind the first evidence, to draw; absent where a picture would tell no more. */
  readonly pattern?: EvidencePattern;
}

const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/** In the order that a person wants to read them: what hurts before what does not, the most probable first among equals. */
export function orderForReading(findings: readonly Finding[]): Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  /** Four to twelve of `[0-9A-Z]`, chosen by the caller of the examination. */
  readonly id: string;
  readonly target: { readonly address: string; readonly name?: string; readonly via: Via };
  readonly port: {
    readonly name: string;
    readonly speedBitsPerSec: number | null;
    readonly duplex: Duplex;
    readonly stamps: StampSources;
    /** Who is at the other end of its cable; absent where nobody was heard. */
    readonly neighbour?: NeighbourFacts;
  };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cost: { readonly packets: number; readonly bytes: number };
  readonly verdict: Verdict;
  readonly summary: string;
  readonly estimates: Estimates;
  /** Most probable first. Empty on a healthy path. */
  readonly findings: readonly Finding[];
  /** Conditions considered and found less probable. */
  readonly alternatives: readonly { readonly condition: Condition; readonly probability: number }[];
  /** What kept this from being better. */
  readonly limits: readonly string[];
}
