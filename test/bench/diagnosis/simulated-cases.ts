// Many drawn cases examined in virtual time on all cores, by the product's own way from prober to report.
import { computeDefaultBudget } from '../../../src/model/examination.js';
import type { Depth, ExaminationRequest } from '../../../src/model/examination.js';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { examine } from '../../../src/prober/examine.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import { answerJobs, runOnAllCores } from '../on-all-cores.js';
import { describeOutcome } from './case-outcome.js';
import type { CaseOutcome } from './case-outcome.js';
import { drawCase } from './cases.js';

interface Job {
  readonly kind: string;
  readonly seed: number;
  readonly depth: Depth;
  readonly machines: 'steady' | 'pausing';
}

export interface CasesOptions {
  readonly kinds: readonly string[];
  /** Cases of each kind. */
  readonly draws: number;
  /** Case i of a kind is drawn with `seed + i`. */
  readonly seed: number;
  readonly depth: Depth;
  /** Whether the probe's machine, the target's or both stand still now and then. */
  readonly machines: 'steady' | 'pausing';
}

export function runCases({ kinds, draws, seed, depth, machines }: CasesOptions): Promise<CaseOutcome[]> {
  const jobs = Array.from({ length: draws }, (_, i) =>
    kinds.map((kind): Job => ({ kind, seed: seed + i, depth, machines })),
  );
  return runOnAllCores<CaseOutcome>(import.meta.url, jobs.flat());
}

async function runCase({ kind, seed, depth, machines }: Job): Promise<CaseOutcome> {
  const drawn = drawCase(kind, seed, machines);
  const prober = openSimulated(drawn.model, seed);
  const request: ExaminationRequest = {
    id: 'BENCH',
    startedAt: '2026-01-01T00:00:00Z',
    depth,
    quantity: null,
    ...computeDefaultBudget(depth, null),
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
  return describeOutcome(kind, seed, drawn, report);
}

await answerJobs(runCase);
