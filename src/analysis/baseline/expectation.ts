// What a minute of a given hour of the week should be like, from the hours learnt so far. Hours that are alike count for each other as
// long as the hour itself was met only a few times. Whether a minute is as expected is decided in assess-minute.ts.
import type { HourNorm, Norm } from '../../model/hour-norm.js';
import { estimateDaySpread } from './day-spread.js';
import { computeHourOfWeek } from './hour-of-week.js';
import type { HourOfWeek } from './hour-of-week.js';

/** Of the minutes of one hour, ln ns; `spread` is that of minutes on the same day. */
export interface ExpectedNorm extends Norm {
  /** Standard deviation of the whole hour from one day to another. */
  readonly daySpread: number;
}

export interface Expectation {
  /** null as long as nothing is known of it. */
  readonly rtt: ExpectedNorm | null;
  readonly jitter: ExpectedNorm | null;
  readonly lossRatio: number;
  /** Variance of a minute's losses over that of independent ones, at least 1. */
  readonly burstiness: number;
  /** True as long as less than a day was seen: then only large changes count. */
  readonly isLearning: boolean;
}

/** Hours that make a day: a restart may have cost some. */
const LEARNT_HOURS = 20;
const WEEK_MS = 604_800_000;
const HALF_LIFE_WEEKS = 4;
/** What one hour counts for another, the same hour of the same weekday being 1, as long as that was never met. */
const LIKENESS = { sameHour: 0.3, neighbour: 0.1, otherDays: 0.05, any: 0.01 } as const;
/** All hours that are not like it at all count for so much together: they are many, most of them nights. */
const MOST_UNLIKE = 0.1;
/** Loss before anything is known, and what it is worth in packets. */
const PRIOR_LOSS = { ratio: 0.0005, packets: 2000 } as const;

interface Weighed {
  readonly norm: HourNorm;
  readonly weight: number;
  /** That of its age alone. */
  readonly freshness: number;
  /** Of the day. */
  readonly hour: number;
  readonly isWorkDay: boolean;
  readonly isSameHour: boolean;
}

/** `norms` are of one target, of any age and in any order; `atMs` lies in the hour that is asked for. */
export function computeExpectation(norms: readonly HourNorm[], atMs: number, timeZone: string): Expectation {
  const weighed = weighHours(norms, atMs, timeZone);
  return {
    rtt: combineNorms(weighed, ({ rtt }) => rtt),
    jitter: combineNorms(weighed, ({ jitter }) => jitter),
    // Hours like this one may lose more than others; that they lose less is mostly chance.
    lossRatio: Math.max(
      computeLoss(weighed.map(({ norm, weight }) => [norm, weight])),
      computeLoss(weighed.map(({ norm, freshness }) => [norm, freshness])),
    ),
    burstiness: Math.max(1, computeWeightedMedian(weighed.map(({ norm, weight }) => [norm.burstiness, weight])) || 1),
    isLearning: norms.length < LEARNT_HOURS,
  };
}

function computeLoss(weighed: readonly (readonly [norm: HourNorm, weight: number])[]): number {
  const sent = weighed.reduce((sum, [norm, weight]) => sum + weight * norm.sent, 0);
  const lost = weighed.reduce((sum, [norm, weight]) => sum + weight * norm.lost, 0);
  return (lost + PRIOR_LOSS.ratio * PRIOR_LOSS.packets) / (sent + PRIOR_LOSS.packets);
}

function weighHours(norms: readonly HourNorm[], atMs: number, timeZone: string): Weighed[] {
  const now = computeHourOfWeek(atMs, timeZone);
  const hours = norms.map((norm) => ({ norm, hour: findHour(norm, timeZone) }));
  const met = hours.filter(({ hour }) => hour.day === now.day && hour.hour === now.hour).length;
  const unlike = hours.filter(({ hour }) => findLikeness(now, hour) === LIKENESS.any).length;
  return hours.map(({ norm, hour }) => {
    const isSame = hour.day === now.day && hour.hour === now.hour;
    const ageWeeks = Math.abs(atMs - norm.startMs) / WEEK_MS;
    const found = findLikeness(now, hour);
    const other = found === LIKENESS.any ? Math.min(found, MOST_UNLIKE / unlike) : found;
    const likeness = isSame ? 1 : other / (1 + met);
    const freshness = 0.5 ** (ageWeeks / HALF_LIFE_WEEKS);
    return {
      norm,
      weight: likeness * freshness,
      freshness,
      hour: hour.hour,
      isWorkDay: hour.isWorkDay,
      isSameHour: hour.hour === now.hour && hour.isWorkDay === now.isWorkDay,
    };
  });
}

/** A norm never changes, and is asked for its hour with every hour that comes; forgotten with the norm. */
const hoursSeen = new WeakMap<HourNorm, { readonly timeZone: string; readonly hour: HourOfWeek }>();

function findHour(norm: HourNorm, timeZone: string): HourOfWeek {
  const seen = hoursSeen.get(norm);
  if (seen?.timeZone === timeZone) return seen.hour;
  const hour = computeHourOfWeek(norm.startMs, timeZone);
  hoursSeen.set(norm, { timeZone, hour });
  return hour;
}

function findLikeness(now: HourOfWeek, other: HourOfWeek): number {
  const apart = Math.abs(now.hour - other.hour);
  if (now.isWorkDay !== other.isWorkDay) return apart === 0 ? LIKENESS.otherDays : LIKENESS.any;
  if (apart === 0) return LIKENESS.sameHour;
  return apart === 1 || apart === 23 ? LIKENESS.neighbour : LIKENESS.any;
}

function combineNorms(weighed: readonly Weighed[], pick: (norm: HourNorm) => Norm | null): ExpectedNorm | null {
  const known = weighed.flatMap(({ norm, weight, hour, isWorkDay, isSameHour }) => {
    const picked = pick(norm);
    return picked === null ? [] : [{ ...picked, weight, hour, isWorkDay, isSameHour }];
  });
  if (known.length === 0) return null;
  const median = computeWeightedMedian(known.map((norm) => [norm.median, norm.weight]));
  const spread = computeWeightedMedian(known.map((norm) => [norm.spread, norm.weight]));
  return { median, spread, daySpread: estimateDaySpread(known, median) };
}

/** The value at which half of the weight is reached; NaN without any. */
function computeWeightedMedian(pairs: readonly (readonly [value: number, weight: number])[]): number {
  const ascending = [...pairs].sort((a, b) => a[0] - b[0]);
  const half = ascending.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let reached = 0;
  for (const [value, weight] of ascending) {
    reached += weight;
    if (reached >= half) return value;
  }
  return Number.NaN;
}
