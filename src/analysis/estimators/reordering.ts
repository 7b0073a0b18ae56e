// Which share of the replies came out of order.
import type { Estimate } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { estimateRatio } from './ratio.js';
import { listAnsweredRows } from './packet-fate.js';

/** Type-P-Reordered (RFC 4737 section 3): a reply is reordered if a packet sent later was answered before it. */
export function estimateReordering(traces: readonly Trace[]): Estimate | null {
  let received = 0;
  let reordered = 0;
  for (const trace of traces) {
    const byArrival = listAnsweredRows(trace).sort((a, b) => (trace.arrival[a] ?? 0) - (trace.arrival[b] ?? 0));
    let nextExpected = 0;
    for (const row of byArrival) {
      if (row < nextExpected) reordered += 1;
      else nextExpected = row + 1;
    }
    received += byArrival.length;
  }
  return estimateRatio(reordered, received, 'replies behind one to a later packet (RFC 4737), Wilson interval');
}
