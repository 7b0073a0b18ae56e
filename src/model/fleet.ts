// What a console knows of many boxes, in the words of its API and its page: who they are, whether they are there, what is wrong.
import type { BoxEvent, Incident } from './incident.js';
import type { PeriodSummary } from './period-summary.js';
import type { Report, Verdict } from './report.js';

/**
 * `gone`: it said so, or the broker said it had not heard of it. `silent`: neither, and nothing has come for minutes. `unknown`:
 * the console itself has no broker.
 */
export const PRESENCES = ['here', 'silent', 'gone', 'unknown'] as const;
export type Presence = (typeof PRESENCES)[number];

/** What asks for a person, the worst first: by this the list is sorted. */
export const ATTENTIONS = ['critical', 'gone', 'shared-name', 'warning', 'notice', 'none'] as const;
export type Attention = (typeof ATTENTIONS)[number];

/** What a box was told to be wrong about itself, or said of itself. */
export interface BoxConcern {
  readonly severity: 'info' | 'warning' | 'critical';
  readonly text: string;
}

export interface ToldPort {
  readonly name: string;
  readonly up: boolean | null;
  readonly speedMbps: number | null;
  readonly duplex: string | null;
  readonly neighbour: string | null;
}

/** The last minute of a target, as its box told it. */
export interface ToldTarget {
  readonly name: string;
  /** Begin of the minute, Unix ms; null before the first. */
  readonly atMs: number | null;
  readonly reachable: boolean | null;
  readonly rttMs: number | null;
  readonly rttP95Ms: number | null;
  readonly jitterMs: number | null;
  readonly lossPercent: number | null;
  readonly problem: string | null;
}

export interface ToldReport {
  readonly id: string;
  readonly target: string;
  readonly atMs: number;
  readonly verdict: Verdict;
  readonly summary: string;
}

/** Payloads of one box that could not be read. They change nothing else. */
export interface BoxFaults {
  readonly count: number;
  readonly lastAtMs: number;
  /** Below the box's own topic, such as `target/office/state`. */
  readonly lastTopic: string;
  readonly lastText: string;
}

/** One line of the list. */
export interface FleetBox {
  readonly id: string;
  /** For people; two boxes may have the same. */
  readonly name: string;
  readonly version: string | null;
  /** Unix ms. */
  readonly startedMs: number | null;
  readonly presence: Presence;
  /** When something of it came last, Unix ms; null where only what the broker kept is known. */
  readonly lastSeenMs: number | null;
  readonly attention: Attention;
  /** One sentence for a person: what `attention` is about. */
  readonly text: string;
  readonly verdict: Verdict;
  readonly openIncidents: number;
  readonly targets: number;
  readonly faults: BoxFaults | null;
}

export interface FleetBoxDetail extends FleetBox {
  readonly watched: readonly ToldTarget[];
  readonly ports: readonly ToldPort[];
  readonly concerns: readonly BoxConcern[];
  readonly lastReport: ToldReport | null;
}

/** An incident of one of many boxes; its id ends in `@BOX`. */
export interface FleetIncident extends Incident {
  readonly box: string;
}

/** `kind` is that of the box's diary, of a newer one perhaps, or one of `CONSOLE_EVENT_KINDS`. The id ends in `@BOX`. */
export interface FleetEvent extends Omit<BoxEvent, 'kind'> {
  readonly box: string;
  readonly kind: string;
}

/** What the console itself notices. */
export const CONSOLE_EVENT_KINDS = ['box-new', 'box-here', 'box-gone', 'box-silent', 'box-shared-name'] as const;
export type ConsoleEventKind = (typeof CONSOLE_EVENT_KINDS)[number];

/** How the console stands with its broker, and what came from there since it started. */
export interface BrokerStanding {
  readonly connected: boolean;
  /** Why not; null while connected and before the first attempt ended. */
  readonly problem: string | null;
  readonly messages: number;
  /** That could not be read, of all boxes together. */
  readonly faults: number;
}

/** What came on one topic of a box, after it was checked. null: the broker was told to forget it. */
export type BoxSaying =
  | { readonly kind: 'status'; readonly isOnline: boolean | null }
  | { readonly kind: 'info'; readonly info: ToldInfo | null }
  | { readonly kind: 'state'; readonly state: ToldState | null }
  | { readonly kind: 'health'; readonly concerns: readonly BoxConcern[] }
  | { readonly kind: 'link'; readonly ports: readonly ToldPort[] }
  | { readonly kind: 'target'; readonly name: string; readonly told: ToldMinute | null }
  | {
      readonly kind: 'event';
      readonly event: Omit<BoxEvent, 'kind'> & { kind: string };
      readonly incident: Incident | null;
    }
  | { readonly kind: 'report'; readonly report: Report };

export interface ToldInfo {
  readonly name: string;
  readonly version: string;
  readonly startedMs: number;
}

export interface ToldState {
  readonly verdict: Verdict;
  readonly openIncidents: number;
  readonly summary: string | null;
  readonly lastReport: ToldReport | null;
}

export interface ToldMinute {
  readonly target: ToldTarget;
  readonly incidents: readonly Incident[];
  /** For the history; null where the box told no minute. */
  readonly summary: PeriodSummary | null;
}
