// Which train to send next in search of the narrow link's lasting rate: a short one for a first idea, then overloading ones
// long enough to empty a token bucket, then, where a processor may be what was measured, one of smaller packets.
import type { Sequence } from '../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { estimateCapacity, isDoubtful, selectLargeTrains } from '../estimators/capacity.js';
import { isOverload, isSelfPaced } from '../estimators/train-rate.js';
import type { TrainRate } from '../estimators/train-rate.js';
import { fitCount } from './allowance.js';
import { DEPTH_PLANS } from './depth-plan.js';
import type { DepthPlan } from './depth-plan.js';
import { computeLingerNs } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { answersTrains, LOAD_ID, readTrainRates } from './train-readings.js';

const FIRST_PACKETS = 20;
/** For a queue so short that nothing of a back-to-back train comes through: 6 Mb/s. */
const SECOND_GAP_NS = 2 * NS_PER_MS;
/** Largest IP packet used, so that jumbo frames do not make a train of a few packets. */
const LARGEST_PACKET = 1500;
/** Send so much faster than the narrow link: enough to keep its queue filled, little enough not to drop everything. */
const OVERLOAD = 2;
const MOST_OVERLOAD = 3;
/** Where noise hides what bulks say: the whole train as one bulk. */
const AT_ONCE = 1000;
/** A train that found no overload is followed by one so much faster. */
const SPEED_UP = 3;
/** A train of which only the head came back, at the pace of its sending, is followed by one so much slower. */
const SLOW_DOWN = 10;
/** Above this rate packets leave back to back: no schedule paces bulks finer than some us. */
const BACK_TO_BACK_ABOVE = 5e9;
/** Replies wanted behind the knee, and the fewest that do. */
const TAIL_PACKETS = 60;
const LEAST_TAIL = 30;
/** Loads at two rates, each twice, before a dispute between trains is left standing. */
const DISPUTED_LOADS = 4;
/** Loads at two rates, so that other traffic shows, before a short train is overruled. */
const DOUBTED_LOADS = 2;
/** Loads before it is believed that the probe is the limit. */
const BOUNDED_LOADS = 2;
/** A train behind a bucket may take so much longer: it must empty the bucket again. */
const BEHIND_KNEE = 3;
/** A bucket refills in the pause between two trains, ns. */
const PAUSE_NS = 0.5 * NS_PER_SEC;
const MOST_PACKETS = 900;
const SHORTEST_BULK = 5;
const LONGEST_BULK = 20;
const NOISE_SHARE = 0.1;
const MOST_CHECKS = 2;
/** Several short trains, so that a stall of this machine spoils only one. */
const CHECK = { packets: 60, trains: 3, spacingNs: 10 * NS_PER_MS };
const LONGEST_LINGER_NS = 2.5 * NS_PER_SEC;
/** How long replies may take that are held back by a bucket not yet seen. */
const BLIND_PATIENCE_NS = 600 * NS_PER_MS;

interface TrainPlan {
  readonly id: string;
  /** Of each train. */
  readonly packets: number;
  readonly trains?: number;
  readonly gapNs: number;
  readonly spacingNs?: number;
  readonly sizeBytes: number;
  /** Time that the queue of the narrow link may hold replies back after the last packet. */
  readonly patienceNs: number;
}

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
  const { traces, request } = knowledge;
  const rates = readTrainRates(traces);
  const latest = selectLargeTrains(rates).at(-1);
  if (latest === undefined) return null;
  const loads = traces.capacity.filter(({ sequenceId }) => sequenceId.startsWith(LOAD_ID)).length;
  const plan = DEPTH_PLANS[request.depth];
  const checks = traces.capacity.filter(({ sequenceId }) => sequenceId === 'train-check').length;
  // A processor that was slow by chance passes for the limit once; it is asked again after the next load.
  if (checks < MOST_CHECKS && loads > checks && isDoubtful(latest) && !isCleared(rates, checks))
    return planCheck(knowledge);
  if (loads >= plan.maxTrains || !needsAnotherTrain(rates, loads, plan)) return null;
  return planTrain(knowledge, {
    id: `${LOAD_ID}-${loads + 1}`,
    sizeBytes: computeLargeSize(knowledge),
    ...planOverload(rates, latest, { plan, loads }),
  });
}

function isCleared(rates: readonly TrainRate[], checks: number): boolean {
  return checks > 0 && estimateCapacity(rates)?.boundedBy === null;
}

function needsAnotherTrain(rates: readonly TrainRate[], loads: number, plan: DepthPlan): boolean {
  const latest = selectLargeTrains(rates).at(-1);
  if (loads < plan.minTrains || latest === undefined) return true;
  // Back to back and still no overload: no train can be faster.
  if (!isOverload(latest)) return latest.plannedShare > 0;
  if (latest.arrivals < LEAST_TAIL || isHeadOnly(latest)) return true;
  const capacity = estimateCapacity(rates);
  if (capacity === null) return false;
  if (capacity.isDisputed) return loads < DISPUTED_LOADS;
  if (capacity.isDoubted && loads < DOUBTED_LOADS) return true;
  if (capacity.boundedBy !== null && loads >= BOUNDED_LOADS) return false;
  return capacity.halfWidth > plan.targetHalfWidth;
}

/**
 * A train at `overload` times the rate expected, long enough for the tokens it will meet and for a tail behind them: a bucket of
 * W bytes is empty after W·r/(r − 1) bytes sent at r times its rate.
 */
function planOverload(
  rates: readonly TrainRate[],
  latest: TrainRate,
  { plan, loads }: { readonly plan: DepthPlan; readonly loads: number },
): Omit<TrainPlan, 'id' | 'sizeBytes'> {
  const { frameBytes, hasKnee, burstBytes, rateBitsPerSec } = latest;
  const refillBytes = (rateBitsPerSec * PAUSE_NS) / NS_PER_SEC / BITS_PER_BYTE;
  const tokenBytes = hasKnee ? Math.min(burstBytes, refillBytes) : plan.drainBytes;
  const sparing = 1 + Math.sqrt(tokenBytes / (TAIL_PACKETS * frameBytes));
  // Without a bucket, every second train is offered faster: what differs then is other traffic.
  const faster = chooseBulkPackets(rates) < LONGEST_BULK ? MOST_OVERLOAD : AT_ONCE;
  const usual = loads % 2 === 0 ? OVERLOAD : faster;
  const overload = hasKnee ? Math.min(MOST_OVERLOAD, Math.max(OVERLOAD, sparing)) : usual;
  const offered = chooseOfferedRate(rates, latest, overload);
  const isBackToBack = offered > BACK_TO_BACK_ABOVE;
  // Back to back may still be no more than twice the rate of what lies behind the bucket.
  const drain = isBackToBack ? 2 : overload / (overload - 1);
  const wanted = Math.ceil((drain * 1.15 * tokenBytes) / frameBytes + 2 * overload * TAIL_PACKETS);
  const gapNs = isBackToBack ? 0 : Math.round(computeFrameNs(frameBytes, offered));
  const linkNs = (hasKnee ? BEHIND_KNEE : 1) * plan.trainNs;
  const byTime =
    gapNs > 0 ? Math.max(FIRST_PACKETS, Math.floor(linkNs / computeFrameNs(frameBytes, rateBitsPerSec))) : wanted;
  const packets = Math.min(MOST_PACKETS, wanted, byTime);
  const bulkPackets = isBackToBack ? packets : chooseBulkPackets(rates);
  const backlogNs = packets * (computeFrameNs(frameBytes, rateBitsPerSec) - gapNs);
  const patienceNs = isBackToBack ? BLIND_PATIENCE_NS : Math.max(0, 1.2 * backlogNs);
  if (isBackToBack) return { packets, gapNs, patienceNs };
  const trains = Math.ceil(packets / bulkPackets);
  return { packets: bulkPackets, trains, gapNs: 0, spacingNs: bulkPackets * gapNs, patienceNs };
}

/**
 * The load leaves in bulks, so that the narrow link shows its pace inside them whatever else it carries. Long enough for the noise
 * of a gap to be a tenth of the bulk, and no longer than what the path is known to hold at once.
 */
function chooseBulkPackets(rates: readonly TrainRate[]): number {
  const known = selectLargeTrains(rates).flatMap(({ dispersion }) => dispersion ?? []);
  const latest = known.at(-1);
  const held = selectLargeTrains(rates)[0]?.arrivals ?? 0;
  if (latest === undefined) return SHORTEST_BULK;
  const gapNs = computeFrameNs(selectLargeTrains(rates)[0]?.frameBytes ?? 0, latest.rateBitsPerSec);
  const wanted = 1 + Math.ceil(latest.gapSpreadNs / NOISE_SHARE / gapNs);
  return Math.max(SHORTEST_BULK, Math.min(wanted, LONGEST_BULK, held));
}

/** Between a rate that did not fill the path and one of which only the head came back lies the one to offer. */
function chooseOfferedRate(rates: readonly TrainRate[], latest: TrainRate, overload: number): number {
  const tooFast = selectLargeTrains(rates).filter(isHeadOnly);
  const ceiling = tooFast.reduce((least, rate) => Math.min(least, rate.rateBitsPerSec), Infinity);
  if (!isOverload(latest))
    return Math.min(SPEED_UP * latest.rateBitsPerSec, Math.sqrt(latest.rateBitsPerSec * ceiling));
  return isHeadOnly(latest) ? latest.rateBitsPerSec / SLOW_DOWN : overload * latest.rateBitsPerSec;
}

/** Only the head came back, without a knee, at the pace of its sending: tokens passed it, and the queue behind them is tiny. */
function isHeadOnly(rate: TrainRate): boolean {
  const atPaceOfSending = isSelfPaced(rate) || rate.rateBitsPerSec > BACK_TO_BACK_ABOVE / OVERLOAD;
  return rate.reachedShare < 0.8 && !rate.hasKnee && atPaceOfSending;
}

/** Half-size packets: a link takes half the time for each, a processor the same. */
function planCheck(knowledge: Knowledge): Sequence | null {
  const sizeBytes = Math.max(knowledge.path.minSizeBytes, Math.round(computeLargeSize(knowledge) / 2));
  return planTrain(knowledge, { id: 'train-check', sizeBytes, gapNs: 0, patienceNs: 0, ...CHECK });
}

/** One train, cut to the allowance; null where less than a first train is left of it. */
function planTrain({ traces, allowance }: Knowledge, plan: TrainPlan): Sequence | null {
  const { id, packets, gapNs, sizeBytes, patienceNs, trains = 1, spacingNs = 0 } = plan;
  const lingerNs = Math.round(Math.min(LONGEST_LINGER_NS, allowance.ns / 2, computeLingerNs(traces) + patienceNs));
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const perTrain = trains === 1 ? fitCount(packets, frameBytes, gapNs, room) : packets;
  const count = trains === 1 ? 1 : fitCount(trains, packets * frameBytes, spacingNs, room);
  if (perTrain * count < FIRST_PACKETS || lingerNs < 50 * NS_PER_MS) return null;
  return {
    id,
    pattern: { kind: 'train', trains: count, packetsPerTrain: perTrain, gapNs, spacingNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}

function computeLargeSize({ path }: Knowledge): number {
  return Math.min(path.mtuBytes, LARGEST_PACKET);
}

function computeFrameNs(frameBytes: number, rateBitsPerSec: number): number {
  return (frameBytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
}
