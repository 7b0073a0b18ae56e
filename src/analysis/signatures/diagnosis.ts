// All signatures together: findings and alternatives in order, and the verdict. Judges nothing itself.
import type { Finding, Report, Verdict } from '../../model/report.js';
import { judgeBurstyLoss } from './bursty-loss.js';
import { judgeLowNegotiation } from './low-negotiation.js';
import { LEAST_PACKETS } from './observations.js';
import type { Judgement, Observations, Signature } from './observations.js';
import { judgeProbeLimited } from './probe-limited.js';
import { judgeRandomLoss } from './random-loss.js';
import { judgeUnreachable } from './unreachable.js';

const SIGNATURES: readonly Signature[] = [
  judgeUnreachable,
  judgeRandomLoss,
  judgeBurstyLoss,
  judgeLowNegotiation,
  judgeProbeLimited,
];

/** Of conditions that exclude each other only the most probable one is a finding; the others become alternatives. */
const EXCLUSIVE: ReadonlySet<string> = new Set(['random-loss', 'bursty-loss']);
/** Less probable conditions are not worth a reader's time. */
const LEAST_ALTERNATIVE = 0.01;

export type Diagnosis = Pick<Report, 'verdict' | 'findings' | 'alternatives'>;

export function diagnose(observations: Observations): Diagnosis {
  const judgements = SIGNATURES.flatMap((judge) => judge(observations) ?? []).sort(
    (a, b) => b.probability - a.probability,
  );
  const findings: Finding[] = [];
  const rest: Judgement[] = [];
  for (const judgement of judgements) {
    const isTaken = findings.some(({ condition }) => EXCLUSIVE.has(condition) && EXCLUSIVE.has(judgement.condition));
    if (judgement.finding === null || isTaken) rest.push(judgement);
    else findings.push(judgement.finding);
  }
  return {
    verdict: computeVerdict(findings, observations),
    findings,
    alternatives: rest
      .filter(({ probability }) => probability >= LEAST_ALTERNATIVE)
      .map(({ condition, probability }) => ({ condition, probability })),
  };
}

/** The worst severity found; unknown where too little was measured to call a path ok. Findings of severity info leave it ok. */
function computeVerdict(findings: readonly Finding[], { estimates }: Observations): Verdict {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warning';
  return (estimates.loss.roundTrip?.samples ?? 0) < LEAST_PACKETS ? 'unknown' : 'ok';
}
