// What became of each row of a trace, as far as loss is concerned. The one place that reads the flags for it.
import { countsAsSent, isAnswered, TRACE_FLAG } from '../../model/trace.js';
import type { Trace } from '../../model/trace.js';

/** `excluded`: never sent, or sent so late in an interrupted run that its reply had no time to come. */
export type PacketFate = 'excluded' | 'answered' | 'lost';

/**
 * One fate a row, in the order of sending. In an interrupted trace nothing after the last answered row is decided: the run
 * stopped listening, and a missing reply there says nothing of the path.
 */
export function computeFates(trace: Trace): PacketFate[] {
  const lastDecided = trace.interrupted ? findLastAnswered(trace) : trace.count - 1;
  return Array.from({ length: trace.count }, (_, row) => {
    if (row > lastDecided || !countsAsSent(trace, row)) return 'excluded';
    return isReply(trace, row) ? 'answered' : 'lost';
  });
}

/** True where a real reply came. An error message of a router is none, whatever else the flags say. */
export function isReply(trace: Trace, row: number): boolean {
  return isAnswered(trace, row) && ((trace.flags[row] ?? 0) & TRACE_FLAG.errorReply) === 0;
}

/** Rows with a reply, in the order of sending. */
export function listAnsweredRows(trace: Trace): number[] {
  return Array.from({ length: trace.count }, (_, row) => row).filter((row) => isReply(trace, row));
}

function findLastAnswered(trace: Trace): number {
  for (let row = trace.count - 1; row >= 0; row -= 1) if (isReply(trace, row)) return row;
  return -1;
}

/** Rows that carry a TRACE_FLAG. */
export function countFlag(trace: Trace, flag: number): number {
  return trace.flags.filter((flags) => (flags & flag) !== 0).length;
}
