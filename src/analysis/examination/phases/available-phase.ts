// Which streams to send for the available bandwidth: a long one that would empty a token bucket, then rounds of short ones that
// overload the tight link a little (they see its other traffic) or much (they see its capacity), spread over seconds, until
// the interval is narrow or the cost is reached.
import type { Pattern, Sequence } from '../../../model/sequence.js';
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Trace } from '../../../model/trace.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC, serialisationNs } from '../../../model/units.js';
import type { AvailablePosterior } from '../../estimators/available/available.js';
import { readTightLink } from '../readings/available-readings.js';
import type { TightLink } from '../readings/available-readings.js';
import { fitCount } from '../plans/allowance.js';
import { computeRange } from '../report/compose-available.js';
import { isBucketSuspected } from '../readings/bucket-readings.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { computeRoundTrips } from '../../estimators/round-trip-times.js';
import {
  computeLeastIntervalNs,
  computeLightSize,
  computeLingerNs,
  QUIET_NS,
  selectLightTraces,
} from '../knowledge.js';
import type { Knowledge, TracesByPhase } from '../knowledge.js';
import { LOOK } from '../readings/look-readings.js';
import {
  chooseSize,
  computeGapNs,
  computeMostBytes,
  LEAST_STREAMS,
  MEAN_LOAD,
  ROUNDS,
  shapeStream,
} from '../plans/stream-shape.js';
import { LONG_STREAM, selectStreams } from '../readings/stream-traces.js';
import { answersTrains } from '../readings/train-readings.js';

/** Half the interval as a share of the capacity that is good enough to stop. */
const TARGET_HALF_WIDTH = 0.025;
/** One of each rate. */
const LEAST_ROUNDS = 2;
/** On slow lines, where each is small; the bytes are the same. */
const ROUNDS_ALONE = 8;
/** Of five seconds, what a command takes to start and to tell is kept. */
const PATIENCE_NS = 4.6 * NS_PER_SEC;
/** Share of what the other traffic leaves that the streams take at most, so that their queue drains before the next one. */
const LOAD_OF_AVAILABLE = 0.6;
const LEAST_LOAD = 0.05;
const LONG = { packets: 120, leastPackets: 20, overload: 1.3, ns: 0.3 * NS_PER_SEC } as const;
/** C and A share an uncertainty: above this share of it comes from C, and fast streams tell more. */
const CAPACITY_SHARE = 0.5;
const LOOK_NS = 1.1 * NS_PER_SEC;
/** Not a whole part of anything that others may keep step with. */
const LOOK_INTERVAL_NS = 1.03 * NS_PER_MS;
const LOOK_LOAD = 0.08;
const LEAST_LOOK = 40;
const LONGEST_LINGER_NS = 1 * NS_PER_SEC;

export function planAvailable(knowledge: Knowledge): Sequence | null {
  const { path, request, traces } = knowledge;
  if (!answersTrains(path) || DEPTH_PLANS[request.depth].streamBytes === 0) return null;
  const link = readTightLink(traces);
  if (link === null) return null;
  const streams = selectStreams(traces);
  if (streams.length === 0)
    return planLook(knowledge, link) ?? planLongStream(knowledge, link) ?? planRound(knowledge, link, 0);
  const rounds = streams.filter(({ sequenceId }) => !sequenceId.startsWith(LONG_STREAM)).length;
  if (rounds >= LEAST_ROUNDS && isNarrow(link)) return null;
  if (rounds === 0 && isBucketSuspected(traces))
    return planLongStream(knowledge, link) ?? planRound(knowledge, link, 0);
  return rounds < countRounds(knowledge) ? planRound(knowledge, link, rounds) : null;
}

/** Who asked for this alone has the time for more of them than an examination of everything. */
function countRounds({ request }: Knowledge): number {
  return isAlone(request) ? ROUNDS_ALONE : ROUNDS;
}

function isAlone({ quantity, depth }: Knowledge['request']): boolean {
  return quantity === 'available' && depth === 'normal';
}

/** Time left for rounds and what follows them, for somebody who asked for this alone: he waits no longer than is worth what it tells. */
function computePatience({ request, allowance }: Knowledge): number {
  const spentNs = request.maxSeconds * NS_PER_SEC - allowance.ns;
  return isAlone(request) ? Math.max(0, PATIENCE_NS - spentNs) : Infinity;
}

function isNarrow(link: TightLink): boolean {
  if (link.posterior === null) return false;
  const { low, high } = computeRange(link, link.posterior);
  return (high - low) / 2 < TARGET_HALF_WIDTH * link.posterior.capacity.value;
}

/** Unless paced packets were sent before: light ones, to see how often the link is busy, and bursts that streams may miss. */
function planLook({ path, traces, allowance }: Knowledge, { reading }: TightLink): Sequence | null {
  if (traces.delay.length > 0 || traces.available.length > 0) return null;
  const sizeBytes = computeLightSize(path);
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const ownNs = serialisationNs(frameBytes, reading.estimate.value) / LOOK_LOAD;
  const intervalNs = Math.round(Math.max(LOOK_INTERVAL_NS, ownNs, computeLeastIntervalNs(path)));
  const lingerNs = computeStreamLinger(traces);
  const room = { ...allowance, ns: Math.min(LOOK_NS, allowance.ns / 4 - lingerNs) };
  const count = fitCount(Infinity, frameBytes, intervalNs, room);
  if (count < LEAST_LOOK) return null;
  return {
    id: LOOK,
    pattern: { kind: 'isochronous', count, intervalNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
    yieldsProcessor: true,
  };
}

/** Long enough to see a token bucket run dry, as long as that takes no longer than a moment; null where trains pushed more before. */
function planLongStream(knowledge: Knowledge, { reading }: TightLink): Sequence | null {
  const rate = LONG.overload * reading.estimate.value;
  const sizeBytes = chooseSize(knowledge, reading.estimate.value);
  const gapNs = computeGapNs(sizeBytes, rate);
  const packets = Math.min(LONG.packets, Math.max(LONG.leastPackets, Math.floor(LONG.ns / Math.max(1, gapNs))));
  const emptiedBytes = packets * (sizeBytes + ETHERNET_HEADER_BYTES) * (1 - 1 / LONG.overload);
  if (emptiedBytes < reading.pushedBytes) return null;
  const pattern = { kind: 'train', trains: 1, packetsPerTrain: packets, gapNs, spacingNs: 0, sizeBytes } as const;
  const id = `${LONG_STREAM}-${selectStreams(knowledge.traces).length + 1}`;
  return compose(knowledge, { id, pattern, capacity: reading.estimate.value });
}

function planRound(knowledge: Knowledge, link: TightLink, rounds: number): Sequence | null {
  const { streamNs } = DEPTH_PLANS[knowledge.request.depth];
  const isFast = rounds === 0 || (rounds > 1 && isCapacityUncertain(link.posterior));
  const shape = shapeStream(knowledge, link, isFast);
  const { packetsPerTrain, gapNs, sizeBytes, capacity } = shape;
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const most = computeMostBytes(knowledge, capacity);
  const lingerNs = computeStreamLinger(knowledge.traces);
  const patienceNs = computePatience(knowledge) / Math.max(1, LEAST_ROUNDS - rounds) - lingerNs;
  const linkNs = serialisationNs(packetsPerTrain * frameBytes, capacity);
  const available = expectAvailable(link, capacity) ?? capacity / 2;
  const load = Math.min(MEAN_LOAD, Math.max(LEAST_LOAD, (LOAD_OF_AVAILABLE * available) / capacity));
  // Streams that must outlast a bucket may last longer than their share of the time.
  const longestNs = Math.max(0, Math.min(streamNs / LEAST_ROUNDS, patienceNs));
  const leastPeriodNs = Math.max(packetsPerTrain * gapNs, Math.min(linkNs / load, longestNs / LEAST_STREAMS));
  const spent = computeSpent(knowledge.traces, link.bucketBytes > 0);
  const fitting = Math.min(most / ROUNDS / frameBytes / packetsPerTrain, longestNs / leastPeriodNs);
  const trains = Math.max(LEAST_STREAMS, Math.floor(fitting));
  const periodNs = Math.max(leastPeriodNs, streamNs / ROUNDS / trains);
  const spacingNs = Math.max(gapNs, Math.round(periodNs - (packetsPerTrain - 1) * gapNs));
  const pattern = watch(knowledge, link, { trains, packetsPerTrain, gapNs, spacingNs, sizeBytes });
  const total = computeTotal(knowledge, capacity);
  const isTooMuch =
    spent.bytes + computePatternCost(pattern).bytes > total.bytes || spent.ns + trains * periodNs > total.ns;
  if (rounds >= LEAST_ROUNDS && (isTooMuch || trains * periodNs > patienceNs)) return null;
  return compose(knowledge, { id: `stream-${isFast ? 'fast' : 'near'}-${rounds + 1}`, pattern, capacity });
}

type TrainShape = Omit<Extract<Pattern, { kind: 'train' }>, 'kind'>;

/** Small packets in the pauses, where these tell how busy others keep the link. */
function watch({ path }: Knowledge, { look, bucketBytes }: TightLink, trains: TrainShape): StreamPattern {
  const sizeBytes = computeLightSize(path);
  if (look === null || bucketBytes > 0 || sizeBytes >= trains.sizeBytes) return { kind: 'train', ...trains };
  const watchPackets = Math.floor(trains.spacingNs / look.intervalNs);
  if (watchPackets < 1) return { kind: 'train', ...trains };
  return { kind: 'watched-train', ...trains, watchPackets, watchSizeBytes: sizeBytes };
}

/** What is surely left, as far as streams and light packets tell: load beyond it would push other traffic out. null before either. */
function expectAvailable({ posterior, look }: TightLink, capacity: number): number | null {
  const ofLook = look === null ? null : capacity * (1 - look.share);
  const ofStreams = posterior?.available.value ?? null;
  return ofLook === null || ofStreams === null ? (ofLook ?? ofStreams) : Math.min(ofLook, ofStreams);
}

interface Spent {
  readonly bytes: number;
  readonly ns: number;
}

/** What all rounds may take. */
function computeTotal(knowledge: Knowledge, capacity: number): Spent {
  const { streamBytes, streamNs } = DEPTH_PLANS[knowledge.request.depth];
  const longer = countRounds(knowledge) / ROUNDS;
  return { bytes: Math.min(streamBytes, longer * computeMostBytes(knowledge, capacity)), ns: longer * streamNs };
}

/** Where small packets in the pauses turned out to tell nothing, streams are not to be fewer for them. */
function computeSpent(traces: TracesByPhase, isStreamsOnly: boolean): Spent {
  const streams = selectStreams(traces);
  const bytesOf = (trace: Trace): number => (isStreamsOnly ? computeStreamBytes(trace) : trace.cost.bytes);
  return {
    bytes: streams.reduce((sum, trace) => sum + bytesOf(trace), 0),
    ns: streams.reduce((sum, { plannedOffsetNs }) => sum + (plannedOffsetNs.at(-1) ?? 0), 0),
  };
}

/** dA = −C·du − (A/C)·dC: whichever of both is less well known is asked next. */
function isCapacityUncertain(posterior: AvailablePosterior | null): boolean {
  if (posterior === null) return false;
  const { available, capacity, traffic } = posterior;
  return traffic.value * (capacity.high - capacity.low) > CAPACITY_SHARE * (available.high - available.low);
}

function computeStreamBytes({ sizeBytes }: Trace): number {
  const largest = sizeBytes.reduce((most, size) => Math.max(most, size), 0);
  return sizeBytes.reduce((sum, size) => sum + (size === largest ? size + ETHERNET_HEADER_BYTES : 0), 0);
}

/** Replies later than any before them, and by more than this, are missed: streams need most packets, not all. */
const LATE_SHARE = 1.25;
const LATE_NS = 20 * NS_PER_MS;

function computeStreamLinger(traces: TracesByPhase): number {
  const rttNs = [...selectLightTraces(traces), ...traces.available].flatMap((trace) => [
    ...computeRoundTrips(trace).rttNs,
  ]);
  return rttNs.length === 0
    ? computeLingerNs(traces)
    : Math.round(LATE_SHARE * rttNs.reduce((most, ns) => Math.max(most, ns), 0) + LATE_NS);
}

type StreamPattern = Extract<Pattern, { kind: 'train' | 'watched-train' }>;

interface StreamPlan {
  readonly id: string;
  readonly pattern: StreamPattern;
  /** To tell how long the last stream waits in the queue. */
  readonly capacity: number;
}

/** null where it is more than the allowance holds: half a round says little. */
function compose({ traces, allowance }: Knowledge, { id, pattern, capacity }: StreamPlan): Sequence | null {
  const { trains, packetsPerTrain, gapNs, spacingNs, sizeBytes } = pattern;
  const cost = computePatternCost(pattern);
  const lastNs = serialisationNs(packetsPerTrain * (sizeBytes + ETHERNET_HEADER_BYTES), capacity);
  const lingerNs = Math.round(Math.min(LONGEST_LINGER_NS, computeStreamLinger(traces) + lastNs));
  const durationNs = trains * (packetsPerTrain * gapNs + spacingNs) + lingerNs;
  const fits =
    cost.bytes <= allowance.bytes && cost.packets <= allowance.packets && durationNs + NS_PER_MS <= allowance.ns;
  const listening = { lingerNs, quietNs: QUIET_NS };
  return fits ? { id, pattern, dscp: 0, dontFragment: false, ...listening, yieldsProcessor: true } : null;
}
