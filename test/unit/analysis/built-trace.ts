// Traces written by hand: one object a packet, everything not said is an ordinary answered packet.
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { Trace } from '../../../src/model/trace.js';

export interface BuiltRow {
  readonly sizeBytes?: number;
  readonly burst?: number;
  readonly plannedNs?: number;
  readonly txNs?: number;
  /** NaN or left out with `lost`: no reply. */
  readonly rxNs?: number;
  readonly lost?: boolean;
  readonly farRxNs?: number;
  readonly farTxNs?: number;
  readonly farSequence?: number;
  readonly duplicates?: number;
  /** Replaces the flags computed from the rest. */
  readonly flags?: number;
}

export const RTT_NS = 200_000;
export const INTERVAL_NS = 1e6;

export function buildTrace(rows: readonly BuiltRow[], overrides: Partial<Trace> = {}): Trace {
  const planned = rows.map((row, i) => row.plannedNs ?? i * INTERVAL_NS);
  const tx = rows.map((row, i) => row.txNs ?? planned[i] ?? 0);
  const rx = rows.map((row, i) => (row.lost ? NaN : (row.rxNs ?? (tx[i] ?? 0) + RTT_NS)));
  const answered = [...rows.keys()].filter((i) => !rows[i]?.lost).sort((a, b) => (rx[a] ?? 0) - (rx[b] ?? 0));
  const arrival = new Int32Array(rows.length).fill(-1);
  answered.forEach((row, order) => (arrival[row] = order));
  const column = (values: number[]) => Float64Array.from(values);
  return {
    sequenceId: 'delay',
    clock: 'virtual',
    stamps: { tx: 'kernel', rx: 'kernel', far: null },
    baseNs: 0n,
    farBaseNs: 0n,
    count: rows.length,
    sizeBytes: Uint16Array.from(rows, (row) => row.sizeBytes ?? 100),
    burst: Uint32Array.from(rows, (row) => row.burst ?? 0),
    position: Uint32Array.from(rows, (_, i) => i),
    plannedOffsetNs: column(planned),
    txOffsetNs: column(tx),
    farRxOffsetNs: column(rows.map((row) => row.farRxNs ?? NaN)),
    farTxOffsetNs: column(rows.map((row) => row.farTxNs ?? NaN)),
    rxOffsetNs: column(rx),
    replySizeBytes: Uint16Array.from(rows, (row) => (row.lost ? 0 : (row.sizeBytes ?? 100))),
    arrival,
    duplicates: Uint16Array.from(rows, (row) => row.duplicates ?? 0),
    farSequence: column(rows.map((row) => row.farSequence ?? -1)),
    replyTtl: new Uint8Array(rows.length),
    flags: Uint16Array.from(rows, (row) => row.flags ?? computeFlags(row)),
    trafficClass: new Uint8Array(rows.length),
    farTrafficClass: new Int16Array(rows.length).fill(-1),
    replyTrafficClass: new Int16Array(rows.length).fill(-1),
    flow: new Uint8Array(rows.length),
    farTrain: null,
    portBytes: null,
    cost: { packets: rows.length, bytes: rows.length * 114 },
    receiveOverflows: 0,
    clockStepNs: 0,
    messages: [],
    interrupted: false,
    ...overrides,
  };
}

/** `pattern` as in `'..x.'`: a dot is answered, an x is lost, a dash was never sent. */
export function buildLossTrace(pattern: string, overrides: Partial<Trace> = {}): Trace {
  const rows = Array.from(pattern, (mark) => {
    if (mark === '-') return { lost: true, flags: TRACE_FLAG.localDrop };
    return { lost: mark === 'x' };
  });
  return buildTrace(rows, overrides);
}

function computeFlags(row: BuiltRow): number {
  if (row.lost) return TRACE_FLAG.sent;
  const far = row.farRxNs === undefined ? 0 : TRACE_FLAG.farStamps;
  return TRACE_FLAG.sent | TRACE_FLAG.answered | far;
}
