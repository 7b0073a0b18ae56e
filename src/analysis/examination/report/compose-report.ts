// From everything an examination saw to its report: estimates, diagnosis, summary, and what kept it from being better.
import { REPORT_SCHEMA } from '../../../model/report.js';
import type { Estimates } from '../../../model/estimates.js';
import type { Finding, Report } from '../../../model/report.js';
import type { Cost } from '../../../model/sequence.js';
import { NS_PER_MS } from '../../../model/units.js';
import { choosePattern } from '../../patterns/choose-pattern.js';
import { diagnose } from '../../signatures/diagnosis.js';
import type { Observations } from '../../signatures/observations.js';
import { belieCapacity } from './belie-capacity.js';
import { composeEstimates } from './compose-estimates.js';
import { composeLimits } from './compose-limits.js';
import { selectLightTraces, selectTrainTraces } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
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
  const measured = input.estimates ?? composeEstimates(knowledge);
  const light = selectLightTraces(traces);
  const all = [...light, ...selectTrainTraces(traces)];
  const observations = { path, estimates: measured, light, all, byPhase: traces };
  const diagnosis = diagnose(observations);
  const { estimates, limits } = belieCapacity(measured, diagnosis.findings);
  const { target, port, stamps } = path;
  return {
    schema: REPORT_SCHEMA,
    id: request.id,
    target,
    port: {
      name: port.name,
      speedBitsPerSec: port.speedBitsPerSec,
      duplex: port.duplex,
      stamps,
      ...(path.neighbour ? { neighbour: path.neighbour } : {}),
    },
    startedAt: request.startedAt,
    durationMs: Math.max(0, Math.round(elapsedNs / NS_PER_MS)),
    cost,
    verdict: diagnosis.verdict,
    summary: composeSummary({ target, estimates, ...diagnosis }),
    estimates,
    findings: diagnosis.findings.map((finding) => addPattern(finding, observations)),
    alternatives: diagnosis.alternatives,
    limits: [...new Set([...remarks, ...limits, ...composeLimits(knowledge, remarks.length === 0)])],
  };
}

function addPattern(finding: Finding, observations: Observations): Finding {
  const pattern = finding.pattern ?? choosePattern(finding, observations);
  return pattern === null ? finding : { ...finding, pattern };
}
