// How well links on which packets would collide explain what became of the packets, by the replay of each trace. Which links are weighed is
// decided in likely-links.ts.
import { computeLogLossLikelihood } from '../../../statistics/beta-binomial.js';
import { COLLISION_CLASSES, listCollisionRatios, NO_CLASS } from './collision-classes.js';
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';
import { NEXT_TO_NOTHING } from '../weighing/loss-grid.js';
import type { Span, SuspectLink } from './offered-packets.js';
import { classifySpan, listSpans } from './replayed-collisions.js';
import type { OfferedLink, ReplayScope } from './replayed-collisions.js';

export interface LinkCandidate {
  readonly link: SuspectLink;
  readonly propagationSlots: number;
  /** ln of its share of the hypothesis's prior. */
  readonly logWeight: number;
}

/** Of a train so much is lost, or anything. */
export const TRAIN_RATIO = 0.3;
/** Where others send in bursts, one of ours that met them is followed by more. */
export const AFTER_LOSS_RATIO = 0.3;
export const FIRMNESS = 14;
const TELLING_ALONE = 0.02;

/** Others cost the full side of a mismatch its frames, and the half side hardly any. */
export function spreadOverLegs(alone: number, link?: SuspectLink): Readonly<Record<number, number>> {
  const less = Math.max(NEXT_TO_NOTHING, alone / 6);
  return {
    [LEG.round]: alone,
    [LEG.forward]: link === undefined || !link.isNearHalf || link.isFarHalf ? alone : less,
    [LEG.reverse]: link === undefined || link.isNearHalf ? alone : less,
  };
}

export interface Selection extends ReplayScope {
  readonly most: number;
}

export interface WeighedLink {
  readonly one: LinkCandidate;
  readonly log: number;
}

/** The most probable first. */
export function weighLinks(
  rows: LoadRows,
  links: readonly LinkCandidate[],
  { most, replyBytes, scope }: Selection,
): readonly WeighedLink[] {
  const spans = [...listSpans(rows, { scope })].sort((a, b) => countLost(rows, b) - countLost(rows, a));
  let best: WeighedLink[] = [];
  for (const one of links) {
    const least = best.length < most ? -Infinity : (best.at(-1)?.log ?? -Infinity);
    const log = weighLink(rows, { one, replyBytes }, { spans, least });
    if (log !== null) best = [...best, { one, log }].sort((a, b) => b.log - a.log).slice(0, most);
  }
  return best;
}

function countLost({ isLost }: LoadRows, { from, to }: Span): number {
  let lost = 0;
  for (let i = from; i < to; i += 1) lost += isLost[i] as number;
  return lost;
}

/**
 * null where less probable than `least`, or no such link. What more packets tell only lowers a likelihood, so that most links are given up
 * before all traces are replayed, of which those that lost most come first.
 */
function weighLink(
  rows: LoadRows,
  { one, replyBytes }: { readonly one: LinkCandidate; readonly replyBytes: number | null },
  { spans, least }: { readonly spans: readonly Span[]; readonly least: number },
): number | null {
  const sent = new Float64Array(COLLISION_CLASSES);
  const lost = new Float64Array(COLLISION_CLASSES);
  let log = one.logWeight;
  for (const span of spans) {
    const counts = countSpan(rows, span, { link: one.link, replyBytes });
    if (counts === null) return null;
    for (let found = 0; found < COLLISION_CLASSES; found += 1) {
      sent[found] = (sent[found] as number) + (counts.sent[found] as number);
      lost[found] = (lost[found] as number) + (counts.lost[found] as number);
    }
    log = one.logWeight + weighCounts({ sent, lost });
    if (log < least) return null;
  }
  return log;
}

/** Of each class. */
interface Counts {
  readonly sent: Float64Array;
  readonly lost: Float64Array;
}

/** A link is weighed by more and more traces, and beside others once more; forgotten with the rows. */
const countsSeen = new WeakMap<LoadRows, Map<string, Counts | null>>();

function countSpan(rows: LoadRows, span: Span, offered: OfferedLink): Counts | null {
  const seen = countsSeen.get(rows) ?? new Map<string, Counts | null>();
  countsSeen.set(rows, seen);
  const key = `${span.from} ${offered.replyBytes} ${Object.values(offered.link).join(' ')}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  const classOf = classifySpan(rows, span, offered);
  const counts = classOf === null ? null : countClasses(rows, span, classOf);
  seen.set(key, counts);
  return counts;
}

function countClasses({ isLost }: LoadRows, { from, to }: Span, classOf: Uint16Array): Counts {
  const counts = { sent: new Float64Array(COLLISION_CLASSES), lost: new Float64Array(COLLISION_CLASSES) };
  for (let i = from; i < to; i += 1) {
    const found = classOf[i - from] as number;
    if (found === NO_CLASS) continue;
    counts.sent[found] = (counts.sent[found] as number) + 1;
    counts.lost[found] = (counts.lost[found] as number) + (isLost[i] as number);
  }
  return counts;
}

/** ln likelihood where all packets of a scope are lost at one ratio, the one that was seen. */
export function weighChance(rows: LoadRows, scope: ReplayScope): number {
  let sent = 0;
  let lost = 0;
  for (const { from, to } of listSpans(rows, scope)) {
    for (let i = from; i < to; i += 1) {
      sent += 1;
      lost += rows.isLost[i] as number;
    }
  }
  return computeLogLossLikelihood(lost, sent, lost / Math.max(1, sent), FIRMNESS);
}

function weighCounts({ sent, lost }: Counts): number {
  return TELLING_RATIOS.reduce(
    (log, ratio, found) => log + computeLogLossLikelihood(lost[found] ?? 0, sent[found] ?? 0, ratio, FIRMNESS),
    0,
  );
}

const TELLING_RATIOS = listCollisionRatios({
  alone: spreadOverLegs(TELLING_ALONE),
  after: AFTER_LOSS_RATIO,
  train: TRAIN_RATIO,
});
