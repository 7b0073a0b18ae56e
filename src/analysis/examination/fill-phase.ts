// One more load where those before it did not find the end of the queue: long enough for a delay that hurts a call to show. A queue
// that is known to be short, or a line too fast to fill for these bytes, is left alone.
import { measureLoadQueue } from '../estimators/load-queue.js';
import { BLOATED_NS } from '../signatures/bufferbloat.js';
import type { Sequence } from '../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../../model/units.js';
import type { Knowledge } from './knowledge.js';
import { computeLargeSize, planTrain } from './train-plan.js';
import { answersTrains, readCapacity } from './train-readings.js';

/** Times the capacity: small queues in front of the narrow link hold that, and the queue grows for most of the bytes. */
const OVERLOAD = 6;
/** The last quarter of the load lies at 7/8 of the peak; the rest is for what the first packets do not show. */
const TARGET_NS = 1.25 * BLOATED_NS;
/** Share of the bytes that are left. */
const MOST_BYTES_SHARE = 0.9;

/** A thorough examination loads the path for longer and measures the delay beside the load. */
export function planFill(knowledge: Knowledge): Sequence | null {
  const { request, path, traces, allowance } = knowledge;
  if (request.depth !== 'normal' || traces.fill.length > 0 || !answersTrains(path)) return null;
  const capacity = readCapacity({ traces, path })?.estimate;
  if (capacity === undefined || capacity.limitedBy === 'probe') return null;
  const queues = [...traces.rate, ...traces.capacity].flatMap((trace) => measureLoadQueue(trace) ?? []);
  if (queues.some(({ isFull, settledNs }) => isFull || settledNs >= BLOATED_NS)) return null;
  const sizeBytes = computeLargeSize(knowledge);
  const frameNs = ((sizeBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / capacity.value;
  const packets = Math.ceil((TARGET_NS / frameNs) * (OVERLOAD / (OVERLOAD - 1)));
  if (packets * (sizeBytes + ETHERNET_HEADER_BYTES) > MOST_BYTES_SHARE * allowance.bytes) return null;
  return planTrain(knowledge, {
    id: 'fill',
    packets,
    gapNs: Math.round(frameNs / OVERLOAD),
    sizeBytes,
    patienceNs: 1.2 * TARGET_NS,
  });
}
