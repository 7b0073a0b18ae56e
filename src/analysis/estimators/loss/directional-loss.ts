// Forward and reverse loss apart, from the sequence numbers a stateful reflector gives (RFC 8762 section 4.3).
import type { Directional, Estimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeRunEffect, countTransitions } from './loss-runs.js';
import { computeFates } from '../packet-fate.js';
import { estimateRatio } from '../ratio.js';

const METHOD = "gaps in the stateful reflector's own sequence numbers, Wilson interval";

export interface DirectionCount {
  forwardSent: number;
  forwardLost: number;
  reverseSent: number;
  reverseLost: number;
}

/**
 * Between the first and the last answered packet the reflector's numbers tell how many arrived there: those missing were lost
 * going, the rest coming back. Both null where no trace carries such numbers.
 */
export function estimateDirectionalLoss(traces: readonly Trace[]): Directional<Estimate> {
  const sum = sumDirections(traces);
  // How losses of one direction follow each other is not seen; those of the round trip are the losses of both.
  const effect = computeRunEffect(countTransitions(traces));
  return {
    forward: estimateRatio(sum.forwardLost, sum.forwardSent, METHOD, effect),
    reverse: estimateRatio(sum.reverseLost, sum.reverseSent, METHOD, effect),
  };
}

/** null where no trace tells the directions apart. */
export function countDirectionalLoss(traces: readonly Trace[]): Readonly<DirectionCount> | null {
  const sum = sumDirections(traces);
  return sum.forwardSent === 0 ? null : sum;
}

function sumDirections(traces: readonly Trace[]): DirectionCount {
  const sum: DirectionCount = { forwardSent: 0, forwardLost: 0, reverseSent: 0, reverseLost: 0 };
  for (const trace of traces) addTrace(sum, trace);
  return sum;
}

function addTrace(sum: DirectionCount, trace: Trace): void {
  // Of a copy it is not known whether the reflector counted it: made on the way there it did, on the way back it did not.
  if (trace.duplicates.some((copies) => copies > 0)) return;
  const fates = computeFates(trace);
  const known = [...fates.keys()].filter((row) => fates[row] === 'answered' && isNumber(trace.farSequence[row]));
  const first = known[0];
  const last = known[known.length - 1];
  if (first === undefined || last === undefined || first === last) return;
  const numbers = known.map((row) => trace.farSequence[row] ?? 0);
  const arrived = span(numbers);
  // The reflector counts the packets of one flow; others have no numbers here.
  const isCounted = (row: number): boolean => fates[row] !== 'excluded' && trace.flow[row] === trace.flow[first];
  const sent = [...fates.keys()].slice(first, last + 1).filter(isCounted).length;
  // More arrivals than packets: a copy was made on the way or the reflector started anew; the split is then unknown.
  if (arrived > sent || arrived < known.length) return;
  sum.forwardSent += sent;
  sum.forwardLost += sent - arrived;
  sum.reverseSent += arrived;
  sum.reverseLost += arrived - known.length;
}

function isNumber(sequence: number | undefined): boolean {
  return sequence !== undefined && sequence >= 0 && Number.isFinite(sequence);
}

/** How many whole numbers lie from the least to the greatest, both counted. */
function span(numbers: readonly number[]): number {
  const least = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  return greatest - least + 1;
}
