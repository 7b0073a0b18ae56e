// Which train to send next in search of the narrow link's lasting rate: a short one for a first idea, then overloading ones
// long enough to empty a token bucket, then, where a processor may be what was measured, one of smaller packets. The far end's own
// trains, where it sends any, come last.
import type { Sequence } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import { estimateCapacity, isDoubtful, selectLargeTrains } from '../estimators/capacity.js';
import type { Direction } from '../estimators/own-ceiling.js';
import { isOverload } from '../estimators/train-rate.js';
import type { TrainRate } from '../estimators/train-rate.js';
import { DEPTH_PLANS } from './depth-plan.js';
import { computeLightSize } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { computeLargeSize, FIRST_PACKETS, isHead, planOverload, planTrain } from './train-plan.js';
import { readStampLimits } from './train-sizing.js';
import { answersTrains, chooseForwardLeg, FAR_ID, LOAD_ID, readFarRates, readTrainRates } from './train-readings.js';

/** For a queue so short that nothing of a back-to-back train comes through: 6 Mb/s. */
const SECOND_GAP_NS = 2 * NS_PER_MS;
const LEAST_TAIL = 30;
/** Loads at two rates, each twice, before a dispute between trains is left standing. */
const DISPUTED_LOADS = 4;
/** Loads at two rates, so that other traffic shows, before a short train is overruled. */
const DOUBTED_LOADS = 2;
/** Loads before it is believed that the probe is the limit. */
const BOUNDED_LOADS = 2;
const MOST_CHECKS = 2;
/** Several short trains, so that a stall of this machine spoils only one. */
const CHECK = { packets: 60, trains: 3, spacingNs: 10 * NS_PER_MS };
/** What the far end sends first. */
const FAR_FIRST = { id: `${FAR_ID}-first`, packets: FIRST_PACKETS, gapNs: 0, patienceNs: 400 * NS_PER_MS };

/** A first train; a paced one where nothing of it came back. */
export function planFirstRate(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (!answersTrains(path) || traces.rate.length > 1 || readTrainRates(traces).length > 0) return null;
  const isFirst = traces.rate.length === 0;
  return planTrain(knowledge, {
    id: isFirst ? 'train-first' : 'train-slow',
    packets: isFirst ? FIRST_PACKETS : 2 * FIRST_PACKETS,
    gapNs: isFirst ? 0 : SECOND_GAP_NS,
    sizeBytes: computeLargeSize(knowledge),
    patienceNs: 400 * NS_PER_MS,
  });
}

export function planCapacity(knowledge: Knowledge): Sequence | null {
  return planForward(knowledge) ?? planReverse(knowledge);
}

function planForward(knowledge: Knowledge): Sequence | null {
  const { traces, request, path } = knowledge;
  const rates = readTrainRates(traces);
  const latest = selectLargeTrains(rates).at(-1);
  if (latest === undefined) return null;
  const loads = traces.capacity.filter(({ sequenceId }) => sequenceId.startsWith(LOAD_ID)).length;
  const plan = DEPTH_PLANS[request.depth];
  const way = chooseForwardLeg(traces) === 'forward' ? 'forward' : 'both';
  const checks = traces.capacity.filter(({ sequenceId }) => sequenceId === 'train-check').length;
  // A processor that was slow by chance passes for the limit once; it is asked again after the next load.
  if (checks < MOST_CHECKS && loads > checks && isDoubtful(latest) && !isCleared(rates, checks))
    return planCheck(knowledge);
  if (loads >= plan.maxTrains || !needsAnotherTrain(rates, loads, { path, request, way })) return null;
  return planTrain(knowledge, {
    id: `${LOAD_ID}-${loads + 1}`,
    sizeBytes: computeLargeSize(knowledge),
    ...planOverload(rates, latest, { plan, loads, stamps: readStampLimits(knowledge) }),
  });
}

function isCleared(rates: readonly TrainRate[], checks: number): boolean {
  return checks > 0 && estimateCapacity(rates)?.boundedBy === null;
}

function needsAnotherTrain(
  rates: readonly TrainRate[],
  loads: number,
  { path, request, way }: Pick<Knowledge, 'path' | 'request'> & { readonly way: Direction },
): boolean {
  const plan = DEPTH_PLANS[request.depth];
  const latest = selectLargeTrains(rates).at(-1);
  if (loads < plan.minTrains || latest === undefined) return true;
  // Back to back and still no overload: no train can be faster.
  if (!isOverload(latest)) return latest.plannedShare > 0;
  if (latest.arrivals < LEAST_TAIL || isHead(latest)) return true;
  const capacity = estimateCapacity(rates, way, path);
  if (capacity === null) return false;
  if (capacity.isDisputed) return loads < DISPUTED_LOADS;
  if (capacity.isDoubted && loads < DOUBTED_LOADS) return true;
  if (capacity.boundedBy !== null && loads >= BOUNDED_LOADS) return false;
  return capacity.halfWidth > plan.targetHalfWidth;
}

/** The same way back: first a short train of the far end, then overloading ones. Ends where it sends none. */
function planReverse(knowledge: Knowledge): Sequence | null {
  const { path, traces, request } = knowledge;
  if (!path.farSends || selectLargeTrains(readTrainRates(traces)).length === 0) return null;
  const sent = traces.capacity.filter(({ sequenceId }) => sequenceId.startsWith(FAR_ID)).length;
  const sizeBytes = computeLargeSize(knowledge);
  if (sent === 0) return askFarEnd(knowledge, planTrain(knowledge, { ...FAR_FIRST, sizeBytes }));
  const rates = readFarRates(traces);
  const latest = selectLargeTrains(rates).at(-1);
  const plan = DEPTH_PLANS[request.depth];
  const loads = sent - 1;
  if (
    latest === undefined ||
    loads >= plan.maxTrains ||
    !needsAnotherTrain(rates, loads, { path, request, way: 'reverse' })
  )
    return null;
  const load = {
    id: `${FAR_ID}-${loads + 1}`,
    sizeBytes,
    ...planOverload(rates, latest, { plan, loads, stamps: readStampLimits(knowledge) }),
  };
  return askFarEnd(knowledge, planTrain(knowledge, load));
}

/** The far end begins when our one packet arrives; we listen for as long as its train lasts. */
function askFarEnd({ path }: Knowledge, sequence: Sequence | null): Sequence | null {
  if (sequence?.pattern.kind !== 'train') return null;
  const { pattern, lingerNs } = sequence;
  const lastsNs = pattern.trains * (pattern.spacingNs + pattern.packetsPerTrain * pattern.gapNs);
  const trigger = { kind: 'single', sizeBytes: computeLightSize(path) } as const;
  return { ...sequence, pattern: trigger, farPattern: pattern, lingerNs: Math.round(lingerNs + lastsNs) };
}

/** Half-size packets: a link takes half the time for each, a processor the same. */
function planCheck(knowledge: Knowledge): Sequence | null {
  const sizeBytes = Math.max(knowledge.path.minSizeBytes, Math.round(computeLargeSize(knowledge) / 2));
  return planTrain(knowledge, { id: 'train-check', sizeBytes, gapNs: 0, patienceNs: 0, ...CHECK });
}
