// An estimate of "so many of so many": Wilson's interval, and how many samples make it good.
import type { Estimate } from '../../model/estimates.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';

/**
 * null without a trial. `count` of `trials`, 0 ≤ count ≤ trials. Events that come in groups tell less than so many independent
 * ones: `designEffect` ≥ 1 is the variance of the ratio divided by that of independent events (Kish 1965).
 */
export function estimateRatio(count: number, trials: number, method: string, designEffect = 1): Estimate | null {
  if (trials === 0) return null;
  return {
    value: count / trials,
    ...computeWilsonInterval(count / designEffect, trials / designEffect),
    method,
    samples: trials,
    ...judgeSampleCount(trials / designEffect),
  };
}

export interface RatioGroup {
  readonly count: number;
  readonly trials: number;
}

/** Fewer groups tell nothing of how they differ. */
const LEAST_GROUPS = 4;

/** How much more groups of trials differ from each other than if each trial were independent; at least 1. */
export function computeDesignEffect(groups: readonly RatioGroup[]): number {
  const trials = groups.reduce((sum, group) => sum + group.trials, 0);
  const ratio = groups.reduce((sum, group) => sum + group.count, 0) / trials;
  if (groups.length < LEAST_GROUPS || !(ratio > 0 && ratio < 1)) return 1;
  const spread = groups.reduce((sum, { count, trials: size }) => sum + (count - ratio * size) ** 2, 0);
  return Math.max(1, ((groups.length / (groups.length - 1)) * spread) / (trials * ratio * (1 - ratio)));
}

/** Good: none of so many bounds a ratio to about 1 %. Fair: to 5 %. */
export function judgeSampleCount(samples: number): Pick<Estimate, 'quality' | 'limitedBy'> {
  if (samples >= 300) return { quality: 'good', limitedBy: null };
  return { quality: samples >= 70 ? 'fair' : 'poor', limitedBy: 'samples' };
}
