// Which packets of our own trains found a queue about as full as it was seen to get? What is lost there, a queue may have dropped,
// whatever its rate and whoever fills it; what is lost where packets hardly wait, no queue has.
import { listRows, measureLightWait } from './bucket-rows.js';
import type { BucketWay } from './bucket-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

export interface Brim {
  readonly way: BucketWay;
  /** Of each row: 1 where it is of a train of ours and found the queue nearly full. */
  readonly isFull: Uint8Array;
  /** Packets of trains lost there, and lost elsewhere. */
  readonly lostAtBrim: number;
  readonly lostElsewhere: number;
  /** Rows of packets that were sent one by one and lost where the queue was not nearly full. */
  readonly lostAlone: Uint32Array;
}

/** Shorter waits than this many times what light packets wait are no queue that a train fills. */
const NOISE_FACTOR = 3;
/** So full is nearly full: a medium that another station holds for a while drains the same queue in twice the time. */
const FULL_SHARE = 0.45;
/** Of the fills at which packets were lost, the one that tells how much the queue holds: a few may have been kept longer by others. */
const SCALE_QUANTILE = 0.9;

/** Waits below this say nothing of a queue, ns. */
export function computeLeastWait(rows: LoadRows): number {
  return NOISE_FACTOR * measureLightWait(rows);
}

/** One for each way on which trains lost packets from a queue. */
export function findBrims(rows: LoadRows, fillNs: Float64Array): readonly Brim[] {
  const leastNs = computeLeastWait(rows);
  return (['forward', 'reverse'] as const).flatMap((way) => {
    const onWay = listRows(rows, way);
    const isTrain = (i: number): boolean => rows.isSparse[i] !== 1 && rows.isMute[i] !== 1;
    const lost = onWay.filter((i) => rows.isLost[i] === 1 && isTrain(i));
    const fills = Float64Array.from(lost, (i) => fillNs[i] ?? 0).sort();
    const scaleNs = fills[Math.floor(SCALE_QUANTILE * fills.length)] ?? 0;
    if (scaleNs < leastNs) return [];
    const isFull = new Uint8Array(rows.count);
    for (const i of onWay) if (isTrain(i) && (fillNs[i] ?? 0) >= FULL_SHARE * scaleNs) isFull[i] = 1;
    const lostAtBrim = lost.reduce((sum, i) => sum + (isFull[i] ?? 0), 0);
    const isLostAlone = (i: number): boolean => rows.isLost[i] === 1 && rows.isSparse[i] === 1 && rows.isMute[i] !== 1;
    const lostAlone = onWay.filter((i) => isLostAlone(i) && (fillNs[i] ?? 0) < FULL_SHARE * scaleNs);
    return [{ way, isFull, lostAtBrim, lostElsewhere: lost.length - lostAtBrim, lostAlone }];
  });
}

/**
 * Of each row what it waited, or would have waited, ns. A lost one finds what the last that passed had found, drained since, or what
 * both its neighbours found: others may keep a queue full between two of ours.
 */
export function computeFills(rows: LoadRows): Float64Array {
  const fillNs = new Float64Array(rows.count);
  for (const way of ['forward', 'reverse'] as const) fillWay(fillNs, rows, listRows(rows, way));
  return fillNs;
}

function fillWay(fillNs: Float64Array, rows: LoadRows, onWay: Uint32Array): void {
  const nextNs = readNextWaits(rows, onWay);
  let waitNs = 0;
  let fromNs = 0;
  let trace = -1;
  for (const [k, i] of onWay.entries()) {
    if (rows.trace[i] !== trace) waitNs = 0;
    trace = rows.trace[i] ?? -1;
    const timeNs = rows.timeNs[i] ?? 0;
    const ownNs = rows.waitNs[i] ?? NaN;
    if (!Number.isFinite(ownNs)) {
      fillNs[i] = Math.max(0, waitNs - Math.max(0, timeNs - fromNs), Math.min(waitNs, nextNs[k] ?? 0));
      continue;
    }
    waitNs = ownNs;
    fromNs = timeNs;
    fillNs[i] = ownNs;
  }
}

/**
 * Of each row 1 where it found no queue, of whatever others may have sent between ours: neither did the last that passed wait for so long,
 * nor could the next have found what was left of one. `perWay`: least wait of a queue that drops, ns.
 */
export function findDryRows(rows: LoadRows, perWay: Readonly<Record<BucketWay, number | null>>): Uint8Array {
  const isDry = new Uint8Array(rows.count);
  for (const way of ['forward', 'reverse'] as const) {
    const leastNs = perWay[way];
    if (leastNs === null) continue;
    const onWay = listRows(rows, way);
    let nextNs = Infinity;
    let trace = -1;
    for (let k = onWay.length - 1; k >= 0; k -= 1) {
      const i = onWay[k] ?? 0;
      if (rows.trace[i] !== trace) nextNs = Infinity;
      trace = rows.trace[i] ?? -1;
      const timeNs = rows.timeNs[i] ?? 0;
      const ownNs = rows.waitNs[i] ?? NaN;
      if (Number.isFinite(ownNs)) nextNs = timeNs + ownNs;
      if (nextNs - timeNs < leastNs) isDry[i] = 1;
    }
    clearBehindWaits(isDry, rows, { onWay, leastNs });
  }
  return isDry;
}

function clearBehindWaits(
  isDry: Uint8Array,
  rows: LoadRows,
  { onWay, leastNs }: { readonly onWay: Uint32Array; readonly leastNs: number },
): void {
  let emptyNs = -Infinity;
  let trace = -1;
  for (const i of onWay) {
    if (rows.trace[i] !== trace) emptyNs = -Infinity;
    trace = rows.trace[i] ?? -1;
    const timeNs = rows.timeNs[i] ?? 0;
    const ownNs = rows.waitNs[i] ?? NaN;
    if (Number.isFinite(ownNs)) emptyNs = timeNs + ownNs;
    if (emptyNs - timeNs >= leastNs) isDry[i] = 0;
  }
}

/** Of each the wait of the next of its trace that passed; Infinity behind the last, as nothing shows that the queue was let go. */
function readNextWaits(rows: LoadRows, onWay: Uint32Array): Float64Array {
  const nextNs = new Float64Array(onWay.length);
  let waitNs = Infinity;
  let trace = -1;
  for (let k = onWay.length - 1; k >= 0; k -= 1) {
    const i = onWay[k] ?? 0;
    if (rows.trace[i] !== trace) waitNs = Infinity;
    trace = rows.trace[i] ?? -1;
    const ownNs = rows.waitNs[i] ?? NaN;
    if (Number.isFinite(ownNs)) waitNs = ownNs;
    nextNs[k] = waitNs;
  }
  return nextNs;
}
