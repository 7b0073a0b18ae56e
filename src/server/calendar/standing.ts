// How the calendar stands: when each job is due next, how it ended last, what was spent. Pure, and the same from a running server and
// from its files.
import type { CalendarStanding } from '../../model/calendar.js';
import type { Configuration } from '../../model/configuration.js';
import type { CalendarRecord } from './calendar-memory.js';
import { computeNextDue } from './due-times.js';
import { computeSpent } from './spending.js';

export function computeStanding(
  { schedule, budget, quietHours, ...configuration }: Configuration,
  { spending, results }: Pick<CalendarRecord, 'spending' | 'results'>,
  nowMs: number,
): CalendarStanding {
  const timeZone = configuration.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    timeZone,
    jobs: schedule.map(({ name, at, enabled }) => ({
      name,
      at,
      enabled,
      nextMs: enabled ? computeNextDue(at, nowMs, timeZone) : null,
      last: results[name] ?? null,
    })),
    quietHours,
    spent: computeSpent(spending, budget, { atMs: nowMs, timeZone }),
  };
}
