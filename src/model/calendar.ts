// How the calendar of a box stands: the words of the API and of `apparenet schedule`. What is due and what may run is server/calendar's
// business.
import type { QuietHours } from './configuration.js';

/** How the last run of a job ended. */
export interface JobResult {
  /** Of its end, or of the due time at which it did not run; Unix ms. */
  readonly atMs: number;
  /** `partly` where some of its targets were examined and others not. */
  readonly outcome: 'done' | 'partly' | 'not-run';
  /** One sentence for a person. */
  readonly text: string;
}

/** Of a local day or month. */
export interface SpentOf {
  /** Its begin, Unix ms. */
  readonly startedMs: number;
  readonly bytes: number;
  /** What the budget allows. */
  readonly mostBytes: number;
}

/** Bytes of Ethernet frames that examinations sent which nobody ordered by hand. */
export interface Spent {
  readonly day: SpentOf;
  readonly month: SpentOf;
}

export interface JobStanding {
  readonly name: string;
  readonly at: string;
  readonly enabled: boolean;
  /** Unix ms; null where it is off, or has no time. */
  readonly nextMs: number | null;
  /** null where it never ran. */
  readonly last: JobResult | null;
}

export interface CalendarStanding {
  /** IANA name. */
  readonly timeZone: string;
  readonly jobs: readonly JobStanding[];
  /** In which no examination is to start by itself. */
  readonly quietHours: readonly QuietHours[];
  readonly spent: Spent;
}
