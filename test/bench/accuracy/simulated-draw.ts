// One path examined for one quantity in virtual time, by the product's own way from prober to report.
import { computeDefaultBudget } from '../../../src/model/examination.js';
import type { ExaminationRequest } from '../../../src/model/examination.js';
import type { Estimate, Report } from '../../../src/model/report.js';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { examine } from '../../../src/prober/examine.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
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
  /** In the unit of the quantity; NaN without an estimate. */
  readonly error: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly limits: readonly string[];
}

export async function runPath(quantity: BenchQuantity, seed: number, path: DrawnPath): Promise<Outcome> {
  const prober = openSimulated(path.model, seed);
  const request: ExaminationRequest = {
    id: 'BENCH',
    startedAt: '2026-01-01T00:00:00Z',
    depth: 'normal',
    quantity,
    ...computeDefaultBudget('normal', quantity),
    seed,
  };
  const report = await examine({
    open: () => Promise.resolve(prober),
    start: startExamination,
    request,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    nowNs: () => prober.elapsedNs(),
  });
  return readOutcome(quantity, seed, path, report);
}

function readOutcome(quantity: BenchQuantity, seed: number, path: DrawnPath, report: Report): Outcome {
  const reading = READINGS[quantity];
  const estimate = reading.readEstimate(report);
  return {
    quantity,
    seed,
    drawing: path.drawing,
    estimate,
    truth: reading.readTruth(path.truth),
    error: estimate === null ? NaN : reading.computeError(estimate.value, path.truth),
    bytes: report.cost.bytes,
    seconds: report.durationMs / 1e3,
    limits: report.limits,
  };
}
