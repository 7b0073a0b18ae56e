// Token buckets worth trying: proposed from what passed and what was lost of each trace, and refined until no neighbour explains better
// which packets were lost.
import { computeBucketLikelihood } from './bucket-likelihood.js';
import type { BucketColumns } from './bucket-likelihood.js';
import type { LoadRows } from '../rows/load-rows.js';
import { FULL_FRAME_BYTES } from './played-bucket.js';
import type { BucketShape, BucketUnit } from './played-bucket.js';

/** Fewer losses tell no rate. */
export const LEAST_LOST = 3;
const MOST_PROPOSALS = 8;
/** What holds less cannot pass packets as they come on any path. */
const LEAST_DEPTH_PACKETS = 1.8;
/** First step of the search around a proposal: a share of the rate, and packets of depth. It ends with a sixteenth of them. */
const FIRST_STEP = { rateShare: 0.06, packets: 4 } as const;
const LEAST_SCALE = 1 / 16;

/** From each trace that lost some: what passed between its first loss and its last is the rate, what passed before it the depth. */
export function proposeShapes(
  rows: LoadRows,
  legRows: Uint32Array,
  kind: Pick<BucketShape, 'unit' | 'way'>,
): readonly BucketShape[] {
  const proposals: (BucketShape & { readonly lost: number })[] = [];
  for (let from = 0; from < legRows.length;) {
    const trace = rows.trace[legRows[from] ?? 0];
    let to = from;
    while (to < legRows.length && rows.trace[legRows[to] ?? 0] === trace) to += 1;
    const shape = proposeShape(rows, legRows.subarray(from, to), kind.unit);
    if (shape !== null) proposals.push({ ...kind, ...shape });
    from = to;
  }
  const best = proposals.sort((a, b) => b.lost - a.lost).slice(0, MOST_PROPOSALS);
  // A trace that began with an empty bucket tells its rate, another one its depth.
  const depth = best.reduce((most, shape) => Math.max(most, shape.depth), 0);
  return best.flatMap((shape) => (shape.depth < depth ? [shape, { ...shape, depth }] : [shape]));
}

function proposeShape(
  rows: LoadRows,
  traceRows: Uint32Array,
  unit: BucketUnit,
): { ratePerSec: number; depth: number; lost: number } | null {
  const lost = traceRows.filter((i) => rows.isLost[i] === 1 && rows.isMute[i] === 0);
  const first = lost[0];
  const last = lost.at(-1);
  if (first === undefined || last === undefined || lost.length < LEAST_LOST) return null;
  const sizeOf = (i: number): number => (unit === 'bytes' ? (rows.frameBytes[i] ?? 0) : 1);
  const passed = (from: number, to: number): number =>
    traceRows.reduce((sum, i) => (i >= from && i < to && rows.isLost[i] === 0 ? sum + sizeOf(i) : sum), 0);
  const units = passed(first, last);
  const perNs = units / ((rows.timeNs[last] ?? 0) - (rows.timeNs[first] ?? 0));
  if (!(perNs > 0) || !Number.isFinite(perNs)) return null;
  // The most that came in one go before the first loss: the bucket held it.
  let depth = 0;
  let inflow = 0;
  for (let k = traceRows.indexOf(first) - 1; k >= 0; k -= 1) {
    const i = traceRows[k] ?? 0;
    if (rows.isLost[i] === 0) inflow += sizeOf(i);
    depth = Math.max(depth, inflow - perNs * ((rows.timeNs[first] ?? 0) - (rows.timeNs[i] ?? 0)));
  }
  // What was lost would have been held with one packet's room more.
  return {
    ratePerSec: perNs * 1e9,
    depth: Math.max(depth + sizeOf(first) / 2, LEAST_DEPTH_PACKETS * (unit === 'bytes' ? FULL_FRAME_BYTES : 1)),
    lost: lost.length,
  };
}

/** The likeliest shapes of those proposed, best first, each refined. */
export function refineBest(columns: BucketColumns, proposed: readonly BucketShape[], most: number): BucketShape[] {
  return proposed
    .map((shape) => ({ ...shape, logLikelihood: computeBucketLikelihood(columns, shape) }))
    .sort((a, b) => b.logLikelihood - a.logLikelihood)
    .slice(0, most)
    .map((start) => refine(columns, start));
}

/** A pattern search: to the best neighbour, or with steps of half the size. */
function refine(columns: BucketColumns, start: BucketShape & Tried): BucketShape {
  const { unit, way } = start;
  const packet = unit === 'packets' ? 1 : FULL_FRAME_BYTES;
  let best: Tried = start;
  // Ends when the step is small: each climb finds a best one, of finitely many a scale.
  for (let scale = 1; scale >= LEAST_SCALE; scale /= 2) {
    const climb = { rateFactor: 1 + FIRST_STEP.rateShare * scale, depthStep: FIRST_STEP.packets * scale * packet };
    best = climbFrom(columns, best, { ...climb, leastDepth: LEAST_DEPTH_PACKETS * packet });
  }
  return { unit, way, ratePerSec: best.ratePerSec, depth: best.depth };
}

interface Tried {
  readonly ratePerSec: number;
  readonly depth: number;
  readonly logLikelihood: number;
}

/** On the lattice of one step around the start, from neighbour to neighbour until none is better. */
function climbFrom(
  columns: BucketColumns,
  start: Tried,
  step: { readonly rateFactor: number; readonly depthStep: number; readonly leastDepth: number },
): Tried {
  const tried = new Set(['0 0']);
  let best = { ...start, rateSteps: 0, depthSteps: 0 };
  for (;;) {
    let next = best;
    for (const [rateBy, depthBy] of NEIGHBOURS) {
      const rateSteps = best.rateSteps + rateBy;
      const depthSteps = best.depthSteps + depthBy;
      const shape = {
        ratePerSec: start.ratePerSec * step.rateFactor ** rateSteps,
        depth: start.depth + depthSteps * step.depthStep,
      };
      if (shape.depth < step.leastDepth || tried.has(`${rateSteps} ${depthSteps}`)) continue;
      tried.add(`${rateSteps} ${depthSteps}`);
      const logLikelihood = computeBucketLikelihood(columns, shape);
      if (logLikelihood > next.logLikelihood) next = { ...shape, logLikelihood, rateSteps, depthSteps };
    }
    if (next === best) return best;
    best = next;
  }
}

const NEIGHBOURS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, -1],
  [-1, 1],
] as const;
