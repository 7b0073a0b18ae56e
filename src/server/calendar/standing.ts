// How the calendar stands: when each job is due next, how it ended last, what is under way and what waits, what was spent. Pure, and the
// same from a running server and from its files, which know of no queue.
import type { CalendarStanding, JobStanding } from '../../model/calendar.js';
import type { Configuration } from '../../model/configuration.js';
import type { CalendarRecord } from './calendar-memory.js';
import { computeNextDue } from './due-times.js';
import { OWN_JOBS } from './own-jobs.js';
import type { CalendarJob } from './plan-dues.js';
import { computeQueueStanding, IDLE } from './queue-standing.js';
import type { QueueState } from './queue-standing.js';
import { computeSpent } from './spending.js';

/** What only the process knows that does it. */
export interface LiveState {
  readonly ownJobs: readonly (CalendarJob & Pick<JobStanding, 'enabled'>)[];
  readonly queue: QueueState;
}

const FROM_FILES: LiveState = { ownJobs: OWN_JOBS.map((job) => ({ ...job, enabled: true })), queue: IDLE };

export function computeStanding(
  { schedule, budget, quietHours, ...configuration }: Configuration,
  { spending, results }: Pick<CalendarRecord, 'spending' | 'results'>,
  nowMs: number,
  { ownJobs, queue }: LiveState = FROM_FILES,
): CalendarStanding {
  const timeZone = configuration.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const jobs = [...schedule.map((job) => ({ ...job, own: false })), ...ownJobs.map((job) => ({ ...job, own: true }))];
  return {
    timeZone,
    jobs: jobs.map(({ name, at, enabled, own }) => ({
      name,
      at,
      enabled,
      own,
      nextMs: enabled ? computeNextDue(at, nowMs, timeZone) : null,
      last: results[name] ?? null,
    })),
    ...computeQueueStanding(queue),
    quietHours,
    spent: computeSpent(spending, budget, { atMs: nowMs, timeZone }),
  };
}
