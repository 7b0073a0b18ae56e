// The Beta-binomial distribution: how likely a count of losses is where the ratio itself is known only about.
import { computeLogBeta } from './log-beta.js';

/**
 * ln P of one certain sequence with `lost` of `sent`, where the ratio is drawn from Beta(mean·firmness, (1 − mean)·firmness) and
 * integrated out; firmness Infinity: the ratio is `mean` exactly. 0 < mean < 1.
 */
export function computeLogLossLikelihood(lost: number, sent: number, mean: number, firmness: number): number {
  if (sent === 0) return 0;
  if (firmness === Infinity) return lost * Math.log(mean) + (sent - lost) * Math.log1p(-mean);
  const a = mean * firmness;
  const b = (1 - mean) * firmness;
  return computeLogBeta(lost + a, sent - lost + b) - computeLogBeta(a, b);
}

/** ln Σ exp(x), without overflow; −Infinity of nothing. */
export function computeLogSum(logs: readonly number[]): number {
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  if (most === -Infinity) return -Infinity;
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}
