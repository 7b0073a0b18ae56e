// What the trains sent so far say of the narrow link: the way from traces to a capacity, for planning and for the report alike.
import type { PathDescription } from '../../model/path.js';
import type { Trace } from '../../model/trace.js';
import { estimateCapacity } from '../estimators/capacity.js';
import type { CapacityResult } from '../estimators/capacity.js';
import { countLoss } from '../estimators/loss-ratio.js';
import { computeTrainArrivals } from '../estimators/train-arrivals.js';
import { estimateTrainRate } from '../estimators/train-rate.js';
import type { TrainRate } from '../estimators/train-rate.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';
import { selectLightTraces, selectTrainTraces } from './knowledge.js';
import type { TracesByPhase } from './knowledge.js';

/** A target that answers fewer probes a second than this cannot echo a train. */
export const LEAST_PROBES_PER_SEC = 200;

export function answersTrains({ maxProbesPerSec }: PathDescription): boolean {
  return maxProbesPerSec === null || maxProbesPerSec >= LEAST_PROBES_PER_SEC;
}

/** Rates of all trains so far, in the order of sending; a train without usable replies gives none. */
export function readTrainRates(traces: TracesByPhase): readonly TrainRate[] {
  const { sent, lost } = countLoss(selectLightTraces(traces));
  const pathLossRatio = lost === 0 ? 0 : computeWilsonInterval(lost, sent).high;
  return selectTrainTraces(traces).flatMap((trace) => readTrace(trace, pathLossRatio));
}

interface Reading {
  readonly pathLossRatio: number;
  readonly rates: readonly TrainRate[];
}

/** A trace never changes, and planning asks for its rates at every step; they are forgotten with the trace. */
const readings = new WeakMap<Trace, Reading>();

function readTrace(trace: Trace, pathLossRatio: number): readonly TrainRate[] {
  const known = readings.get(trace);
  if (known?.pathLossRatio === pathLossRatio) return known.rates;
  const rates = computeTrainArrivals(trace).flatMap((train) => estimateTrainRate(train, pathLossRatio) ?? []);
  readings.set(trace, { pathLossRatio, rates });
  return rates;
}

export function readCapacity(traces: TracesByPhase): CapacityResult | null {
  return estimateCapacity(readTrainRates(traces));
}
