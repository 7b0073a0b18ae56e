// What becomes of each packet at one token bucket, or in the queue that our own packets make at a link; and whether those that passed were
// held back as a queue would have. Which buckets are tried is decided in bucket-patterns.ts.
import { BUCKET_CLASS_COUNT, findBucketClass, weighBucketClasses } from './bucket-likelihood.js';
import { listRows, measureLightWait } from './bucket-rows.js';
import type { BucketWay } from './bucket-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

export type BucketUnit = 'bytes' | 'packets';

export interface BucketShape {
  readonly unit: BucketUnit;
  readonly way: BucketWay;
  /** Units a second, > 0. */
  readonly ratePerSec: number;
  /** Units that the full bucket holds. */
  readonly depth: number;
}

export interface BucketPattern extends BucketShape {
  /** Of each row its class (`findBucketClass`); 0 also where it does not pass here. */
  readonly classOf: Uint8Array;
  /** ln likelihood of the losses, the best of one way and unit first. */
  readonly logLikelihood: number;
  /**
   * Packets that found the bucket nearly empty, and how many of them had been held back: by waiting as long as in a queue of that fill,
   * or by coming no closer behind each other than the rate allows.
   */
  readonly watched: number;
  readonly waited: number;
  /** As a queue, how long the last packet of the full one waits, ns. */
  readonly fullNs: number;
  /** Whether it leaves out what a full queue may have dropped. */
  readonly isBesideQueue: boolean;
}

const MOST_SPEED_UP = 3;
/** A queue is credited with waits of this share of its fill, and with this share of the time a packet takes at its rate. */
const WAITED_SHARE = 0.6;
const SPACED_SHARE = 0.75;
/** Nearly empty: less than this share of its depth, or less than so many packets. */
const LOW_SHARE = 0.2;
const LOW_PACKETS = 2;
/** Waits shorter than this many times what light packets wait say nothing. */
const NOISE_FACTOR = 3;

/** 1500 bytes of IP and an Ethernet header. */
export const FULL_FRAME_BYTES = 1514;

/** What the delays are compared with. */
export interface Waits {
  /** Waits below a few of these drown in the noise. */
  readonly noiseNs: number;
  readonly linkBytesPerSec: number | null;
}

/** A queue that others share gives us a part of its link's rate; it is left at the whole. Others have two thirds of it at most. */
function computeSpeedUp({ unit, ratePerSec }: BucketShape, { linkBytesPerSec }: Waits): number {
  if (unit === 'packets' || linkBytesPerSec === null) return 1;
  return Math.min(MOST_SPEED_UP, Math.max(1, linkBytesPerSec / ratePerSec));
}

/** Tokens are taken by what was seen to pass, so that one wrong guess does not spoil the rest. */
export function playBucket(rows: LoadRows, legRows: Uint32Array, shape: BucketShape, waits: Waits): BucketPattern {
  const { unit, ratePerSec, depth } = shape;
  const perNs = ratePerSec / 1e9;
  const outPerNs = perNs * computeSpeedUp(shape, waits);
  const classOf = new Uint8Array(rows.count);
  const sent = new Float64Array(BUCKET_CLASS_COUNT);
  const lost = new Float64Array(BUCKET_CLASS_COUNT);
  let tokens = depth;
  let beforeNs = -Infinity;
  let watched = 0;
  let waited = 0;
  for (const i of legRows) {
    const nowNs = rows.timeNs[i] ?? 0;
    const size = unit === 'bytes' ? (rows.frameBytes[i] ?? 0) : 1;
    // Noise of stamps lets packets of a burst seem to leave before each other.
    if (nowNs > beforeNs) {
      tokens = Math.min(depth, tokens + (nowNs - beforeNs) * perNs);
      beforeNs = nowNs;
    }
    const spare = tokens - size;
    if (rows.isMute[i] === 1) {
      if (rows.isLost[i] === 0) tokens = Math.max(0, spare);
      continue;
    }
    const found = findBucketClass(spare / size);
    classOf[i] = found;
    sent[found] = (sent[found] ?? 0) + 1;
    if (rows.isLost[i] === 1) {
      lost[found] = (lost[found] ?? 0) + 1;
      continue;
    }
    if (tokens < LOW_SHARE * depth || spare < LOW_PACKETS * size) {
      const held = isHeldBack(rows, i, { queueNs: (depth - tokens) / outPerNs, packetNs: size / outPerNs, ...waits });
      if (held !== null) watched += 1;
      if (held === true) waited += 1;
    }
    tokens = Math.max(0, spare);
  }
  const { way } = shape;
  return {
    unit,
    way,
    ratePerSec,
    depth,
    classOf,
    logLikelihood: weighBucketClasses(sent, lost),
    watched,
    waited,
    fullNs: depth / outPerNs,
    isBesideQueue: false,
  };
}

interface Expected {
  /** Wait in a queue of that fill, and time that the packet takes at the rate. */
  readonly queueNs: number;
  readonly packetNs: number;
  readonly noiseNs: number;
}

/** null where the expected times drown in the noise. */
function isHeldBack(rows: LoadRows, i: number, { queueNs, packetNs, noiseNs }: Expected): boolean | null {
  const waitNs = rows.waitNs[i] ?? NaN;
  if (!Number.isFinite(waitNs) || queueNs < NOISE_FACTOR * noiseNs) return null;
  if (waitNs > WAITED_SHARE * queueNs) return true;
  // The next on the same leg, which may stand behind the other leg's row of this packet.
  const next = rows.leg[i + 1] === rows.leg[i] ? i + 1 : i + 2;
  if (next >= rows.count || rows.leg[next] !== rows.leg[i] || rows.trace[next] !== rows.trace[i]) return false;
  const sentNs = (rows.timeNs[next] ?? 0) - (rows.timeNs[i] ?? 0);
  const cameNs = sentNs + (rows.waitNs[next] ?? NaN) - waitNs;
  return sentNs < packetNs / 2 && packetNs > noiseNs && cameNs > SPACED_SHARE * packetNs;
}

/**
 * The queue that our own packets make at a link of this rate, however much it holds: class 2 where more than a few of them wait, as
 * traffic of others may then fill it at any time.
 */
export function playBacklog(
  rows: LoadRows,
  way: BucketWay,
  { bytesPerSec, linkBytesPerSec }: { readonly bytesPerSec: number; readonly linkBytesPerSec: number },
): BucketPattern {
  const perNs = bytesPerSec / 1e9;
  const outPerNs = linkBytesPerSec / 1e9;
  const noiseNs = measureLightWait(rows);
  const classOf = new Uint8Array(rows.count);
  let backlog = 0;
  let beforeNs = -Infinity;
  let watched = 0;
  let waited = 0;
  for (const i of listRows(rows, way)) {
    const nowNs = rows.timeNs[i] ?? 0;
    if (nowNs > beforeNs) {
      backlog = Math.max(0, backlog - (nowNs - beforeNs) * perNs);
      beforeNs = nowNs;
    }
    const size = rows.frameBytes[i] ?? 0;
    if (backlog > BACKLOG_PACKETS * FULL_FRAME_BYTES) {
      classOf[i] = BRINK;
      const expected = { queueNs: backlog / outPerNs, packetNs: size / outPerNs, noiseNs };
      const held = rows.isLost[i] === 1 ? null : isHeldBack(rows, i, expected);
      if (held !== null) watched += 1;
      if (held === true) waited += 1;
    }
    if (rows.isLost[i] === 0) backlog += size;
  }
  const shape = { unit: 'bytes', way, ratePerSec: bytesPerSec, depth: Infinity } as const;
  const fullNs = (BACKLOG_PACKETS * FULL_FRAME_BYTES) / outPerNs;
  return { ...shape, classOf, logLikelihood: 0, watched, waited, fullNs, isBesideQueue: false };
}

/** Fewer of our own packets waiting than this fill no queue that is worth the name. */
const BACKLOG_PACKETS = 3;
const BRINK = 2;
