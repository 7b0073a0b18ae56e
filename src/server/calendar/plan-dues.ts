// Which jobs are due now, whatever was done to the clock: each due time once, a time that was missed made up for once or not at all.
// Pure; the caller looks every few seconds, keeps the state and does what is due.
import { PERIODS_MS } from '../../model/period-summary.js';
import { computeNextDue } from './due-times.js';

export interface CalendarJob {
  readonly name: string;
  /** Five fields of cron. */
  readonly at: string;
}

/** Times that the clock went through without a jump: after `fromMs` up to `toMs`. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** JSON as it stands. */
export interface DueState {
  /** In the order in which they were gone through; the last one goes on. What was due in them has been dealt with. */
  readonly lived: readonly Span[];
  /** Due times outside of these that were made up for. */
  readonly madeUp: readonly { readonly name: string; readonly dueMs: number }[];
  /** Fields of the jobs that were known at the last look: nothing is made up for that was not planned then. */
  readonly known: Readonly<Record<string, string>>;
}

export interface Due {
  readonly name: string;
  readonly dueMs: number;
  readonly isMadeUp: boolean;
}

/** With more from one look to the next the clock was set, or the box slept or was off. */
export const MOST_LOOK_GAP_MS = 2 * PERIODS_MS.minute;
/** A missed time is made up for when it is no longer ago ... */
const MAKE_UP_MS = PERIODS_MS.hour;
/** ... and those of jobs that come once a day at most when it is no longer ago than a day. */
const MAKE_UP_DAILY_MS = PERIODS_MS.day;
/** A day is 23 h where summer time begins. */
const DAILY_MS = 20 * PERIODS_MS.hour;
/** What a clock did that was ahead by more than this does not count: it would stop the jobs for longer. */
const MOST_AHEAD_MS = 7 * PERIODS_MS.day;
const MOST_SPANS = 64;
const MOST_MADE_UP = 256;

export function startDues(nowMs: number): DueState {
  return { lived: [{ fromMs: nowMs, toMs: nowMs }], madeUp: [], known: {} };
}

/** Ascending. `state` is to be kept before anything that is due is begun: then a power cut repeats nothing. */
export function planDues(
  before: DueState,
  nowMs: number,
  { jobs, timeZone }: { readonly jobs: readonly CalendarJob[]; readonly timeZone: string },
): { readonly state: DueState; readonly dues: readonly Due[] } {
  const last = before.lived.at(-1) ?? { fromMs: nowMs, toMs: nowMs };
  const gapMs = nowMs - last.toMs;
  const known = Object.fromEntries(jobs.map(({ name, at }) => [name, at]));
  if (gapMs >= 0 && gapMs <= MOST_LOOK_GAP_MS) {
    const dues = jobs.flatMap((job) => listDues(before, job, { fromMs: last.toMs, nowMs, timeZone }));
    const lived = [...before.lived.slice(0, -1), { ...last, toMs: nowMs }];
    return { state: { ...before, lived, known }, dues: dues.sort((a, b) => a.dueMs - b.dueMs) };
  }
  const dues = jobs
    .filter(({ name, at }) => gapMs > 0 && before.known[name] === at)
    .flatMap((job) => findMissed(before, job, { fromMs: last.toMs, nowMs, timeZone }));
  const lived = [...before.lived, { fromMs: nowMs, toMs: nowMs }].slice(-MOST_SPANS);
  const madeUp = [...before.madeUp, ...dues.map(({ name, dueMs }) => ({ name, dueMs }))].slice(-MOST_MADE_UP);
  return { state: { lived, madeUp, known }, dues: dues.sort((a, b) => a.dueMs - b.dueMs) };
}

interface Stretch {
  readonly fromMs: number;
  readonly nowMs: number;
  readonly timeZone: string;
}

/** Ends with the first due time after `nowMs`; a stretch is short, or a day at most. */
function listDues(state: DueState, { name, at }: CalendarJob, { fromMs, nowMs, timeZone }: Stretch): Due[] {
  const dues: Due[] = [];
  for (let afterMs = fromMs; ;) {
    const dueMs = computeNextDue(at, afterMs, timeZone);
    if (dueMs === null || dueMs > nowMs) return dues;
    if (!isDone(state, name, { dueMs, nowMs })) dues.push({ name, dueMs, isMadeUp: false });
    afterMs = dueMs;
  }
}

/** The latest alone, where it is worth it. */
function findMissed(state: DueState, job: CalendarJob, { fromMs, nowMs, timeZone }: Stretch): Due[] {
  const missed = listDues(state, job, { fromMs: Math.max(fromMs, nowMs - MAKE_UP_DAILY_MS), nowMs, timeZone }).at(-1);
  if (missed === undefined) return [];
  const { dueMs } = missed;
  const isDaily = (computeNextDue(job.at, dueMs, timeZone) ?? Infinity) - dueMs >= DAILY_MS;
  return isDaily || nowMs - dueMs <= MAKE_UP_MS ? [{ ...missed, isMadeUp: true }] : [];
}

/** The clock was there before and has been set back since, or the time was made up for ahead of it. */
function isDone(
  { lived, madeUp }: DueState,
  name: string,
  { dueMs, nowMs }: { readonly dueMs: number; readonly nowMs: number },
): boolean {
  return (
    lived.some(({ fromMs, toMs }) => fromMs < dueMs && dueMs <= toMs && toMs - nowMs <= MOST_AHEAD_MS) ||
    madeUp.some((one) => one.name === name && one.dueMs === dueMs)
  );
}
