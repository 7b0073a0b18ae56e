// How many of the packets that were sent one by one or in short bursts would have collided and been lost on a suspect link: replayed a
// few times, as backoff is drawn. What that tells is judged elsewhere.
import { createRandom } from '../../../../model/random.js';
import type { Random } from '../../../../model/random.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../../model/units.js';
import { AFTER_LOSS, classOfTrain, LEVELS, NO_CLASS, REPLAYS } from './collision-classes.js';
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';
import { replayMedium } from './medium-replay.js';
import type { Medium, Tally } from './medium-replay.js';
import { computeTurns, offerTrace } from './offered-packets.js';
import type { Draws, OfferedTrace, Span, SuspectLink } from './offered-packets.js';

/** What stamps do not tell of an instant, a standard deviation. */
const JITTER_NS = 1 * NS_PER_US;
const SEED = 8023;

/**
 * Only 10 and 100 Mb/s can be run with unlike duplex: gigabit copper negotiates (IEEE 802.3, 40.5.1). The slope of delay over size holds
 * each link twice where replies are as large as requests, so that it bounds the rate of the slowest; which of both it is, is open.
 */
export function listSuspectRates({ floor }: LoadRows, replySize: 'same' | 'small'): readonly number[] {
  const crossings = replySize === 'same' ? 2 : 1;
  if (floor.nsPerByte === 0) return [100e6];
  const slowest = (crossings * BITS_PER_BYTE * NS_PER_SEC) / floor.nsPerByte;
  if (slowest > MOST_SUSPECT) return [];
  return slowest > MIDDLE ? [100e6] : [10e6];
}

/** Noise may make a link of 100 Mb/s look half as fast again; one of 10 Mb/s on a path never looks like 30. */
const MOST_SUSPECT = 150e6;
const MIDDLE = 15e6;

/** Class of each row; null where the round trip is shorter than the link's own part of it. */
export function classifyCollisions(rows: LoadRows, link: SuspectLink, scope: ReplayScope): Uint16Array | null {
  const classOf = new Uint16Array(rows.count).fill(NO_CLASS);
  for (const span of listSpans(rows, scope)) {
    const found = classifySpan(rows, span, { link, replyBytes: scope.replyBytes });
    if (found === null) return null;
    classOf.set(found, span.from);
  }
  return classOf;
}

export interface OfferedLink {
  readonly link: SuspectLink;
  /** As in `ReplayScope`. */
  readonly replyBytes: number | null;
}

/** The same of the rows of one trace. */
export function classifySpan(rows: LoadRows, span: Span, { link, replyBytes }: OfferedLink): Uint16Array | null {
  const classOf = new Uint16Array(span.to - span.from).fill(NO_CLASS);
  if (!canReplay(rows, span)) return classOf.fill(classOfTrain(rows.trace[span.from] ?? 0));
  const offered = offerSpan(rows, span, { link, replyBytes });
  const turnNs = computeTurns(offered, link);
  if (turnNs === null) return null;
  sortPackets(rows, { span, offered, tally: replay(offered, turnNs, link) }, classOf);
  return classOf;
}

/** Rows of the traces of a scope. */
export function listSpans(rows: LoadRows, { scope }: Pick<ReplayScope, 'scope'>): readonly Span[] {
  const spans: Span[] = [];
  for (let from = 0; from < rows.count;) {
    let to = from;
    while (to < rows.count && rows.trace[to] === rows.trace[from]) to += 1;
    if (isInScope(rows, from, scope)) spans.push({ from, to });
    from = to;
  }
  return spans;
}

/** Hundreds of links are offered the same packets; forgotten with the rows. */
const offeredSeen = new WeakMap<LoadRows, Map<string, OfferedTrace>>();

function offerSpan(rows: LoadRows, span: Span, { link, replyBytes }: OfferedLink): OfferedTrace {
  const { rateBitsPerSec, portBitsPerSec } = link;
  const seen = offeredSeen.get(rows) ?? new Map<string, OfferedTrace>();
  offeredSeen.set(rows, seen);
  const key = `${span.from} ${rateBitsPerSec} ${portBitsPerSec} ${replyBytes}`;
  const draw = (packets: number): Draws => drawReplays(packets, createRandom(SEED + (rows.trace[span.from] ?? 0)));
  const known =
    seen.get(key) ?? offerTrace(rows, span, { rateBitsPerSec, portBitsPerSec, replyBytes, jitterNs: JITTER_NS, draw });
  seen.set(key, known);
  return known;
}

function drawReplays(packets: number, random: Random): Draws {
  const draw = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal(0, 1));
  return {
    late: draw(REPLAYS),
    jitter: Array.from({ length: REPLAYS }, () => draw(packets)),
    wait: Array.from({ length: REPLAYS }, () => Float64Array.from({ length: packets }, () => random.uniform())),
  };
}

export interface ReplayScope {
  /** IP length of replies; null where they are as large as requests. */
  readonly replyBytes: number | null;
  /**
   * `telling`: only large packets sent one by one, which meet others or not wherever exactly the link lies; `dense`: bursts and experiments;
   * `sparse`: all but trains. The rest has no class.
   */
  readonly scope: 'telling' | 'dense' | 'sparse' | 'all';
}

/** Frames that meet others or not wherever exactly the link lies. */
export const LARGE_FROM_BYTES = 500;

export function isInScope(rows: LoadRows, from: number, scope: ReplayScope['scope']): boolean {
  if (scope === 'all') return true;
  if (rows.isSparse[from] === 0 || rows.isMute[from] === 1) return false;
  if (scope === 'sparse' || rows.isLight[from] === 1) return scope === 'sparse';
  return scope === 'dense' || (rows.frameBytes[from] ?? 0) >= LARGE_FROM_BYTES;
}

/** Far ends that send of their own account are not replayed, nor packets of odd sizes. */
function canReplay(rows: LoadRows, { from, to }: Span): boolean {
  return rows.isMute[from] === 0 && Number.isFinite(rows.nearNs[to - 1]);
}

function toMedium({ rateBitsPerSec, propagationNs, isNearHalf, isFarHalf }: SuspectLink): Medium {
  return { bitNs: NS_PER_SEC / rateBitsPerSec, propagationNs, isNearHalf, isFarHalf };
}

/**
 * Whether packets' instants are known to half the time of a full frame: else nobody knows which of them met, and which side lost a frame,
 * and whether both did, is not to be told.
 */
export function areInstantsKnown({ usual }: LoadRows, rateBitsPerSec: number): boolean {
  return usual.spreadNs <= (MOST_BLUR_BITS * NS_PER_SEC) / rateBitsPerSec;
}

const MOST_BLUR_BITS = 6000;

function replay(offered: OfferedTrace, turnNs: Float64Array, link: SuspectLink): Tally {
  const medium = toMedium(link);
  const count = turnNs.length;
  const tally = { hits: new Uint8Array(2 * count), losses: new Uint8Array(2 * count) };
  const backoff = createRandom(SEED);
  const { requestBits, replyBits, known } = offered;
  const turnsNs = new Float64Array(count);
  for (const [k, atNs] of offered.atNs.entries()) {
    const lateNs = (offered.late[k] ?? 0) * link.beforeSpreadNs;
    const waitNs = offered.waitNs[k] as Float64Array;
    for (let place = 0; place < count; place += 1) {
      turnsNs[place] = (turnNs[place] as number) + (waitNs[place] as number);
    }
    replayMedium({ atNs, requestBits, replyBits, known, turnNs: turnsNs, lateNs }, medium, tally, backoff);
  }
  return tally;
}

interface Replayed {
  readonly span: Span;
  readonly offered: OfferedTrace;
  readonly tally: Tally;
}

/**
 * Where only the number of the lost is known for each direction, a packet counts by the way that either may have lost it, and says nothing
 * of the way it is only taken to have passed.
 */
function sortPackets(rows: LoadRows, { span, offered, tally }: Replayed, classOf: Uint16Array): void {
  const { hits, losses } = tally;
  const count = offered.requestBits.length;
  const lossEndsNs = [-Infinity, -Infinity, -Infinity];
  for (let i = span.from; i < span.to; i += 1) {
    const place = offered.placeOf[i - span.from] as number;
    if (place < 0) continue;
    const leg = rows.leg[i] as number;
    const isGuessed = rows.isGuessed[i] === 1;
    const there = leg !== LEG.reverse || isGuessed;
    const back = leg !== LEG.forward || isGuessed;
    const lostThere = there ? (losses[place] as number) : 0;
    const lostBack = back ? (losses[place + count] as number) : 0;
    const lost = REPLAYS * (1 - (1 - lostThere / REPLAYS) * (1 - lostBack / REPLAYS));
    if (rows.isSparse[i] === 0) {
      classOf[i - span.from] = classOfTrain(rows.trace[i] ?? 0) + (lost > REPLAYS / 2 ? 1 : 0);
    } else if (isGuessed && rows.isLost[i] === 0) {
      classOf[i - span.from] = LEVELS * leg;
    } else if ((there && (hits[place] as number) > 0) || (back && (hits[place + count] as number) > 0)) {
      classOf[i - span.from] = LEVELS * leg + AFTER_LOSS + 1 + Math.min(REPLAYS, Math.round(lost));
    } else {
      const nowNs = rows.nearNs[i] as number;
      classOf[i - span.from] = LEVELS * leg + (nowNs < (lossEndsNs[leg] ?? 0) ? AFTER_LOSS : 0);
      if (rows.isLost[i] === 1) lossEndsNs[leg] = nowNs + LOSS_LASTS_NS;
    }
  }
}

/** Bursts of others last about as long. */
const LOSS_LASTS_NS = 50 * NS_PER_MS;
