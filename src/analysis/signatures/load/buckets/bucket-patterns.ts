// Which token bucket, of bytes or of packets, would have dropped what was lost? A policer, a limit of answers and a queue that
// overflows drop the same packets (a queue of Q bytes at rate R refuses what finds a bucket of Q bytes, filled at R, empty); only the
// delay of those that pass tells them apart. Found from the losses themselves, then refined.
import type { Brim } from './brim.js';
import { packBucketRows } from './bucket-likelihood.js';
import { listRows, measureLightWait } from './bucket-rows.js';
import type { BucketWay } from './bucket-rows.js';
import { LEAST_LOST, proposeShapes, refineBest } from './bucket-search.js';
import type { Detail } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';
import { playBucket } from './played-bucket.js';
import type { BucketPattern, Waits } from './played-bucket.js';

/** What each direction's narrow link carries, bytes a second; null where not known. */
export type LinkRates = Readonly<Record<BucketWay, number | null>>;

/** Proposals refined for each way and unit. */
const REFINED: Readonly<Record<Detail, number>> = { full: 2, sketch: 1 };

export interface BucketSearch {
  readonly links: LinkRates;
  readonly brims: readonly Brim[];
  readonly detail: Detail;
}

/**
 * At most `REFINED` for each way and unit, best first; where a queue dropped some and something else others, also those that fit what no
 * queue dropped.
 */
export function findBucketPatterns(rows: LoadRows, { links, brims, detail }: BucketSearch): BucketPattern[] {
  const most = REFINED[detail];
  const noiseNs = measureLightWait(rows);
  const found: BucketPattern[] = [];
  for (const way of ['forward', 'reverse'] as const) {
    const waits = { noiseNs, linkBytesPerSec: links[way] };
    const brim = brims.find((one) => one.way === way);
    const isMixed = brim !== undefined && brim.lostAtBrim > 0 && brim.lostElsewhere >= LEAST_LOST;
    found.push(...searchWay(rows, { way, most, ...waits }));
    if (!isMixed) continue;
    const rest = {
      ...rows,
      isMute: rows.isMute.map((mute, i) => mute | ((brim.isFull[i] ?? 0) & (rows.isLost[i] ?? 0))),
    };
    found.push(...searchWay(rest, { way, most, ...waits }).map((pattern) => ({ ...pattern, isBesideQueue: true })));
  }
  return found.sort(byLikelihood);
}

interface WaySearch extends Waits {
  readonly way: BucketWay;
  readonly most: number;
}

function searchWay(rows: LoadRows, { way, most, ...waits }: WaySearch): BucketPattern[] {
  const all = listRows(rows, way);
  const lossy = selectLossyTraces(rows, all);
  return (['bytes', 'packets'] as const).flatMap((unit) =>
    refineBest(packBucketRows(rows, lossy, unit), proposeShapes(rows, lossy, { way, unit }), most).map((shape) =>
      playBucket(rows, all, shape, waits),
    ),
  );
}

const byLikelihood = (a: BucketPattern, b: BucketPattern): number => b.logLikelihood - a.logLikelihood;

/** Rows of traces that lost some, and mute ones: the others only say that a bucket had enough. */
function selectLossyTraces(rows: LoadRows, legRows: Uint32Array): Uint32Array {
  const lossy = new Set<number>();
  for (const i of legRows) if (rows.isLost[i] === 1 || rows.isMute[i] === 1) lossy.add(rows.trace[i] ?? 0);
  return legRows.filter((i) => lossy.has(rows.trace[i] ?? 0));
}
