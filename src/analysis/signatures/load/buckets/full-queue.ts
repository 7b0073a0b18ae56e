// Was the queue full when a packet was lost? What those before and after it waited tells: a queue drains no faster than time goes by,
// so that a packet behind one that waited little cannot have met a full one just before. Says how much each row's moment speaks for it.
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

/** Waits of the answered rows next to each row on its leg and trace, ns, and how far away they were sent, ns; NaN without one. */
export interface Neighbours {
  readonly beforeWaitNs: Float64Array;
  readonly beforeNs: Float64Array;
  readonly afterWaitNs: Float64Array;
  readonly afterNs: Float64Array;
}

/** Neighbours further away than this tell nothing of a queue. */
const NEIGHBOUR_NS = 80e6;
const LEGS = [LEG.round, LEG.forward, LEG.reverse] as const;

export function measureNeighbours(rows: LoadRows): Neighbours {
  const columns = () => new Float64Array(rows.count).fill(NaN);
  const [beforeWaitNs, beforeNs, afterWaitNs, afterNs] = [columns(), columns(), columns(), columns()];
  const pass = (step: 1 | -1, waits: Float64Array, distances: Float64Array): void => {
    const last = [-1, -1, -1];
    for (let i = step > 0 ? 0 : rows.count - 1; i >= 0 && i < rows.count; i += step) {
      if (rows.isMute[i] === 1) continue;
      const leg = rows.leg[i] ?? 0;
      const near = last[leg] ?? -1;
      const apartNs = near < 0 ? Infinity : Math.abs((rows.timeNs[near] ?? 0) - (rows.timeNs[i] ?? 0));
      if (apartNs < NEIGHBOUR_NS && rows.trace[near] === rows.trace[i]) {
        waits[i] = rows.waitNs[near] ?? NaN;
        distances[i] = apartNs;
      }
      if (Number.isFinite(rows.waitNs[i])) last[leg] = i;
    }
  };
  pass(1, beforeWaitNs, beforeNs);
  pass(-1, afterWaitNs, afterNs);
  return { beforeWaitNs, beforeNs, afterWaitNs, afterNs };
}

/** What a queue's height is guessed from: these quantiles of the longer wait beside the lost packets of a leg. */
export const HEIGHT_QUANTILES = [0.1, 0.3, 0.6] as const;
/** Waits within this share of the height, and at least of this, are those of a full queue. */
const TOLERANCE_SHARE = 0.1;
/** A leg of one direction may have one such queue; of a round trip two that add up. */
const ABOVE_SHARE = 0.25;
/** P of each moment where the queue is full: beside waits at its height, where it may be, and where it can hardly be. */
const WHERE_FULL = [0.72, 0.25, 0.03] as const;
const AT_HEIGHT = 0;
const MAY_BE = 1;
const HARDLY = 2;

export interface QueueHeights {
  /** Of each leg, ns; NaN where nothing was lost beside packets that came, or the waits are too short for a queue. */
  readonly heightNs: readonly number[];
  /** Of each row how many times as probable its moment is with a full queue as with another. */
  readonly odds: Float64Array;
}

export interface QueueGuess {
  readonly quantile: number;
  /** Shorter waits are no queue's that others fill. */
  readonly leastNs: number;
  /** Error of a wait, ns. */
  readonly toleranceNs: number;
}

export function weighMoments(rows: LoadRows, neighbours: Neighbours, guess: QueueGuess): QueueHeights {
  const heightNs = LEGS.map((leg) => guessHeight(rows, neighbours, leg, guess));
  // A dozen times a diagnosis over all rows: loops, as a callback for each of them takes several times as long.
  const moments = new Uint8Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) {
    const leg = rows.leg[i] as number;
    moments[i] = classify(neighbours, i, { leg, heightNs: heightNs[leg] ?? NaN, toleranceNs: guess.toleranceNs });
  }
  const oddsOf = LEGS.map((leg) => weighLeg(countAnswered(rows, moments, leg), heightNs[leg] ?? NaN));
  const odds = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) odds[i] = oddsOf[rows.leg[i] as number]?.[moments[i] as number] ?? 1;
  return { heightNs, odds };
}

/** Odds of each kind of moment, given how many of the answered rows are of that kind. */
function weighLeg(shares: readonly number[], heightNs: number): readonly number[] {
  return WHERE_FULL.map((share, moment) => (Number.isNaN(heightNs) ? 1 : share / (shares[moment] ?? 1)));
}

function guessHeight(rows: LoadRows, near: Neighbours, leg: number, { quantile, leastNs }: QueueGuess): number {
  const waits: number[] = [];
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.leg[i] !== leg || rows.isLost[i] === 0 || rows.isSparse[i] === 0 || rows.isMute[i] === 1) continue;
    const wait = longer(near, i);
    if (Number.isFinite(wait)) waits.push(wait);
  }
  waits.sort((a, b) => a - b);
  const heightNs = waits[Math.floor(quantile * waits.length)] ?? NaN;
  return heightNs >= leastNs ? heightNs : NaN;
}

/** NaN without neighbours. */
function longer({ beforeWaitNs, afterWaitNs }: Neighbours, i: number): number {
  const before = beforeWaitNs[i] ?? NaN;
  const after = afterWaitNs[i] ?? NaN;
  return Number.isNaN(before) ? after : Number.isNaN(after) ? before : Math.max(before, after);
}

interface Height {
  readonly leg: number;
  readonly heightNs: number;
  readonly toleranceNs: number;
}

function classify(near: Neighbours, i: number, { leg, heightNs, toleranceNs }: Height): number {
  const most = longer(near, i);
  if (Number.isNaN(most)) return MAY_BE;
  const margin = Math.max(toleranceNs, TOLERANCE_SHARE * heightNs);
  if (leg !== LEG.round && most > heightNs * (1 + ABOVE_SHARE) + margin) return HARDLY;
  if (most >= heightNs - margin) return AT_HEIGHT;
  // It grows and drains by as much as time goes by, at most.
  const before = (near.beforeWaitNs[i] ?? NaN) + (near.beforeNs[i] ?? NaN);
  const after = (near.afterWaitNs[i] ?? NaN) + (near.afterNs[i] ?? NaN);
  return before < heightNs - margin || after < heightNs - margin ? HARDLY : MAY_BE;
}

/** Share of each kind of moment among the answered rows of a leg that were sent one by one. */
function countAnswered(rows: LoadRows, moments: Uint8Array, leg: number): readonly number[] {
  const counts = [1, 1, 1];
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.leg[i] !== leg || rows.isSparse[i] === 0 || rows.isLost[i] === 1 || rows.isMute[i] === 1) continue;
    const moment = moments[i] ?? 0;
    counts[moment] = (counts[moment] ?? 0) + 1;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}
