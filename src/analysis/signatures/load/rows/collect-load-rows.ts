// The rows of an examination, made of its traces: which of them count, and what each packet waited beyond the least of its size.
import { ETHERNET_HEADER_BYTES } from '../../../../model/units.js';
import type { Trace } from '../../../../model/trace.js';
import { computeFates, listAnsweredRows } from '../../../estimators/packet-fate.js';
import { computeFloor, computeOneWay, fitOneWays, readLeastOneWay } from './delay-floor.js';
import type { LoadRows } from './load-rows.js';
import { addFarTrain, addTrace, isSameStart, readSent } from './row-entries.js';
import type { RowEntry, TraceStart } from './row-entries.js';
import { computeUsualRoundTrip } from './usual-round-trip.js';

export interface LoadTraces {
  /** In the order of sending. */
  readonly traces: readonly Trace[];
  readonly light: ReadonlySet<Trace>;
  /** Short bursts of small packets. */
  readonly sparse: ReadonlySet<Trace>;
  /** Packets of odd sizes and marks. */
  readonly mute: ReadonlySet<Trace>;
  /** Larger IP packets than this never pass and say nothing of load; null where all pass. */
  readonly mtuBytes: number | null;
}

/** Whether any row that is not mute is lost, without a look at the others: most paths lose none. */
export function losesAny({ traces, mute, mtuBytes }: Pick<LoadTraces, 'traces' | 'mute' | 'mtuBytes'>): boolean {
  return traces.some((trace) => {
    if (trace.receiveOverflows > 0) return false;
    const { farTrain } = trace;
    if (farTrain?.rxOffsetNs.some((rxNs, row) => farTrain.isSent[row] !== 0 && !Number.isFinite(rxNs)) === true)
      return true;
    if (mute.has(trace)) return false;
    return computeFates(trace).some(
      (fate, row) => fate === 'lost' && (mtuBytes === null || (trace.sizeBytes[row] ?? 0) <= mtuBytes),
    );
  });
}

/** Traces in which this machine's own receiver lost packets are left out: their losses are not the path's. */
export function collectLoadRows({ traces, light, sparse, mute, mtuBytes }: LoadTraces): LoadRows {
  const entries: RowEntry[] = [];
  const first = traces[0];
  const leastNs = findLeastRoundTrip(traces);
  let isBacklogged = false;
  for (const [index, trace] of traces.entries()) {
    if (first === undefined || trace.receiveOverflows > 0) continue;
    const heard = countHeard(trace, { leastNs, isBacklogged, next: traces[index + 1] });
    isBacklogged = heard.isBacklogged;
    const start = {
      rows: heard.rows,
      index,
      nearNs: Number(trace.baseNs - first.baseNs),
      farNs: Number(trace.farBaseNs - first.farBaseNs),
      paces: { isLight: light.has(trace), isSparse: light.has(trace) || sparse.has(trace), isMute: mute.has(trace) },
      mtuBytes,
    };
    for (const entry of listEntries(trace, start)) entries.push(entry);
  }
  return toColumns(entries);
}

/** A trace never changes, and each judgement asks for its rows; forgotten with the trace. */
const entriesSeen = new WeakMap<Trace, { readonly start: TraceStart; readonly entries: readonly RowEntry[] }>();

function listEntries(trace: Trace, start: TraceStart): readonly RowEntry[] {
  const known = entriesSeen.get(trace);
  if (known !== undefined && isSameStart(known.start, start)) return known.entries;
  const entries: RowEntry[] = [];
  addTrace(entries, trace, start);
  if (trace.farTrain !== null) addFarTrain(entries, trace.farTrain, start);
  entriesSeen.set(trace, { start, entries });
  return entries;
}

/** Answers this late, ns, may be followed by others that came when nobody listened any more. */
const LATE_NS = 100e6;

interface Around {
  /** Least round trip of all traces. */
  readonly leastNs: number;
  /** Whether answers to the trace before were late when it ended. */
  readonly isBacklogged: boolean;
  readonly next: Trace | undefined;
}

/**
 * How many rows were listened to for long enough: all, but where answers were still on their way through a long queue or a slow host when
 * the last of them came, or still are when the next trace begins, what was sent behind it says nothing. Nor does a trace without any answer
 * behind such a one.
 */
function countHeard(trace: Trace, before: Around): { readonly rows: number; readonly isBacklogged: boolean } {
  const last = listAnsweredRows(trace).at(-1);
  if (last === undefined) {
    const { isBacklogged } = before;
    return { rows: isBacklogged ? 0 : trace.sizeBytes.length, isBacklogged };
  }
  const isLate = (one: Trace, row: number): boolean =>
    (one.rxOffsetNs[row] ?? NaN) - readSent(one, row) - before.leastNs > LATE_NS;
  const isBacklogged = isLate(trace, last);
  const { next } = before;
  const isCaughtUp = next === undefined || !isLate(next, 0);
  return { rows: isBacklogged || !isCaughtUp ? last + 1 : trace.sizeBytes.length, isBacklogged };
}

function findLeastRoundTrip(traces: readonly Trace[]): number {
  let leastNs = Infinity;
  for (const trace of traces) {
    for (let row = 0; row < trace.sizeBytes.length; row += 1) {
      const rttNs = (trace.rxOffsetNs[row] ?? NaN) - (trace.txOffsetNs[row] ?? NaN);
      if (rttNs < leastNs) leastNs = rttNs;
    }
  }
  return leastNs;
}

function toColumns(entries: readonly RowEntry[]): LoadRows {
  const count = entries.length;
  const floor = computeFloor(entries);
  const rows = {
    count,
    leg: new Uint8Array(count),
    timeNs: new Float64Array(count),
    frameBytes: new Float64Array(count),
    isLost: new Uint8Array(count),
    isLight: new Uint8Array(count),
    isSparse: new Uint8Array(count),
    isMute: new Uint8Array(count),
    isGuessed: new Uint8Array(count),
    waitNs: new Float64Array(count),
    trace: new Uint16Array(count),
    row: new Uint32Array(count),
    nearNs: new Float64Array(count),
    backNs: new Float64Array(count),
    residenceNs: new Float64Array(count),
    lost: 0,
    floor,
    usual: computeUsualRoundTrip(entries),
  };
  const oneWays = fitOneWays(entries, floor);
  let waitNs = 0;
  let residenceNs = 0;
  for (const [i, entry] of entries.entries()) {
    const leastNs = floor.leastNs + floor.nsPerByte * entry.sizeBytes;
    rows.leg[i] = entry.leg;
    rows.timeNs[i] = entry.timeNs;
    rows.frameBytes[i] = entry.sizeBytes + ETHERNET_HEADER_BYTES;
    rows.isLost[i] = entry.isLost ? 1 : 0;
    rows.isLight[i] = entry.isLight ? 1 : 0;
    rows.isSparse[i] = entry.isSparse ? 1 : 0;
    rows.isMute[i] = entry.isMute ? 1 : 0;
    rows.isGuessed[i] = entry.isGuessed ? 1 : 0;
    rows.waitNs[i] =
      entry.waitNs ??
      (entry.oneWayNs === undefined
        ? entry.rttNs - leastNs
        : computeOneWay(entry, floor) - readLeastOneWay(oneWays, entry));
    rows.nearNs[i] = entry.nearNs;
    // An answer that was lost on its way back would have waited as long as the one before it.
    rows.backNs[i] = Number.isFinite(entry.backNs) ? entry.backNs : entry.nearNs + leastNs + waitNs;
    if (Number.isFinite(entry.rttNs)) waitNs = Math.max(0, entry.rttNs - leastNs);
    if (Number.isFinite(entry.residenceNs)) residenceNs = entry.residenceNs;
    rows.residenceNs[i] = residenceNs;
    rows.trace[i] = entry.trace;
    rows.row[i] = entry.row;
    if (entry.isLost && !entry.isMute) rows.lost += 1;
  }
  return rows;
}
