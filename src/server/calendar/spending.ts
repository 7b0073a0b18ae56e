// What examinations sent that nobody ordered by hand, by days and months of the calendar, against the budget. Pure.
import type { Spent } from '../../model/calendar.js';
import type { DataBudget } from '../../model/configuration.js';
import { formatLocalDay, formatLocalMonth, listInstants } from './local-time.js';

/**
 * Bytes of Ethernet frames by local day and local month, such as `2026-11-23` and `2026-11`; JSON as it stands. Each name has a count
 * of its own, so that a clock that is set to and fro neither gives back what a day has spent nor counts it again.
 */
export type Spending = Readonly<Record<string, number>>;

const BYTES_PER_MB = 1e6;
/** Half a year of days and months; the report of a week asks for two of them. */
const MOST_NAMES = 200;

/** `bytes` may be less than nothing: what was set aside and not used. */
export function addSpending(spending: Spending, bytes: number, names: readonly string[]): Spending {
  const added = Object.fromEntries(names.map((name) => [name, Math.max(0, (spending[name] ?? 0) + bytes)]));
  const all = Object.entries({ ...spending, ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(all.slice(-MOST_NAMES));
}

/** Of the day and the month that an instant falls into. */
export function listBudgetNames(atMs: number, timeZone: string): readonly [day: string, month: string] {
  return [formatLocalDay(atMs, timeZone), formatLocalMonth(atMs, timeZone)];
}

export function computeSpent(
  spending: Spending,
  { dayMb, monthMb }: DataBudget,
  { atMs, timeZone }: { readonly atMs: number; readonly timeZone: string },
): Spent {
  const [day, month] = listBudgetNames(atMs, timeZone);
  const findBegin = (date: string): number => listInstants(Date.parse(`${date}T00:00:00Z`), timeZone)[0] ?? atMs;
  return {
    day: { startedMs: findBegin(day), bytes: spending[day] ?? 0, mostBytes: dayMb * BYTES_PER_MB },
    month: { startedMs: findBegin(`${month}-01`), bytes: spending[month] ?? 0, mostBytes: monthMb * BYTES_PER_MB },
  };
}

/** Which part of the budget `bytes` more would go beyond; null where they fit. */
export function findExceeded({ day, month }: Spent, bytes: number): keyof Spent | null {
  if (month.bytes + bytes > month.mostBytes) return 'month';
  return day.bytes + bytes > day.mostBytes ? 'day' : null;
}
