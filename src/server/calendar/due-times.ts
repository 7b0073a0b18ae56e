// When a job of the calendar is due: node-cron says what its five fields mean, here is which instants that is in a time zone.
import { createTask, parse } from 'node-cron';
import { computeLocalMs, computeOffsetMs, listInstants } from './local-time.js';
import { PERIODS_MS } from '../../model/period-summary.js';

const { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } = PERIODS_MS;
/** No zone sets its clock by more at once. */
const MOST_SHIFT_MS = 3 * HOUR_MS;
/** The 29th of February comes after eight years at most. */
const MOST_DAYS = 8 * 366 + 1;
const HOURS_A_DAY = 24;

interface Pattern {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Whether it is due on a day, given by its local midnight. */
  readonly isOnDay: (midnightMs: number) => boolean;
}

const patternsSeen = new Map<string, Pattern>();

/** `at` has been checked with the configuration. */
function findPattern(at: string): Pattern {
  const known = patternsSeen.get(at);
  if (known !== undefined) return known;
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(at);
  const [minutes, hours] = [minute.toSorted((a, b) => a - b), hour.toSorted((a, b) => a - b)];
  const plain = [...dayOfMonth, ...dayOfWeek].every((value) => typeof value === 'number');
  // Only for what is no number, such as L and 1#2: it takes fifty times as long.
  const task = createTask(at, () => undefined, { timezone: 'UTC' });
  const firstMs = (hours[0] ?? 0) * HOUR_MS + (minutes[0] ?? 0) * MINUTE_MS;
  const isOnDay = (midnightMs: number): boolean => {
    const date = new Date(midnightMs);
    if (!month.includes(date.getUTCMonth() + 1)) return false;
    if (plain) return dayOfMonth.includes(date.getUTCDate()) && dayOfWeek.includes(date.getUTCDay());
    return task.match(new Date(midnightMs + firstMs));
  };
  const pattern = { minutes, hours, isOnDay };
  patternsSeen.set(at, pattern);
  return pattern;
}

/**
 * The first due time after `afterMs`, Unix ms; null where none comes in eight years. A time that the clock skips comes as much later
 * as it skips, one that it shows twice counts once, but for jobs of every hour, which go on through both.
 */
export function computeNextDue(at: string, afterMs: number, timeZone: string): number | null {
  const key = `${timeZone} ${at}`;
  const last = answered.get(key);
  if (last && afterMs >= last.afterMs && afterMs < last.dueMs) return last.dueMs;
  const dueMs = searchNextDue(at, afterMs, timeZone);
  if (dueMs !== null) answered.set(key, { afterMs, dueMs });
  return dueMs;
}

/** Until then the answer stays the same; who looks every few seconds asks for nothing else. */
const answered = new Map<string, { readonly afterMs: number; readonly dueMs: number }>();

function searchNextDue(at: string, afterMs: number, timeZone: string): number | null {
  const pattern = findPattern(at);
  const offsetMs = computeOffsetMs(afterMs, timeZone);
  const localMs = computeLocalMs(afterMs, timeZone);
  const isSteady = [-MOST_SHIFT_MS, MOST_SHIFT_MS].every((ms) => computeOffsetMs(afterMs + ms, timeZone) === offsetMs);
  if (!isSteady) {
    const near = findNearShift(pattern, { afterMs, localMs, timeZone });
    if (near !== null) return near;
  }
  for (const dueLocalMs of walkLocal(pattern, isSteady ? localMs : localMs + MOST_SHIFT_MS)) {
    if (isSteady && dueLocalMs <= localMs + MOST_SHIFT_MS) return dueLocalMs - offsetMs;
    const dueMs = listInstants(dueLocalMs, timeZone)[0] ?? dueLocalMs;
    // Looked at again from nearby, where the order of times about a shift can be told.
    return searchNextDue(at, Math.max(afterMs + 1, dueMs - MOST_SHIFT_MS / 2), timeZone);
  }
  return null;
}

/** The least instant after `afterMs` of the local times about it, since a shift changes their order. */
function findNearShift(
  pattern: Pattern,
  { afterMs, localMs, timeZone }: { readonly afterMs: number; readonly localMs: number; readonly timeZone: string },
): number | null {
  const isEveryHour = pattern.hours.length === HOURS_A_DAY;
  let leastMs: number | null = null;
  for (const dueLocalMs of walkLocal(pattern, localMs - MOST_SHIFT_MS - 1)) {
    if (dueLocalMs > localMs + MOST_SHIFT_MS) break;
    const instants = listInstants(dueLocalMs, timeZone);
    for (const dueMs of isEveryHour ? instants : instants.slice(0, 1)) {
      if (dueMs > afterMs && (leastMs === null || dueMs < leastMs)) leastMs = dueMs;
    }
  }
  return leastMs;
}

/** Local times after `afterLocalMs`, ascending. Ends after eight years. */
function* walkLocal({ minutes, hours, isOnDay }: Pattern, afterLocalMs: number): Generator<number> {
  const firstDayMs = Math.floor(afterLocalMs / DAY_MS) * DAY_MS;
  for (let day = 0; day < MOST_DAYS; day += 1) {
    const midnightMs = firstDayMs + day * DAY_MS;
    if (!isOnDay(midnightMs)) continue;
    for (const hour of hours) {
      if (midnightMs + (hour + 1) * HOUR_MS <= afterLocalMs) continue;
      for (const minute of minutes) {
        const localMs = midnightMs + hour * HOUR_MS + minute * MINUTE_MS;
        if (localMs > afterLocalMs) yield localMs;
      }
    }
  }
}
