// How many samples in a row say the same: what a series of waits or of delays is worth beside independent ones.

/**
 * Integrated autocorrelation time τ = 1 + 2·Σρ(k) in samples, summed while neighbouring pairs of autocorrelations are positive and
 * never more than the pair before (initial monotone sequence: Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7,
 * 1992). n values are worth n/τ independent ones. At least 1, which is also that of a series that does not vary. In the order of time.
 */
export function computeCorrelationTime(values: ArrayLike<number>): number {
  const count = values.length;
  // Beside the first value, so that a series that does not vary is exactly 0 and not what rounding leaves.
  const first = values[0] ?? 0;
  let mean = 0;
  for (let i = 0; i < count; i += 1) mean += ((values[i] as number) - first) / count;
  const deviations = new Float64Array(count);
  for (let i = 0; i < count; i += 1) deviations[i] = (values[i] as number) - first - mean;
  const variance = sumProducts(deviations, 0);
  if (!(variance > 0)) return 1;
  let time = -1;
  let most = Infinity;
  for (let lag = 0; lag + 1 < count / 2; lag += 2) {
    const pair = Math.min(most, (sumProducts(deviations, lag) + sumProducts(deviations, lag + 1)) / variance);
    if (!(pair > 0)) break;
    time += 2 * pair;
    most = pair;
  }
  return Math.max(1, time);
}

/** The same of the ranks of the values, so that no single long wait rules it. Equal values share the mean of their ranks. */
export function computeRankCorrelationTime(values: readonly number[]): number {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let first = 0, end = 0; first < order.length; first = end) {
    const value = values[order[first] ?? 0];
    while (end < order.length && values[order[end] ?? 0] === value) end += 1;
    for (const index of order.slice(first, end)) ranks[index] = (first + end - 1) / 2;
  }
  return computeCorrelationTime(ranks);
}

function sumProducts(deviations: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < deviations.length; i += 1) sum += (deviations[i] as number) * (deviations[i - lag] as number);
  return sum;
}
