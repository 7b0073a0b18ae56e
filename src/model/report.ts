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

/** Delay beyond the smallest of the last minutes: what waits in queues. */
export interface QueueingEstimate {
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
}

/** One row of the table of losses inside our own bursts: packets of one size at one part of a burst. */
export interface LossCell {
  readonly sizeBytes: number;
  /** `alone`: paced one by one. */
  readonly place: 'alone' | 'first' | 'interior' | 'last';
  readonly sent: number;
  readonly lost: number;
}

/** Reordering of packets sent this far apart (RFC 4737); extent in packets. */
export interface ReorderingBySpacing {
  readonly gapNs: number;
  readonly ratio: Estimate;
  readonly maxExtent: number;
}

/** Largest IP packets that pass without fragmentation. */
export interface MtuEstimate {
  readonly forwardBytes: number;
  /** null where the far end's replies do not tell. */
  readonly reverseBytes: number | null;
  /** Smallest size known to fail in each direction, by loss or by a router's word; null where the largest tried passed. */
  readonly failedBytes: Directional<number>;
  /** Whether a router said so of the forward direction; null where nothing failed there. */
  readonly isAnnounced: boolean | null;
  /** Who said so and which MTU it named (null where it named none); null where nobody did. */
  readonly announcement: { readonly from: string; readonly mtuBytes: number | null } | null;
  /** Whether larger packets pass where they may be fragmented; null where not tried. */
  readonly fragmentsPass: boolean | null;
}

/** What became of one traffic class. Classes are DSCP · 4 + ECN; null where nobody could tell. */
export interface ClassTreatment {
  readonly sent: number;
  /** As it came to the far end, and as the reply came to us. */
  readonly forward: number | null;
  readonly reverse: number | null;
  readonly loss: Estimate;
  readonly medianRttNs: number | null;
}

/** Delay under one kind of load. */
export interface LoadedDelay {
  /** Rate that really passed while the delay was measured. */
  readonly loadBitsPerSec: Directional<number>;
  /** Probes of the load's own flow, and of another; null where none came back. */
  readonly ownFlow: DelayEstimate | null;
  readonly otherFlow: DelayEstimate | null;
  /** 95th percentile under load less the 5th at rest, of the flow that fared worse. */
  readonly increaseNs: number;
  /** What the buffer holds: increase times rate. */
  readonly bufferBytes: number;
  /** 60 s divided by the loaded round trip (median of the flow that fared worse). */
  readonly roundTripsPerMinute: number;
  readonly lossRatio: number;
}

export interface LoadedEstimate {
  readonly idle: DelayEstimate;
  /** null where that direction could not be loaded. */
  readonly up: LoadedDelay | null;
  readonly down: LoadedDelay | null;
  readonly both: LoadedDelay | null;
}

/** Everything null was not measured, or not by this version. Ratios 0-1, rates in bits per second, times in ns. */
export interface Estimates {
  readonly capacity: Directional<Estimate>;
  readonly available: Directional<Estimate>;
  readonly utilization: Directional<Estimate>;
  /** Most that IP packets got through for a second (RFC 9097), IP headers counted. */
  readonly maximum: Directional<Estimate>;
  readonly loss: {
    readonly roundTrip: Estimate | null;
    readonly forward: Estimate | null;
    readonly reverse: Estimate | null;
  };
  readonly lossRuns: { readonly meanLength: number; readonly maxLength: number } | null;
  readonly lossTable: readonly LossCell[] | null;
  readonly rtt: DelayEstimate | null;
  /** Each direction less its own smallest delay where the clocks share no time; else the delay itself. */
  readonly oneWay: Directional<DelayEstimate> & {
    /** Rate of the far clock against ours, parts per million; null without far stamps. */
    readonly clockSkewPpm: Estimate | null;
    /** Whether the offset between the clocks is known, so that the figures are delays and not differences. */
    readonly isAbsolute: boolean;
  };
  readonly queueing: QueueingEstimate | null;
  readonly propagation: Estimate | null;
  /** Time per byte summed over the store-and-forward hops, ns per byte. */
  readonly serialisation: Estimate | null;
  readonly jitter: JitterEstimate | null;
  readonly reordering: Estimate | null;
  readonly reorderingBySpacing: readonly ReorderingBySpacing[] | null;
  readonly duplication: Estimate | null;
  readonly mtu: MtuEstimate | null;
  readonly dscp: readonly ClassTreatment[] | null;
  /** E-model of ITU-T G.107 for G.711 with this path's delay and loss. */
  readonly voice: { readonly rFactor: number; readonly mos: number } | null;
  readonly loaded: LoadedEstimate | null;
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
