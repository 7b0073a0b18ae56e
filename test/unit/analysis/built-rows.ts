// Rows of load faults written by hand: one object a row, everything not said is a small packet paced alone that came back at once.
import type { Leg, LoadRows } from '../../../src/analysis/signatures/load/rows/load-rows.js';

export interface BuiltLoadRow {
  readonly leg?: Leg;
  readonly timeNs?: number;
  readonly frameBytes?: number;
  readonly isLost?: boolean;
  /** Of a train of ours. */
  readonly isTrain?: boolean;
  readonly isMute?: boolean;
  readonly waitNs?: number;
  readonly trace?: number;
}

export const ROW_INTERVAL_NS = 10e6;

export function buildLoadRows(built: readonly BuiltLoadRow[]): LoadRows {
  const bytes = (of: (row: BuiltLoadRow) => boolean): Uint8Array => Uint8Array.from(built, (row) => (of(row) ? 1 : 0));
  const times = Float64Array.from(built, ({ timeNs }, i) => timeNs ?? i * ROW_INTERVAL_NS);
  return {
    count: built.length,
    leg: Uint8Array.from(built, ({ leg }) => leg ?? 0),
    timeNs: times,
    frameBytes: Float64Array.from(built, ({ frameBytes }) => frameBytes ?? 106),
    isLost: bytes(({ isLost }) => isLost === true),
    isLight: bytes(({ isTrain }) => isTrain !== true),
    isSparse: bytes(({ isTrain }) => isTrain !== true),
    waitNs: Float64Array.from(built, ({ isLost, waitNs }) => (isLost === true ? NaN : (waitNs ?? 0))),
    isMute: bytes(({ isMute }) => isMute === true),
    isGuessed: new Uint8Array(built.length),
    nearNs: times,
    backNs: times,
    residenceNs: new Float64Array(built.length),
    trace: Uint16Array.from(built, ({ trace }) => trace ?? 0),
    row: Uint32Array.from(built.keys()),
    lost: built.filter(({ isLost }) => isLost === true).length,
    floor: { leastNs: 1e6, nsPerByte: 0 },
    usual: { fixedNs: 1e6, nsPerByte: 0, spreadNs: 0, waitsNs: new Float64Array(0), quickerNs: new Map() },
  };
}
