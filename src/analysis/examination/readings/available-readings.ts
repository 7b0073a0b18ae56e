// What the streams sent so far say of the tight link: the way from traces to available bandwidth, for planning and for the
// report alike.
import type { Trace } from '../../../model/trace.js';
import { NS_PER_SEC } from '../../../model/units.js';
import { estimateAvailable } from '../../estimators/available/available.js';
import type { AvailablePosterior } from '../../estimators/available/available.js';
import type { CapacityResult } from '../../estimators/capacity/capacity.js';
import { measureHeldPackets } from '../../estimators/available/held-packets.js';
import type { HeldPackets } from '../../estimators/available/held-packets.js';
import type { RateRange } from '../../estimators/available/posterior-range.js';
import { seesTraffic } from '../../estimators/available/stream-groups.js';
import type { CapacityPrior, SeenTraffic } from '../../estimators/available/stream-likelihood.js';
import { listStreams } from '../../estimators/available/stream-packets.js';
import { computeStreamPassages } from '../../estimators/available/stream-passage.js';
import type { StreamPassage } from '../../estimators/available/stream-passage.js';
import {
  computeOfferedRate,
  countToEmpty,
  expectBucket,
  mayHaveBucket,
  readFrameBytes,
  readLargeBucket,
  readLongStream,
  readRate,
  readSmallBucket,
} from './bucket-readings.js';
import { readLook, readSeenTraffic } from './look-readings.js';
import type { TimedLook } from './look-readings.js';
import type { TracesByPhase } from '../knowledge.js';
import { chooseLeg, selectStreams } from './stream-traces.js';
import type { ForwardLeg } from './stream-traces.js';
import { readTrainRates } from './train-readings.js';

export interface TightLink {
  /** The first idea of the rate, from trains and the long stream. */
  readonly reading: CapacityResult;
  /** What a token bucket lets pass at once; 0 without one. */
  readonly bucketBytes: number;
  /** What the first train lets suspect of it, which may be other traffic. */
  readonly suspectedBytes: number;
  /** null before there are streams enough. */
  readonly posterior: AvailablePosterior | null;
  readonly prior: CapacityPrior;
  readonly leg: ForwardLeg;
  readonly passages: readonly StreamPassage[];
  /** Moments at which the other traffic was looked at: streams that see it, and light packets whose waits show. */
  readonly moments: number;
  /** Those of them that are streams, and the time over which all streams were spread. */
  readonly streamMoments: number;
  readonly streamSpanNs: number;
  readonly look: TimedLook | null;
  /** What of it goes with the streams; null where nothing does. */
  readonly seen: SeenTraffic | null;
  /** Packets of the streams that a machine behind the link held up; null where that is not known. */
  readonly held: HeldPackets | null;
}

/** No first train is trusted further than this share. */
const LEAST_TRAIN_ERROR = 0.01;
/** Of a 95 % interval to either side. */
const DEVIATIONS = 1.96;
/** Packets at the head of each stream that meet idle queues and cold caches. */
const SETTLING_PACKETS = 2;
/** How far a first idea of the capacity may be off, as factors: trains come slower behind other traffic, or on tokens. */
const PRIOR_BELOW = 0.4;
const PRIOR_ABOVE = 4;
/** The grid takes tens of milliseconds, and planning and the report ask for it again; forgotten with the last trace. */
const readings = new WeakMap<Trace, { readonly seen: string; readonly link: TightLink | null }>();

/** null before there is an idea of the rate. */
export function readTightLink(traces: TracesByPhase): TightLink | null {
  const last = traces.available.at(-1);
  if (last === undefined) return computeTightLink(traces);
  const seen = [traces.rate, traces.capacity, traces.available, traces.delay].map(({ length }) => length).join();
  const known = readings.get(last);
  if (known?.seen === seen) return known.link;
  const link = computeTightLink(traces);
  readings.set(last, { seen, link });
  return link;
}

function computeTightLink(traces: TracesByPhase): TightLink | null {
  const streams = selectStreams(traces);
  const leg = chooseLeg(streams);
  const trains = readTrainRates(traces);
  const long = streams.flatMap((trace) => readLongStream(trace, leg));
  const reading = readRate(trains, long);
  if (reading === null) return null;
  const { value } = reading.estimate;
  const look = readLook(traces, leg, value);
  const start = { leg, value, resolutionNs: look?.resolutionNs ?? null };
  const suspectedBytes = expectBucket(traces);
  const bucketBytes = Math.max(
    readLargeBucket(reading, [...trains, ...long]),
    ...streams.map((trace) => readSmallBucket(trace, start, suspectedBytes > 0)),
  );
  const passages = streams.flatMap((trace) => {
    const toEmpty = countToEmpty(bucketBytes / readFrameBytes(trace), computeOfferedRate(trace) / value);
    return readPassages(trace, leg, SETTLING_PACKETS + toEmpty);
  });
  const likely = bucketBytes > 0 ? null : describeLikely(reading);
  const prior = { low: PRIOR_BELOW * value, high: PRIOR_ABOVE * value, likely };
  const streamMoments = passages.filter(seesTraffic).length;
  const streamSpanNs = streams.reduce((sum, { plannedOffsetNs }) => sum + (plannedOffsetNs.at(-1) ?? 0), 0);
  const moments = streamMoments + (look?.moments ?? 0);
  const ofStreams = estimateAvailable(passages, prior);
  const held = ofStreams && look && readHeld(streams, { leg, capacity: ofStreams.capacity, look });
  const isDoubted = bucketBytes > 0 || mayHaveBucket(traces, start);
  const seen = isDoubted ? null : readSeenTraffic(look, ofStreams && { posterior: ofStreams, passages, prior, held });
  const posterior = seen === null ? ofStreams : estimateAvailable(passages, prior, seen);
  return {
    look,
    seen,
    held,
    moments,
    streamMoments,
    streamSpanNs,
    reading,
    prior,
    bucketBytes,
    suspectedBytes,
    leg,
    passages,
    posterior,
  };
}

interface HeldBehind {
  readonly leg: ForwardLeg;
  readonly capacity: RateRange;
  readonly look: TimedLook;
}

/** The fastest link that the streams allow, so that none seems held that was not. */
function readHeld(streams: readonly Trace[], { leg, capacity, look }: HeldBehind): HeldPackets | null {
  const passing = { nsPerBit: NS_PER_SEC / capacity.high, resolutionNs: look.resolutionNs };
  return measureHeldPackets(
    streams.flatMap((trace) => listStreams(trace, leg)),
    passing,
  );
}

/** As with `readings`: by leg and packets skipped. */
const passagesSeen = new WeakMap<Trace, Map<string, readonly StreamPassage[]>>();

function readPassages(trace: Trace, leg: ForwardLeg, skip: number): readonly StreamPassage[] {
  const known = passagesSeen.get(trace) ?? new Map<string, readonly StreamPassage[]>();
  passagesSeen.set(trace, known);
  const key = `${leg} ${skip}`;
  const passages = known.get(key) ?? computeStreamPassages(trace, leg, skip);
  known.set(key, passages);
  return passages;
}

/** null where the trains saw a bound, or disagree, or came in batches. */
function describeLikely({
  estimate,
  halfWidth,
  boundedBy,
  isDoubted,
  batchNs,
}: CapacityResult): CapacityPrior['likely'] {
  if (boundedBy !== null || isDoubted || batchNs !== null) return null;
  return { value: estimate.value, relativeError: Math.max(LEAST_TRAIN_ERROR, halfWidth / DEVIATIONS) };
}
