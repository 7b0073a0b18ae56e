// One path examined for one quantity in virtual time, by the product's own way from prober to report.
import { computeDefaultBudget } from '../../../src/model/examination.js';
import type { ExaminationEvent, ExaminationRequest, Quantity } from '../../../src/model/examination.js';
import type { Estimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { examine } from '../../../src/prober/examine.js';
import { serialisationNs } from '../../../src/model/units.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import type { PathModel } from '../../../src/simulator/path-model.js';
import type { SimulatedProber } from '../../../src/prober/simulated/simulated-prober.js';
import type { Drawing, DrawnPath } from './drawn-path.js';
import { READINGS } from './readings.js';
import type { BenchQuantity } from './readings.js';

/** Plain data: it travels between threads. */
export interface Outcome {
  readonly quantity: BenchQuantity;
  readonly seed: number;
  readonly drawing: Drawing;
  /** null where the report holds no estimate. */
  readonly estimate: Pick<Estimate, 'value' | 'low' | 'high' | 'quality' | 'limitedBy'> | null;
  readonly truth: number;
  /** Of available bandwidth, `truth` is that of the measured seconds; this is what it is in the long run. Else the same. */
  readonly lastingTruth: number;
  /** In the unit of the quantity; NaN without an estimate. */
  readonly error: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly limits: readonly string[];
}

export async function runPath(quantity: BenchQuantity, seed: number, path: DrawnPath): Promise<Outcome> {
  const prober = openSimulated(path.model, seed);
  const watch = new TrafficWatch(prober);
  const report = await examineWith(prober, { seed, quantity, onEvent: (event) => watch.take(event) });
  return readOutcome({ quantity, seed, path }, report, watch.computeShare(path.drawing));
}

/** `quantity` null: a whole examination. */
export async function examineSimulated(model: PathModel, seed: number, quantity: Quantity | null): Promise<Report> {
  return examineWith(openSimulated(model, seed), { seed, quantity, onEvent: () => undefined });
}

interface BenchRun {
  readonly seed: number;
  readonly quantity: Quantity | null;
  readonly onEvent: (event: ExaminationEvent) => void;
}

function examineWith(prober: SimulatedProber, { seed, quantity, onEvent }: BenchRun): Promise<Report> {
  const request: ExaminationRequest = {
    id: 'BENCH',
    startedAt: '2026-01-01T00:00:00Z',
    depth: 'normal',
    quantity,
    ...computeDefaultBudget('normal', quantity),
    seed,
  };
  return examine({
    open: () => Promise.resolve(prober),
    start: startExamination,
    request,
    signal: new AbortController().signal,
    onEvent,
    nowNs: () => prober.elapsedNs(),
  });
}

/**
 * Counts the other traffic of the seconds in which available bandwidth is measured, from when its phase begins to the last packet that is
 * sent for it: RFC 5136 defines it over an interval. Waiting for the last answers is not measuring.
 */
class TrafficWatch {
  #began: Moment | null = null;
  #ended: Moment | null = null;

  constructor(private readonly prober: SimulatedProber) {}

  take(event: ExaminationEvent): void {
    if (event.kind === 'phase' && event.phase === 'available') this.#began ??= this.#readNow();
    if (event.kind === 'traced' && event.phase === 'available') this.#ended = this.#readMet();
  }

  /** Share of the narrow link's time; where the simulator skipped a silence of ours, that of the long run. */
  computeShare({ crossShare, rateBitsPerSec }: Drawing): number {
    if (this.#began === null || this.#ended === null) return crossShare;
    const ns = this.#ended.atNs - this.#began.atNs;
    const playedNs = this.#ended.playedNs - this.#began.playedNs;
    const busyNs = serialisationNs(this.#ended.bytes - this.#began.bytes, rateBitsPerSec);
    return (busyNs + crossShare * Math.max(0, ns - playedNs)) / ns;
  }

  #readNow(): Moment {
    const narrow = this.prober.readPlayedTraffic().at(-1) ?? { bytes: 0, playedNs: 0 };
    return { ...narrow, atNs: this.prober.elapsedNs() };
  }

  #readMet(): Moment {
    const narrow = this.prober.readMetTraffic().at(-1);
    return narrow === undefined || narrow.untilNs <= 0 ? this.#readNow() : { ...narrow, atNs: narrow.untilNs };
  }
}

interface Moment {
  readonly atNs: number;
  readonly bytes: number;
  readonly playedNs: number;
}

interface Draw {
  readonly quantity: BenchQuantity;
  readonly seed: number;
  readonly path: DrawnPath;
}

function readOutcome(draw: Draw, report: Report, measuredShare: number): Outcome {
  const { quantity, path } = draw;
  const there = readOneWay(draw, report, measuredShare);
  if (quantity !== 'maximum' || path.drawing.far !== 'both') return there;
  const truth = path.truth.maximumBackBitsPerSec;
  const estimate = report.estimates.maximum.reverse;
  const error = estimate === null ? NaN : 100 * (estimate.value / truth - 1);
  return pickWorse(there, { ...there, estimate, truth, lastingTruth: truth, error });
}

/** Of two directions measured at once the bench counts one: what is missing, then what does not hold the truth, then the larger error. */
function pickWorse(one: Outcome, other: Outcome): Outcome {
  const rank = ({ estimate, truth, error }: Outcome): number => {
    if (estimate === null) return Infinity;
    return (estimate.low <= truth && truth <= estimate.high ? 0 : 1e6) + Math.abs(error);
  };
  return rank(other) > rank(one) ? other : one;
}

function readOneWay({ quantity, seed, path }: Draw, report: Report, measuredShare: number): Outcome {
  const reading = READINGS[quantity];
  const estimate = reading.readEstimate(report);
  const availableBitsPerSec = Math.max(0, 1 - measuredShare) * path.drawing.rateBitsPerSec;
  const truth = { ...path.truth, availableBitsPerSec };
  return {
    quantity,
    seed,
    drawing: path.drawing,
    estimate,
    truth: reading.readTruth(truth),
    lastingTruth: reading.readTruth(path.truth),
    error: estimate === null ? NaN : reading.computeError(estimate.value, truth),
    bytes: report.cost.bytes,
    seconds: report.durationMs / 1e3,
    limits: report.limits,
  };
}
