// The faults that show when packets meet load, judged together: which of them explains best what was lost. Findings and alternatives;
// the direct signatures are judged elsewhere.
import type { Condition, Finding } from '../../../model/report.js';
import type { Judgement, Observations } from '../observations.js';
import { BURSTY_LOSS } from './bursty-loss.js';
import { computeShownShare, isMetMore } from './weighing/clear-fault.js';
import { collectEvidence } from './collect-evidence.js';
import { CONGESTION } from './congestion.js';
import { DUPLEX_MISMATCH } from './duplex-mismatch.js';
import { HEALTHY } from './healthy.js';
import type { LoadEvidence, LoadHypothesis, Overflow } from './load-hypothesis.js';
import { MEDIA_ERRORS } from './media-errors.js';
import { OVERLONG_HALF_DUPLEX } from './overlong-half-duplex.js';
import { PACKET_RATE_LIMIT } from './packet-rate-limit.js';
import { POLICER } from './policer.js';
import { computePosterior } from './weighing/posterior.js';
import type { Posterior } from './weighing/posterior.js';
import type { WeighedPart } from './weighing/weighed.js';
import { RANDOM_LOSS } from './random-loss.js';
import { UNEXPLAINED } from './unexplained.js';

const HYPOTHESES: readonly LoadHypothesis[] = [
  HEALTHY,
  RANDOM_LOSS,
  MEDIA_ERRORS,
  BURSTY_LOSS,
  CONGESTION,
  DUPLEX_MISMATCH,
  OVERLONG_HALF_DUPLEX,
  POLICER,
  PACKET_RATE_LIMIT,
  UNEXPLAINED,
];
/** Nothing is told where it is less probable than this that there is a fault at all, whichever it is. */
const LEAST_FAULT = 0.8;
/** Where only trains lost packets, a limit must itself be more probable than all else. */
const LEAST_LIMIT = 0.6;

/**
 * Every load fault that was considered, the findings among them with their evidence. Empty where nothing was lost, or all. What losses leave open
 * whether there is a fault at all belongs to none.
 */
export function judgeLoad(observations: Observations): readonly Judgement[] {
  const evidence = collectEvidence(observations, 'full');
  if (evidence === null) return [];
  const posterior = withoutUnmetCollisions(computePosterior(evidence, HYPOTHESES), evidence);
  const marginals = sumByCondition(posterior);
  const isFaulty = 1 - (marginals.get('healthy') ?? 0) >= LEAST_FAULT;
  const told = isFaulty ? (selectFault(posterior)?.parts ?? []) : [];
  return HYPOTHESES.filter(({ condition }) => condition !== 'healthy' && marginals.has(condition)).map((hypothesis) => {
    const { condition } = hypothesis;
    const part = told.find((one) => one.hypothesis.condition === condition);
    const otherwise = explainOtherwise(told, part, posterior);
    const share = computeShownShare(hypothesis, evidence, otherwise);
    const probability = share * (marginals.get(condition) ?? 0);
    const isTold = share === 1 && (hypothesis.needs !== 'any' || probability >= LEAST_LIMIT);
    const finding = part === undefined || !isTold ? null : describe(part, { evidence, otherwise }, probability);
    return { condition, probability, finding };
  });
}

/** The same as probabilities, in less detail, for who plans what to send next; null where nothing is to be explained. */
export function weighLoad(observations: Observations): Posterior | null {
  const evidence = collectEvidence(observations, 'sketch');
  return evidence === null ? null : computePosterior(evidence, HYPOTHESES);
}

/** Belief in collisions that packets which meet none suffer as well is belief in what comes next; whoever plans more packets keeps it. */
function withoutUnmetCollisions(posterior: Posterior, { rows }: LoadEvidence): Posterior {
  const kept = posterior.explanations.filter(({ parts }) =>
    parts.every(({ hypothesis, partition }) => hypothesis.needs !== 'met' || isMetMore(rows, partition)),
  );
  const total = kept.reduce((sum, { probability }) => sum + probability, 0);
  if (total === 0) return posterior;
  return { ...posterior, explanations: kept.map((one) => ({ ...one, probability: one.probability / total })) };
}

/** Of each row more than 0 where a queue of our own or the limit beside this fault may have dropped it. */
function explainOtherwise(
  told: readonly WeighedPart[],
  part: WeighedPart | undefined,
  { overflow }: Posterior,
): Overflow {
  const limit = told.find((other) => other !== part && other.hypothesis.family === 'limit');
  return limit === undefined ? overflow : overflow.map((found, i) => Math.max(found, limit.partition.classOf[i] ?? 0));
}

function sumByCondition({ explanations }: Posterior): Map<Condition, number> {
  const sums = new Map<Condition, number>();
  for (const { parts, probability } of explanations) {
    for (const { hypothesis } of parts) {
      sums.set(hypothesis.condition, Math.min(1, (sums.get(hypothesis.condition) ?? 0) + probability));
    }
  }
  return sums;
}

function selectFault({ explanations }: Posterior) {
  return explanations.find(({ parts }) => parts.some(({ hypothesis }) => hypothesis.describe !== null));
}

function describe(
  part: WeighedPart,
  { evidence, otherwise }: { readonly evidence: LoadEvidence; readonly otherwise: Overflow },
  probability: number,
): Finding | null {
  const { hypothesis, partition, reading, rivals } = part;
  if (hypothesis.describe === null) return null;
  const sent = new Array<number>(partition.classes).fill(0);
  const lost = new Array<number>(partition.classes).fill(0);
  for (let i = 0; i < evidence.rows.count; i += 1) {
    const found = partition.classOf[i] ?? 0;
    sent[found] = (sent[found] ?? 0) + 1;
    lost[found] = (lost[found] ?? 0) + (evidence.rows.isLost[i] ?? 0);
  }
  const parts = hypothesis.describe({ evidence, partition, reading, rivals, sent, lost, otherwise });
  return { condition: hypothesis.condition, probability, direction: reading.direction, ...parts };
}
