// The report, schema apparenet.report/1: what an examination ends with and every other room carries.
// docs/report.schema.json says the same for programs; a test holds them together.
import type { Duplex, Via } from './path.js';
import type { StampSources } from './trace.js';

export const REPORT_SCHEMA = 'apparenet.report/1';

export type Verdict = 'ok' | 'warning' | 'critical' | 'unknown';
export type Severity = 'info' | 'warning' | 'critical';

/** An estimate with its 95 % interval `low..high`, in the unit its place in the report gives. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly method: string;
  readonly samples: number;
  readonly quality: 'good' | 'fair' | 'poor';
  readonly limitedBy: null | 'probe' | 'noise' | 'samples' | 'target';
}

/** Forward is from the probe to the target. Where directions cannot be told apart, forward holds the round-trip figure. */
export interface Directional<T> {
  readonly forward: T | null;
  readonly reverse: T | null;
}

/** Delay distribution in ns, from all samples. */
export interface DelayEstimate {
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  readonly meanNs: number;
  readonly samples: number;
}

/** RFC 3550 interarrival jitter; 99th percentiles of IPDV and PDV (RFC 5481). */
export interface JitterEstimate {
  readonly rfc3550Ns: number;
  readonly ipdvP99Ns: number;
  readonly pdvP99Ns: number;
}

/** Everything null was not measured, or not by this version. Ratios 0-1, rates in bits per second, times in ns. */
export interface Estimates {
  readonly capacity: Directional<Estimate>;
  readonly available: Directional<Estimate>;
  readonly utilization: Directional<Estimate>;
  readonly loss: {
    readonly roundTrip: Estimate | null;
    readonly forward: Estimate | null;
    readonly reverse: Estimate | null;
  };
  readonly lossRuns: { readonly meanLength: number; readonly maxLength: number } | null;
  readonly rtt: DelayEstimate | null;
  readonly oneWay: Directional<DelayEstimate>;
  readonly propagation: Estimate | null;
  /** Time per byte summed over the store-and-forward hops, ns per byte. */
  readonly serialisation: Estimate | null;
  readonly jitter: JitterEstimate | null;
  readonly reordering: Estimate | null;
  readonly duplication: Estimate | null;
  readonly mtu: { readonly forwardBytes: number; readonly reverseBytes: number | null } | null;
  readonly dscp: Readonly<Record<string, unknown>> | null;
  readonly voice: { readonly rFactor: number; readonly mos: number } | null;
  readonly loaded: Readonly<Record<string, unknown>> | null;
}

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
