// Fisher's exact test of two ratios (Fisher 1922): how likely chance alone makes the first as bad as seen.
import { computeLogGamma } from './log-beta.js';

/** `bad` of `total`, 0 ≤ bad ≤ total. */
export interface Ratio {
  readonly bad: number;
  readonly total: number;
}

/** One-sided P(first has `first.bad` or more of all bad ones), if both have the same true ratio. 1 where either is empty. */
export function computeFisherWorse(first: Ratio, second: Ratio): number {
  const bad = first.bad + second.bad;
  const all = first.total + second.total;
  const most = Math.min(bad, first.total);
  let probability = 0;
  for (let k = first.bad; k <= most; k += 1) {
    if (bad - k > second.total) continue;
    probability += Math.exp(logChoose(first.total, k) + logChoose(second.total, bad - k) - logChoose(all, bad));
  }
  return Math.min(1, probability);
}

function logChoose(n: number, k: number): number {
  return computeLogGamma(n + 1) - computeLogGamma(k + 1) - computeLogGamma(n - k + 1);
}
