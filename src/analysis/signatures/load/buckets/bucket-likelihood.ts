// How well a token bucket of one shape explains which packets were lost. Asked hundreds of times by the search for the best shape, so
// that rows are packed once for all of them. Which shapes are tried, and what delays say of them, is decided in bucket-patterns.ts.
import { computeLogLossLikelihood } from '../../../statistics/beta-binomial.js';
import type { LoadRows } from '../rows/load-rows.js';

/**
 * Classes of packets by how many tokens are left over when each has taken its own, in packets of its size: from enough to none. What
 * is lost of each class and how firmly that is expected; vaguely here, as other faults may add to it.
 */
const BUCKET_CLASSES = [
  { aboveSpare: 0.6, ratio: 0.004, firmness: 15 },
  { aboveSpare: 0.2, ratio: 0.06, firmness: 5 },
  { aboveSpare: -0.2, ratio: 0.45, firmness: 3 },
  { aboveSpare: -0.6, ratio: 0.9, firmness: 5 },
  { aboveSpare: -Infinity, ratio: 0.97, firmness: 15 },
] as const;
export const BUCKET_CLASS_COUNT = BUCKET_CLASSES.length;
const [ENOUGH, LITTLE, BRINK, SHORT] = BUCKET_CLASSES.map(({ aboveSpare }) => aboveSpare) as [
  number,
  number,
  number,
  number,
];

/** Class of a packet that leaves so much behind, in packets of its size. */
export function findBucketClass(spare: number): number {
  if (spare > ENOUGH) return 0;
  if (spare > LITTLE) return 1;
  if (spare > BRINK) return 2;
  return spare > SHORT ? 3 : 4;
}

/** ln likelihood of what was lost of what was sent, both by class. */
export function weighBucketClasses(sent: ArrayLike<number>, lost: ArrayLike<number>): number {
  return BUCKET_CLASSES.reduce(
    (sum, { ratio, firmness }, found) =>
      sum + computeLogLossLikelihood(lost[found] ?? 0, sent[found] ?? 0, ratio, firmness),
    0,
  );
}

/** Rows in the order in which they meet the bucket. */
export interface BucketColumns {
  /** Since the latest before it, Infinity of the first; 0 where noise of stamps lets packets of a burst seem to leave before each other. */
  readonly stepNs: Float64Array;
  /** Tokens that each takes. */
  readonly size: Float64Array;
  readonly isLost: Uint8Array;
  readonly isMute: Uint8Array;
  /** How many are not mute. */
  readonly telling: number;
}

export function packBucketRows(rows: LoadRows, legRows: Uint32Array, unit: 'bytes' | 'packets'): BucketColumns {
  const count = legRows.length;
  const columns = {
    stepNs: new Float64Array(count),
    size: new Float64Array(count).fill(1),
    isLost: new Uint8Array(count),
    isMute: new Uint8Array(count),
  };
  let telling = count;
  let latestNs = -Infinity;
  for (let k = 0; k < count; k += 1) {
    const i = legRows[k] ?? 0;
    const nowNs = rows.timeNs[i] ?? 0;
    if (nowNs > latestNs) {
      columns.stepNs[k] = nowNs - latestNs;
      latestNs = nowNs;
    }
    if (unit === 'bytes') columns.size[k] = rows.frameBytes[i] ?? 0;
    columns.isLost[k] = rows.isLost[i] ?? 0;
    columns.isMute[k] = rows.isMute[i] ?? 0;
    telling -= rows.isMute[i] ?? 0;
  }
  return { ...columns, telling };
}

/** ln likelihood of the losses. Tokens are taken by what was seen to pass, so that one wrong guess does not spoil the rest. */
export function computeBucketLikelihood(
  { stepNs, size, isLost, isMute, telling }: BucketColumns,
  { ratePerSec, depth }: { readonly ratePerSec: number; readonly depth: number },
): number {
  const perNs = ratePerSec / 1e9;
  const sent = new Float64Array(BUCKET_CLASS_COUNT);
  const lost = new Float64Array(BUCKET_CLASS_COUNT);
  let tokens = depth;
  for (let k = 0; k < stepNs.length; k += 1) {
    tokens = Math.min(depth, tokens + (stepNs[k] as number) * perNs);
    const own = size[k] as number;
    const spare = tokens - own;
    // Most find enough and pass: these are of the first class, and counted below as what is left.
    if (spare > own && isLost[k] === 0) {
      tokens = spare;
      continue;
    }
    if (isMute[k] === 0) {
      const found = findBucketClass(spare / own);
      sent[found] = (sent[found] as number) + 1;
      lost[found] = (lost[found] as number) + (isLost[k] as number);
    }
    if (isLost[k] === 0) tokens = Math.max(0, spare);
  }
  sent[0] = telling - sent.subarray(1).reduce((sum, count) => sum + count, 0);
  return weighBucketClasses(sent, lost);
}
