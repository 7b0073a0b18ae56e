// How much the same hour differs from one day to another: what a busy day may be before it is a trouble. In ln ns.
import { computePercentile, sortAscending, computeMedian } from '../statistics/quantile.js';

/** Median of one hour of one day. */
export interface DayHour {
  readonly median: number;
  /** Of the day, 0 to 23. */
  readonly hour: number;
  /** Monday to Friday. */
  readonly isWorkDay: boolean;
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

/**
 * Standard deviation, > 0, of an hour that is expected to have the median `expected`: what the hour itself shows, what the other hours
 * do, and what it may be as long as it is hardly known. One day alone shows nothing of how much days differ.
 */
export function estimateDaySpread(hours: readonly DayHour[], expected: number): number {
  const own = hours.filter(({ isSameHour }) => isSameHour).map(({ median }) => median);
  const days = own.length;
  const seen = days === 0 ? 0 : computeSpread(own) * (1 + FEW_DAYS / days);
  const others = Math.max(USUAL, predictSpread(hours, expected));
  const worth = Math.max(0, days - 1);
  const variance = (worth * seen ** 2 + OTHERS_WORTH_DAYS * others ** 2) / (worth + OTHERS_WORTH_DAYS);
  return Math.sqrt(variance + (UNKNOWN_HOUR / (1 + days)) ** 2);
}

/**
 * A busy day is busy in all its hours: what load adds to the round trip of the emptiest hour differs from day to day by one share of
 * it. That share is fitted to all hours (least squares), and times what load makes of this hour; at least what half of all hours show.
 * Working days and weekends are different groups, as what they differ by is known. 0 where no hour was met on three days.
 */
function predictSpread(hours: readonly DayHour[], expected: number): number {
  const groups = groupByHour(hours).map((medians) => ({ medians, middle: computeMedian(medians) }));
  const floor = groups.reduce((least, { middle }) => Math.min(least, middle), expected);
  const shareOfLoad = (median: number): number => 1 - Math.exp(floor - median);
  const seen = groups
    .filter(({ medians }) => medians.length >= LEAST_DAYS)
    .map(({ medians, middle }) => ({ spread: computeSpread(medians), share: shareOfLoad(middle) }));
  if (seen.length === 0) return 0;
  const squares = seen.reduce((sum, { share }) => sum + share ** 2, 0);
  const products = seen.reduce((sum, { share, spread }) => sum + share * spread, 0);
  const fitted = squares > 0 ? (products / squares) * shareOfLoad(expected) : 0;
  return Math.max(fitted, computePercentile(sortAscending(seen.map(({ spread }) => spread)), 0.5));
}

/** Medians of each hour of the day, those of working days apart from those of weekends. */
function groupByHour(hours: readonly DayHour[]): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>();
  for (const { hour, isWorkDay, median } of hours) {
    const key = isWorkDay ? hour : -1 - hour;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [median]);
    else known.push(median);
  }
  return [...groups.values()];
}

function computeSpread(medians: readonly number[]): number {
  const middle = computeMedian(medians);
  const deviations = sortAscending(medians.map((median) => Math.abs(median - middle)));
  return computePercentile(deviations, FAR_SHARE) / FAR_TO_SD;
}
