// Which lengths of period are kept, in which files, and which of them answers a question. What is in a file is segment-file.ts.
import { PERIODS_MS } from '../model/period-summary.js';
import type { PeriodName } from '../model/period-summary.js';

const { fiveMinutes, hour, day } = PERIODS_MS;

/** From fine to coarse. */
export const PERIOD_NAMES = ['minute', 'fiveMinutes', 'hour', 'day'] as const satisfies readonly PeriodName[];

/**
 * How much time one file holds, ms; windows begin at multiples of it in Unix time. Long enough that a file compresses well and a
 * month is few files, short enough that a file is cheap to write again; each window holds whole ones of the coarser periods.
 */
export const WINDOW_MS: Readonly<Record<PeriodName, number>> = {
  minute: 6 * hour,
  fiveMinutes: day,
  hour: 7 * day,
  day: 364 * day,
};

export const SEGMENT_SUFFIX = '.json.gz';

export const computeWindowStart = (period: PeriodName, atMs: number): number =>
  Math.floor(atMs / WINDOW_MS[period]) * WINDOW_MS[period];

/** Such as `minute-2026-11-23T06.json.gz`. */
export function encodeSegmentName(period: PeriodName, windowStartMs: number): string {
  return `${period}-${new Date(windowStartMs).toISOString().slice(0, 13)}${SEGMENT_SUFFIX}`;
}

/** Null for other names. */
export function parseSegmentName(name: string): { readonly period: PeriodName; readonly startMs: number } | null {
  const [, period, time] = /^([a-zA-Z]+)-([+-]?\d{4,6}-\d\d-\d\dT\d\d)\.json\.gz$/.exec(name) ?? [];
  const known = PERIOD_NAMES.find((one) => one === period);
  const startMs = Date.parse(`${time ?? ''}:00:00.000Z`);
  return known === undefined || Number.isNaN(startMs) ? null : { period: known, startMs };
}

/** The coarsest period of which `leastPoints` fit into so much time; minutes where none does. */
export function choosePeriod(lengthMs: number, leastPoints: number): PeriodName {
  const fits = PERIOD_NAMES.filter((period) => lengthMs / PERIODS_MS[period] >= leastPoints);
  return fits.at(-1) ?? 'minute';
}

/** The period that this length of summary belongs to: the coarsest that is not longer. */
export function findPeriod(lengthMs: number): PeriodName {
  if (lengthMs >= day) return 'day';
  if (lengthMs >= hour) return 'hour';
  return lengthMs >= fiveMinutes ? 'fiveMinutes' : 'minute';
}
