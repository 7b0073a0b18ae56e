// What the product said of one case, and whether it was right.
import type { Condition, Report, Severity, Verdict } from '../../../src/model/report.js';
import type { CaseTruth } from './drawn-case.js';
import type { Ends } from './drawn-base.js';

export interface Statement {
  readonly condition: Condition;
  readonly probability: number;
  /** null of an alternative. */
  readonly severity: Severity | null;
  readonly halfSide: 'near' | 'far' | 'unknown' | null;
}

/** Plain data: it travels between threads. */
export interface CaseOutcome {
  readonly kind: string;
  readonly seed: number;
  readonly ends: Ends;
  readonly truth: Pick<CaseTruth, 'conditions' | 'harmless' | 'halfSide' | 'inseparableFrom'>;
  readonly verdict: Verdict;
  /** Findings, most probable first, then alternatives. */
  readonly statements: readonly Statement[];
  readonly bytes: number;
  readonly seconds: number;
}

export function describeOutcome(kind: string, seed: number, drawn: CaseTruth, report: Report): CaseOutcome {
  const { conditions, harmless, halfSide, inseparableFrom, ends } = drawn;
  const findings = report.findings.map(({ condition, probability, severity, halfSide: side }): Statement => ({
    condition,
    probability,
    severity,
    halfSide: side ?? null,
  }));
  const others = report.alternatives.map(({ condition, probability }): Statement => ({
    condition,
    probability,
    severity: null,
    halfSide: null,
  }));
  return {
    kind,
    seed,
    ends,
    truth: {
      conditions,
      ...(harmless === undefined ? {} : { harmless }),
      ...(halfSide === undefined ? {} : { halfSide }),
      ...(inseparableFrom === undefined ? {} : { inseparableFrom }),
    },
    verdict: report.verdict,
    statements: [...findings, ...others],
    bytes: report.cost.bytes,
    seconds: report.durationMs / 1e3,
  };
}

const isAlarm = ({ severity }: Statement): boolean => severity === 'warning' || severity === 'critical';

export function isTrue({ truth }: CaseOutcome, condition: Condition): boolean {
  return truth.conditions.includes(condition) || truth.harmless?.includes(condition) === true;
}

/** Alarms at something that is not there. */
export function listFalseAlarms(outcome: CaseOutcome): readonly Statement[] {
  return outcome.statements.filter((statement) => isAlarm(statement) && !isTrue(outcome, statement.condition));
}

/**
 * A path without a fault: no alarm, and the verdict ok. A fault: it leads the findings, nothing that is not there raises an alarm,
 * and the half side is right; an echo may leave the side open, since it cannot tell the directions apart. Where the ends cannot separate the fault
 * from something else, both must be in the report, and either may lead.
 */
export function isRight(outcome: CaseOutcome): boolean {
  const { truth, statements, verdict, ends } = outcome;
  if (isToldAsOneOfTwo(outcome)) return true;
  if (listFalseAlarms(outcome).length > 0) return false;
  if (truth.conditions.length === 0) return verdict === 'ok';
  const leader = statements.find(({ condition, severity }) => severity !== null && !isHarmless(outcome, condition));
  if (leader === undefined || !truth.conditions.includes(leader.condition)) return false;
  if (truth.halfSide === undefined || leader.halfSide === truth.halfSide) return true;
  return ends === 'echo' && leader.halfSide === 'unknown';
}

/** The fault does not lead, but stands beside what these ends cannot tell it from; nothing else raises an alarm. */
export function isToldAsOneOfTwo(outcome: CaseOutcome): boolean {
  const { truth, statements, verdict } = outcome;
  const { conditions, inseparableFrom: other } = truth;
  if (other === undefined || !conditions.every((condition) => isStated(outcome, condition))) return false;
  const isElse = ({ condition }: Statement): boolean => condition !== other && !isTrue(outcome, condition);
  if (statements.some((statement) => isAlarm(statement) && isElse(statement))) return false;
  const leader = statements.find(({ condition, severity }) => severity !== null && !isHarmless(outcome, condition));
  return other === 'none' ? leader === undefined && verdict === 'ok' : leader?.condition === other;
}

const isStated = ({ statements }: CaseOutcome, wanted: Condition): boolean =>
  statements.some(({ condition }) => condition === wanted);

const isHarmless = ({ truth }: CaseOutcome, condition: Condition): boolean =>
  truth.harmless?.includes(condition) === true;

/** What it was taken for: the leading finding, or none; of two that cannot be separated, both. */
export function nameVerdict(outcome: CaseOutcome): string {
  const { statements, truth } = outcome;
  if (isToldAsOneOfTwo(outcome)) return `${truth.inseparableFrom ?? 'none'} or ${truth.conditions.join(' and ')}`;
  const leader = statements.find(({ severity }) => severity !== null);
  if (leader === undefined) return 'none';
  return leader.halfSide === null ? leader.condition : `${leader.condition} (${leader.halfSide})`;
}
