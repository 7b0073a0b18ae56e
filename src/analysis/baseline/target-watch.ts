// What is remembered of one target between two minutes: JSON as it stands, so that a restart forgets nothing. Some 10 kB at most.
import type { HourNorm } from '../../model/hour-norm.js';
import { INCIDENT_KINDS } from '../../model/incident.js';
import type { Incident, IncidentKind } from '../../model/incident.js';
import { NO_CHANGE } from './change-sums.js';
import type { ChangeSums } from './change-sums.js';
import type { Expectation } from './expectation.js';
import type { HourGathering } from './gather-hour.js';
import { QUIET_KIND } from './kind-watch.js';
import type { KindWatch } from './kind-watch.js';

/** ln ns of a minute beside what was expected; null where it is not known. */
export interface RecentMinute {
  readonly atMs: number;
  readonly rtt: number | null;
  readonly jitter: number | null;
}

export interface TargetWatch {
  readonly target: string;
  /** Begin of the last minute that was judged, Unix ms. */
  readonly lastMs: number | null;
  /** Number of the next incident or event. */
  readonly serial: number;
  readonly sums: ChangeSums;
  readonly kinds: Readonly<Record<IncidentKind, KindWatch>>;
  readonly incidents: readonly Incident[];
  /** The last three hours. */
  readonly recent: readonly RecentMinute[];
  /** Quiet minutes of this hour, and all that were measured. */
  readonly quiet: HourGathering | null;
  readonly all: HourGathering | null;
  /** Hours since an incident of delay or jitter began that is still open: the new normal, if it lasts. */
  readonly shifted: readonly HourNorm[];
  /** Since when the sums of the round trip never came back to nothing, Unix ms. */
  readonly offSinceMs: number | null;
  /** Of the hour that `quiet` is of. */
  readonly expectation: Expectation | null;
}

export function startTargetWatch(target: string): TargetWatch {
  const kinds = Object.fromEntries(INCIDENT_KINDS.map((kind) => [kind, QUIET_KIND]));
  return {
    target,
    lastMs: null,
    serial: 1,
    sums: NO_CHANGE,
    kinds: kinds as Record<IncidentKind, KindWatch>,
    incidents: [],
    recent: [],
    quiet: null,
    all: null,
    shifted: [],
    offSinceMs: null,
    expectation: null,
  };
}
