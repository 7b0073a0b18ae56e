// The path hop by hop: what is asked, what one probe saw, and the report, schema apparenet.route/1.
// docs/route.schema.json says the same for programs; a test holds them together.
import type { Estimate } from './estimates.js';
import type { Verdict } from './report.js';
import type { Cost } from './sequence.js';
import type { StampSources } from './trace.js';

export const ROUTE_SCHEMA = 'apparenet.route/1';

export const ROUTE_VIA_CHOICES = ['auto', 'icmp', 'udp', 'tcp'] as const;
export type RouteViaChoice = (typeof ROUTE_VIA_CHOICES)[number];
export type RouteVia = Exclude<RouteViaChoice, 'auto'>;

export const ROUTE_BUDGET = { maxSeconds: 10, maxBytes: 200_000 } as const;
/** What looking for parallel routes adds to it. */
export const MULTIPATH_BUDGET = { maxSeconds: 20, maxBytes: 50_000 } as const;
export const DEFAULT_MAX_HOPS = 30;
export const MOST_HOPS = 64;
/** A TTL that no hop of a table has: such probes go for the target itself. */
export const DIRECT_TTL = 255;

export interface RouteRequest {
  /** A name, an IPv4 or an IPv6 address (with `%zone` for link-local ones). */
  readonly target: string;
  readonly via: RouteViaChoice;
  readonly port?: string;
  /** 1-64 */
  readonly maxHops: number;
  readonly maxSeconds: number;
  /** Bytes of Ethernet frames sent, FCS and preamble not counted. */
  readonly maxBytes: number;
  /** Look for parallel routes with further flows. */
  readonly multipath: boolean;
  /** Ask the name servers for the hops' names. */
  readonly names: boolean;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** What is drawn by chance in the analysis is drawn from this. */
  readonly seed: number;
}

/** MPLS label stack entry that a hop quoted (RFC 4950). */
export interface RouteLabel {
  readonly label: number;
  readonly trafficClass: number;
  readonly isBottom: boolean;
  readonly ttl: number;
}

/** What came back for one probe. */
export interface HopAnswer {
  /** `target`: the probe came there. The others are error messages, whoever sent them. */
  readonly kind: 'target' | 'time-exceeded' | 'unreachable' | 'packet-too-big' | 'other';
  readonly from: string;
  /** ICMP or ICMPv6 code. */
  readonly code: number;
  /** Announced by packet-too-big, else null. */
  readonly mtuBytes: number | null;
  readonly replySizeBytes: number;
  /** TTL that the probe had where it ended; null where the answer quotes no packet. */
  readonly quotedTtl: number | null;
  readonly labels: readonly RouteLabel[];
}

/** One probe that was sent with a TTL, and what became of it. */
export interface HopSample {
  readonly ttl: number;
  /** IP packet length. */
  readonly sizeBytes: number;
  readonly flow: number;
  /** null: nothing came. */
  readonly answer: HopAnswer | null;
  /** From stamps; null where none were taken, as in the search for the hops. */
  readonly rttNs: number | null;
  /** The answer came after the time one waits for it. */
  readonly isLate: boolean;
}

/** IP lengths of the probes whose delays count. */
export interface ProbeSizes {
  readonly smallBytes: number;
  /** null where only one size was sent. */
  readonly largeBytes: number | null;
}

/** Everything that was seen of a path, for the analysis. */
export interface RouteObservation {
  readonly target: { readonly address: string; readonly name?: string; readonly via: RouteVia };
  /** `address` is ours. */
  readonly port: { readonly name: string; readonly mtuBytes: number; readonly address: string };
  /** Probes through raw sockets: who is there, what is too big. Without times. */
  readonly found: readonly HopSample[];
  /** Probes through the engine, with times. */
  readonly measured: readonly HopSample[];
  readonly sizes: ProbeSizes;
  /** null where nothing was measured. */
  readonly stamps: StampSources | null;
  readonly names: ReadonlyMap<string, string>;
  readonly cost: Cost;
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** Fallbacks and shortages, one sentence each. */
  readonly notes: readonly string[];
}

export interface HopAddress {
  readonly address: string;
  /** Only where names were asked for and there is one. */
  readonly name?: string;
  readonly answers: number;
}

/** Round trips to a hop, ns, over probes of the smaller size. */
export interface HopDelay {
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly samples: number;
}

/** Largest IP packet that comes to a hop. `high` above `low` where the sizes between were not tried. */
export interface HopMtu {
  readonly lowBytes: number;
  readonly highBytes: number;
  /** `passed`: the largest tried passed. `announced`: a router said so. `silent`: larger ones vanish without a message. */
  readonly how: 'passed' | 'announced' | 'silent';
}

/** What is odd about a hop; `text` says it in words. */
export interface HopNote {
  readonly kind:
    | 'limits-answers'
    | 'slow-to-answer'
    | 'same-router'
    | 'ttl-changed'
    | 'mpls'
    | 'several-routers'
    | 'mtu'
    | 'black-hole'
    | 'refuses'
    | 'late';
  readonly text: string;
}

export interface RouteHop {
  readonly ttl: number;
  /** Who answered, most often first; empty for a silent hop. */
  readonly addresses: readonly HopAddress[];
  readonly isTarget: boolean;
  /** Probes of the measurement to this hop that were not answered. null where none was sent or none ever answered. */
  readonly loss: Estimate | null;
  readonly delay: HopDelay | null;
  readonly mtu: HopMtu | null;
  /** Rate of the link (or links, over silent hops) since the hop `since`, bits/s; null where it cannot be told. */
  readonly link: { readonly since: number; readonly rate: Estimate } | null;
  readonly labels: readonly RouteLabel[];
  readonly notes: readonly HopNote[];
}

/** Where something begins: after hop `after` (0: this machine) and at hop `at` at the latest. */
export interface Onset {
  readonly after: number;
  readonly at: number;
  /** Ratio for loss, ns for delay and queueing, bits/s for the narrow link. */
  readonly value: number;
}

export interface RouteEnd {
  readonly kind: 'target' | 'refused' | 'silent' | 'loop' | 'max-hops' | 'interrupted';
  /** Last hop that answered; 0 where none did. */
  readonly lastTtl: number;
  readonly text: string;
}

export interface RouteReport {
  readonly schema: typeof ROUTE_SCHEMA;
  readonly target: RouteObservation['target'];
  readonly port: { readonly name: string };
  readonly stamps: StampSources | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cost: Cost;
  readonly verdict: Verdict;
  /** One or two sentences. */
  readonly summary: string;
  readonly end: RouteEnd;
  readonly hops: readonly RouteHop[];
  readonly onsets: {
    readonly loss: Onset | null;
    readonly delay: Onset | null;
    readonly queueing: Onset | null;
    readonly narrowLink: Onset | null;
  };
  /** What kept this from being better. */
  readonly limits: readonly string[];
}
