// Which streams to send for the available bandwidth: a long one that would empty a token bucket, then rounds of short ones that
// overload the tight link a little (they see its other traffic) or much (they see its capacity), spread over seconds, until
// the interval is narrow or the cost is reached.
import type { Pattern, Sequence } from '../../model/sequence.js';
import { computePatternCost } from '../../model/pattern-cost.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC, serialisationNs } from '../../model/units.js';
import type { AvailablePosterior } from '../estimators/available.js';
import { MOST_STREAM_LOSS } from '../estimators/available.js';
import { countToEmpty, LONG_STREAM, LOOK, readTightLink, selectStreams } from './available-readings.js';
import type { TightLink } from './available-readings.js';
import { fitCount } from './allowance.js';
import { computeRange } from './compose-available.js';
import { DEPTH_PLANS } from './depth-plan.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { answersTrains } from './train-readings.js';

/**
 * Rates of streams as shares of the capacity. At or above it the link is busy from the first packet to the last whatever the other
 * traffic does, so that bursts of it make no bias; far above it almost nothing comes in between, and the pace is the capacity.
 */
const NEAR = 1.15;
const FAST = 8;
/** Where a short queue drops packets of the fast ones. */
const FAST_FOR_SHORT_QUEUES = 2;
/** Behind a token bucket a stream must outrun the tokens as well. */
const NEAR_BEHIND_BUCKET = 1.6;
/** Above this rate packets leave back to back: no schedule paces finer than a few us. */
const BACK_TO_BACK_ABOVE = 2.5e9;
/** Half the interval as a share of the capacity that is good enough to stop. */
const TARGET_HALF_WIDTH = 0.025;
/** Share of the capacity that all rounds together use on average, and how many of them the depth's bytes and time are for. */
const MEAN_LOAD = 0.25;
const ROUNDS = 6;
/** Share of what the other traffic leaves that the streams take at most, so that their queue drains before the next one. */
const LOAD_OF_AVAILABLE = 0.6;
const LEAST_LOAD = 0.03;
const LARGEST_PACKET = 1500;
/** Below this rate packets are smaller, so that there are enough of them: at 1 Mb/s a full one takes 12 ms. */
const SMALL_PACKETS_BELOW = 4e6;
const SMALL_PACKET = 500;
/**
 * Packets of a stream. Many short streams see more moments of the other traffic than a few long ones, but each needs some time
 * for the noise of its stamps: 1.5 ms is 30 times the worst.
 */
const STREAM = { least: 12, most: 40, ns: 1.5 * NS_PER_MS, fastShare: 0.7 } as const;
const LEAST_STREAMS = 4;
const LONG = { packets: 120, leastPackets: 20, overload: 1.3, ns: 0.3 * NS_PER_SEC } as const;
/** C and A share an uncertainty: above this share of it comes from C, and fast streams tell more. */
const CAPACITY_SHARE = 0.5;
const LOOK_PACKETS = 120;
const LEAST_LOOK = 40;
const LOOK_INTERVAL_NS = 5 * NS_PER_MS;
const LONGEST_LINGER_NS = 1 * NS_PER_SEC;

export function planAvailable(knowledge: Knowledge): Sequence | null {
  const { path, request, traces } = knowledge;
  if (!answersTrains(path) || DEPTH_PLANS[request.depth].streamBytes === 0) return null;
  const link = readTightLink(traces);
  if (link === null) return null;
  const streams = selectStreams(traces);
  if (streams.length === 0) return planLook(knowledge) ?? planLongStream(knowledge, link);
  const rounds = streams.length - 1;
  if (rounds >= 2 && isNarrow(link)) return null;
  return rounds < ROUNDS ? planRound(knowledge, link, rounds) : null;
}

function isNarrow(link: TightLink): boolean {
  if (link.posterior === null) return false;
  const { low, high } = computeRange(link, link.posterior);
  return (high - low) / 2 < TARGET_HALF_WIDTH * link.posterior.capacity.value;
}

/** Unless paced packets were sent before: light ones, to notice bursts that streams may miss. */
function planLook({ path, traces, allowance }: Knowledge): Sequence | null {
  if (traces.delay.length > 0 || traces.available.length > 0) return null;
  const intervalNs = Math.max(LOOK_INTERVAL_NS, computeLeastIntervalNs(path));
  const sizeBytes = computeLightSize(path);
  const lingerNs = computeLingerNs(traces);
  const room = { ...allowance, ns: allowance.ns / 4 - lingerNs };
  const count = fitCount(LOOK_PACKETS, sizeBytes + ETHERNET_HEADER_BYTES, intervalNs, room);
  if (count < LEAST_LOOK) return null;
  return {
    id: LOOK,
    pattern: { kind: 'isochronous', count, intervalNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}

/** Long enough to see a token bucket run dry, as long as that takes no longer than a moment. */
function planLongStream(knowledge: Knowledge, { reading }: TightLink): Sequence | null {
  const rate = LONG.overload * reading.estimate.value;
  const sizeBytes = chooseSize(knowledge, reading.estimate.value);
  const gapNs = computeGapNs(sizeBytes, rate);
  const packets = Math.min(LONG.packets, Math.max(LONG.leastPackets, Math.floor(LONG.ns / Math.max(1, gapNs))));
  const pattern = { kind: 'train', trains: 1, packetsPerTrain: packets, gapNs, spacingNs: 0, sizeBytes } as const;
  return compose(knowledge, { id: LONG_STREAM, pattern, capacity: reading.estimate.value });
}

function planRound(knowledge: Knowledge, link: TightLink, rounds: number): Sequence | null {
  const { request, traces } = knowledge;
  const { streamBytes, streamNs } = DEPTH_PLANS[request.depth];
  const capacity = link.posterior?.capacity.value ?? link.reading.estimate.value;
  const available = link.posterior?.available.value ?? capacity / 2;
  const isFast = rounds === 1 || (rounds > 1 && isCapacityUncertain(link.posterior));
  const rate = capacity * chooseOverload(link, isFast);
  const sizeBytes = chooseSize(knowledge, capacity);
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const most = Math.min(streamBytes, (MEAN_LOAD * capacity * streamNs) / NS_PER_SEC / BITS_PER_BYTE);
  const perRound = most / ROUNDS / frameBytes;
  const forStamps = STREAM.ns / serialisationNs(frameBytes, capacity);
  const spread = Math.min(STREAM.most, Math.max(STREAM.least, forStamps, Math.sqrt(1.5 * perRound)));
  const packetsPerTrain =
    Math.max(STREAM.least, Math.round(spread * (isFast ? STREAM.fastShare : 1))) +
    countToEmpty(link.bucketPackets, rate / link.reading.estimate.value);
  const trains = Math.max(LEAST_STREAMS, Math.floor(perRound / packetsPerTrain));
  const gapNs = computeGapNs(sizeBytes, rate);
  const linkNs = serialisationNs(packetsPerTrain * frameBytes, capacity);
  const load = Math.min(MEAN_LOAD, Math.max(LEAST_LOAD, (LOAD_OF_AVAILABLE * available) / capacity));
  const periodNs = Math.max(linkNs / load, streamNs / ROUNDS / trains);
  const spacingNs = Math.round(periodNs - (packetsPerTrain - 1) * gapNs);
  const pattern = { kind: 'train', trains, packetsPerTrain, gapNs, spacingNs, sizeBytes } as const;
  const spent = selectStreams(traces).reduce((sum, trace) => sum + trace.cost.bytes, 0);
  if (rounds >= 2 && spent + computePatternCost(pattern).bytes > most) return null;
  return compose(knowledge, { id: `stream-${isFast ? 'fast' : 'near'}-${rounds + 1}`, pattern, capacity });
}

/** dA = −C·du − (A/C)·dC: whichever of both is less well known is asked next. */
function isCapacityUncertain(posterior: AvailablePosterior | null): boolean {
  if (posterior === null) return false;
  const { available, capacity, traffic } = posterior;
  return traffic.value * (capacity.high - capacity.low) > CAPACITY_SHARE * (available.high - available.low);
}

function chooseOverload({ bucketPackets, passages }: TightLink, isFast: boolean): number {
  if (!isFast) return bucketPackets > 0 ? NEAR_BEHIND_BUCKET : NEAR;
  const fast = passages.filter(({ plannedNs, outNs }) => plannedNs * 2 < outNs);
  const dropped = fast.filter(({ lossRatio }) => lossRatio >= MOST_STREAM_LOSS);
  return 2 * dropped.length > fast.length ? FAST_FOR_SHORT_QUEUES : FAST;
}

function chooseSize({ path }: Knowledge, capacity: number): number {
  const wanted = capacity < SMALL_PACKETS_BELOW ? SMALL_PACKET : LARGEST_PACKET;
  return Math.min(path.mtuBytes, Math.max(path.minSizeBytes, wanted));
}

function computeGapNs(sizeBytes: number, rate: number): number {
  return rate > BACK_TO_BACK_ABOVE ? 0 : Math.round(serialisationNs(sizeBytes + ETHERNET_HEADER_BYTES, rate));
}

interface StreamPlan {
  readonly id: string;
  readonly pattern: Extract<Pattern, { kind: 'train' }>;
  /** To tell how long the last stream waits in the queue. */
  readonly capacity: number;
}

/** null where it is more than the allowance holds: half a round says little. */
function compose({ traces, allowance }: Knowledge, { id, pattern, capacity }: StreamPlan): Sequence | null {
  const { trains, packetsPerTrain, gapNs, spacingNs, sizeBytes } = pattern;
  const cost = computePatternCost(pattern);
  const lastNs = 2 * serialisationNs(packetsPerTrain * (sizeBytes + ETHERNET_HEADER_BYTES), capacity);
  const lingerNs = Math.round(Math.min(LONGEST_LINGER_NS, computeLingerNs(traces) + lastNs));
  const durationNs = trains * (packetsPerTrain * gapNs + spacingNs) + lingerNs;
  const fits =
    cost.bytes <= allowance.bytes && cost.packets <= allowance.packets && durationNs + NS_PER_MS <= allowance.ns;
  return fits ? { id, pattern, dscp: 0, dontFragment: false, lingerNs, yieldsProcessor: true } : null;
}
