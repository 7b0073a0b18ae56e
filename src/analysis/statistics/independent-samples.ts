// How many independent samples a series is worth whose neighbours resemble each other, as delays in one queue do.
import { computeCorrelationTime } from './correlation-time.js';
import { computePercentile } from './quantile.js';

/** What the estimate of the memory is itself worth: as many independent samples are taken off. */
const SPENT_ON_MEMORY = 3;
/** A queue may be remembered by when it is used longer than by how long it is, or the other way round. */
const LEVELS = [0.5, 0.95];

/**
 * n/τ for the longest memory τ of the values and of whether each is above their 50th and above their 95th percentile. Values in the
 * order of time, finite; `ascending` the same, sorted. Between 0 and n.
 */
export function countIndependent(values: ArrayLike<number>, ascending: Float64Array): number {
  const passages = LEVELS.map((level) => {
    const limit = computePercentile(ascending, level);
    return Float64Array.from(values, (value) => (value > limit ? 1 : 0));
  });
  const memory = Math.max(...[values, ...passages].map(computeCorrelationTime));
  return memory <= 1 ? values.length : Math.max(0, values.length / memory - SPENT_ON_MEMORY);
}
