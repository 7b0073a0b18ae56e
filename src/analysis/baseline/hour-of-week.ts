// Which of the 168 hours of a week an instant falls into, by the clock on the wall of the people who use the network.
import { UsageError } from '../../model/errors.js';

const HOURS_PER_DAY = 24;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Monday to Friday. */
const WORK_DAYS = 5;

export interface HourOfWeek {
  /** 0 is Monday. */
  readonly day: number;
  /** 0 to 23. */
  readonly hour: number;
  readonly isWorkDay: boolean;
}

/** `timeZone` is an IANA name, as `Europe/Berlin`. @throws UsageError where it is unknown. */
export function computeHourOfWeek(atMs: number, timeZone: string): HourOfWeek {
  const parts = findFormat(timeZone).formatToParts(atMs);
  const read = (type: 'weekday' | 'hour'): string => parts.find((part) => part.type === type)?.value ?? '';
  const day = Math.max(0, DAYS.indexOf(read('weekday')));
  return { day, hour: Number(read('hour')) % HOURS_PER_DAY, isWorkDay: day < WORK_DAYS };
}

/** Building one takes longer than using it a thousand times. */
const formatsSeen = new Map<string, Intl.DateTimeFormat>();

function findFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formatsSeen.get(timeZone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
    formatsSeen.set(timeZone, format);
    return format;
  } catch (cause) {
    throw new UsageError('usage.argument', `no time zone is called "${timeZone}"`, { cause });
  }
}
