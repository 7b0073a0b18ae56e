// Delays of each direction, row by row over several runs, on one time base. They hold the unknown offset between the two clocks.
import { TRACE_FLAG } from '../../../model/trace.js';
import type { Trace } from '../../../model/trace.js';
import { computePace, computeRoundTrips } from '../round-trip-times.js';

/** Columns of equal length, in the order of sending. */
export interface OneWaySamples {
  /** T1, ns after the first. */
  readonly sentNs: Float64Array;
  /** T2 − T1 and T4 − T3, each with a constant and the clocks' drift in it, with opposite signs. */
  readonly forwardNs: Float64Array;
  readonly reverseNs: Float64Array;
  readonly rttNs: Float64Array;
  readonly replyTtl: Uint8Array;
  /** Planned from packet to packet of the run that the row is of, ns; 0 for a run of one packet. */
  readonly intervalNs: Float64Array;
}

/** Rows further from the first than this are of another clock setting, not of this examination, ns. */
const LONGEST_SPAN_NS = 1e15;

/**
 * Only rows of `sizeBytes` (IP) with a usable round trip; forward and reverse are NaN in rows without the far end's stamps. The
 * traces come from one pair of stamp sources.
 */
export function collectOneWaySamples(traces: readonly Trace[], sizeBytes: number): OneWaySamples {
  const rows: (readonly [
    sentNs: number,
    forwardNs: number,
    reverseNs: number,
    rttNs: number,
    ttl: number,
    intervalNs: number,
  ])[] = [];
  const first = traces[0];
  for (const trace of traces) {
    const baseNs = Number(trace.baseNs - (first?.baseNs ?? 0n));
    const farBaseNs = Number(trace.farBaseNs - (first?.farBaseNs ?? 0n));
    if (Math.abs(baseNs) > LONGEST_SPAN_NS || Math.abs(farBaseNs) > LONGEST_SPAN_NS) continue;
    const trips = computeRoundTrips(trace);
    const intervalNs = computePace(trace);
    for (const [i, row] of trips.rows.entries()) {
      if (trace.sizeBytes[row] !== sizeBytes) continue;
      const sentNs = baseNs + (trace.txOffsetNs[row] ?? NaN);
      if (!(Math.abs(sentNs) <= Number.MAX_SAFE_INTEGER)) continue;
      const far = readFarStamps(trace, row);
      const forwardNs = farBaseNs + far.receivedNs - sentNs;
      const reverseNs = baseNs + (trace.rxOffsetNs[row] ?? NaN) - farBaseNs - far.leftNs;
      rows.push([sentNs, forwardNs, reverseNs, trips.rttNs[i] ?? NaN, trace.replyTtl[row] ?? 0, intervalNs]);
    }
  }
  rows.sort((a, b) => a[0] - b[0]);
  const originNs = rows[0]?.[0] ?? 0;
  const column = (index: 0 | 1 | 2 | 3 | 5): Float64Array => new Float64Array(rows.map((row) => row[index]));
  return {
    sentNs: column(0).map((sentNs) => sentNs - originNs),
    forwardNs: column(1),
    reverseNs: column(2),
    rttNs: column(3),
    replyTtl: Uint8Array.from(rows, (row) => row[4]),
    intervalNs: column(5),
  };
}

/** T2 and T3, both NaN where the row has none or they are no instants. */
function readFarStamps(trace: Trace, row: number): { readonly receivedNs: number; readonly leftNs: number } {
  const receivedNs = trace.farRxOffsetNs[row] ?? NaN;
  const leftNs = trace.farTxOffsetNs[row] ?? NaN;
  const isValid =
    ((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) !== 0 &&
    Math.abs(receivedNs) <= Number.MAX_SAFE_INTEGER &&
    Math.abs(leftNs) <= Number.MAX_SAFE_INTEGER;
  return isValid ? { receivedNs, leftNs } : { receivedNs: NaN, leftNs: NaN };
}

/** Those with stamps of the far end for both directions. */
export function selectStamped(samples: OneWaySamples): OneWaySamples {
  const isStamped = (_: number, i: number): boolean =>
    Number.isFinite(samples.forwardNs[i]) && Number.isFinite(samples.reverseNs[i]);
  return {
    sentNs: samples.sentNs.filter(isStamped),
    forwardNs: samples.forwardNs.filter(isStamped),
    reverseNs: samples.reverseNs.filter(isStamped),
    rttNs: samples.rttNs.filter(isStamped),
    replyTtl: samples.replyTtl.filter(isStamped),
    intervalNs: samples.intervalNs.filter(isStamped),
  };
}
