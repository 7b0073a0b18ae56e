// Outcomes of the diagnosis bench as tables: right and wrong by kind, what each was taken for, and how far the stated
// probabilities can be trusted.
import { computeMedian, computePercentile, sortAscending } from '../../../src/analysis/statistics/quantile.js';
import type { CaseOutcome } from './case-outcome.js';
import { isRight, isToldAsOneOfTwo, isTrue, listFalseAlarms, nameVerdict } from './case-outcome.js';
import { ENDS } from './drawn-base.js';

const formatShare = (part: number, of: number): string => (of === 0 ? '-' : ((100 * part) / of).toFixed(1));
const isHealthy = ({ truth }: CaseOutcome): boolean => truth.conditions.length === 0;

function renderTable(title: string, header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

function listKinds(outcomes: readonly CaseOutcome[]): string[] {
  return [...new Set(outcomes.map(({ kind }) => kind))];
}

/** One row a kind; `taken for` names the most frequent mistakes. */
export function renderKinds(outcomes: readonly CaseOutcome[]): string {
  const rows = listKinds(outcomes).map((kind) =>
    describeGroup(
      kind,
      outcomes.filter((outcome) => outcome.kind === kind),
    ),
  );
  const totals = [
    describeGroup('**all without a fault**', outcomes.filter(isHealthy)),
    ...ENDS.map((ends) =>
      describeGroup(
        `**all faults, ${ends}**`,
        outcomes.filter((outcome) => !isHealthy(outcome) && outcome.ends === ends),
      ),
    ),
    describeGroup(
      '**all faults**',
      outcomes.filter((outcome) => !isHealthy(outcome)),
    ),
  ];
  const header = ['path', 'runs', 'right %', 'false alarms %', 'kB p95', 's p95', 'taken for, where wrong'];
  return `${renderTable('diagnosis by kind of path', header, [...rows, ...totals])}\n\n${describePairs(outcomes)}`;
}

/** Those that these ends cannot separate from something else count as right where both stand in the report; without them there are fewer. */
function describePairs(outcomes: readonly CaseOutcome[]): string {
  const faults = outcomes.filter((outcome) => !isHealthy(outcome));
  const separable = faults.filter(({ truth }) => truth.inseparableFrom === undefined);
  const told = faults.filter(isToldAsOneOfTwo).length;
  return (
    `Of ${faults.length} faults ${faults.length - separable.length} cannot be separated from something else by these ends: ${told} were told as one ` +
    `of the two, both with their probabilities. Of the others ${formatShare(separable.filter(isRight).length, separable.length)} % are right.`
  );
}

function describeGroup(name: string, group: readonly CaseOutcome[]): readonly unknown[] {
  const percentile = (values: readonly number[]): string =>
    values.length === 0 ? '-' : computePercentile(sortAscending(values), 0.95).toFixed(1);
  return [
    name,
    group.length,
    formatShare(group.filter(isRight).length, group.length),
    formatShare(group.filter((outcome) => listFalseAlarms(outcome).length > 0).length, group.length),
    percentile(group.map(({ bytes }) => bytes / 1e3)),
    percentile(group.map(({ seconds }) => seconds)),
    listMistakes(group),
  ];
}

const MOST_MISTAKES = 4;

function listMistakes(group: readonly CaseOutcome[]): string {
  const counts = new Map<string, number>();
  for (const outcome of group) {
    if (isRight(outcome)) continue;
    const name = [nameVerdict(outcome), ...listFalseAlarms(outcome).map(({ condition }) => condition)];
    const key = [...new Set(name)].join(' + ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_MISTAKES);
  return most.map(([name, count]) => `${name} ${count}`).join(', ') || '-';
}

/** Rows: kinds. Columns: what they were taken for. */
export function renderConfusion(outcomes: readonly CaseOutcome[]): string {
  const verdicts = [...new Set(outcomes.map(nameVerdict))].sort();
  const rows = listKinds(outcomes).map((kind) => {
    const named = outcomes.filter((outcome) => outcome.kind === kind).map(nameVerdict);
    return [kind, ...verdicts.map((verdict) => named.filter((name) => name === verdict).length || '')];
  });
  return renderTable('leading finding (columns) by kind of path (rows)', ['path', ...verdicts], rows);
}

interface Claim {
  readonly probability: number;
  readonly isTrue: boolean;
}

/** Each probability stated, and 0 for each condition that held and was not mentioned. */
function listClaims(outcome: CaseOutcome): Claim[] {
  const stated = outcome.statements.map(({ condition, probability }) => ({
    probability,
    isTrue: isTrue(outcome, condition),
  }));
  const mentioned = new Set(outcome.statements.map(({ condition }) => condition));
  const missed = outcome.truth.conditions.filter((condition) => !mentioned.has(condition));
  return [...stated, ...missed.map(() => ({ probability: 0, isTrue: true }))];
}

/** Brier 1950: the mean of (stated probability − truth)². */
function computeBrierScore(claims: readonly Claim[]): number {
  const errors = claims.map((claim) => (claim.probability - (claim.isTrue ? 1 : 0)) ** 2);
  return errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
}

const WEIGHTY = 0.1;
const BIN_EDGES = [0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.000001];

/** A row a bin of stated probabilities: what was stated on average, and how often it was so. */
export function renderReliability(outcomes: readonly CaseOutcome[]): string {
  const claims = outcomes.flatMap(listClaims);
  const rows = BIN_EDGES.slice(1).map((high, i) => {
    const low = BIN_EDGES[i] ?? 0;
    const bin = claims.filter(({ probability }) => probability >= low && probability < high);
    const stated = bin.reduce((sum, { probability }) => sum + probability, 0) / Math.max(1, bin.length);
    return [
      `${low} to ${Math.min(1, high)}`,
      bin.length,
      bin.length === 0 ? '-' : (100 * stated).toFixed(1),
      formatShare(bin.filter((claim) => claim.isTrue).length, bin.length),
    ];
  });
  // Many small probabilities that are rightly small would make any score look good.
  const weighty = claims.filter((claim) => claim.isTrue || claim.probability >= WEIGHTY);
  const score =
    `Brier score ${computeBrierScore(claims).toFixed(3)} over ${claims.length} statements; ${computeBrierScore(weighty).toFixed(3)} over the ` +
    `${weighty.length} of ${WEIGHTY} and more or true.`;
  const header = ['stated probability', 'statements', 'stated on average %', 'true %'];
  return `${renderTable('reliability', header, rows)}\n\n${score}`;
}

export function renderCosts(outcomes: readonly CaseOutcome[]): string {
  const spread = (values: readonly number[]): string =>
    `median ${computeMedian(values).toFixed(2)}, p95 ${computePercentile(sortAscending(values), 0.95).toFixed(2)}, most ${Math.max(...values).toFixed(2)}`;
  return `Megabytes: ${spread(outcomes.map(({ bytes }) => bytes / 1e6))}. Seconds: ${spread(outcomes.map(({ seconds }) => seconds))}.`;
}
