// One trace as rows: of each packet when it entered which leg and whether it was lost there. Counts and aligns; judges nothing.
import { TRACE_FLAG } from '../../../../model/trace.js';
import type { FarTrain, Trace } from '../../../../model/trace.js';
import { computeFates } from '../../../estimators/packet-fate.js';
import type { PacketFate } from '../../../estimators/packet-fate.js';
import { findReleasedRows } from '../../../estimators/load/released-answers.js';
import { hasUsableStamps } from '../../../estimators/round-trip-times.js';
import { LEG } from './load-rows.js';
import type { Leg } from './load-rows.js';

/** A row before all of them are known. */
export interface RowEntry {
  readonly leg: Leg;
  readonly timeNs: number;
  readonly sizeBytes: number;
  readonly isLost: boolean;
  readonly isLight: boolean;
  readonly isSparse: boolean;
  readonly isMute: boolean;
  readonly isGuessed: boolean;
  readonly rttNs: number;
  /** Of rows without a round trip: beyond the least of their train. */
  readonly waitNs: number | undefined;
  /** Of rows of one direction: its delay, on two clocks. */
  readonly oneWayNs: number | undefined;
  readonly nearNs: number;
  /** NaN where lost. */
  readonly backNs: number;
  /** NaN where the far end stamped nothing. */
  readonly residenceNs: number;
  readonly trace: number;
  readonly row: number;
}

export interface TraceStart {
  /** Behind these nobody listened for long enough. */
  readonly rows: number;
  readonly index: number;
  readonly nearNs: number;
  readonly farNs: number;
  readonly paces: { readonly isLight: boolean; readonly isSparse: boolean; readonly isMute: boolean };
  readonly mtuBytes: number | null;
}

export function isSameStart(one: TraceStart, other: TraceStart): boolean {
  return (
    one.rows === other.rows &&
    one.index === other.index &&
    one.nearNs === other.nearNs &&
    one.farNs === other.farNs &&
    one.mtuBytes === other.mtuBytes &&
    one.paces.isLight === other.paces.isLight &&
    one.paces.isSparse === other.paces.isSparse &&
    one.paces.isMute === other.paces.isMute
  );
}

export function addTrace(entries: RowEntry[], trace: Trace, start: TraceStart): void {
  const fates = computeFates(trace);
  const told = tellDirections(trace, fates);
  const isUsable = hasUsableStamps(trace);
  const released = findReleasedRows(trace);
  let farDelayNs = NaN;
  for (const [row, fate] of fates.entries()) {
    const sizeBytes = trace.sizeBytes[row] ?? 0;
    if (row >= start.rows || fate === 'excluded' || (start.mtuBytes !== null && sizeBytes > start.mtuBytes)) continue;
    const sentNs = readSent(trace, row);
    const rttNs = fate === 'answered' && isUsable ? readRoundTrip(trace, row) : NaN;
    const timeNs = start.nearNs + sentNs;
    const backNs = fate === 'answered' && isUsable ? start.nearNs + (trace.rxOffsetNs[row] ?? NaN) : NaN;
    const residenceNs = readResidence(trace, row);
    const direction = fate === 'answered' && told !== null ? 'none' : (told?.lostOn[row] ?? 'unknown');
    const isGuessed = told?.isGuessed[row] === true;
    const packet = { start, row, isGuessed, sizeBytes, rttNs, nearNs: timeNs, backNs, residenceNs };
    if (direction === 'unknown') {
      entries.push(describeRow(packet, { leg: LEG.round, timeNs, isLost: fate === 'lost', oneWayNs: undefined }));
      continue;
    }
    const thereNs = start.farNs - start.nearNs + (trace.farRxOffsetNs[row] ?? NaN) - sentNs;
    const isThere = direction !== 'forward';
    const oneWayNs = isThere && isUsable ? thereNs : NaN;
    entries.push(describeRow(packet, { oneWayNs, leg: LEG.forward, timeNs, isLost: !isThere }));
    if (!isThere) continue;
    // When a lost answer left is not known: those that came are dated by the answer before them as well, or the lost ones would differ.
    const farNs = start.farNs + sentNs + (Number.isFinite(farDelayNs) ? farDelayNs : 0);
    const leftNs = trace.farTxOffsetNs[row] ?? NaN;
    if (Number.isFinite(leftNs)) farDelayNs = leftNs - sentNs;
    const isBack = direction !== 'reverse';
    const cameNs = start.nearNs - start.farNs + (trace.rxOffsetNs[row] ?? NaN);
    const wayBackNs = isBack && isUsable ? cameNs - leftNs : NaN;
    const answer = describeRow(packet, { oneWayNs: wayBackNs, leg: LEG.reverse, timeNs: farNs, isLost: !isBack });
    entries.push(released.has(row) ? { ...answer, isLight: false, isSparse: false } : answer);
  }
}

/** What the rows of one packet share. */
interface PacketFacts extends Pick<
  RowEntry,
  'row' | 'isGuessed' | 'sizeBytes' | 'rttNs' | 'nearNs' | 'backNs' | 'residenceNs'
> {
  readonly start: TraceStart;
}

/** Field by field: spreading the facts into thousands of rows takes ten times as long. */
function describeRow(
  packet: PacketFacts,
  { leg, timeNs, isLost, oneWayNs }: Pick<RowEntry, 'leg' | 'timeNs' | 'isLost' | 'oneWayNs'>,
): RowEntry {
  const { paces, index } = packet.start;
  return {
    leg,
    timeNs,
    sizeBytes: packet.sizeBytes,
    isLost,
    isLight: paces.isLight,
    isSparse: paces.isSparse,
    isMute: paces.isMute,
    isGuessed: packet.isGuessed,
    rttNs: packet.rttNs,
    waitNs: undefined,
    oneWayNs,
    nearNs: packet.nearNs,
    backNs: packet.backNs,
    residenceNs: packet.residenceNs,
    trace: index,
    row: packet.row,
  };
}

export function addFarTrain(entries: RowEntry[], train: FarTrain, start: TraceStart): void {
  let lagNs = NaN;
  let leastNs = Infinity;
  for (let row = 0; row < train.count; row += 1) {
    const delayNs = (train.rxOffsetNs[row] ?? NaN) - (train.farTxOffsetNs[row] ?? NaN);
    if (delayNs < leastNs) leastNs = delayNs;
  }
  for (let row = 0; row < train.count; row += 1) {
    if (train.isSent[row] === 0) continue;
    const plannedNs = train.plannedOffsetNs[row] ?? 0;
    const leftNs = train.farTxOffsetNs[row] ?? NaN;
    if (Number.isFinite(leftNs)) lagNs = leftNs - plannedNs;
    const rxNs = train.rxOffsetNs[row] ?? NaN;
    entries.push({
      leg: LEG.reverse,
      timeNs: start.farNs + plannedNs + (Number.isFinite(lagNs) ? lagNs : 0),
      sizeBytes: train.sizeBytes[row] ?? 0,
      isLost: !Number.isFinite(rxNs),
      isLight: false,
      isSparse: false,
      isMute: false,
      isGuessed: false,
      rttNs: NaN,
      waitNs: rxNs - leftNs - leastNs,
      oneWayNs: undefined,
      nearNs: NaN,
      backNs: start.nearNs + rxNs,
      residenceNs: NaN,
      trace: start.index,
      row: row + FAR_ROWS,
    });
  }
}

/** Rows of a far train are numbered from here. */
const FAR_ROWS = 1 << 24;

export function readSent(trace: Trace, row: number): number {
  const stampedNs = trace.txOffsetNs[row] ?? NaN;
  return Number.isFinite(stampedNs) ? stampedNs : (trace.plannedOffsetNs[row] ?? 0);
}

function readRoundTrip(trace: Trace, row: number): number {
  const rttNs = (trace.rxOffsetNs[row] ?? NaN) - (trace.txOffsetNs[row] ?? NaN);
  const residenceNs = readResidence(trace, row);
  return Number.isFinite(residenceNs) ? rttNs - residenceNs : rttNs;
}

function readResidence(trace: Trace, row: number): number {
  if (((trace.flags[row] ?? 0) & TRACE_FLAG.farStamps) === 0) return NaN;
  return (trace.farTxOffsetNs[row] ?? NaN) - (trace.farRxOffsetNs[row] ?? NaN);
}

type LostOn = 'forward' | 'reverse' | 'unknown';

interface Directions {
  readonly lostOn: readonly LostOn[];
  /** Rows of which only the number of their direction is known, or not even that. */
  readonly isGuessed: readonly boolean[];
}

/**
 * Of each lost row the direction, from the stateful reflector's own numbers: they say how many of those missing between two answered rows
 * arrived there. Where some did and some did not, they are taken to alternate; before the first answer and behind the last, where nothing
 * counts, all go the way of most others of the trace: a leg of its own for them would have lost every packet. null where
 * the far end does not count.
 */
function tellDirections(trace: Trace, fates: readonly PacketFate[]): Directions | null {
  const numbers = trace.farSequence;
  const counts = fates.some((fate, row) => fate === 'answered' && (numbers[row] ?? -1) >= 0);
  if (!counts || trace.duplicates.some((copies) => copies > 0)) return null;
  const lostOn: LostOn[] = fates.map(() => 'unknown');
  const isGuessed = fates.map((fate) => fate === 'lost');
  let before = -1;
  let missing: number[] = [];
  for (const [row, fate] of fates.entries()) {
    if (fate === 'lost') missing.push(row);
    if (fate !== 'answered') continue;
    const arrived = before < 0 ? NaN : (numbers[row] ?? NaN) - (numbers[before] ?? NaN) - 1;
    const isCounted = arrived >= 0 && arrived <= missing.length;
    for (const [k, lost] of missing.entries()) {
      if (!isCounted) continue;
      lostOn[lost] = hasStepAt(k, arrived / missing.length) ? 'reverse' : 'forward';
      isGuessed[lost] = arrived > 0 && arrived < missing.length;
    }
    missing = [];
    before = row;
  }
  const usual = selectUsual(lostOn);
  return { lostOn: lostOn.map((one, row) => (isGuessed[row] === true && one === 'unknown' ? usual : one)), isGuessed };
}

/** Whether the k-th of evenly spread ones is there. */
function hasStepAt(k: number, share: number): boolean {
  return Math.floor((k + 1) * share + ROUNDING) > Math.floor(k * share + ROUNDING);
}

const ROUNDING = 1e-9;

function selectUsual(lostOn: readonly LostOn[]): LostOn {
  const countOf = (wanted: LostOn): number => lostOn.filter((one) => one === wanted).length;
  const [forward, reverse] = [countOf('forward'), countOf('reverse')];
  if (forward + reverse === 0) return 'unknown';
  return forward >= reverse ? 'forward' : 'reverse';
}
