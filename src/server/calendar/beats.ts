// Wakes the calendar at the minute at which a job is due: node-cron, in the time zone of the configuration. Which jobs are due is
// decided by who is woken, so that a beat too many does nothing and one that is missing costs seconds.
import { createTask } from 'node-cron';
import type { ScheduledTask } from 'node-cron';
import type { CalendarJob } from './plan-dues.js';

/** node-cron says on the console what it missed; here nobody misses anything. */
const SILENT = { info: silence, warn: silence, error: silence, debug: silence };

/** Calls `onBeat` until the returned function is called. To be started anew when the clock was set: it counts missed beats one by one. */
export function startBeats(jobs: readonly CalendarJob[], timeZone: string, onBeat: () => void): () => void {
  const tasks = jobs.map(({ at }): ScheduledTask => {
    const task = createTask(at, onBeat, {
      timezone: timeZone,
      logger: SILENT,
      suppressMissedWarning: true,
      unref: true,
    });
    void task.start();
    return task;
  });
  return () => {
    for (const task of tasks) void task.destroy();
  };
}

function silence(): void {
  return;
}
