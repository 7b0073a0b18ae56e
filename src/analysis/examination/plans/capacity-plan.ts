// What is left of the seconds and bytes that a capacity asked for by itself is planned to take. Whether more is worth while where they
// are used up is decided by the phase.
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { computeElapsedNs } from './allowance.js';
import { DEPTH_PLANS } from './depth-plan.js';
import { computeLingerNs, selectTrainTraces } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { LOAD_ID } from '../readings/train-readings.js';

/** What the next load may take, its wait for replies left out. */
export interface PlannedRoom {
  readonly bytes: number;
  readonly ns: number;
}

/** For a load that must tell a bucket from other traffic: behind a bucket it lasts three times as long. */
export const DECIDING: PlannedRoom = { bytes: Infinity, ns: 600 * NS_PER_MS };
/** Ours first, where the far end sends trains of its own behind it. */
const OWN_SHARE = 0.6;
/** Sixty packets behind a bucket of a few more. */
const LEAST_BYTES = 150e3;
/** No sentence for a packet more. */
const OVERRUN = 1.1;
/** A line that kept its rate for so long is not called a burst, and a little more. */
const LEAST_NS = 300 * NS_PER_MS;

/** Never negative; null where capacity is not all that is asked for. */
export function computePlannedRoom(knowledge: Knowledge, isReverse: boolean): PlannedRoom | null {
  const { request, traces, allowance, path } = knowledge;
  if (request.quantity !== 'capacity') return null;
  const { planned } = DEPTH_PLANS[request.depth];
  const share = path.farSends && !isReverse ? OWN_SHARE : 1;
  const spentBytes = selectTrainTraces(traces).reduce((sum, { cost }) => sum + cost.bytes, 0);
  const spentNs = computeElapsedNs(request, allowance) + computeLingerNs(traces);
  return {
    bytes: Math.max(0, share * planned.bytes - spentBytes),
    ns: Math.max(0, share * planned.seconds * NS_PER_SEC - spentNs),
  };
}

export function isWorthALoad({ bytes, ns }: PlannedRoom): boolean {
  return bytes >= LEAST_BYTES && ns >= LEAST_NS;
}

/** For a load that is needed whatever was planned. */
export function grantLeast({ bytes, ns }: PlannedRoom): PlannedRoom {
  return { bytes: Math.max(LEAST_BYTES, bytes), ns: Math.max(LEAST_NS, ns) };
}

/** One sentence where later loads went beyond the plan. */
export function describeOverrun(knowledge: Knowledge): string[] {
  const { request, traces, allowance } = knowledge;
  const { planned } = DEPTH_PLANS[request.depth];
  const bytes = selectTrainTraces(traces).reduce((sum, { cost }) => sum + cost.bytes, 0);
  const isLonger = computeElapsedNs(request, allowance) > planned.seconds * NS_PER_SEC;
  const hasMoreLoads = traces.capacity.filter(({ sequenceId }) => sequenceId.startsWith(LOAD_ID)).length > 1;
  if (request.quantity !== 'capacity' || !hasMoreLoads || !(isLonger || bytes > OVERRUN * planned.bytes)) return [];
  return [
    `The loads planned for ${planned.seconds} s and ${planned.bytes / 1e6} MB did not tell the capacity: more were sent`,
  ];
}
