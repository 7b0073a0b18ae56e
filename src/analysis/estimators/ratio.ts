// An estimate of "so many of so many": Wilson's interval, and how many samples make it good.
import type { Estimate } from '../../model/report.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';

/** null without a trial. `count` of `trials`, 0 ≤ count ≤ trials. */
export function estimateRatio(count: number, trials: number, method: string): Estimate | null {
  if (trials === 0) return null;
  return {
    value: count / trials,
    ...computeWilsonInterval(count, trials),
    method,
    samples: trials,
    ...judgeSampleCount(trials),
  };
}

/** Good: none of so many bounds a ratio to about 1 %. Fair: to 5 %. */
export function judgeSampleCount(samples: number): Pick<Estimate, 'quality' | 'limitedBy'> {
  if (samples >= 300) return { quality: 'good', limitedBy: null };
  return { quality: samples >= 70 ? 'fair' : 'poor', limitedBy: 'samples' };
}
