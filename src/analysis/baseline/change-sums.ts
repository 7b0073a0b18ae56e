// How much evidence has gathered that a target is no longer as expected: cumulative sums that a small change which stays moves as far
// as a large one does at once. What follows from them is decided in assess-minute.ts.
import type { IncidentKind } from '../../model/incident.js';
import type { ExpectedNorm } from './expectation.js';

/** JSON as it stands. All sums are at least 0. */
export interface ChangeSums {
  readonly rttUp: number;
  readonly rttDown: number;
  readonly jitterUp: number;
  readonly loss: number;
}

export const NO_CHANGE: ChangeSums = { rttUp: 0, rttDown: 0, jitterUp: 0, loss: 0 };

/** Without what has gathered for incidents of this kind. */
export function clearSum(sums: ChangeSums, kind: IncidentKind): ChangeSums {
  if (kind === 'loss') return { ...sums, loss: 0 };
  if (kind === 'delay') return { ...sums, rttUp: 0 };
  return kind === 'jitter' ? { ...sums, jitterUp: 0 } : sums;
}

/**
 * Above it a change is taken for real. Independent Gaussian minutes get there by chance once in 10¹³ (Siegmund, "Sequential analysis",
 * 1985); real ones resemble each other. Three minutes of a large change reach it, before enough of them are bad: it costs no time.
 */
export const SURE_SUM = 15;
/** What is taken off each minute, in standard deviations: half of the smallest change that is looked for, which is what makes a minute bad. */
const DRIFT = 1;
/** So that a return to normal shows soon however long a change lasted. */
const MOST_SUM = 2 * SURE_SUM;
/** No single minute counts for more, however far off it is. */
const MOST_STEP = 6;

/**
 * How far a minute lies outside what days differ by, in standard deviations of minutes, clipped at ± 6; all in ln ns. Minutes of a busy
 * day are all off by the same: adding them up would make a trouble of it, so what one day in a hundred or so reaches is taken off.
 */
export function computeDeviation(value: number, { median, spread, daySpread }: ExpectedNorm): number {
  const off = value - median;
  const beyond = Math.max(0, Math.abs(off) - MOST_DAY * daySpread);
  return clip((Math.sign(off) * beyond) / (spread + LEAST_SPREAD));
}

/** Standard deviations of days. */
const MOST_DAY = 2.5;
/** No line is so even that 2 % count as a deviation. */
const LEAST_SPREAD = 0.02;

/** One step of the sum that grows with deviations above 0 (Page, "Continuous inspection schemes", Biometrika 41, 1954). */
export function addDeviation(sum: number, deviation: number): number {
  return Math.min(MOST_SUM, Math.max(0, sum + deviation - DRIFT));
}

export interface LossCount {
  readonly sent: number;
  readonly lost: number;
}

/**
 * One step of the Bernoulli sum (Reynolds and Stoumbos, "A CUSUM chart for monitoring a proportion", J. Quality Technology 31,
 * 1999): the log-likelihood of `changed` (0-1) against `usual`. Losses that come in bursts say less, each by `burstiness`.
 */
export function addLosses(
  sum: number,
  { sent, lost }: LossCount,
  odds: { readonly usual: number; readonly changed: number; readonly burstiness: number },
): number {
  const { usual, changed, burstiness } = odds;
  const gain = lost * Math.log(changed / usual) + (sent - lost) * Math.log((1 - changed) / (1 - usual));
  return Math.min(MOST_SUM, Math.max(0, sum + clip(gain / burstiness)));
}

function clip(step: number): number {
  return Math.min(MOST_STEP, Math.max(-MOST_STEP, step));
}
