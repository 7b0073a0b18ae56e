// How much the same hour differs from one day to another: what a busy day may be before it is a trouble. In ln ns.
import { computePercentile, sortAscending, computeMedian } from '../statistics/quantile.js';

/** Median of one hour of one day. */
export interface DayHour {
  readonly median: number;
  /** Of the day, 0 to 23. */
  readonly hour: number;
  /** Whether it is the hour asked for, of the same kind of day. */
  readonly isSameHour: boolean;
}

/** The days that are furthest off count, but for a fifth of them: of a Gaussian 80 % lie within so many standard deviations. */
const FAR_SHARE = 0.8;
const FAR_TO_SD = 1.2816;
/** What n days show is less than what they may be, as Student's t is wider than a Gaussian: by 1 + 3 / n at some 2.5 deviations. */
const FEW_DAYS = 3;
/** Of an hour that was never met: the load of a street that shares a line. */
const UNKNOWN_HOUR = 0.3;
/** Of a line that nothing is known of. What the other hours of a line show is worth as much as two days of this one. */
const USUAL = 0.05;
const OTHERS_WORTH_DAYS = 2;
const LEAST_DAYS = 3;

/** Standard deviation, > 0: what the hour itself shows, what the other hours do, and what it may be as long as it is hardly known. */
export function estimateDaySpread(hours: readonly DayHour[]): number {
  const own = hours.filter(({ isSameHour }) => isSameHour).map(({ median }) => median);
  const days = own.length;
  const seen = days === 0 ? 0 : computeSpread(own) * (1 + FEW_DAYS / days);
  const others = Math.max(USUAL, computeUsualSpread(hours));
  const variance = (days * seen ** 2 + OTHERS_WORTH_DAYS * others ** 2) / (days + OTHERS_WORTH_DAYS);
  return Math.sqrt(variance + (UNKNOWN_HOUR / (1 + days)) ** 2);
}

/** Of the hours of the day that differ most, but for a fifth of them; working days and weekends together. 0 where none is known. */
function computeUsualSpread(hours: readonly DayHour[]): number {
  const byHour = new Map<number, number[]>();
  for (const { hour, median } of hours) byHour.set(hour, [...(byHour.get(hour) ?? []), median]);
  const spreads = [...byHour.values()].filter(({ length }) => length >= LEAST_DAYS).map(computeSpread);
  return spreads.length === 0 ? 0 : computePercentile(sortAscending(spreads), FAR_SHARE);
}

function computeSpread(medians: readonly number[]): number {
  const middle = computeMedian(medians);
  const deviations = sortAscending(medians.map((median) => Math.abs(median - middle)));
  return computePercentile(deviations, FAR_SHARE) / FAR_TO_SD;
}
