// The score interval of a proportion: honest at 0 and at 1, where the usual "± z·sd" collapses to a point.

import type { Interval } from '../../model/estimates.js';

/** Two-sided 95 % quantile of the standard normal distribution. */
export const Z_95 = 1.959964;

/**
 * Wilson's interval (JASA 22, 1927; recommended by RFC 7680's statistics and by Brown, Cai, DasGupta 2001) for `successes` of
 * `trials`; fractions of a success are allowed. Inside 0-1; the whole of it without a trial.
 */
export function computeWilsonInterval(successes: number, trials: number): Interval {
  if (!(trials > 0)) return { low: 0, high: 1 };
  const ratio = Math.min(1, Math.max(0, successes / trials));
  const z2 = Z_95 * Z_95;
  const center = ratio + z2 / (2 * trials);
  const spread = Z_95 * Math.sqrt((ratio * (1 - ratio)) / trials + z2 / (4 * trials * trials));
  const scale = 1 + z2 / trials;
  return {
    low: ratio === 0 ? 0 : Math.max(0, (center - spread) / scale),
    high: ratio === 1 ? 1 : Math.min(1, (center + spread) / scale),
  };
}
