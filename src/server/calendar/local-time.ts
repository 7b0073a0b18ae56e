// The clock on the wall of a time zone, and the instants at which it shows a time: none, one or two where summer time begins and ends.
// A local time is written as the Unix ms at which UTC would show it.
import { PERIODS_MS } from '../../model/period-summary.js';

/** Building one takes longer than using it a thousand times. */
const formatsSeen = new Map<string, Intl.DateTimeFormat>();

function findFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formatsSeen.get(timeZone);
  if (known !== undefined) return known;
  const number = '2-digit';
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
    hourCycle: 'h23',
  });
  formatsSeen.set(timeZone, format);
  return format;
}

/** What the wall clock shows, as the instant at which UTC shows it. Whole seconds. `timeZone` is an IANA name. */
export function computeLocalMs(atMs: number, timeZone: string): number {
  const parts = findFormat(timeZone).formatToParts(atMs);
  const read = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
}

/** Local time less UTC, ms. */
export function computeOffsetMs(atMs: number, timeZone: string): number {
  return computeLocalMs(atMs, timeZone) - Math.floor(atMs / 1000) * 1000;
}

/**
 * When the wall clock shows `localMs`, ascending: twice where it was set back. A time that is left out where it is set forward
 * comes as much later as it is set forward, which is how java.time and Temporal read it ("compatible").
 */
export function listInstants(localMs: number, timeZone: string): readonly number[] {
  const before = localMs - computeOffsetMs(localMs - PERIODS_MS.day, timeZone);
  const after = localMs - computeOffsetMs(localMs + PERIODS_MS.day, timeZone);
  const candidates = before === after ? [before] : [Math.min(before, after), Math.max(before, after)];
  const shown = candidates.filter((atMs) => computeLocalMs(atMs, timeZone) === localMs);
  return shown.length > 0 ? shown : [before];
}

/** `2026-11-23`. */
export function formatLocalDay(atMs: number, timeZone: string): string {
  return new Date(computeLocalMs(atMs, timeZone)).toISOString().slice(0, 10);
}

/** `2026-11`. */
export function formatLocalMonth(atMs: number, timeZone: string): string {
  return formatLocalDay(atMs, timeZone).slice(0, 7);
}
