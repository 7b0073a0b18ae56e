// Which share of the replies came more than once.
import type { Estimate } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { listAnsweredRows } from '../packet-fate.js';
import { estimateRatio } from '../ratio.js';

/** Share of answered packets with at least one further copy of the reply (RFC 5560). */
export function estimateDuplication(traces: readonly Trace[]): Estimate | null {
  let received = 0;
  let duplicated = 0;
  for (const trace of traces) {
    const rows = listAnsweredRows(trace);
    received += rows.length;
    duplicated += rows.filter((row) => (trace.duplicates[row] ?? 0) > 0).length;
  }
  return estimateRatio(
    duplicated,
    received,
    'answered packets with further copies of the reply (RFC 5560), Wilson interval',
  );
}
