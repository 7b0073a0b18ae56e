// How losses follow each other: run lengths (RFC 3357) and the transitions of the two-state Gilbert chain.
import type { Trace } from '../../model/trace.js';
import { computeFates } from './packet-fate.js';

export interface LossRuns {
  readonly meanLength: number;
  readonly maxLength: number;
}

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
  return { meanLength: total / lengths.length, maxLength: lengths.reduce((most, length) => Math.max(most, length), 0) };
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
