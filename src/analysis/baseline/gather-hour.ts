// The quiet minutes of the hour that runs, until they become a norm. Which minutes are quiet is decided by judge-minute.ts.
import type { HourNorm, Norm } from '../../model/hour-norm.js';
import { PERIODS_MS } from '../../model/period-summary.js';
import { computeMedian } from '../statistics/quantile.js';

/** JSON as it stands. Columns of one entry a minute. */
export interface HourGathering {
  /** Begin of the hour, Unix ms. */
  readonly startMs: number;
  /** ln ns; null in a minute without. */
  readonly rtt: readonly (number | null)[];
  readonly jitter: readonly (number | null)[];
  readonly sent: readonly number[];
  readonly lost: readonly number[];
}

export interface QuietMinute {
  readonly startMs: number;
  readonly lnRtt: number | null;
  readonly lnJitter: number | null;
  readonly sent: number;
  readonly lost: number;
}

/** Fewer minutes say too little of an hour. */
const LEAST_MINUTES = 20;
const MAD_TO_SD = 1.4826;
/** So many digits behind the point of a logarithm are a thousandth. */
const DIGITS = 1e4;

export function startHour(atMs: number): HourGathering {
  const startMs = Math.floor(atMs / PERIODS_MS.hour) * PERIODS_MS.hour;
  return { startMs, rtt: [], jitter: [], sent: [], lost: [] };
}

export function isOfHour(hour: HourGathering, atMs: number): boolean {
  return atMs >= hour.startMs && atMs < hour.startMs + PERIODS_MS.hour;
}

export function addMinute(hour: HourGathering, minute: QuietMinute): HourGathering {
  return {
    startMs: hour.startMs,
    rtt: [...hour.rtt, roundLog(minute.lnRtt)],
    jitter: [...hour.jitter, roundLog(minute.lnJitter)],
    sent: [...hour.sent, minute.sent],
    lost: [...hour.lost, minute.lost],
  };
}

/** null with fewer than 20 minutes. */
export function computeHourNorm(target: string, hour: HourGathering): HourNorm | null {
  const minutes = hour.sent.length;
  if (minutes < LEAST_MINUTES) return null;
  return {
    target,
    startMs: hour.startMs,
    minutes,
    rtt: computeNorm(hour.rtt),
    jitter: computeNorm(hour.jitter),
    sent: sumOf(hour.sent),
    lost: sumOf(hour.lost),
    burstiness: computeBurstiness(hour),
  };
}

/** Of the known values; null with fewer than half of the least minutes. */
export function computeNorm(values: readonly (number | null)[]): Norm | null {
  const known = values.filter((value) => value !== null);
  if (known.length < LEAST_MINUTES / 2) return null;
  const median = computeMedian(known);
  const spread = MAD_TO_SD * computeMedian(known.map((value) => Math.abs(value - median)));
  return { median: roundDigits(median), spread: roundDigits(spread) };
}

function computeBurstiness({ sent, lost }: HourGathering): number {
  const ratio = sumOf(lost) / sumOf(sent);
  if (!(ratio > 0 && ratio < 1)) return 1;
  const squares = sent.reduce((sum, count, i) => sum + ((lost[i] ?? 0) - ratio * count) ** 2, 0);
  return Math.max(1, roundDigits(squares / (sumOf(sent) * ratio * (1 - ratio))));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function roundLog(value: number | null): number | null {
  return value === null ? null : roundDigits(value);
}

function roundDigits(value: number): number {
  return Math.round(value * DIGITS) / DIGITS;
}
