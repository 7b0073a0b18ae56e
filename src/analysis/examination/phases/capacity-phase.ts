// Which train to send next in search of the narrow link's lasting rate: a short one for a first idea, then overloading ones
// long enough to empty a token bucket, then, where a processor may be what was measured, one of smaller packets. The far end's own
// trains, where it sends any, come last.
import type { Sequence } from '../../../model/sequence.js';
import { NS_PER_MS } from '../../../model/units.js';
import { DOUBTFUL_ABOVE, estimateCapacity, isDoubtful, selectLargeTrains } from '../../estimators/capacity/capacity.js';
import type { Direction } from '../../estimators/capacity/own-ceiling.js';
import { isOverload } from '../../estimators/capacity/train-rate.js';
import type { TrainRate } from '../../estimators/capacity/train-rate.js';
import { computePlannedRoom, grantLeast, isWorthALoad, DECIDING } from '../plans/capacity-plan.js';
import type { PlannedRoom } from '../plans/capacity-plan.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { askFarEnd, leaveRoomForTrigger } from '../plans/far-request.js';
import { keepForFill } from './fill-phase.js';
import type { Knowledge } from '../knowledge.js';
import { computeLargeSize, FIRST_PACKETS, isHead, planOverload, planTrain } from '../plans/train-plan.js';
import { readStampLimits } from '../plans/train-sizing.js';
import {
  answersTrains,
  CHECK_ID,
  chooseForwardLeg,
  FAR_ID,
  LOAD_ID,
  readFarRates,
  readTrainRates,
} from '../readings/train-readings.js';

/** For a queue so short that nothing of a back-to-back train comes through: 6 Mb/s. */
const SECOND_GAP_NS = 2 * NS_PER_MS;
const LEAST_TAIL = 30;
/** Loads at two rates, each twice, before a dispute between trains is left standing. */
const DISPUTED_LOADS = 4;
/** Loads at two rates, so that other traffic shows, before a short train is overruled. */
const DOUBTED_LOADS = 2;
/** Loads before it is believed that the probe is the limit. */
const BOUNDED_LOADS = 2;
/** Loads that are not spent on the last of the precision: what is this much wider than wanted gets them all the same. */
const SPARED_LOADS = 2;
const TOO_VAGUE = 3;
/** What was learnt from a load is worth another one where it left less than this of the interval. */
const NARROWING = 0.85;
const MOST_CHECKS = 2;
const LEFT_FOR_STREAMS = 0.5;
/** Trains of the far end that are sent whatever is left, and those that streams go back behind: the short first one and one or two loads. */
const SURE_FAR_TRAINS = 1;
const WORTH_FAR_TRAINS = 2;
const KEPT_FOR_STREAMS_BYTES = 1e6;
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
  const checks = traces.capacity.filter(({ sequenceId }) => sequenceId === CHECK_ID).length;
  const room = leaveRoomForCheck(computePlannedRoom(knowledge, false), rates, checks);
  // A processor that was slow by chance passes for the limit once; it is asked again after the next load.
  if (checks < MOST_CHECKS && loads > checks && isDoubtful(latest) && !isCleared(rates, checks))
    return planCheck(knowledge);
  if (loads >= plan.maxTrains || !needsAnotherTrain(rates, loads, { path, request, way, room })) return null;
  if (loads >= DOUBTED_LOADS && leavesTooLittle(knowledge)) return null;
  return planTrain(knowledge, {
    id: `${LOAD_ID}-${loads + 1}`,
    sizeBytes: computeLargeSize(knowledge),
    ...planOverload(rates, latest, {
      plan,
      loads,
      stamps: readStampLimits(knowledge),
      room: room && grantRoom(room, loads, latest),
    }),
  });
}

/** What is fast enough for a processor will be checked. */
function leaveRoomForCheck(room: PlannedRoom | null, rates: readonly TrainRate[], checks: number): PlannedRoom | null {
  const latest = rates.at(-1);
  const fastest = Math.max(latest?.rateBitsPerSec ?? 0, latest?.dispersion?.rateBitsPerSec ?? 0);
  if (room === null || checks > 0 || latest === undefined || fastest <= DOUBTFUL_ABOVE) return room;
  const checkBytes = (CHECK.packets * CHECK.trains * latest.frameBytes) / 2;
  return { ...room, bytes: Math.max(0, room.bytes - checkBytes) };
}

/** Who asks what is left of a link needs its capacity first, and most of the bytes for the streams. */
function leavesTooLittle({ request, allowance }: Knowledge): boolean {
  const isForStreams = request.quantity === 'available' || request.quantity === 'utilization';
  return isForStreams && allowance.bytes < LEFT_FOR_STREAMS * request.maxBytes;
}

function isCleared(rates: readonly TrainRate[], checks: number): boolean {
  return checks > 0 && estimateCapacity(rates)?.boundedBy === null;
}

/** What must tell whether a bucket or other traffic made a train slow takes what that needs. */
function grantRoom(room: PlannedRoom, loads: number, latest: TrainRate): PlannedRoom {
  const isTold = isOverload(latest) && latest.arrivals >= LEAST_TAIL && !latest.hasKnee && !isHead(latest);
  return loads === 0 || isTold ? grantLeast(room) : DECIDING;
}

interface Watched {
  readonly way: Direction;
  readonly room: PlannedRoom | null;
}

function needsAnotherTrain(
  rates: readonly TrainRate[],
  loads: number,
  { path, request, way, room }: Pick<Knowledge, 'path' | 'request'> & Watched,
): boolean {
  const plan = DEPTH_PLANS[request.depth];
  const latest = selectLargeTrains(rates).at(-1);
  if (loads < plan.minTrains || latest === undefined) return true;
  // Back to back and still no overload: no train can be faster.
  if (!isOverload(latest)) return latest.plannedShare > 0;
  if (latest.arrivals < LEAST_TAIL || isHead(latest)) return true;
  const capacity = estimateCapacity(rates, way, path);
  if (capacity === null) return false;
  // More trains tell no more of a link that sends in slots.
  if (capacity.batchNs !== null && !capacity.sharesStamps) return false;
  if (capacity.isDisputed) return loads < DISPUTED_LOADS;
  if (capacity.isDoubted && loads < DOUBTED_LOADS) return true;
  const isUsedUp = room !== null && !isWorthALoad(room);
  if (capacity.boundedBy !== null && (loads >= BOUNDED_LOADS || isUsedUp)) return false;
  const isVague = capacity.halfWidth > TOO_VAGUE * plan.targetHalfWidth;
  if (isUsedUp) return isVague && (loads < DOUBTED_LOADS || isNarrowing(rates, capacity.halfWidth, { way, path }));
  const target = room === null ? plan.targetHalfWidth : plan.planned.halfWidth;
  return isVague || (loads < plan.maxTrains - SPARED_LOADS && capacity.halfWidth > target);
}

/** Whether the latest train told anything that those before did not. */
function isNarrowing(
  rates: readonly TrainRate[],
  halfWidth: number,
  { way, path }: Pick<Watched, 'way'> & Pick<Knowledge, 'path'>,
): boolean {
  const before = estimateCapacity(rates.slice(0, -1), way, path);
  return before === null || halfWidth < NARROWING * before.halfWidth;
}

/** The same way back: first a short train of the far end, then overloading ones. Ends where it sends none. */
function planReverse(knowledge: Knowledge): Sequence | null {
  const { path, traces, request } = knowledge;
  if (!path.farSends || selectLargeTrains(readTrainRates(traces)).length === 0) return null;
  const sent = traces.capacity.filter(({ sequenceId }) => sequenceId.startsWith(FAR_ID)).length;
  const sizeBytes = computeLargeSize(knowledge);
  const room = leaveRoomForTrigger(keepForOthers(knowledge, sent));
  if (sent === 0) return askFarEnd(knowledge, planTrain(room, { ...FAR_FIRST, sizeBytes }));
  const rates = readFarRates(traces);
  const latest = selectLargeTrains(rates).at(-1);
  const plan = DEPTH_PLANS[request.depth];
  const loads = sent - 1;
  const planned = computePlannedRoom(knowledge, true);
  if (
    latest === undefined ||
    loads >= plan.maxTrains ||
    !needsAnotherTrain(rates, loads, { path, request, way: 'reverse', room: planned })
  )
    return null;
  const load = {
    id: `${FAR_ID}-${loads + 1}`,
    sizeBytes,
    ...planOverload(rates, latest, {
      plan,
      loads,
      stamps: readStampLimits(knowledge),
      room: planned && grantRoom(planned, loads, latest),
    }),
  };
  return askFarEnd(knowledge, planTrain(room, load));
}

/** The way back is worth a first load at any price; what makes it more exact leaves the phases behind it what they need. */
function keepForOthers(knowledge: Knowledge, sent: number): Knowledge {
  if (knowledge.request.quantity !== null || sent <= SURE_FAR_TRAINS) return knowledge;
  const { allowance } = knowledge;
  const bytes = sent > WORTH_FAR_TRAINS ? Math.max(0, allowance.bytes - KEPT_FOR_STREAMS_BYTES) : allowance.bytes;
  return keepForFill({ ...knowledge, allowance: { ...allowance, bytes } });
}

/** Half-size packets: a link takes half the time for each, a processor the same. */
function planCheck(knowledge: Knowledge): Sequence | null {
  const sizeBytes = Math.max(knowledge.path.minSizeBytes, Math.round(computeLargeSize(knowledge) / 2));
  return planTrain(knowledge, { id: CHECK_ID, sizeBytes, gapNs: 0, patienceNs: 0, ...CHECK });
}
