// How a train becomes a sequence: how fast, how long and in which bulks it is sent so that it overloads a narrow link of the rate
// expected, and what the allowance leaves of it. When to send one is decided by the phases.
import type { Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { selectLargeTrains } from '../../estimators/capacity/capacity.js';
import { isHeadOnly, isOverload, isSelfPaced } from '../../estimators/capacity/train-rate.js';
import type { TrainRate } from '../../estimators/capacity/train-rate.js';
import { fitCount } from './allowance.js';
import type { PlannedRoom } from './capacity-plan.js';
import type { DepthPlan } from './depth-plan.js';
import { computeLingerNs, QUIET_NS } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { computeLeastBulk, computeLeastPackets } from './train-sizing.js';
import type { StampLimits } from './train-sizing.js';

export const FIRST_PACKETS = 20;
/** Largest IP packet used, so that jumbo frames do not make a train of a few packets. */
const LARGEST_PACKET = 1500;
/** Send so much faster than the narrow link: enough to keep its queue filled, little enough not to drop everything. */
const OVERLOAD = 2;
const MOST_OVERLOAD = 3;
/** Of a load that is to push as many bytes as it can through queues of any length: more would only be dropped. */
const PUSHING_OVERLOAD = 1.2;
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
/** A train behind a bucket may take so much longer: it must empty the bucket again. */
const BEHIND_KNEE = 3;
/** A bucket refills in the pause between two trains, ns. */
const PAUSE_NS = 0.5 * NS_PER_SEC;
const MOST_PACKETS = 900;
/** As many as a deep examination pays for. */
const MOST_FOR_NOISE = 2000;
const SHORTEST_BULK = 5;
/** From here on the whole train is tried as one bulk, every second time. */
const LONG_BULK = 20;
/** Ten interrupts of 120 us at 1 Gb/s, or noise of 50 us there. */
const LONGEST_BULK = 100;
/** Half of the 95 % interval that bulks are made for. */
const BULK_HALF_WIDTH = 0.01;
const Z_95 = 1.96;
/** Replies to the first train, less those in front of its steady part and a few lost by chance. */
const HELD_SHARE = 0.7;
const LONGEST_LINGER_NS = 2.5 * NS_PER_SEC;
/** How long replies may take that are held back by a bucket not yet seen. */
export const BLIND_PATIENCE_NS = 600 * NS_PER_MS;

export interface TrainPlan {
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

export interface LoadPlan {
  readonly plan: DepthPlan;
  /** Loads sent before this one. */
  readonly loads: number;
  readonly stamps: StampLimits;
  /** What it may take where capacity is all that is asked for; else null. */
  readonly room: PlannedRoom | null;
}

/**
 * A train at `overload` times the rate expected, long enough for the tokens it will meet and for a tail behind them: a bucket of
 * W bytes is empty after W·r/(r − 1) bytes sent at r times its rate.
 */
export function planOverload(
  rates: readonly TrainRate[],
  latest: TrainRate,
  { plan, loads, stamps, room }: LoadPlan,
): Omit<TrainPlan, 'id' | 'sizeBytes'> {
  const { frameBytes, hasKnee, burstBytes, rateBitsPerSec } = latest;
  const refillBytes = (rateBitsPerSec * PAUSE_NS) / NS_PER_SEC / BITS_PER_BYTE;
  const unseenBytes = isHead(latest) ? Math.min(plan.drainBytes, latest.passedBytes) : plan.drainBytes;
  const isPushed = room !== null && loads > 0 && !isHead(latest);
  const tokenBytes = hasKnee ? Math.min(burstBytes, refillBytes) : isPushed ? 0 : unseenBytes;
  const sparing = 1 + Math.sqrt(tokenBytes / (TAIL_PACKETS * frameBytes));
  // Without a bucket, every second train is offered faster: what differs then is other traffic.
  const faster =
    stamps.coalescingNs === 0 && countForNoise(rates, MOST_PACKETS, latest.rateBitsPerSec) < LONG_BULK
      ? MOST_OVERLOAD
      : AT_ONCE;
  const isPushing = room !== null && !hasKnee && loads === 0;
  const usual = isPushing ? PUSHING_OVERLOAD : loads % 2 === 0 ? OVERLOAD : faster;
  const overload = hasKnee ? Math.min(MOST_OVERLOAD, Math.max(OVERLOAD, sparing)) : usual;
  const offered = chooseOfferedRate(rates, latest, overload);
  const isBackToBack = offered > BACK_TO_BACK_ABOVE;
  // Back to back may still be no more than twice the rate of what lies behind the bucket.
  const drain = isBackToBack ? 2 : overload / (overload - 1);
  const forBucket = Math.ceil((drain * 1.15 * tokenBytes) / frameBytes + 2 * overload * TAIL_PACKETS);
  const forTokens =
    isPushing && !isBackToBack ? Math.floor(plan.pushBytes / frameBytes) : Math.min(MOST_PACKETS, forBucket);
  // What came back faster than can be paced passed on tokens, and is no rate to size a train for.
  const forNoise = isBackToBack ? 0 : computeLeastPackets(stamps, latest, plan.targetHalfWidth);
  const mostPackets = Math.floor((room?.bytes ?? Infinity) / frameBytes);
  const wanted = Math.min(mostPackets, Math.max(forTokens, Math.min(MOST_FOR_NOISE, forNoise)));
  const gapNs = isBackToBack ? 0 : Math.round(computeFrameNs(frameBytes, offered));
  const linkNs = (hasKnee ? BEHIND_KNEE : 1) * Math.min(plan.trainNs, room?.ns ?? Infinity);
  const byTime =
    gapNs > 0 ? Math.max(FIRST_PACKETS, Math.floor(linkNs / computeFrameNs(frameBytes, rateBitsPerSec))) : wanted;
  const packets = Math.min(wanted, byTime);
  const forBatches = Math.min(LONGEST_BULK, computeLeastBulk(stamps, latest));
  const bulkPackets = isBackToBack ? packets : Math.max(chooseBulkPackets(rates, packets, offered), forBatches);
  const backlogNs = packets * (computeFrameNs(frameBytes, rateBitsPerSec) - gapNs);
  const patienceNs = isBackToBack ? BLIND_PATIENCE_NS : Math.max(0, 1.2 * backlogNs);
  if (isBackToBack) return { packets, gapNs, patienceNs };
  // Whole bulks, and none beyond what they may take.
  const trains = Math.max(1, Math.min(Math.ceil(packets / bulkPackets), Math.floor(mostPackets / bulkPackets)));
  return { packets: bulkPackets, trains, gapNs: 0, spacingNs: bulkPackets * gapNs, patienceNs };
}

/**
 * The load leaves in bulks, so that the narrow link shows its pace inside them whatever else it carries. No longer than what the
 * path is known to hold at once, where the first train already told that.
 */
function chooseBulkPackets(rates: readonly TrainRate[], packets: number, offered: number): number {
  const held = selectLargeTrains(rates)[0]?.arrivals ?? 0;
  const longest = held < HELD_SHARE * FIRST_PACKETS ? held : LONGEST_BULK;
  return Math.max(SHORTEST_BULK, Math.min(longest, countForNoise(rates, packets, offered)));
}

/**
 * Packets that bulks need for the noise of stamps: one slope through bulks of n packets, N in all, with stamps off by σ, has the
 * standard error √12·σ/(n·√N). Behind a bucket the pace is that of what is offered next, not of its head.
 */
function countForNoise(rates: readonly TrainRate[], packets: number, mostBitsPerSec: number): number {
  const large = selectLargeTrains(rates);
  const inside = large.flatMap(({ dispersion }) => dispersion ?? []).at(-1);
  if (inside === undefined) return 0;
  const gapNs = computeFrameNs(large[0]?.frameBytes ?? 0, Math.min(inside.rateBitsPerSec, mostBitsPerSec));
  // The median deviation of a gap is 0.95 of the standard deviation of the stamps at its ends.
  const slopeError = (Z_95 * Math.sqrt(12) * inside.gapSpreadNs) / 0.95 / Math.sqrt(packets);
  return Math.ceil(slopeError / gapNs / BULK_HALF_WIDTH);
}

/** Between a rate that did not fill the path and one of which only the head came back lies the one to offer. */
function chooseOfferedRate(rates: readonly TrainRate[], latest: TrainRate, overload: number): number {
  const tooFast = selectLargeTrains(rates).filter(isHead);
  const ceiling = tooFast.reduce((least, rate) => Math.min(least, rate.rateBitsPerSec), Infinity);
  if (!isOverload(latest))
    return Math.min(SPEED_UP * latest.rateBitsPerSec, Math.sqrt(latest.rateBitsPerSec * ceiling));
  return isHead(latest) ? latest.rateBitsPerSec / SLOW_DOWN : overload * latest.rateBitsPerSec;
}

/** As `isHeadOnly`, also where packets left back to back and came at the pace of their sending. */
export function isHead(rate: TrainRate): boolean {
  const atPaceOfSending = isSelfPaced(rate) || rate.rateBitsPerSec > BACK_TO_BACK_ABOVE / OVERLOAD;
  return isHeadOnly(rate) || (rate.reachedShare < 0.8 && !rate.hasKnee && atPaceOfSending);
}

/** One train, cut to the allowance; null where less than a first train is left of it. */
export function planTrain({ traces, allowance }: Knowledge, plan: TrainPlan): Sequence | null {
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
    quietNs: QUIET_NS,
  };
}

export function computeLargeSize({ path }: Knowledge): number {
  return Math.min(path.mtuBytes, LARGEST_PACKET);
}

function computeFrameNs(frameBytes: number, rateBitsPerSec: number): number {
  return (frameBytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
}
