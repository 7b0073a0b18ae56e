// Answers that leave a far end all at once because it stood still for a while: on the way back they are a train, however far apart the requests
// were. Told from the far end's own stamps; whether such a host is slow is judged elsewhere.
import { TRACE_FLAG } from '../../../model/trace.js';
import type { Trace } from '../../../model/trace.js';

/** Hosts that work take less for an answer. */
const LEAST_STANDSTILL_NS = 2e6;

/** A trace never changes; forgotten with it. */
const seen = new WeakMap<Trace, ReadonlySet<number>>();

/**
 * Rows, answered or lost, whose request reached the far end while it still held the last answer that came of those before: it left together with
 * that one. Empty where nothing is stamped.
 */
export function findReleasedRows(trace: Trace): ReadonlySet<number> {
  const known = seen.get(trace);
  if (known !== undefined) return known;
  const rows = new Set<number>();
  let heldUntilNs = -Infinity;
  for (let row = 0; row < trace.sizeBytes.length; row += 1) {
    const sentNs = trace.txOffsetNs[row] ?? NaN;
    if (sentNs < heldUntilNs) rows.add(row);
    const heldNs = readHeld(trace, row);
    if (heldNs >= LEAST_STANDSTILL_NS) heldUntilNs = sentNs + heldNs;
    else if (Number.isFinite(heldNs)) heldUntilNs = -Infinity;
  }
  seen.set(trace, rows);
  return rows;
}

function readHeld(trace: Trace, row: number): number {
  if (((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) === 0) return NaN;
  return (trace.farTxOffsetNs[row] ?? NaN) - (trace.farRxOffsetNs[row] ?? NaN);
}
