// Whether an examination that nobody ordered by hand may begin now, by quiet hours and budgets. Pure.
import type { Spent } from '../../model/calendar.js';
import type { Configuration } from '../../model/configuration.js';
import { findQuietHours } from './quiet-hours.js';
import { computeSpent, findExceeded } from './spending.js';
import type { Spending } from './spending.js';

export type HeavyRules = Pick<Configuration, 'quietHours' | 'budget'> & {
  /** IANA name. */
  readonly timeZone: string;
};

/** Why something was not run: the kind for programs, `why` as the end of a sentence that begins with what it is. */
export interface Obstacle {
  readonly cause: 'quiet-hours' | 'day' | 'month' | 'busy' | 'failed' | 'stopped';
  readonly why: string;
}

/** null where it may. */
export function findObstacle(
  rules: HeavyRules,
  spending: Spending,
  { atMs, maxBytes }: { readonly atMs: number; readonly maxBytes: number },
): Obstacle | null {
  const { quietHours, budget, timeZone } = rules;
  const quiet = findQuietHours(quietHours, atMs, timeZone);
  if (quiet !== null) return { cause: 'quiet-hours', why: `these are quiet hours (${quiet.from} to ${quiet.to})` };
  const spent = computeSpent(spending, budget, { atMs, timeZone });
  const exceeded = findExceeded(spent, maxBytes);
  return exceeded === null ? null : { cause: exceeded, why: describeExceeded(exceeded, spent, maxBytes) };
}

function describeExceeded(name: keyof Spent, spent: Spent, maxBytes: number): string {
  const { bytes, mostBytes } = spent[name];
  const whose = name === 'day' ? "today's" : "this month's";
  return `it may take ${formatMb(maxBytes)}, and of ${whose} ${formatMb(mostBytes)} only ${formatMb(Math.max(0, mostBytes - bytes))} are left`;
}

function formatMb(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(3))} MB`;
}
