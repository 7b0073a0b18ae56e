// How long after a packet its answer crosses the link on which packets of both directions collide, told from when the lost ones were sent:
// those of a link somewhere on the path have others so long before or behind them. Proposes lags; what they are worth is weighed elsewhere.
import type { LoadRows } from '../rows/load-rows.js';

export interface MeetingLag {
  /** From the request's begin on the link to its answer's begin there, ns. */
  readonly lagNs: number;
  /** Gain of ln likelihood over a loss that knows no lag. */
  readonly gain: number;
}

/** Lags are tried so close, and packets count as met within so much of it, as shares of a frame's time. */
const STEP = 0.33;
const NEARLY = 0.8;
const MOST_LAGS = 6;
const MOST_STEPS = 4000;

/** The best ones, apart by a frame's time. `isWatched` of each row: large packets at random distances, in the order of sending. */
export function findMeetingLags(
  rows: LoadRows,
  isWatched: (row: number) => boolean,
  { frameNs, longestNs }: { readonly frameNs: number; readonly longestNs: number },
): readonly MeetingLag[] {
  const packets = listPackets(rows, isWatched);
  const lost = packets.lost.reduce((sum, one) => sum + one, 0);
  if (lost === 0 || lost === packets.sentNs.length) return [];
  const stepNs = Math.max(STEP * frameNs, longestNs / MOST_STEPS);
  const lags: MeetingLag[] = [];
  for (let lagNs = frameNs; lagNs <= longestNs; lagNs += stepNs) {
    lags.push({ lagNs, gain: computeGain(packets, lagNs, Math.max(stepNs, NEARLY * frameNs)) });
  }
  const best: MeetingLag[] = [];
  for (const lag of lags.sort((a, b) => b.gain - a.gain)) {
    if (best.length === MOST_LAGS || lag.gain <= 0) break;
    if (best.every(({ lagNs }) => Math.abs(lagNs - lag.lagNs) > frameNs)) best.push(lag);
  }
  return best;
}

interface Packets {
  readonly sentNs: Float64Array;
  readonly lost: readonly number[];
}

/** One for each packet, lost in whichever direction; packets of other traces are too far away to be met. */
function listPackets(rows: LoadRows, isWatched: (row: number) => boolean): Packets {
  const places = new Map<number, number>();
  const sentNs: number[] = [];
  const lost: number[] = [];
  for (let i = 0; i < rows.count; i += 1) {
    const nowNs = rows.nearNs[i] ?? NaN;
    if (!isWatched(i) || !Number.isFinite(nowNs)) continue;
    const key = (rows.trace[i] ?? 0) * 2 ** 24 + (rows.row[i] ?? 0);
    const place = places.get(key);
    if (place !== undefined) lost[place] = Math.max(lost[place] ?? 0, rows.isLost[i] ?? 0);
    else {
      places.set(key, sentNs.length);
      sentNs.push(nowNs);
      lost.push(rows.isLost[i] ?? 0);
    }
  }
  return { sentNs: Float64Array.from(sentNs), lost };
}

/** Of loss ratios of their own for those that met and those that did not, where the former lose more; else 0. */
function computeGain({ sentNs, lost }: Packets, lagNs: number, halfWidthNs: number): number {
  const met = { sent: 0, lost: 0 };
  const alone = { sent: 0, lost: 0 };
  let before = 0;
  let behind = 0;
  // Of thousands of lags: each packet's place a lag before and behind is not before that of the one before it.
  for (let i = 0; i < sentNs.length; i += 1) {
    const nowNs = sentNs[i] as number;
    before = skipEarlier(sentNs, before, nowNs - lagNs - halfWidthNs);
    behind = skipEarlier(sentNs, behind, nowNs + lagNs - halfWidthNs);
    const hasMet =
      isUntil(sentNs, before, nowNs - lagNs + halfWidthNs) || isUntil(sentNs, behind, nowNs + lagNs + halfWidthNs);
    const cell = hasMet ? met : alone;
    cell.sent += 1;
    cell.lost += lost[i] as number;
  }
  if (met.lost * alone.sent <= alone.lost * met.sent) return 0;
  const all = { sent: met.sent + alone.sent, lost: met.lost + alone.lost };
  return computeLog(met) + computeLog(alone) - computeLog(all);
}

/** The first from `from` on that was not sent earlier; behind the last, their number. */
function skipEarlier(sentNs: Float64Array, from: number, earliestNs: number): number {
  let next = from;
  while (next < sentNs.length && (sentNs[next] as number) < earliestNs) next += 1;
  return next;
}

function isUntil(sentNs: Float64Array, place: number, latestNs: number): boolean {
  return place < sentNs.length && (sentNs[place] as number) <= latestNs;
}

/** ln likelihood at its own ratio. */
function computeLog({ sent, lost }: { readonly sent: number; readonly lost: number }): number {
  const of = (count: number): number => (count === 0 ? 0 : count * Math.log(count / sent));
  return of(lost) + of(sent - lost);
}
