// Where loss begins. A packet that is lost before hop k is lost for every hop behind it, too; a hop that answers less often than
// the hops behind it therefore only limits its answers, and says nothing of the path.
import type { Estimate } from '../../model/report.js';
import type { Onset } from '../../model/route.js';
import { estimateRatio } from '../estimators/ratio.js';
import { computeFisherWorse, type Ratio } from '../statistics/fisher-exact.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { isHopAnswer, type HopRow } from './hop-table.js';

/** A hop is said to limit its answers only where chance does the same less often than this. */
const SURE = 0.01;
/** 0.1 %, as the verdict of an examination draws the line (Y.1541 classes 0-4). */
const LEAST_RATIO = 0.001;
/** Half the 95 % quantile of chi-squared with one degree of freedom: the support interval of a likelihood. */
const SUPPORT = 1.92;

const NONE: Ratio = { bad: 0, total: 0 };

export interface HopLoss {
  /** null where nothing was measured or the hop never answers. */
  readonly estimate: Estimate | null;
  readonly limitsAnswers: boolean;
}

/** One a row of the table. */
export function estimateHopLosses(rows: readonly HopRow[]): HopLoss[] {
  const counts = rows.map(countLost);
  const limits = new Array<boolean>(rows.length).fill(false);
  const last = counts.at(-1) ?? NONE;
  let later = NONE;
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const here = counts[i] ?? NONE;
    const chance = Math.min(computeFisherWorse(here, later), computeFisherWorse(here, last));
    limits[i] = here.total > 0 && i < rows.length - 1 && chance < SURE;
    if (!limits[i]) later = { bad: later.bad + here.bad, total: later.total + here.total };
  }
  return counts.map(({ bad, total }, i) => ({
    estimate: estimateRatio(bad, total, 'probes to this hop without an answer, Wilson interval'),
    limitsAnswers: limits[i] ?? false,
  }));
}

/** Nothing is counted of a hop that never answers: it does not want to. */
function countLost({ measured, all }: HopRow): Ratio {
  if (!all.some(isHopAnswer)) return NONE;
  return { bad: measured.filter(({ answer }) => answer === null).length, total: measured.length };
}

/**
 * Maximum likelihood of one step in the loss ratio, p before and a larger q from some hop on; hops that limit their answers left
 * out. `after` and `at` enclose every place within the support interval of the likelihood (about 95 %). null where the last
 * hop's loss may be nothing.
 */
export function locateLoss(rows: readonly HopRow[], losses: readonly HopLoss[]): Onset | null {
  const used = rows.flatMap((row, i) => {
    const count = countLost(row);
    return count.total > 0 && losses[i]?.limitsAnswers === false ? [{ ttl: row.ttl, count }] : [];
  });
  const last = used.at(-1);
  if (last === undefined || computeWilsonInterval(last.count.bad, last.count.total).low <= LEAST_RATIO) return null;
  const likelihoods = used.map((_, k) =>
    computeStepLikelihood(
      used.map(({ count }) => count),
      k,
    ),
  );
  const best = Math.max(...likelihoods);
  const supported = likelihoods.flatMap((value, k) => (value >= best - SUPPORT ? [k] : []));
  const first = supported[0] ?? 0;
  return {
    after: first === 0 ? 0 : (used[first - 1]?.ttl ?? 0),
    at: used[supported.at(-1) ?? 0]?.ttl ?? last.ttl,
    value: last.count.bad / last.count.total,
  };
}

/** ln likelihood where the ratio steps up before row `k`; −∞ where it would have to step down. */
function computeStepLikelihood(counts: readonly Ratio[], k: number): number {
  const before = sum(counts.slice(0, k));
  const after = sum(counts.slice(k));
  const p = before.total === 0 ? 0 : before.bad / before.total;
  const q = after.bad / Math.max(1, after.total);
  return p > q ? -Infinity : computeLogLikelihood(before) + computeLogLikelihood(after);
}

function sum(counts: readonly Ratio[]): Ratio {
  return counts.reduce((all, one) => ({ bad: all.bad + one.bad, total: all.total + one.total }), NONE);
}

/** ln likelihood of a count at its own ratio. */
function computeLogLikelihood({ bad, total }: Ratio): number {
  const good = total - bad;
  const term = (count: number): number => (count === 0 ? 0 : count * Math.log(count / total));
  return term(bad) + term(good);
}
