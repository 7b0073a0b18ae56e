// One more load in each direction where those before it did not find the end of the queue: long enough for a delay that hurts a call to show.
// A queue that is known to be short, or a line too fast to fill for these bytes, is left alone.
import { measureFarLoadQueue, measureLoadQueue } from '../../estimators/load/load-queue.js';
import type { LoadQueue } from '../../estimators/load/load-queue.js';
import { BLOATED_NS } from '../../signatures/bufferbloat.js';
import type { Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../../model/units.js';
import { askFarEnd, leaveRoomForTrigger } from '../plans/far-request.js';
import type { Knowledge } from '../knowledge.js';
import { computeLargeSize, planTrain } from '../plans/train-plan.js';
import { answersTrains, readCapacity, readReverseCapacity } from '../readings/train-readings.js';

/** Times the capacity: small queues in front of the narrow link hold that, and the queue grows for most of the bytes. */
const OVERLOAD = 6;
/** The last quarter of the load lies at 7/8 of the peak; the rest is for what the first packets do not show. */
const TARGET_NS = 1.25 * BLOATED_NS;
const FILL_ID = 'fill';
const FILL_BACK_ID = 'fill-back';
/** Share of the bytes that are left. */
const MOST_BYTES_SHARE = 0.9;

/** Most that other phases leave for it: faster lines are filled where they need less. */
const MOST_KEPT_BYTES = 1e6;

/** `knowledge` with the bytes taken out of its allowance that the load towards the target will need: a queue that nobody filled is no finding. */
export function keepForFill(knowledge: Knowledge): Knowledge {
  const { request, path, allowance } = knowledge;
  if (request.quantity !== null || request.depth !== 'normal' || !answersTrains(path)) return knowledge;
  const pattern = planFillThere(knowledge)?.pattern;
  if (pattern?.kind !== 'train') return knowledge;
  const bytes = (pattern.packetsPerTrain * (pattern.sizeBytes + ETHERNET_HEADER_BYTES)) / MOST_BYTES_SHARE;
  if (bytes > MOST_KEPT_BYTES) return knowledge;
  return { ...knowledge, allowance: { ...allowance, bytes: Math.max(0, allowance.bytes - bytes) } };
}

/** A thorough examination loads the path for longer and measures the delay beside the load. */
export function planFill(knowledge: Knowledge): Sequence | null {
  const { request, path } = knowledge;
  if (request.depth !== 'normal' || !answersTrains(path)) return null;
  return planFillThere(knowledge) ?? planFillBack(knowledge);
}

function planFillThere(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (wasFilled(traces, FILL_ID)) return null;
  const capacity = readCapacity({ traces, path })?.estimate;
  const queues = [...traces.rate, ...traces.capacity].flatMap((trace) => measureLoadQueue(trace) ?? []);
  if (capacity === undefined || capacity.limitedBy === 'probe' || queues.some(isKnown)) return null;
  return planLoad(knowledge, FILL_ID, capacity.value);
}

/** The queue of the way back only the far end can fill. */
function planFillBack(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (!path.farSends || wasFilled(traces, FILL_BACK_ID)) return null;
  const capacity = readReverseCapacity({ traces, path })?.estimate;
  const queues = traces.capacity.flatMap((trace) => measureFarLoadQueue(trace) ?? []);
  if (capacity === undefined || capacity.limitedBy === 'probe' || queues.some(isKnown)) return null;
  return askFarEnd(knowledge, planLoad(leaveRoomForTrigger(knowledge), FILL_BACK_ID, capacity.value));
}

function wasFilled({ fill }: Knowledge['traces'], id: string): boolean {
  return fill.some(({ sequenceId }) => sequenceId === id);
}

/** Its end was met, or it is long enough to be told. */
function isKnown({ isFull, settledNs }: LoadQueue): boolean {
  return isFull || settledNs >= BLOATED_NS;
}

function planLoad(knowledge: Knowledge, id: string, rateBitsPerSec: number): Sequence | null {
  const sizeBytes = computeLargeSize(knowledge);
  const frameNs = ((sizeBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
  const packets = Math.ceil((TARGET_NS / frameNs) * (OVERLOAD / (OVERLOAD - 1)));
  if (packets * (sizeBytes + ETHERNET_HEADER_BYTES) > MOST_BYTES_SHARE * knowledge.allowance.bytes) return null;
  return planTrain(knowledge, {
    id,
    packets,
    gapNs: Math.round(frameNs / OVERLOAD),
    sizeBytes,
    patienceNs: 1.2 * TARGET_NS,
  });
}
