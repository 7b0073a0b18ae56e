// What became of each row of a trace, as far as loss is concerned. The one place that reads the flags for it.
import { countsAsSent, isAnswered, TRACE_FLAG } from '../../model/trace.js';
import type { Trace } from '../../model/trace.js';

/**
 * `excluded`: never sent, sent so late in an interrupted run that its reply had no time to come, or refused by a router for its
 * size: that is the path's MTU, which no sending again would change, and no loss.
 */
export type PacketFate = 'excluded' | 'answered' | 'lost';

/**
 * One fate a row, in the order of sending. In an interrupted trace nothing after the last answered row is decided: the run
 * stopped listening, and a missing reply there says nothing of the path.
 */
export function computeFates(trace: Trace): readonly PacketFate[] {
  const known = fatesSeen.get(trace) ?? findFates(trace);
  fatesSeen.set(trace, known);
  return known;
}

/** A trace never changes, and every estimator asks; forgotten with the trace. */
const fatesSeen = new WeakMap<Trace, readonly PacketFate[]>();

function findFates(trace: Trace): readonly PacketFate[] {
  const lastDecided = trace.interrupted ? findLastAnswered(trace) : trace.count - 1;
  const isTooBig = readSizeRefusals(trace);
  return Array.from({ length: trace.count }, (_, row) => {
    if (row > lastDecided || !countsAsSent(trace, row)) return 'excluded';
    if (isReply(trace, row)) return 'answered';
    return isTooBig(row) ? 'excluded' : 'lost';
  });
}

/** Rows that left and were refused for their size. */
export function countTooBig(trace: Trace): number {
  const isTooBig = readSizeRefusals(trace);
  return Array.from({ length: trace.count }, (_, row) => row).filter(
    (row) => countsAsSent(trace, row) && !isReply(trace, row) && isTooBig(row),
  ).length;
}

/** What every IPv4 link carries (RFC 791); a message that announces less is garbage. */
const LEAST_MTU_BYTES = 68;

/**
 * For unanswered rows: whether a router refused the row as too big. Routers limit how often they say so, so that a row above the
 * size once announced counts as refused although its own message is missing.
 */
function readSizeRefusals(trace: Trace): (row: number) => boolean {
  const tooBig = trace.messages.filter(({ kind }) => kind === 'packet-too-big');
  if (tooBig.length === 0) return () => false;
  const announced = tooBig.map(({ mtuBytes }) => mtuBytes ?? 0).filter((mtu) => mtu >= LEAST_MTU_BYTES);
  const mtuBytes = announced.reduce((least, mtu) => Math.min(least, mtu), Infinity);
  const saysNothingElse = tooBig.length === trace.messages.length;
  return (row) => {
    const flags = trace.flags[row] ?? 0;
    const hasMessage = (flags & TRACE_FLAG.errorReply) !== 0;
    return (
      (flags & TRACE_FLAG.sent) !== 0 && ((trace.sizeBytes[row] ?? 0) > mtuBytes || (hasMessage && saysNothingElse))
    );
  };
}

/** True where a real reply came. An error message of a router is none, whatever else the flags say. */
export function isReply(trace: Trace, row: number): boolean {
  return isAnswered(trace, row) && ((trace.flags[row] ?? 0) & TRACE_FLAG.errorReply) === 0;
}

/** Rows with a reply, in the order of sending. */
export function listAnsweredRows(trace: Trace): readonly number[] {
  const known = answeredSeen.get(trace) ?? findAnsweredRows(trace);
  answeredSeen.set(trace, known);
  return known;
}

/** As with `fatesSeen`. */
const answeredSeen = new WeakMap<Trace, readonly number[]>();

function findAnsweredRows(trace: Trace): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < trace.count; row += 1) if (isReply(trace, row)) rows.push(row);
  return rows;
}

function findLastAnswered(trace: Trace): number {
  for (let row = trace.count - 1; row >= 0; row -= 1) if (isReply(trace, row)) return row;
  return -1;
}

/** Rows that carry a TRACE_FLAG. */
export function countFlag(trace: Trace, flag: number): number {
  let count = 0;
  for (let row = 0; row < trace.flags.length; row += 1) if (((trace.flags[row] as number) & flag) !== 0) count += 1;
  return count;
}
