// Round-trip times row by row, only from stamps that belong together. Everything about delay starts here.
import { TRACE_FLAG } from '../../model/trace.js';
import type { Trace } from '../../model/trace.js';
import { listAnsweredRows } from './packet-fate.js';

export interface RoundTrips {
  /** Rows with a usable round trip, in the order of sending, and their times in ns. */
  readonly rows: readonly number[];
  readonly rttNs: Float64Array;
  /** Answered rows whose stamps are missing or contradict each other. The last reply, which nothing follows up, is not counted. */
  readonly unusable: number;
}

/** Longer than any reply is waited for: such a stamp is garbage. */
const LONGEST_RTT_NS = 600e9;

/** False where the clock was stepped, or where T1 and T4 are of different clocks. */
export function hasUsableStamps(trace: Trace): boolean {
  const mixesClocks = (trace.stamps.tx === 'hardware') !== (trace.stamps.rx === 'hardware');
  return trace.clockStepNs === 0 && !mixesClocks;
}

/**
 * rtt = (T4 − T1) − (T3 − T2). Where any row carries the far end's stamps, only such rows count, so that the far end's own delay
 * is in all samples or in none. Rows whose stamps are not finite, or give no positive time, are counted as unusable.
 */
export function computeRoundTrips(trace: Trace): RoundTrips {
  const known = roundTripsSeen.get(trace) ?? readRoundTrips(trace);
  roundTripsSeen.set(trace, known);
  return known;
}

/** A trace never changes, and every estimator and planner asks; forgotten with the trace. */
const roundTripsSeen = new WeakMap<Trace, RoundTrips>();

function readRoundTrips(trace: Trace): RoundTrips {
  const answered = listAnsweredRows(trace);
  if (!hasUsableStamps(trace)) return { rows: [], rttNs: new Float64Array(0), unusable: answered.length };
  const withFar = answered.some((row) => hasFarStamps(trace, row));
  const rows: number[] = [];
  const rttNs: number[] = [];
  for (const row of answered) {
    const far = withFar ? farResidenceNs(trace, row) : 0;
    const value = (trace.rxOffsetNs[row] ?? Number.NaN) - (trace.txOffsetNs[row] ?? Number.NaN) - far;
    if (!(value > 0 && value < LONGEST_RTT_NS)) continue;
    rows.push(row);
    rttNs.push(value);
  }
  const excused = withFar && lacksFollowUp(trace, answered) ? 1 : 0;
  return { rows, rttNs: Float64Array.from(rttNs), unusable: answered.length - rows.length - excused };
}

function hasFarStamps(trace: Trace, row: number): boolean {
  return ((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) !== 0;
}

/** T3 of a reply comes with a later one (RFC 8972 section 4.7), so the last to arrive has none. */
function lacksFollowUp(trace: Trace, answered: readonly number[]): boolean {
  const last = answered.reduce(
    (a, b) => ((trace.arrival[b] ?? -1) > (trace.arrival[a] ?? -1) ? b : a),
    answered[0] ?? 0,
  );
  return !hasFarStamps(trace, last);
}

/** T3 − T2, NaN where the row has none. */
function farResidenceNs(trace: Trace, row: number): number {
  if (!hasFarStamps(trace, row)) return Number.NaN;
  return (trace.farTxOffsetNs[row] ?? Number.NaN) - (trace.farRxOffsetNs[row] ?? Number.NaN);
}

/** Traces with the stamp sources that most packets were stamped with; the others are left out of one statistic. */
export function selectOneStampSource(traces: readonly Trace[]): readonly Trace[] {
  const rowsBySource = new Map<string, number>();
  for (const trace of traces) {
    rowsBySource.set(sourceOf(trace), (rowsBySource.get(sourceOf(trace)) ?? 0) + trace.count);
  }
  const [best] = [...rowsBySource].sort((a, b) => b[1] - a[1]);
  return traces.filter((trace) => sourceOf(trace) === best?.[0]);
}

function sourceOf(trace: Trace): string {
  return `${trace.stamps.tx}/${trace.stamps.rx}/${trace.stamps.far ?? 'echo'}`;
}

/** Planned ns from the first packet of a run to the second; 0 for a run of one. */
export function computePace({ plannedOffsetNs }: Trace): number {
  return (plannedOffsetNs[1] ?? 0) - (plannedOffsetNs[0] ?? 0);
}
