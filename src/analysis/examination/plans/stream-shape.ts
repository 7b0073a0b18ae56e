// What the streams of a round look like: how fast, how long and of which packets, for the rate of the link, the noise of stamps and a
// bucket in front of it. How many of them are sent, and when, is decided in available-phase.ts.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC, serialisationNs } from '../../../model/units.js';
import { MOST_STREAM_LOSS } from '../../estimators/available/stream-groups.js';
import type { TightLink } from '../readings/available-readings.js';
import { countToEmpty } from '../readings/bucket-readings.js';
import { DEPTH_PLANS } from './depth-plan.js';
import type { Knowledge } from '../knowledge.js';

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
/** Share of the capacity that all rounds together use on average, and how many of them the depth's bytes and time are for. */
export const MEAN_LOAD = 0.3;
export const ROUNDS = 5;
const LARGEST_PACKET = 1500;
/** Below this rate packets are smaller, so that there are enough of them: at 1 Mb/s a full one takes 12 ms. */
const SMALL_PACKETS_BELOW = 4e6;
const SMALL_PACKET = 500;
/**
 * Packets of a stream. Many short streams see more moments of the other traffic than a few long ones, but each needs some time
 * for the noise of its stamps: 1.5 ms is 30 times the worst.
 */
const STREAM = { least: 12, most: 40, ns: 1.5 * NS_PER_MS, fastShare: 0.7 } as const;
export const LEAST_STREAMS = 4;
/** Of the time for all streams, most that those of one round take the link. */
const LONGEST_SHARE = 0.25;

export interface StreamShape {
  readonly packetsPerTrain: number;
  readonly gapNs: number;
  readonly sizeBytes: number;
  readonly capacity: number;
}

/** Packets for the noise of their stamps, for many moments of the other traffic, and for the bucket that they have to empty first. */
export function shapeStream(knowledge: Knowledge, link: TightLink, isFast: boolean): StreamShape {
  const { streamNs } = DEPTH_PLANS[knowledge.request.depth];
  const capacity = link.posterior?.capacity.value ?? link.reading.estimate.value;
  const rate = capacity * chooseOverload(link, isFast);
  const sizeBytes = chooseSize(knowledge, capacity);
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const most = computeMostBytes(knowledge, capacity);
  const forStamps = STREAM.ns / serialisationNs(frameBytes, capacity);
  const forMoments = Math.sqrt((1.5 * most) / ROUNDS / frameBytes);
  const spread = Math.min(STREAM.most, Math.max(STREAM.least, forStamps, forMoments));
  const wanted =
    Math.max(STREAM.least, Math.round(spread * (isFast ? STREAM.fastShare : 1))) +
    countToEmpty(expectBucketBytes(link, isFast) / frameBytes, rate / link.reading.estimate.value);
  const inTime = (LONGEST_SHARE * streamNs) / LEAST_STREAMS / serialisationNs(frameBytes, capacity);
  const packetsPerTrain = Math.max(STREAM.least, Math.min(wanted, Math.floor(inTime)));
  return { packetsPerTrain, gapNs: computeGapNs(sizeBytes, rate), sizeBytes, capacity };
}

/** What all rounds of streams together may take, bytes. */
export function computeMostBytes({ request }: Knowledge, capacity: number): number {
  const { streamBytes, streamNs } = DEPTH_PLANS[request.depth];
  return Math.min(streamBytes, (MEAN_LOAD * capacity * streamNs) / NS_PER_SEC / BITS_PER_BYTE);
}

/** Fast streams have to outlast a bucket before they can confirm it. */
function expectBucketBytes({ bucketBytes, suspectedBytes }: TightLink, isFast: boolean): number {
  return isFast ? Math.max(bucketBytes, suspectedBytes) : bucketBytes;
}

function chooseOverload({ bucketBytes, passages }: TightLink, isFast: boolean): number {
  if (!isFast) return bucketBytes > 0 ? NEAR_BEHIND_BUCKET : NEAR;
  const fast = passages.filter(({ plannedNs, outNs }) => plannedNs * 2 < outNs);
  const dropped = fast.filter(({ lossRatio }) => lossRatio >= MOST_STREAM_LOSS);
  return 2 * dropped.length > fast.length ? FAST_FOR_SHORT_QUEUES : FAST;
}

export function chooseSize({ path }: Knowledge, capacity: number): number {
  const wanted = capacity < SMALL_PACKETS_BELOW ? SMALL_PACKET : LARGEST_PACKET;
  return Math.min(path.mtuBytes, Math.max(path.minSizeBytes, wanted));
}

export function computeGapNs(sizeBytes: number, rate: number): number {
  return rate > BACK_TO_BACK_ABOVE ? 0 : Math.round(serialisationNs(sizeBytes + ETHERNET_HEADER_BYTES, rate));
}
