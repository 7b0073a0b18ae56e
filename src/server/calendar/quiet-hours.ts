// Whether nothing heavy may begin by itself at a time of the day. Pure.
import { WEEKDAYS } from '../../model/configuration.js';
import type { QuietHours } from '../../model/configuration.js';
import { PERIODS_MS } from '../../model/period-summary.js';
import { computeLocalMs } from './local-time.js';

const { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } = PERIODS_MS;

/** The one that it falls into; null in none. The last minute is the one before `to`. */
export function findQuietHours(quietHours: readonly QuietHours[], atMs: number, timeZone: string): QuietHours | null {
  const localMs = computeLocalMs(atMs, timeZone);
  return quietHours.find((one) => isWithin(one, localMs)) ?? null;
}

/** Over midnight where `to` is not after `from`; then the day of its beginning counts. */
function isWithin({ from, to, days }: QuietHours, localMs: number): boolean {
  const midnightMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  const [fromMs, toMs] = [parseTimeOfDay(from), parseTimeOfDay(to)];
  const lengthMs = toMs > fromMs ? toMs - fromMs : toMs + DAY_MS - fromMs;
  return [midnightMs, midnightMs - DAY_MS].some((dayMs) => {
    const weekday = WEEKDAYS[new Date(dayMs).getUTCDay()];
    const isOnDay = days.length === 0 || (weekday !== undefined && days.includes(weekday));
    const sinceMs = localMs - (dayMs + fromMs);
    return isOnDay && sinceMs >= 0 && sinceMs < lengthMs;
  });
}

function parseTimeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * HOUR_MS + minutes * MINUTE_MS;
}
