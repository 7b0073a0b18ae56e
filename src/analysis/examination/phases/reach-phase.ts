// Does anything answer? A few small packets; if none is answered, once more with more patience.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Sequence } from '../../../model/sequence.js';
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { listAnsweredRows } from '../../estimators/packet-fate.js';
import { fitCount } from '../plans/allowance.js';
import { computeLeastIntervalNs, computeLightSize, QUIET_NS } from '../knowledge.js';
import type { Knowledge, TracesByPhase } from '../knowledge.js';

/** 6 in 0.1 s, then 12 in 1.1 s: an unreachable target costs below 4 s and 18 packets. */
const ATTEMPTS = [
  { count: 6, intervalNs: 20 * NS_PER_MS, lingerNs: 1 * NS_PER_SEC },
  { count: 12, intervalNs: 100 * NS_PER_MS, lingerNs: 1.5 * NS_PER_SEC },
] as const;
/** Where seconds count and nothing is told of these packets but how long to wait for the next ones. */
const HURRIED_INTERVAL_NS = 5 * NS_PER_MS;
/** A rate-limited target must not stretch an attempt beyond this. */
const MOST_SPREAD_NS = 2 * NS_PER_SEC;

export function planReach({ request, path, traces, allowance }: Knowledge): Sequence | null {
  const attempt = ATTEMPTS[traces.reach.length];
  if (attempt === undefined || isReached(traces)) return null;
  const isHurried = request.quantity === 'maximum' && traces.reach.length === 0;
  const intervalNs = Math.max(isHurried ? HURRIED_INTERVAL_NS : attempt.intervalNs, computeLeastIntervalNs(path));
  const sizeBytes = computeLightSize(path);
  const wanted = Math.max(1, Math.min(attempt.count, Math.floor(MOST_SPREAD_NS / intervalNs)));
  const { bytes } = computePatternCost({ kind: 'isochronous', count: 1, intervalNs, sizeBytes });
  const lingerNs = Math.min(attempt.lingerNs, allowance.ns / 2);
  const count = fitCount(wanted, bytes, intervalNs, { ...allowance, ns: allowance.ns - lingerNs });
  if (count === 0) return null;
  return {
    id: traces.reach.length === 0 ? 'reach' : 'reach-again',
    pattern: { kind: 'isochronous', count, intervalNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
    quietNs: QUIET_NS,
  };
}

export function isReached(traces: TracesByPhase): boolean {
  return traces.reach.some((trace) => listAnsweredRows(trace).length > 0);
}
