// Delay, jitter and loss from small packets at an even pace; where some are lost, more of them, so that the interval narrows.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Sequence } from '../../../model/sequence.js';
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { countLoss } from '../../estimators/loss/loss-ratio.js';
import { fitCount } from '../plans/allowance.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';

/** More packets where some are lost come closer together: they cost little and the time is short. */
const EXTRA_INTERVAL_NS = 5 * NS_PER_MS;
/** Share of the remaining time that a limited target may use up here. */
const MOST_TIME_SHARE = 0.5;

export function planDelay(knowledge: Knowledge): Sequence | null {
  const { request, path, traces, allowance } = knowledge;
  const plan = DEPTH_PLANS[request.depth];
  const isExtra = traces.delay.length === 1 && countLoss(traces.delay).lost > 0;
  if (traces.delay.length > 0 && !isExtra) return null;
  const usualNs = isExtra ? EXTRA_INTERVAL_NS : plan.delayIntervalNs;
  const intervalNs = Math.max(usualNs, computeLeastIntervalNs(path));
  const sizeBytes = computeLightSize(path);
  const lingerNs = computeLingerNs(traces);
  const { bytes } = computePatternCost({ kind: 'isochronous', count: 1, intervalNs, sizeBytes });
  const room = { ...allowance, ns: Math.min(allowance.ns * MOST_TIME_SHARE, 30 * NS_PER_SEC) - lingerNs };
  const count = fitCount(isExtra ? plan.extraLossPackets : plan.delayPackets, bytes, intervalNs, room);
  if (count < 2) return null;
  return {
    id: isExtra ? 'delay-more' : 'delay',
    pattern: { kind: 'isochronous', count, intervalNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}
