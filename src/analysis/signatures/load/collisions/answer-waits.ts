// By how much the answers of a trace took longer than usual elsewhere than on a suspect link, so that replays are as uncertain as the instants
// are: an answer that came says it itself, of the others it is drawn from the waits of packets sent alone.
import { ETHERNET_HEADER_BYTES } from '../../../../model/units.js';
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

/** What took longer than this share of the packets sent alone may have waited for others on the link itself. */
const USUAL_SHARE = 0.9;

export interface TracePackets {
  /** First row. */
  readonly from: number;
  /** Of each row the place of its packet; -1 of none. */
  readonly placeOf: Int32Array;
  readonly packets: number;
}

/** Of each packet, ns; NaN where it is not known. */
export function readWaits(rows: LoadRows, { from, placeOf, packets }: TracePackets): Float64Array {
  const { fixedNs, nsPerByte, waitsNs, quickerNs } = rows.usual;
  const isQuickerBy = quickerNs.get(rows.trace[from] ?? 0) ?? 0;
  const mostNs = waitsNs[Math.floor(USUAL_SHARE * waitsNs.length)] ?? 0;
  const known = new Float64Array(packets).fill(NaN);
  for (const [k, place] of placeOf.entries()) {
    const i = from + k;
    if (place < 0 || rows.isLost[i] === 1 || rows.leg[i] === LEG.forward) continue;
    const sizeBytes = (rows.frameBytes[i] ?? 0) - ETHERNET_HEADER_BYTES;
    const roundNs = (rows.backNs[i] ?? NaN) - (rows.nearNs[i] ?? NaN) - (rows.residenceNs[i] ?? 0);
    const waitNs = roundNs - fixedNs - nsPerByte * sizeBytes + isQuickerBy;
    if (waitNs <= mostNs) known[place] = waitNs;
  }
  return known;
}

/** `by`: of each packet a number from 0 to 1. */
export function completeWaits(knownNs: Float64Array, { usual: { waitsNs } }: LoadRows, by: Float64Array): Float64Array {
  return knownNs.map((ns, place) =>
    Number.isNaN(ns) ? (waitsNs[Math.floor((by[place] ?? 0) * waitsNs.length)] ?? 0) : ns,
  );
}
