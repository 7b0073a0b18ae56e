// What packets wait in queues: their delay less the smallest of the last minutes on the same route.
import type { DelayEstimate, Directional, QueueingEstimate, QueueingQuantiles } from '../../../model/estimates.js';
import { NS_PER_SEC } from '../../../model/units.js';
import { computeVariationDistribution } from './delay-distribution.js';
import { splitAtRouteChanges } from './route-changes.js';
import type { DelaySamples } from './route-changes.js';

/** Half of the window of the smallest delay: it reaches so far to either side. */
const HALF_WINDOW_NS = 300 * NS_PER_SEC;

export interface TimedDelays extends DelaySamples {
  /** When each packet was sent, ns on one clock, ascending. */
  readonly sentNs: Float64Array;
}

/** Delay above the floor of its time and route, ns, one for each sample. */
export function computeQueueing(samples: TimedDelays): Float64Array {
  const queueingNs = new Float64Array(samples.delayNs.length);
  for (const { from, to } of splitAtRouteChanges(samples)) {
    const floorNs = computeRollingLeast(samples.sentNs.subarray(from, to), samples.delayNs.subarray(from, to));
    for (let i = from; i < to; i += 1) queueingNs[i] = (samples.delayNs[i] ?? 0) - (floorNs[i - from] ?? 0);
  }
  return queueingNs;
}

/** Of round trips; `oneWay` is each direction's delay above its own smallest. null without a sample. */
export function estimateQueueing(samples: TimedDelays, oneWay: Directional<DelayEstimate>): QueueingEstimate | null {
  const bothWays = selectQuantiles(computeVariationDistribution(computeQueueing(samples)));
  if (bothWays === null) return null;
  return { ...bothWays, forward: selectQuantiles(oneWay.forward), reverse: selectQuantiles(oneWay.reverse) };
}

function selectQuantiles(delay: DelayEstimate | null): QueueingQuantiles | null {
  if (delay === null) return null;
  const { p50Ns, p95Ns, p99Ns, intervals } = delay;
  return { p50Ns, p95Ns, p99Ns, intervals };
}

/** Smallest value within the window around each instant; a queue of candidates, each smaller than all before it. */
function computeRollingLeast(atNs: Float64Array, values: Float64Array): Float64Array {
  const candidates: number[] = [];
  let head = 0;
  let next = 0;
  return values.map((_, i) => {
    const now = atNs[i] ?? 0;
    for (; next < values.length && (atNs[next] ?? 0) <= now + HALF_WINDOW_NS; next += 1) {
      while (candidates.length > head && (values[candidates.at(-1) ?? 0] ?? 0) >= (values[next] ?? 0)) candidates.pop();
      candidates.push(next);
    }
    while ((atNs[candidates[head] ?? i] ?? 0) < now - HALF_WINDOW_NS) head += 1;
    return values[candidates[head] ?? i] ?? 0;
  });
}
