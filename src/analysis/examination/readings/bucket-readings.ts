// Whether a token bucket lies in front of the tight link, and how large it is: from the first train, from long streams, from the heads
// of fast ones.
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC, serialisationNs } from '../../../model/units.js';
import { estimateCapacity } from '../../estimators/capacity/capacity.js';
import type { CapacityResult } from '../../estimators/capacity/capacity.js';
import { countCloseStarts } from '../../estimators/available/close-starts.js';
import type { CloseStarts } from '../../estimators/available/close-starts.js';
import { estimateHeadBytes, listHeads } from '../../estimators/available/stream-head.js';
import { computeTrainArrivals } from '../../estimators/capacity/train-arrivals.js';
import { estimateTrainRate } from '../../estimators/capacity/train-rate.js';
import type { TrainRate } from '../../estimators/capacity/train-rate.js';
import type { TracesByPhase } from '../knowledge.js';
import { chooseLeg, LONG_STREAM, selectStreams } from './stream-traces.js';
import type { ForwardLeg } from './stream-traces.js';
import { readTrainRates } from './train-readings.js';

/** In a long train, fewer packets that passed faster are the queue of any link, not a bucket. */
const LEAST_BUCKET_PACKETS = 10;
/** Two long streams saw the same bucket if its rate and its size are within these factors. */
const SAME_RATE = 1.15;
const SAME_BUCKET = 1.5;
/** Streams this far above the rate show a bucket at their head, from so many packets on. */
const FAST_ABOVE = 3;
const LEAST_HEAD_PACKETS = 0.5;
/** The head of one train counts from so many on, and from so many of its standard errors. */
const LEAST_TRAIN_HEAD = 2;
const LEAST_TRAIN_SURE = 4;
/** Of fast streams, so many show it that begin closer than the link sends, if so many times fewer come as close in their middle. */
const CLOSE_SHARE = 0.4;
const LEAST_CLOSE = 2;
const CLOSE_AT_HEAD = 3;
/** Of a packet's time: noise of which four deviations are below this share makes no packet look close. */
const CLEAR_SHARE = 0.3;
/** Slower streams would take for ever. */
const LEAST_EXCESS = 0.2;

/**
 * Bursts of other traffic bend a long stream as an empty bucket does, but no two alike: the long streams count where two of them
 * ran the same bucket dry, or where there are no trains.
 */
export function readRate(trains: readonly TrainRate[], long: readonly TrainRate[]): CapacityResult | null {
  const together = estimateCapacity([...trains, ...long]);
  const buckets = long.flatMap((rate) => readBucket([...trains, rate]) ?? []);
  const [first, second] = buckets;
  const areAlike =
    first !== undefined &&
    second !== undefined &&
    areWithin(first.estimate.value, second.estimate.value, SAME_RATE) &&
    areWithin(first.burstBytes, second.burstBytes, SAME_BUCKET);
  return areAlike ? together : (estimateCapacity(trains) ?? together);
}

function areWithin(a: number, b: number, factor: number): boolean {
  return a <= factor * b && b <= factor * a;
}

/** null where no bucket shows. */
function readBucket(rates: readonly TrainRate[]): CapacityResult | null {
  const reading = estimateCapacity(rates);
  return reading !== null && readLargeBucket(reading, rates) > 0 ? reading : null;
}

/** Whether the only long stream may have run a bucket dry, so that another one decides. */
export function isBucketSuspected(traces: TracesByPhase): boolean {
  const streams = selectStreams(traces);
  const leg = chooseLeg(streams);
  const long = streams.flatMap((trace) => readLongStream(trace, leg));
  return long.length === 1 && readBucket([...readTrainRates(traces), ...long]) !== null;
}

/** Its own losses are a full queue's: the streams are many packets in a short time. */
export function readLongStream(trace: Trace, leg: ForwardLeg): TrainRate[] {
  if (!trace.sequenceId.startsWith(LONG_STREAM)) return [];
  const trains = computeTrainArrivals(trace, leg, false);
  return trains.flatMap((train) => estimateTrainRate(train, { ratio: 0, most: 0 }) ?? []);
}

/** As the head of the first train lets suspect it, bytes; other traffic may look so, too. */
export function expectBucket({ rate }: TracesByPhase): number {
  const heads = rate.flatMap((trace) => {
    const head = listHeads(trace, chooseLeg([trace]))[0];
    if (head === undefined) return 0;
    const least = Math.max(LEAST_TRAIN_HEAD * readFrameBytes(trace), LEAST_TRAIN_SURE * head.errorBytes);
    return head.bytes > least ? head.bytes : 0;
  });
  return Math.max(0, ...heads);
}

/** As the long trains show it. */
export function readLargeBucket({ burstBytes }: CapacityResult, rates: readonly TrainRate[]): number {
  const frameBytes = rates[0]?.frameBytes ?? Infinity;
  return burstBytes > LEAST_BUCKET_PACKETS * frameBytes ? burstBytes : 0;
}

export interface StartReading {
  readonly leg: ForwardLeg;
  /** Idea of the rate, bits per second. */
  readonly value: number;
  /** Shorter times are noise, ns; null where that is not known. */
  readonly resolutionNs: number | null;
}

/** As the heads of streams show it that leave its rate far behind. */
export function readSmallBucket(trace: Trace, start: StartReading, isExpected: boolean): number {
  if (!isFast(trace, start)) return 0;
  const { streams, atHead, inMiddle } = countClose(trace, start);
  const areMostClose = atHead >= Math.max(LEAST_CLOSE, CLOSE_SHARE * streams) && atHead >= CLOSE_AT_HEAD * inMiddle;
  const bytes = estimateHeadBytes(trace, start.leg, isExpected || areMostClose);
  return bytes > LEAST_HEAD_PACKETS * readFrameBytes(trace) ? bytes : 0;
}

/** Whether there may be a bucket that other traffic had emptied before most streams came: a single one that began on tokens tells. */
export function mayHaveBucket({ rate, available }: TracesByPhase, start: StartReading): boolean {
  const counts = [...rate, ...available].filter((trace) => isFast(trace, start)).map((one) => countClose(one, start));
  const sumOf = (pick: (count: CloseStarts) => number): number => counts.reduce((sum, count) => sum + pick(count), 0);
  return sumOf(({ atHead }) => atHead) > CLOSE_AT_HEAD * sumOf(({ inMiddle }) => inMiddle);
}

function isFast(trace: Trace, { value }: StartReading): boolean {
  return !trace.sequenceId.startsWith(LONG_STREAM) && computeOfferedRate(trace) >= FAST_ABOVE * value;
}

const NONE_CLOSE: CloseStarts = { streams: 0, atHead: 0, inMiddle: 0 };

/** None where noise is not far below a packet's time: it makes packets look close. */
function countClose(trace: Trace, { leg, value, resolutionNs }: StartReading): CloseStarts {
  const isClear = (resolutionNs ?? Infinity) < CLEAR_SHARE * serialisationNs(readFrameBytes(trace), value);
  return isClear ? countCloseStarts(trace, leg, NS_PER_SEC / value) : NONE_CLOSE;
}

export function readFrameBytes({ sizeBytes }: Trace): number {
  return (sizeBytes[0] ?? 0) + ETHERNET_HEADER_BYTES;
}

/** A bucket of W packets is empty after W·r/(r − 1) packets sent at r times its rate. */
export function countToEmpty(bucketPackets: number, overload: number): number {
  return Math.ceil(bucketPackets * (1 + 1 / Math.max(LEAST_EXCESS, overload - 1)));
}

/** By plan, bits per second; Infinity back to back. */
export function computeOfferedRate(trace: Trace): number {
  const { plannedOffsetNs } = trace;
  const gapNs = (plannedOffsetNs[1] ?? 0) - (plannedOffsetNs[0] ?? 0);
  return readFrameBytes(trace) * BITS_PER_BYTE * (NS_PER_SEC / gapNs);
}
