// The packets of a trace as they are offered to a suspect link: when each request comes to it, how long each frame takes there, and when
// the answer is ready behind it.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC, NS_PER_US } from '../../../../model/units.js';
import { completeWaits, readWaits } from './answer-waits.js';
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';
import { KNOWN } from './medium-replay.js';

export interface SuspectLink {
  readonly rateBitsPerSec: number;
  /** Rate of the probe's port where the link lies behind it: packets arrive no closer than it sends them. */
  readonly portBitsPerSec: number | null;
  /** Share of a round trip, but for the link's own part of it, that passes between the link's far station and its getting the reply: 0-1. */
  readonly behindShare: number;
  /** That much less, ns, and how well that is known (a standard deviation): each replay draws it. */
  readonly beforeNs: number;
  readonly beforeSpreadNs: number;
  /** From one station to the other. */
  readonly propagationNs: number;
  readonly isNearHalf: boolean;
  readonly isFarHalf: boolean;
}

const GAP_BITS = 96;
/** Preamble and FCS, which `frameBytes` does not count. */
export const WIRE_BYTES = 12;
/** 46 bytes of payload at least. */
const LEAST_FRAME_BYTES = 60;
/** Stamps and slopes are no better than this. */
const TOO_EARLY_NS = 20 * NS_PER_US;

/** Random numbers of one trace, the same for every link: what tells two links apart is then never the draw. */
export interface Draws {
  /** Standard normal, of each replay. */
  readonly late: Float64Array;
  /** Standard normal, of each replay one for each packet. */
  readonly jitter: readonly Float64Array[];
  /** From 0 to 1, of each replay one for each packet. */
  readonly wait: readonly Float64Array[];
}

/** What all links of one rate behind the same port are offered of a trace, in columns of one place for each packet. */
export interface OfferedTrace {
  /** Of each row of the trace its packet; -1 of what the far end sent by itself. */
  readonly placeOf: Int32Array;
  /** Of each replay when requests come to the link, ns. */
  readonly atNs: readonly Float64Array[];
  readonly requestBits: Float64Array;
  readonly replyBits: Float64Array;
  readonly known: Uint8Array;
  /** The usual round trip but for what both frames take on the link and at the port; the link's propagation is still in it. */
  readonly elsewhereNs: Float64Array;
  readonly residenceNs: Float64Array;
  /** By how much the trace is known to be quicker than usual. */
  readonly quickerNs: number;
  /** Of each replay by how much answers take longer than usual, ns. */
  readonly waitNs: readonly Float64Array[];
  /** Of each replay, in standard deviations. */
  readonly late: Float64Array;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface LinkSpeeds {
  readonly rateBitsPerSec: number;
  readonly portBitsPerSec: number | null;
  /** IP length of replies; null where they are as large as requests. */
  readonly replyBytes: number | null;
  /** Standard deviation of an instant. */
  readonly jitterNs: number;
  readonly draw: (packets: number) => Draws;
}

export function offerTrace(rows: LoadRows, span: Span, speeds: LinkSpeeds): OfferedTrace {
  const { firsts, placeOf } = findPackets(rows, span);
  const { replyBytes, rateBitsPerSec, portBitsPerSec, jitterNs, draw } = speeds;
  const sizeOf = (first: number): number => (rows.frameBytes[first] ?? 0) - ETHERNET_HEADER_BYTES;
  const requestBits = Float64Array.from(firsts, (first) => toBits(sizeOf(first)));
  const replyBits = Float64Array.from(firsts, (first) => toBits(replyBytes ?? sizeOf(first)));
  const portBitNs = computePortBit(speeds);
  const noCable = { rateBitsPerSec, portBitsPerSec, propagationNs: 0 };
  const elsewhereNs = Float64Array.from(firsts, (first) =>
    computeElsewhere(rows.usual, noCable, sizeOf(first), replyBytes),
  );
  const readyNs = passPort(
    firsts.map((first) => rows.nearNs[first] ?? 0),
    requestBits.map((bits) => (bits + GAP_BITS) * portBitNs),
  );
  const { late, jitter, wait } = draw(firsts.length);
  const knownWaits = readWaits(rows, { from: span.from, placeOf, packets: firsts.length });
  return {
    placeOf,
    atNs: jitter.map((by) => blur(readyNs, by, jitterNs)),
    requestBits,
    replyBits,
    known: tellArrivals(rows, span, { placeOf, packets: firsts.length }),
    elsewhereNs,
    residenceNs: Float64Array.from(firsts, (first) => rows.residenceNs[first] ?? 0),
    quickerNs: rows.usual.quickerNs.get(rows.trace[span.from] ?? 0) ?? 0,
    waitNs: wait.map((by) => completeWaits(knownWaits, rows, by)),
    late,
  };
}

/** What a packet's usual round trip takes but for its time on the link and on the port before it, ns. `sizeBytes`: IP length. */
export function computeElsewhere(
  { fixedNs, nsPerByte }: LoadRows['usual'],
  link: Pick<SuspectLink, 'rateBitsPerSec' | 'portBitsPerSec' | 'propagationNs'>,
  sizeBytes: number,
  replyBytes: number | null,
): number {
  const bits = toBits(sizeBytes) + toBits(replyBytes ?? sizeBytes);
  const bitNs = NS_PER_SEC / link.rateBitsPerSec + computePortBit(link);
  return fixedNs + nsPerByte * sizeBytes - bits * bitNs - 2 * link.propagationNs;
}

function computePortBit({ portBitsPerSec }: Pick<SuspectLink, 'portBitsPerSec'>): number {
  return portBitsPerSec === null ? 0 : NS_PER_SEC / portBitsPerSec;
}

/** On the medium. */
function toBits(sizeBytes: number): number {
  return (Math.max(LEAST_FRAME_BYTES, sizeBytes + ETHERNET_HEADER_BYTES) + WIRE_BYTES) * BITS_PER_BYTE;
}

/** When each reply is ready behind its request; null where the round trip is shorter than the link's own part of it. */
export function computeTurns(offered: OfferedTrace, link: SuspectLink): Float64Array | null {
  const { elsewhereNs, residenceNs, quickerNs } = offered;
  const turnNs = new Float64Array(elsewhereNs.length);
  for (let place = 0; place < turnNs.length; place += 1) {
    const behindNs = link.behindShare * ((elsewhereNs[place] ?? 0) - 2 * link.propagationNs);
    const ns = behindNs - link.beforeNs - quickerNs + (residenceNs[place] ?? 0);
    if (ns < -TOO_EARLY_NS) return null;
    turnNs[place] = ns;
  }
  return turnNs;
}

/** One for each request that left here, with its first row. */
function findPackets(rows: LoadRows, { from, to }: Span): { readonly firsts: number[]; readonly placeOf: Int32Array } {
  const firsts: number[] = [];
  const places = new Map<number, number>();
  const placeOf = new Int32Array(to - from).fill(-1);
  for (let i = from; i < to; i += 1) {
    if (!Number.isFinite(rows.nearNs[i])) continue;
    const row = rows.row[i] ?? 0;
    const place = places.get(row) ?? firsts.length;
    if (place === firsts.length) {
      places.set(row, place);
      firsts.push(i);
    }
    placeOf[i - from] = place;
  }
  return { firsts, placeOf };
}

/** When packets are through a port that needs `portNs` for each; a port that is the link itself needs none. */
function passPort(sentNs: readonly number[], portNs: Float64Array): Float64Array {
  let freeNs = -Infinity;
  return portNs.map((ns, i) => (freeNs = Math.max(freeNs, sentNs[i] ?? 0) + ns));
}

/** Packets never overtake each other. */
function blur(readyNs: Float64Array, by: Float64Array, jitterNs: number): Float64Array {
  let afterNs = -Infinity;
  return readyNs.map((ns, i) => (afterNs = Math.max(afterNs, ns + jitterNs * (by[i] ?? 0))));
}

/** Who has a row of its way back has arrived; of the others what the way there tells, unless the way is a guess. */
function tellArrivals(
  rows: LoadRows,
  { from }: Span,
  { placeOf, packets }: { readonly placeOf: Int32Array; readonly packets: number },
): Uint8Array {
  const known = new Uint8Array(packets).fill(KNOWN.nothing);
  for (const [k, place] of placeOf.entries()) {
    if (place < 0) continue;
    const i = from + k;
    if (rows.isGuessed[i] === 1) continue;
    if (rows.leg[i] === LEG.reverse || rows.isLost[i] === 0) known[place] = KNOWN.arrived;
    else if (rows.leg[i] === LEG.forward) known[place] = KNOWN.missing;
  }
  return known;
}
