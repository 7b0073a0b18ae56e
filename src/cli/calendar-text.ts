// How the calendar stands, for a person: when each job is due, how it ended last, what waits for its turn, what was spent. Pure.
import type { CalendarStanding, QueuedWork, SpentOf } from '../model/calendar.js';
import type { QuietHours } from '../model/configuration.js';
import { alignRows } from './layout.js';

const BYTES_PER_MB = 1e6;

/** Ends in a line break. */
export function renderCalendar({ timeZone, jobs, working, waiting, quietHours, spent }: CalendarStanding): string {
  // The form of Sweden is that of ISO 8601.
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const rows = jobs.map(({ name, own, enabled, nextMs, last }) => [
    own ? `${name} (the box's own)` : name,
    !enabled ? 'off' : nextMs === null ? 'never' : clock.format(nextMs),
    last === null ? 'has not run yet' : `${clock.format(last.atMs)}  ${last.text}`,
  ]);
  const turns = [
    ...(working === null
      ? []
      : [[...describeWork(working, clock), `under way since ${clock.format(working.startedMs)}`]]),
    ...waiting.map((work) => [...describeWork(work, clock), `waits for ${work.waitsFor}`]),
  ];
  const queue = turns.length === 0 ? [] : ['', ...alignRows([['turn', 'depth', 'for', 'asked', ''], ...turns])];
  const table = jobs.length === 0 ? ['no jobs'] : alignRows([['job', 'next', 'last'], ...rows]);
  const figures = `Spent by itself: ${formatSpent(spent.day)} today, ${formatSpent(spent.month)} this month.`;
  const quiet = quietHours.length === 0 ? [] : [`Quiet hours: ${quietHours.map(formatQuiet).join(', ')}.`];
  return `${[...table, ...queue, '', figures, ...quiet, `Times and days are those of ${timeZone}.`].join('\n')}\n`;
}

function describeWork({ target, depth, askedBy, sinceMs }: QueuedWork, clock: Intl.DateTimeFormat): string[] {
  const asker = askedBy.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return [target ?? 'the box', depth ?? '', asker, clock.format(sinceMs)];
}

function formatQuiet({ from, to, days }: QuietHours): string {
  return `${from} to ${to}${days.length === 0 ? '' : ` (${days.join(', ')})`}`;
}

function formatSpent({ bytes, mostBytes }: SpentOf): string {
  const formatMb = (count: number): string => String(Number((count / BYTES_PER_MB).toPrecision(3)));
  return `${formatMb(bytes)} of ${String(mostBytes / BYTES_PER_MB)} MB`;
}
