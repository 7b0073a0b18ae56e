// Which files have to go so that the history keeps to its limits of age and bytes. Pure; who removes them is history.ts.
import type { Retention } from '../model/configuration.js';
import { PERIODS_MS } from '../model/period-summary.js';
import type { PeriodName } from '../model/period-summary.js';

export type KeptKind = PeriodName | 'incidents' | 'events' | 'reports';

export interface Limit {
  readonly mostBytes: number;
  readonly mostDays: number;
}

export type RetentionLimits = Readonly<Record<KeptKind, Limit>>;

const MB = 1e6;

/** Summaries have 512 MB together: a year of minutes of 20 targets (scripts/bench history), and what is coarser for longer. */
export const DEFAULT_LIMITS: RetentionLimits = {
  minute: { mostBytes: 390 * MB, mostDays: 400 },
  fiveMinutes: { mostBytes: 96 * MB, mostDays: 800 },
  hour: { mostBytes: 20 * MB, mostDays: 2000 },
  day: { mostBytes: 6 * MB, mostDays: 4000 },
  incidents: { mostBytes: 10 * MB, mostDays: 800 },
  events: { mostBytes: 10 * MB, mostDays: 800 },
  reports: { mostBytes: 40 * MB, mostDays: 400 },
};

const DEFAULT_MB = 512;
const DEFAULT_DAYS = 400;

/** The defaults, made larger or smaller: `maxMb` of all summaries, `days` of minutes and reports. */
export function computeLimits({ maxMb, days }: Retention): RetentionLimits {
  const scale = ({ mostBytes, mostDays }: Limit): Limit => ({
    mostBytes: Math.round((mostBytes * maxMb) / DEFAULT_MB),
    mostDays: Math.round((mostDays * days) / DEFAULT_DAYS),
  });
  const { minute, fiveMinutes, hour, day, incidents, events, reports } = DEFAULT_LIMITS;
  return {
    minute: scale(minute),
    fiveMinutes: scale(fiveMinutes),
    hour: scale(hour),
    day: scale(day),
    incidents: scale(incidents),
    events: scale(events),
    reports: scale(reports),
  };
}

export interface KeptFile {
  readonly path: string;
  readonly kind: KeptKind;
  /** Unix ms of the first moment that it may speak of. */
  readonly startMs: number;
  /** Its backup included. */
  readonly bytes: number;
}

/**
 * A clock that was set wrong must not cost the history: of each kind at most so many files go for their age in one pass, which is
 * many more than a pass adds.
 */
const MOST_AGED_FILES = 8;

/** Oldest first. The newest file of each kind always stays. */
export function planRemovals(files: readonly KeptFile[], nowMs: number, limits: RetentionLimits): KeptFile[] {
  return (Object.keys(limits) as KeptKind[]).flatMap((kind) => {
    const { mostBytes, mostDays } = limits[kind];
    const oldestFirst = files.filter((file) => file.kind === kind).sort((a, b) => a.startMs - b.startMs);
    let bytes = oldestFirst.reduce((sum, file) => sum + file.bytes, 0);
    let aged = 0;
    return oldestFirst.slice(0, -1).filter((file) => {
      const isOld = nowMs - file.startMs > mostDays * PERIODS_MS.day && aged < MOST_AGED_FILES;
      if (!isOld && bytes <= mostBytes) return false;
      aged += 1;
      bytes -= file.bytes;
      return true;
    });
  });
}
