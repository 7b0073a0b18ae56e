// What the streams sent so far say of the tight link: the way from traces to available bandwidth, for planning and for the
// report alike.
import type { Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC, serialisationNs } from '../../model/units.js';
import { estimateAvailable, seesTraffic } from '../estimators/available.js';
import type { AvailablePosterior, CapacityPrior } from '../estimators/available.js';
import { estimateBusyShare } from '../estimators/busy-look.js';
import type { BusyLook } from '../estimators/busy-look.js';
import { estimateCapacity } from '../estimators/capacity.js';
import type { CapacityResult } from '../estimators/capacity.js';
import { computeStreamPassages } from '../estimators/stream-passage.js';
import type { Leg, StreamPassage } from '../estimators/stream-passage.js';
import { computeTrainArrivals } from '../estimators/train-arrivals.js';
import { estimateTrainRate } from '../estimators/train-rate.js';
import type { TrainRate } from '../estimators/train-rate.js';
import type { TracesByPhase } from './knowledge.js';
import { readTrainRates } from './train-readings.js';

type ForwardLeg = Exclude<Leg, 'reverse' | 'far-train'>;

export interface TightLink {
  /** The first idea of the rate, from trains and the long stream. */
  readonly reading: CapacityResult;
  /** Packets that a token bucket lets pass at once; 0 without one. */
  readonly bucketPackets: number;
  /** null before there are streams enough. */
  readonly posterior: AvailablePosterior | null;
  readonly prior: CapacityPrior;
  readonly leg: ForwardLeg;
  readonly passages: readonly StreamPassage[];
  /** Moments at which the other traffic was looked at: streams that see it, and light packets whose waits show. */
  readonly moments: number;
  readonly look: BusyLook | null;
}

export const LONG_STREAM = 'stream-long';
export const LOOK = 'look';

const SMALL_FRAME_BYTES = 214;
/** Waits behind other packets are seen if the shortest one to be noticed is below this share of a small one's time. */
const LOOK_RESOLUTION = 0.5;

/** Packets at the head of each stream that meet idle queues and cold caches. */
const SETTLING_PACKETS = 2;
/** How far a first idea of the capacity may be off, as factors: trains come slower behind other traffic, or on tokens. */
const PRIOR_BELOW = 0.4;
const PRIOR_ABOVE = 4;
/** Fewer packets that passed faster are the queue of any link, not a bucket. */
const LEAST_BUCKET_PACKETS = 10;
/** Slower streams would take for ever. */
const LEAST_EXCESS = 0.2;

export function selectStreams(traces: TracesByPhase): readonly Trace[] {
  return traces.available.filter(({ sequenceId }) => sequenceId.startsWith('stream'));
}

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
  const rates = [...readTrainRates(traces), ...streams.flatMap((trace) => readLongStream(trace, leg))];
  const reading = estimateCapacity(rates);
  if (reading === null) return null;
  const bucketPackets = countBucketPackets(reading, rates[0]?.frameBytes ?? Infinity);
  const passages = streams.flatMap((trace) => {
    const overload = computeOfferedRate(trace) / reading.estimate.value;
    return computeStreamPassages(trace, leg, SETTLING_PACKETS + countToEmpty(bucketPackets, overload));
  });
  const { value } = reading.estimate;
  const prior = { low: PRIOR_BELOW * value, high: PRIOR_ABOVE * value };
  const look = readLook(traces, value);
  const moments = passages.filter(seesTraffic).length + (look?.samples ?? 0);
  return { look, moments, reading, prior, bucketPackets, leg, passages, posterior: estimateAvailable(passages, prior) };
}

/** Its own losses are a full queue's: the streams are many packets in a short time. */
function readLongStream(trace: Trace, leg: ForwardLeg): TrainRate[] {
  if (trace.sequenceId !== LONG_STREAM) return [];
  const trains = computeTrainArrivals(trace, leg, false);
  return trains.flatMap((train) => estimateTrainRate(train, { ratio: 0, most: 0 }) ?? []);
}

/** null where the wait behind a small packet would be lost in the noise. */
function readLook(traces: TracesByPhase, rateBitsPerSec: number): BusyLook | null {
  const looks = traces.available.filter(({ sequenceId }) => sequenceId === LOOK);
  const look = estimateBusyShare([...traces.delay, ...looks]);
  const serviceNs = serialisationNs(SMALL_FRAME_BYTES, rateBitsPerSec);
  return look !== null && look.resolutionNs < LOOK_RESOLUTION * serviceNs ? look : null;
}

function countBucketPackets({ burstBytes }: CapacityResult, frameBytes: number): number {
  const packets = Math.ceil(burstBytes / frameBytes);
  return packets >= LEAST_BUCKET_PACKETS ? packets : 0;
}

/** A bucket of W bytes is empty after W·r/(r − 1) bytes sent at r times its rate. */
export function countToEmpty(bucketPackets: number, overload: number): number {
  return Math.ceil(bucketPackets * (1 + 1 / Math.max(LEAST_EXCESS, overload - 1)));
}

/** By plan, bits per second; Infinity back to back. */
function computeOfferedRate({ plannedOffsetNs, sizeBytes }: Trace): number {
  const gapNs = (plannedOffsetNs[1] ?? 0) - (plannedOffsetNs[0] ?? 0);
  return ((sizeBytes[0] ?? 0) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * (NS_PER_SEC / gapNs);
}

/** Forward where the far end stamps, else there and back. */
function chooseLeg(traces: readonly Trace[]): ForwardLeg {
  return traces.some(({ stamps }) => stamps.far !== null) ? 'forward' : 'round-trip';
}
