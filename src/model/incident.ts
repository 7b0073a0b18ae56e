// What went wrong with a target, from its first bad minute to its recovery, and the single events of a box. When one opens is
// decided by analysis/baseline.
import type { Finding, Verdict } from './report.js';
import type { Segment } from './monitor.js';

export const INCIDENT_KINDS = ['outage', 'loss', 'delay', 'jitter', 'cannot-measure'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export interface Incident {
  /** Unique on this box, ascending with time. */
  readonly id: string;
  readonly target: string;
  readonly kind: IncidentKind;
  readonly severity: 'warning' | 'critical';
  readonly state: 'open' | 'closed';
  /** Begin of the first bad minute, Unix ms: earlier than the moment it was confirmed and told. */
  readonly startedMs: number;
  readonly openedMs: number;
  /** Begin of the first good minute; null while open. */
  readonly endedMs: number | null;
  /** What was expected and what was met, in the unit of `metric`; `worst` over the whole incident. */
  readonly metric: 'rttNs' | 'lossRatio' | 'jitterNs' | 'coverage';
  readonly expected: number;
  readonly worst: number;
  /** Where it failed, told by comparing targets; null where they do not tell. */
  readonly segment: Segment | 'probe' | null;
  /** Targets that failed in the same way at the same time. */
  readonly alsoAffected: readonly string[];
  /** Id of the incident of another target that it has its cause with: only that one is an alarm. Null for one that stands for itself. */
  readonly partOf: string | null;
  /** The examination that the breach started, and what it found. */
  readonly reportId: string | null;
  readonly finding: Finding | null;
  readonly verdict: Verdict | null;
  /** One sentence for a person. */
  readonly summary: string;
}

/** `opened`, `updated` and `recovered` speak of an incident; the others are facts by themselves. */
export const EVENT_KINDS = [
  'opened',
  'updated',
  'recovered',
  'mtu-changed',
  'route-changed',
  'speed-changed',
  'duplex-changed',
  'link-lost',
  'link-back',
  'clock-stepped',
  'clock-not-synchronized',
  'test-not-run',
  'job-failed',
  'store-damaged',
  'configuration-changed',
  'configuration-refused',
  'week-summed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** One line of a box's diary. */
export interface BoxEvent {
  /** Unique on this box, ascending with time. */
  readonly id: string;
  readonly atMs: number;
  readonly kind: EventKind;
  readonly severity: 'info' | 'warning' | 'critical';
  /** Null where the box itself is meant. */
  readonly target: string | null;
  readonly incidentId: string | null;
  /** One sentence for a person. */
  readonly text: string;
}
