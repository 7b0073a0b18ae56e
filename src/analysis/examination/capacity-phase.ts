// Which train to send next in search of the narrow link's lasting rate: a short one for a first idea, then overloading ones
// long enough to empty a token bucket, then, where a processor may be what was measured, one of smaller packets.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { estimateCapacity, isOverload, isSelfPaced, selectLargeTrains } from '../estimators/capacity.js';
import type { CapacityResult } from '../estimators/capacity.js';
import { computeTrainArrivals } from '../estimators/train-arrivals.js';
import { estimateTrainRate } from '../estimators/train-rate.js';
import type { TrainRate } from '../estimators/train-rate.js';
import { fitCount } from './allowance.js';
import type { PlannedSequence } from './allowance.js';
import { DEPTH_PLANS } from './depth-plan.js';
import { computeLingerNs } from './knowledge.js';
import type { Knowledge, TracesByPhase } from './knowledge.js';

/** A target that answers fewer probes a second than this cannot echo a train. */
export const LEAST_PROBES_PER_SEC = 200;
const FIRST_PACKETS = 20;
/** For a queue so short that nothing of a back-to-back train comes through: 6 Mb/s. */
const SECOND_GAP_NS = 2 * NS_PER_MS;
/** Largest IP packet used, so that jumbo frames do not make a train of a few packets. */
const LARGEST_PACKET = 1500;
/** Send so much faster than the narrow link: enough to keep its queue filled, little enough not to drop everything. */
const OVERLOAD = 1.5;
/** A train that found no overload is followed by one so much faster. */
const SPEED_UP = 3;
/** Above this rate packets leave back to back: no schedule paces finer than a few us. */
const BACK_TO_BACK_ABOVE = 1.4e9;
/** Replies wanted behind the knee. */
const TAIL_PACKETS = 60;
const MOST_PACKETS = 900;
/** Rates above this may be a processor's and are checked with smaller packets. */
const DOUBTFUL_ABOVE = 250e6;
const CHECK_PACKETS = 150;
const LONGEST_LINGER_NS = 2.5 * NS_PER_SEC;

/** Rates of all trains so far, in the order of sending; a train without a usable reply gives none. */
export function readTrainRates(traces: TracesByPhase): readonly TrainRate[] {
  return traces.capacity.flatMap(computeTrainArrivals).flatMap((train) => estimateTrainRate(train) ?? []);
}

export function readCapacity(traces: TracesByPhase): CapacityResult | null {
  return estimateCapacity(readTrainRates(traces));
}

export function planCapacity(knowledge: Knowledge): PlannedSequence | null {
  const { path, traces } = knowledge;
  if (path.maxProbesPerSec !== null && path.maxProbesPerSec < LEAST_PROBES_PER_SEC) return null;
  const rates = readTrainRates(traces);
  if (traces.capacity.length === 0) return planTrain(knowledge, 'train-first', FIRST_PACKETS, 0);
  if (rates.length === 0) {
    return traces.capacity.length === 1 ? planTrain(knowledge, 'train-slow', 2 * FIRST_PACKETS, SECOND_GAP_NS) : null;
  }
  if (needsAnotherTrain(knowledge, rates)) return planOverload(knowledge, rates);
  return planCheck(knowledge, rates);
}

function needsAnotherTrain({ request, traces }: Knowledge, rates: readonly TrainRate[]): boolean {
  const plan = DEPTH_PLANS[request.depth];
  const overloads = traces.capacity.filter((trace) => trace.sequenceId.startsWith('train-load'));
  const checks = traces.capacity.length - overloads.length - 1;
  if (overloads.length >= plan.maxTrains || checks > 1) return false;
  if (overloads.length < plan.minTrains) return true;
  const latest = selectLargeTrains(rates).at(-1);
  if (latest === undefined || !isOverload(latest)) return latest !== undefined && latest.plannedShare > 0;
  if (latest.arrivals < TAIL_PACKETS / 2) return true;
  const capacity = estimateCapacity(rates)?.estimate;
  return capacity === undefined || (capacity.high - capacity.low) / 2 > plan.targetHalfWidth * capacity.value;
}

/** A paced train above the rate of the latest one, long enough for the tokens it will meet and for a tail behind them. */
function planOverload(knowledge: Knowledge, rates: readonly TrainRate[]): PlannedSequence | null {
  const { request, traces } = knowledge;
  const plan = DEPTH_PLANS[request.depth];
  const large = selectLargeTrains(rates);
  const latest = large.at(-1);
  if (latest === undefined) return null;
  const rate = latest.rateBitsPerSec * (isOverload(latest) ? OVERLOAD : SPEED_UP);
  const isBackToBack = rate > BACK_TO_BACK_ABOVE;
  const frameBytes = latest.frameBytes;
  const gapNs = isBackToBack ? 0 : Math.round((frameBytes * BITS_PER_BYTE * NS_PER_SEC) / rate);
  // Of what is sent, only 1/OVERLOAD passes; a bucket fills at the lasting rate while it drains at the rate sent.
  const drainFactor = isBackToBack ? 1 : OVERLOAD;
  const packets = Math.ceil((drainFactor * plan.drainBytes) / frameBytes + 4 * TAIL_PACKETS);
  const byTime = gapNs > 0 ? Math.floor(plan.trainNs / gapNs) : packets;
  const count = Math.min(MOST_PACKETS, packets, Math.max(FIRST_PACKETS, byTime));
  const trainsSoFar = traces.capacity.filter((trace) => trace.sequenceId.startsWith('train-load')).length;
  return planTrain(knowledge, `train-load-${trainsSoFar + 1}`, count, gapNs, latest.rateBitsPerSec);
}

function planCheck(knowledge: Knowledge, rates: readonly TrainRate[]): PlannedSequence | null {
  const isChecked = knowledge.traces.capacity.some((trace) => trace.sequenceId === 'train-check');
  const reference = selectLargeTrains(rates).at(-1);
  if (isChecked || reference === undefined || !isOverload(reference)) return null;
  if (reference.rateBitsPerSec < DOUBTFUL_ABOVE && !isSelfPaced(reference)) return null;
  return planTrain(knowledge, 'train-check', CHECK_PACKETS, 0, reference.rateBitsPerSec);
}

/** One train, cut to the allowance; null where less than a first train is left of it. */
function planTrain(
  { path, traces, allowance }: Knowledge,
  id: string,
  wanted: number,
  gapNs: number,
  expectedRate = 1e6,
): PlannedSequence | null {
  const largest = Math.min(path.mtuBytes, LARGEST_PACKET);
  const sizeBytes = id === 'train-check' ? Math.max(path.minSizeBytes, Math.round(largest / 2)) : largest;
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const drainNs = (wanted * frameBytes * BITS_PER_BYTE * NS_PER_SEC) / expectedRate - (wanted - 1) * gapNs;
  const patienceNs = gapNs === 0 && expectedRate > DOUBTFUL_ABOVE ? 600 * NS_PER_MS : 1.3 * Math.max(0, drainNs);
  const lingerNs = Math.min(LONGEST_LINGER_NS, allowance.ns / 2, computeLingerNs(traces) + patienceNs);
  const count = fitCount(wanted, frameBytes, gapNs, { ...allowance, ns: allowance.ns - lingerNs });
  if (count < FIRST_PACKETS || lingerNs < 50 * NS_PER_MS) return null;
  return {
    id,
    pattern: { kind: 'train', trains: 1, packetsPerTrain: count, gapNs, spacingNs: 0, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}
