// How losses follow each other: run lengths (RFC 3357) and the transitions of the two-state Gilbert chain.
import type { Interval, LossRuns } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { computeFates } from '../packet-fate.js';

/** How often each state followed each, over neighbours in the order of sending: `lostToAnswered` ends a run. */
export interface LossTransitions {
  readonly answeredToAnswered: number;
  readonly answeredToLost: number;
  readonly lostToAnswered: number;
  readonly lostToLost: number;
}

/** Mean and longest run of consecutive losses in packets, runs never joined across traces. null without a loss. */
export function estimateLossRuns(traces: readonly Trace[]): LossRuns | null {
  const lengths = traces.flatMap((trace) => computeRunLengths(trace));
  if (lengths.length === 0) return null;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return {
    meanLength: total / lengths.length,
    maxLength: lengths.reduce((most, length) => Math.max(most, length), 0),
    intervals: { meanLength: computeLengthInterval(lengths.length, total) },
  };
}

/** A run of the Gilbert chain lasts 1/r packets; each of its losses ends it with probability r, whose interval is Wilson's. */
function computeLengthInterval(runs: number, losses: number): Interval {
  const { low, high } = computeWilsonInterval(runs, losses);
  return { low: 1 / high, high: 1 / low };
}

export function countTransitions(traces: readonly Trace[]): LossTransitions {
  const counts = { answeredToAnswered: 0, answeredToLost: 0, lostToAnswered: 0, lostToLost: 0 };
  for (const trace of traces) {
    const fates = computeFates(trace).filter((fate) => fate !== 'excluded');
    for (let i = 1; i < fates.length; i += 1) {
      const before = fates[i - 1];
      if (before === 'answered') counts[fates[i] === 'lost' ? 'answeredToLost' : 'answeredToAnswered'] += 1;
      else counts[fates[i] === 'lost' ? 'lostToLost' : 'lostToAnswered'] += 1;
    }
  }
  return counts;
}

/**
 * Variance of the loss ratio of a Gilbert chain over that of independent losses: (1 + ρ)/(1 − ρ) with ρ = 1 − p − r, its memory
 * from one packet to the next. At least 1; 1 without a loss, where nothing shows how losses come.
 */
export function computeRunEffect(transitions: LossTransitions): number {
  const { answeredToAnswered: n00, answeredToLost: n01, lostToAnswered: n10, lostToLost: n11 } = transitions;
  if (n11 === 0 || n00 + n01 === 0) return 1;
  // Half a transition added to what ends a run: a run still open at the end is not endless.
  const memory = n11 / (n10 + n11 + 0.5) - n01 / (n00 + n01);
  const effect = (1 + memory) / (1 - memory);
  // The mean run is itself known from so many runs only.
  return Math.max(1, effect * (1 + 1 / (n10 + 0.5)));
}

function computeRunLengths(trace: Trace): number[] {
  const lengths: number[] = [];
  let run = 0;
  for (const fate of computeFates(trace)) {
    if (fate === 'lost') run += 1;
    if (fate === 'answered' && run > 0) {
      lengths.push(run);
      run = 0;
    }
  }
  if (run > 0) lengths.push(run);
  return lengths;
}
