// What the trains sent so far say of the narrow link: the way from traces to a capacity, for planning and for the report alike.
import type { PathDescription } from '../../../model/path.js';
import type { Trace } from '../../../model/trace.js';
import { belieBuckets } from '../../estimators/capacity/belied-buckets.js';
import type { ReadTrain } from '../../estimators/capacity/belied-buckets.js';
import { estimateCapacity } from '../../estimators/capacity/capacity.js';
import type { CapacityResult } from '../../estimators/capacity/capacity.js';
import { countFlag, listAnsweredRows } from '../../estimators/packet-fate.js';
import { TRACE_FLAG } from '../../../model/trace.js';
import { countLoss } from '../../estimators/loss/loss-ratio.js';
import { computeFarArrivals, computeTrainArrivals } from '../../estimators/capacity/train-arrivals.js';
import type { Leg, TrainArrivals } from '../../estimators/capacity/train-arrivals.js';
import { estimateTrainRate } from '../../estimators/capacity/train-rate.js';
import type { PathLoss, TrainRate } from '../../estimators/capacity/train-rate.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { selectLightTraces, selectTrainTraces } from '../knowledge.js';
import type { Knowledge, TracesByPhase } from '../knowledge.js';

/** A target that answers fewer probes a second than this cannot echo a train. */
const LEAST_PROBES_PER_SEC = 200;
/** Time between two departures of replies, as a share of that between their arrivals, below which the way back is the narrower. */
export const CLEAR_OVERLOAD = 0.7;
const SAME_PACE = 0.1;
const LONG_TRAIN = 30;
/** Of so many paced packets none was lost: then what trains miss was dropped by queues. */
const TELLING_PACKETS = 200;
/** The far end's stamps are used where at least this share of the replies carries them. */
const LEAST_STAMPED = 0.9;

export function answersTrains({ maxProbesPerSec }: PathDescription): boolean {
  return maxProbesPerSec === null || maxProbesPerSec >= LEAST_PROBES_PER_SEC;
}

/** A load's bulks are parts of one train. */
export const LOAD_ID = 'train-load';

function isLoad({ sequenceId }: Trace): boolean {
  return sequenceId.startsWith(LOAD_ID);
}

/** Sequences of which the far end's own train is the purpose. */
export const FAR_ID = 'far-train';

/** Smaller packets, sent right behind a load. */
export const CHECK_ID = 'train-check';
/** No queue refuses so many in a row, in trains with pauses, but for a few stragglers that pass on tokens just earned. */
const LEAST_CUT = 100;
const STRAGGLERS = 0.2;

/** Rates of all trains so far, in the order of sending; a train without usable replies gives none. */
export function readTrainRates(traces: TracesByPhase, leg: Leg = chooseForwardLeg(traces)): readonly TrainRate[] {
  const loss = boundLoss(traces);
  const trains = selectTrainTraces(traces);
  const read = trains.flatMap((trace, i) => {
    const ofTrace = readTrace(trace, leg, loss);
    return emptiesBucket(trains[i + 1])
      ? ofTrace.map((train) => ({ ...train, rate: markCutOff(train.rate) }))
      : ofTrace;
  });
  return belieBuckets(read);
}

/** Whether of a check hardly anything came back from some packet on: load and check together used the tokens of a bucket up. */
function emptiesBucket(check: Trace | undefined): boolean {
  if (check?.sequenceId !== CHECK_ID) return false;
  const answered = listAnsweredRows(check);
  const last = answered[Math.floor((1 - STRAGGLERS) * (answered.length - 1))];
  return last !== undefined && check.count - 1 - last >= LEAST_CUT;
}

function markCutOff(rate: TrainRate): TrainRate {
  return rate.hasKnee ? rate : { ...rate, isCutOff: true, endsEarly: true };
}

/** Rates of the far end's own trains. */
export function readFarRates(traces: TracesByPhase): readonly TrainRate[] {
  const loss = boundLoss(traces);
  return belieBuckets(traces.capacity.flatMap((trace) => readTrace(trace, 'far', loss)));
}

function boundLoss(traces: TracesByPhase): PathLoss {
  const { sent, lost } = countLoss(selectLightTraces(traces));
  const most = computeWilsonInterval(lost, sent).high;
  return { ratio: lost === 0 ? 0 : most, most: lost === 0 && sent >= TELLING_PACKETS ? 0 : most };
}

/** Where the far end stamps, its T2 tells the forward direction alone. */
export function chooseForwardLeg(traces: TracesByPhase): Leg {
  const trains = selectTrainTraces(traces);
  const answered = trains.reduce((sum, trace) => sum + countFlag(trace, TRACE_FLAG.answered), 0);
  const stamped = trains.reduce((sum, trace) => sum + countStamped(trace), 0);
  return stamped > 0 && stamped >= LEAST_STAMPED * answered ? 'forward' : 'round-trip';
}

/** Asked for at every step: a plain loop. */
function countStamped({ farRxOffsetNs }: Trace): number {
  let count = 0;
  for (let row = 0; row < farRxOffsetNs.length; row += 1) if (Number.isFinite(farRxOffsetNs[row])) count += 1;
  return count;
}

/** A trace never changes, and planning asks for its rates at every step; they are forgotten with the trace. */
const readings = new WeakMap<Trace, Map<string, readonly ReadTrain[]>>();

function readTrace(trace: Trace, leg: Leg | 'far', loss: PathLoss): readonly ReadTrain[] {
  const known = readings.get(trace) ?? new Map<string, readonly ReadTrain[]>();
  readings.set(trace, known);
  const key = `${leg} ${loss.ratio} ${loss.most}`;
  const trains =
    known.get(key) ?? collectArrivals(trace, leg).flatMap((train) => readTrain(trace, train, { leg, loss }));
  known.set(key, trains);
  return trains;
}

function readTrain(
  trace: Trace,
  arrivals: TrainArrivals,
  { leg, loss }: { readonly leg: Leg | 'far'; readonly loss: PathLoss },
): ReadTrain[] {
  const rate = estimateTrainRate(arrivals, loss);
  if (rate === null) return [];
  // A double holds the ns of an epoch to a quarter of a microsecond.
  const firstNs = Number(leg === 'forward' ? trace.farBaseNs : trace.baseNs) + arrivals.firstNs;
  return [{ rate, arrivals, firstNs, readPlain: () => estimateTrainRate(arrivals, loss, 0) }];
}

function collectArrivals(trace: Trace, leg: Leg | 'far'): TrainArrivals[] {
  return leg === 'far' ? computeFarArrivals(trace) : computeTrainArrivals(trace, leg, isLoad(trace));
}

/** Forward, or the narrower of both directions where the far end does not stamp. */
export function readCapacity({ traces, path }: Pick<Knowledge, 'traces' | 'path'>): CapacityResult | null {
  return estimateCapacity(readTrainRates(traces), chooseForwardLeg(traces) === 'forward' ? 'forward' : 'both', path);
}

/**
 * From the far end's own trains, else from its replies, T3 to T4, which come no faster than requests arrive there. null where
 * it does neither.
 */
export function readReverseCapacity({ traces, path }: Pick<Knowledge, 'traces' | 'path'>): CapacityResult | null {
  const far = estimateCapacity(readFarRates(traces), 'reverse', path);
  if (far !== null || chooseForwardLeg(traces) === 'round-trip') return far;
  const replies = readTrainRates(traces, 'reverse');
  const long = replies.filter(({ arrivals }) => arrivals > LONG_TRAIN);
  const isNarrower = long.length > 0 && long.every(isPacedByLink);
  // Replies that came as fast as they left, or met other traffic: no overload to speak of.
  const usable = isNarrower ? replies : replies.map((rate) => ({ ...rate, plannedShare: 1 }));
  return estimateCapacity(usable, 'reverse', path);
}

/** Whether the way back is so much narrower that it sets the pace inside bulks as of whole trains. */
function isPacedByLink({ dispersion, rateBitsPerSec, departureShare }: TrainRate): boolean {
  if (dispersion === null || Math.max(departureShare, dispersion.departureShare) > CLEAR_OVERLOAD) return false;
  return Math.abs(dispersion.rateBitsPerSec / rateBitsPerSec - 1) < dispersion.relativeHalfWidth + SAME_PACE;
}
