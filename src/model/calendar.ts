// How the calendar of a box stands: the words of the API and of `apparenet schedule`. What is due and what may run is server/calendar's
// business.
import type { QuietHours } from './configuration.js';
import type { Depth } from './examination.js';

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
  /** What the box does for itself; no key of the configuration changes it. */
  readonly own: boolean;
  /** Unix ms; null where it is off, or has no time. */
  readonly nextMs: number | null;
  /** null where it never ran. */
  readonly last: JobResult | null;
}

/** Who asked for heavy work: a job by its name, an incident by its id. */
export interface Asker {
  readonly kind: 'job' | 'incident';
  readonly name: string;
}

/** One turn of the queue of what starts by itself. */
export interface QueuedWork {
  /** To be examined, by its name in the configuration; null for a job of the box's own. */
  readonly target: string | null;
  /** null where no target is examined. */
  readonly depth: Depth | null;
  /** One at least; those that asked for the same meanwhile share the turn. */
  readonly askedBy: readonly Asker[];
  /** When it was asked for, Unix ms. */
  readonly sinceMs: number;
}

export interface WorkUnderWay extends QueuedWork {
  /** Unix ms. */
  readonly startedMs: number;
}

export interface WaitingWork extends QueuedWork {
  /** As the end of "it waits for …". */
  readonly waitsFor: string;
}

export interface CalendarStanding {
  /** IANA name. */
  readonly timeZone: string;
  /** Those of the configuration, then the box's own. */
  readonly jobs: readonly JobStanding[];
  readonly working: WorkUnderWay | null;
  /** In the order of their turns; of what starts by itself, whoever ordered what is before it. */
  readonly waiting: readonly WaitingWork[];
  /** In which no examination is to start by itself. */
  readonly quietHours: readonly QuietHours[];
  readonly spent: Spent;
}
