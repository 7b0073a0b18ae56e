// As how many independent packets do those that were sent one by one count? Where the best explanation leaves losses that follow each other,
// it knows less than their number says.
import type { Overflow, Partition } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';

const MOST_LAGS = 24;
/** Correlations from here on are noise. */
const LEAST_CORRELATION = 0.05;
/** However much is left, so much is believed. */
export const LEAST_INDEPENDENCE = 0.1;
const LEGS = 3;

/**
 * 1 / (1 + 2 Σ ρ) of what the partition leaves unexplained, 0.1-1: ρ the correlation of neighbouring rows of a leg, over the lags up to the
 * first that shows none (Geyer, "Practical Markov Chain Monte Carlo", 1992). Each class is expected to lose what it lost.
 */
export function estimateIndependence(rows: LoadRows, overflow: Overflow, partition: Partition): number {
  const residuals = listResiduals(rows, overflow, partition);
  const variance = residuals.reduce((sum, leg) => sum + correlate(leg, 0), 0);
  if (!(variance > 0)) return 1;
  let sum = 0;
  for (let lag = 1; lag <= MOST_LAGS; lag += 1) {
    const correlation = residuals.reduce((products, leg) => products + correlate(leg, lag), 0) / variance;
    if (correlation < LEAST_CORRELATION) break;
    sum += correlation;
  }
  return Math.max(LEAST_INDEPENDENCE, 1 / (1 + 2 * sum));
}

function correlate(values: readonly number[], lag: number): number {
  let products = 0;
  for (let i = lag; i < values.length; i += 1) products += (values[i] ?? 0) * (values[i - lag] ?? 0);
  return products;
}

/** Of each leg, in the order of sending: lost or not, less what its class lost on average, in standard deviations. */
function listResiduals(rows: LoadRows, overflow: Overflow, { classOf, classes }: Partition): readonly number[][] {
  const isCounted = (i: number): boolean => rows.isSparse[i] === 1 && rows.isMute[i] === 0 && overflow[i] === 0;
  const sent = new Float64Array(classes);
  const lost = new Float64Array(classes);
  for (let i = 0; i < rows.count; i += 1) {
    if (!isCounted(i)) continue;
    const found = classOf[i] ?? 0;
    sent[found] = (sent[found] ?? 0) + 1;
    lost[found] = (lost[found] ?? 0) + (rows.isLost[i] ?? 0);
  }
  const residuals = Array.from({ length: LEGS }, (): number[] => []);
  for (let i = 0; i < rows.count; i += 1) {
    if (!isCounted(i)) continue;
    const found = classOf[i] ?? 0;
    const ratio = (lost[found] ?? 0) / (sent[found] ?? 1);
    const deviation = Math.sqrt(ratio * (1 - ratio));
    residuals[rows.leg[i] ?? 0]?.push(deviation > 0 ? ((rows.isLost[i] ?? 0) - ratio) / deviation : 0);
  }
  return residuals;
}
