// What the signatures look at. Each one judges a single condition from it and knows nothing of the others.
import type { PathDescription } from '../../model/path.js';
import type { Estimates } from '../../model/estimates.js';
import type { Condition, Finding } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import type { TracesByPhase } from '../examination/knowledge.js';

export interface Observations {
  readonly path: PathDescription;
  readonly estimates: Estimates;
  /** Paced light packets: the ones judged for loss. */
  readonly light: readonly Trace[];
  /** The light packets and the trains. */
  readonly all: readonly Trace[];
  /** Every trace of the examination. */
  readonly byPhase: TracesByPhase;
}

/** `finding` is null where the condition was considered and is not worth telling a person; its probability still counts. */
export interface Judgement {
  readonly condition: Condition;
  /** Posterior probability, 0-1. */
  readonly probability: number;
  readonly finding: Finding | null;
}

export type Signature = (observations: Observations) => Judgement | null;

/** Packets below which nothing is said of a path that answers: none of four lost still leaves 49 % within Wilson's interval. */
export const LEAST_PACKETS = 5;

/** `1 packet`, `2 packets`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const LEAST_PERCENT_SHOWN = 0.01;
const MOST_PERCENT_SHOWN = 99.9;

/** `0.031` → `3.1 %`; small ratios keep two digits. Never none or all for what is only nearly so. */
export function formatPercent(ratio: number): string {
  const percent = 100 * ratio;
  if (percent === 0) return '0 %';
  if (percent < LEAST_PERCENT_SHOWN) return `< ${LEAST_PERCENT_SHOWN} %`;
  if (percent < 100 && percent > 99.5)
    return percent > MOST_PERCENT_SHOWN ? `> ${MOST_PERCENT_SHOWN} %` : `${percent.toFixed(1)} %`;
  return `${percent >= 10 ? percent.toFixed(0) : percent >= 1 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
}

/** Probability of the first of several hypotheses that exclude each other, from ln(prior · likelihood) of each. */
export function computePosterior(logWeights: readonly [number, ...number[]]): number {
  const most = Math.max(...logWeights);
  const total = logWeights.reduce((sum, weight) => sum + Math.exp(weight - most), 0);
  return Math.exp(logWeights[0] - most) / total;
}
