// What became of each packet of a size search, going and coming back. A stateful reflector's own numbers tell which requests
// arrived whose replies did not (RFC 8762 4.3); without them only the round trip is known.
import { TRACE_FLAG, countsAsSent } from '../../../model/trace.js';
import type { Trace } from '../../../model/trace.js';
import { computeFates } from '../packet-fate.js';

export interface SizeFate {
  /** Which of the runs it was sent in, from 0. */
  readonly run: number;
  readonly sizeBytes: number;
  /** Sent with DF clear. */
  readonly mayFragment: boolean;
  readonly isAnswered: boolean;
  /** The reply was as long as the request; shorter is a fragment, or a reply that never is as long. */
  readonly isWhole: boolean;
  /** Whether the request came to the far end; null where nobody can tell. */
  readonly hasArrived: boolean | null;
  /** A router said that this packet was too big. */
  readonly isRefused: boolean;
}

export interface SizeFates {
  readonly fates: readonly SizeFate[];
  /** Whether the far end counts what arrives, so that the directions can be told apart. */
  readonly isCounting: boolean;
}

/** Sequences whose id begins so are sent with DF clear: a trace does not tell. */
export const FRAGMENTS_ID = 'mtu-fragments';

interface Row {
  readonly run: number;
  readonly sizeBytes: number;
  readonly mayFragment: boolean;
  readonly isAnswered: boolean;
  readonly isWhole: boolean;
  readonly isRefused: boolean;
  /** −1 where unknown. */
  readonly farSequence: number;
}

/** `traces` are consecutive runs of one session, in the order of sending. */
export function computeSizeFates(traces: readonly Trace[]): SizeFates {
  const rows = traces.flatMap((trace, run) => readRows(trace, run));
  const isCounting = countsInOrder(rows);
  const arrivals = isCounting ? computeArrivals(rows) : rows.map(({ isAnswered }) => (isAnswered ? true : null));
  return { isCounting, fates: rows.map((row, i) => ({ ...row, hasArrived: arrivals[i] ?? null })) };
}

function readRows(trace: Trace, run: number): Row[] {
  const mayFragment = trace.sequenceId.startsWith(FRAGMENTS_ID);
  return computeFates(trace).flatMap((fate, i) => {
    // A refusal for size is no loss, but what is looked for here.
    const isTooBig = fate === 'excluded' && !trace.interrupted && countsAsSent(trace, i);
    if (fate === 'excluded' && !isTooBig) return [];
    const sizeBytes = trace.sizeBytes[i] ?? 0;
    const isAnswered = fate === 'answered';
    const hasError = ((trace.flags[i] ?? 0) & TRACE_FLAG.errorReply) !== 0;
    return {
      run,
      sizeBytes,
      mayFragment,
      isAnswered,
      isWhole: isAnswered && (trace.replySizeBytes[i] ?? 0) >= sizeBytes,
      isRefused: isTooBig && hasError,
      farSequence: isAnswered ? (trace.farSequence[i] ?? -1) : -1,
    };
  });
}

/** A path that reorders makes gaps where nothing is missing: above this share of swapped neighbours the numbers tell nothing. */
const MOST_SWAPPED = 0.02;

function countsInOrder(rows: readonly Row[]): boolean {
  const numbers = rows.map(({ farSequence }) => farSequence).filter((sequence) => sequence >= 0);
  const swapped = numbers.filter((sequence, i) => sequence < (numbers[i - 1] ?? -1)).length;
  return numbers.length > 0 && swapped <= MOST_SWAPPED * numbers.length;
}

/**
 * Between two answered packets the reflector's numbers tell how many of the unanswered ones arrived. Where only some did, the
 * smaller ones are taken for them: what passes is never smaller than that, whatever was lost by chance.
 */
function computeArrivals(rows: readonly Row[]): (boolean | null)[] {
  const arrivals = rows.map(({ isAnswered }): boolean | null => (isAnswered ? true : null));
  const isBorder = findBorders(rows);
  let previous: number | null = null;
  for (const [i, { farSequence }] of rows.entries()) {
    if (farSequence < 0) continue;
    if (previous !== null && isBorder(previous, i)) fillGap(arrivals, rows, { first: previous + 1, end: i });
    previous = i;
  }
  return arrivals;
}

/** Whether nothing that was sent up to the one row arrived after it, nor anything from the other on before that. */
function findBorders(rows: readonly Row[]): (last: number, next: number) => boolean {
  const mostBefore = rows.map(({ farSequence }) => farSequence);
  const leastAfter = rows.map(({ farSequence }) => (farSequence < 0 ? Infinity : farSequence));
  for (let i = 1; i < rows.length; i += 1) mostBefore[i] = Math.max(mostBefore[i] ?? -1, mostBefore[i - 1] ?? -1);
  for (let i = rows.length - 2; i >= 0; i -= 1)
    leastAfter[i] = Math.min(leastAfter[i] ?? Infinity, leastAfter[i + 1] ?? Infinity);
  return (last, next) => mostBefore[last] === rows[last]?.farSequence && leastAfter[next] === rows[next]?.farSequence;
}

function fillGap(
  arrivals: (boolean | null)[],
  rows: readonly Row[],
  { first, end }: { readonly first: number; readonly end: number },
): void {
  const unanswered = Array.from({ length: end - first }, (_, i) => first + i).filter((i) => arrivals[i] === null);
  const answeredBetween = end - first - unanswered.length;
  const arrived = (rows[end]?.farSequence ?? 0) - (rows[first - 1]?.farSequence ?? 0) - 1 - answeredBetween;
  // A copy made on the way, a reordering, or a reflector that began anew.
  if (arrived < 0 || arrived > unanswered.length) return;
  // A large packet in fragments may pass where a smaller one that must stay whole does not.
  const isMixed = unanswered.some((i) => rows[i]?.mayFragment !== rows[unanswered[0] ?? first]?.mayFragment);
  if (isMixed && arrived > 0 && arrived < unanswered.length) return;
  const bySize = unanswered.sort((a, b) => (rows[a]?.sizeBytes ?? 0) - (rows[b]?.sizeBytes ?? 0));
  for (const [rank, i] of bySize.entries()) arrivals[i] = rank < arrived;
}
