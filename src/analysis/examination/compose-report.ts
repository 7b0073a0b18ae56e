// From everything an examination saw to its report: estimates, diagnosis, summary, and what kept it from being better.
import { REPORT_SCHEMA } from '../../model/report.js';
import type { Estimates, Report } from '../../model/report.js';
import type { Cost } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import { diagnose } from '../signatures/diagnosis.js';
import { composeEstimates } from './compose-estimates.js';
import { composeLimits } from './compose-limits.js';
import { selectLightTraces, selectTrainTraces } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { composeSummary } from './summary.js';

export interface ReportInput {
  readonly knowledge: Knowledge;
  readonly cost: Cost;
  readonly elapsedNs: number;
  /** What the examination itself has to say about what it left out, one sentence each. */
  readonly remarks: readonly string[];
  /** Where the traces alone do not tell them, as of a TCP transfer; else they are computed from the traces. */
  readonly estimates?: Estimates;
}

export function composeReport(input: ReportInput): Report {
  const { knowledge, cost, elapsedNs, remarks } = input;
  const { request, path, traces } = knowledge;
  const estimates = input.estimates ?? composeEstimates(knowledge);
  const light = selectLightTraces(traces);
  const diagnosis = diagnose({ path, estimates, light, all: [...light, ...selectTrainTraces(traces)] });
  const { target, port, stamps } = path;
  return {
    schema: REPORT_SCHEMA,
    id: request.id,
    target,
    port: { name: port.name, speedBitsPerSec: port.speedBitsPerSec, duplex: port.duplex, stamps },
    startedAt: request.startedAt,
    durationMs: Math.max(0, Math.round(elapsedNs / NS_PER_MS)),
    cost,
    verdict: diagnosis.verdict,
    summary: composeSummary({ target, estimates, ...diagnosis }),
    estimates,
    findings: diagnosis.findings,
    alternatives: diagnosis.alternatives,
    limits: [...new Set([...remarks, ...composeLimits(knowledge, remarks.length === 0)])],
  };
}
