// How much is lost up to each hop, and where loss begins. A hop that answers less often than the hops behind it only limits its
// answers, and says nothing of the path.
import type { Estimate } from '../../model/estimates.js';
import type { Onset } from '../../model/route.js';
import { estimateRatio } from '../estimators/ratio.js';
import { isHopAnswer, type HopRow } from './hop-table.js';
import { findExceptions, locateStep, type HopCount } from './locate-step.js';

/** 0.1 %, as the verdict of an examination draws the line (Y.1541 classes 0-4). */
const LEAST_RATIO = 0.001;

export interface HopLoss {
  /** null where nothing was measured or the hop never answers. */
  readonly estimate: Estimate | null;
  readonly limitsAnswers: boolean;
}

/** One a row of the table. */
export function estimateHopLosses(rows: readonly HopRow[]): HopLoss[] {
  const counts = rows.map(countLost);
  const exceptions = findExceptions(counts);
  return counts.map(({ ttl, bad, total }) => ({
    estimate: estimateRatio(bad, total, 'probes to this hop without an answer, Wilson interval'),
    limitsAnswers: exceptions.has(ttl),
  }));
}

/** null where the last hop's loss may be nothing. */
export function locateLoss(rows: readonly HopRow[]): Onset | null {
  const counts = rows.map(countLost);
  const place = locateStep(counts, LEAST_RATIO);
  const last = counts.findLast(({ total }) => total > 0);
  return place && last ? { ...place, value: last.bad / last.total } : null;
}

/** Nothing is counted of a hop that never answers: it does not want to. */
function countLost({ ttl, measured, all }: HopRow): HopCount {
  if (!all.some(isHopAnswer)) return { ttl, bad: 0, total: 0 };
  return { ttl, bad: measured.filter(({ answer }) => answer === null).length, total: measured.length };
}
