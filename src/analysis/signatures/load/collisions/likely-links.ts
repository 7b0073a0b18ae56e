// Of many links on which packets may collide those that explain best what became of the packets, each moved to the place, and given the
// length, at which it explains most. Where they may lie at all is in suspect-places.ts.
import { NS_PER_US } from '../../../../model/units.js';
import type { LoadRows } from '../rows/load-rows.js';
import { computeElsewhere } from './offered-packets.js';
import { weighChance, weighLinks } from './weigh-links.js';
import type { LinkCandidate, Selection } from './weigh-links.js';

/** So many of the likeliest links of each side are tried with more packets, moved, and replayed in full. */
const MOST_TRIED = 8;
const MOST_MOVED = 3;
const MOST_IN_FULL = 2;
const LARGE_BYTES = 1500;
/**
 * ln of what is granted to place and length before a link has to explain losses better than chance. Where packets met, the best does so by 15
 * and more as it is listed; where losses only happen to lie at a distance from others, it falls short by 7 and more.
 */
const MOST_REFINED = 4;

/** Which side is half duplex is weighed by the best links of either: those of one must not crowd out the other's. */
export function findLikelyLinks(
  rows: LoadRows,
  links: readonly LinkCandidate[],
  replyBytes: number | null,
): readonly LinkCandidate[] {
  const sides = [true, false].map((isNearHalf) => links.filter(({ link }) => link.isNearHalf === isNearHalf));
  const scope = { replyBytes, scope: 'telling' } as const;
  const found = sides.map((alike) => weighLinks(rows, alike, { ...scope, most: MOST_TRIED }));
  const best = found.flat().reduce((most, { log }) => Math.max(most, log), -Infinity);
  if (best + MOST_REFINED < weighChance(rows, scope)) return [];
  return found.flatMap((likely) => {
    // One of each, so that the variants of one link do not crowd out the others.
    const pickBest = (variants: readonly LinkCandidate[]) => selectLikely(rows, variants, { ...scope, most: 1 });
    const placed = likely.flatMap(({ one }) => pickBest(moveByLag(one))).flatMap((one) => pickBest(tryLengths(one)));
    return refineLinks(rows, placed, replyBytes);
  });
}

function refineLinks(
  rows: LoadRows,
  placed: readonly LinkCandidate[],
  replyBytes: number | null,
): readonly LinkCandidate[] {
  const tried = placed.flatMap((one) =>
    selectLikely(rows, turnAlike(rows, one, replyBytes), { replyBytes, scope: 'dense', most: 1 }),
  );
  const likely = selectLikely(rows, tried, { replyBytes, scope: 'dense', most: MOST_MOVED });
  const refined = likely.flatMap((one) => refineLength(rows, refinePlace(rows, one, replyBytes), replyBytes));
  return selectLikely(rows, refined, { replyBytes, scope: 'sparse', most: MOST_IN_FULL });
}

/** A lag is found to about a third of a frame's time. */
function moveByLag(one: LinkCandidate): readonly LinkCandidate[] {
  const { link } = one;
  if (link.behindShare > 0) return [one];
  return shareOut(LAG_STEPS.map((step) => moveBy(one, step * link.beforeSpreadNs)));
}

const LAG_STEPS = [-4.5, -3, -1.5, 0, 1.5, 3, 4.5] as const;

/** Ends when the instant is known to about what backoff leaves open. */
function refinePlace(rows: LoadRows, one: LinkCandidate, replyBytes: number | null): LinkCandidate {
  const scope = { replyBytes, scope: 'dense', most: 1 } as const;
  let best = one;
  while (best.link.beforeSpreadNs > FINE_NS) {
    const spreadNs = best.link.beforeSpreadNs;
    const closer = { ...best, link: { ...best.link, beforeSpreadNs: spreadNs / FINER } };
    const moved = shareOut(PLACE_STEPS.map((step) => moveBy(closer, step * spreadNs)));
    best = selectLikely(rows, moved, scope)[0] ?? closer;
  }
  return best;
}

const PLACE_STEPS = [-1.2, -0.6, 0, 0.6, 1.2] as const;
const FINER = 3;
const FINE_NS = 5 * NS_PER_US;

/**
 * Links with other shares of the way behind them at which large packets meet the same ones: only small packets tell when answers to small
 * ones are back at the link, and so how much of the way lies behind it.
 */
function turnAlike(rows: LoadRows, one: LinkCandidate, replyBytes: number | null): readonly LinkCandidate[] {
  const { link } = one;
  if (link.behindShare > 0) return [one];
  const elsewhereNs = computeElsewhere(rows.usual, link, LARGE_BYTES, replyBytes);
  return shareOut(
    SHARES.map((behindShare) => ({
      ...one,
      link: { ...link, behindShare, beforeNs: link.beforeNs + behindShare * elsewhereNs },
    })),
  );
}

const SHARES = [0, 0.5, 1] as const;

/** Lengths between those that are listed. */
function tryLengths(one: LinkCandidate): readonly LinkCandidate[] {
  return hasOpenLength(one) ? shareOut(BETWEEN_LENGTHS.map((step) => lengthen(one, step))) : [one];
}

const BETWEEN_LENGTHS = [0.78, 1, 1.28] as const;

/** Where the length is open, it is refined by steps of this share: small frames meet or not within microseconds. */
const LENGTH_STEPS = [0.92, 1, 1.08] as const;

function refineLength(rows: LoadRows, one: LinkCandidate, replyBytes: number | null): readonly LinkCandidate[] {
  if (!hasOpenLength(one)) return [one];
  const lengths = LENGTH_STEPS.map((step) => lengthen(one, step));
  return selectLikely(rows, shareOut(lengths), { replyBytes, scope: 'sparse', most: 1 });
}

/** A mismatch needs no cable that is too long. */
function hasOpenLength({ link }: LinkCandidate): boolean {
  return link.isNearHalf && link.isFarHalf;
}

function lengthen(one: LinkCandidate, step: number): LinkCandidate {
  const { link, propagationSlots } = one;
  return {
    ...one,
    link: { ...link, propagationNs: step * link.propagationNs },
    propagationSlots: step * propagationSlots,
  };
}

function moveBy(one: LinkCandidate, ns: number): LinkCandidate {
  return { ...one, link: { ...one.link, beforeNs: one.link.beforeNs + ns } };
}

/** Variants of one share its weight. */
function shareOut(variants: readonly LinkCandidate[]): readonly LinkCandidate[] {
  return variants.map((one) => ({ ...one, logWeight: one.logWeight - Math.log(variants.length) }));
}

/** Of all links those that explain best what became of the packets of a scope. */
function selectLikely(rows: LoadRows, links: readonly LinkCandidate[], selection: Selection): readonly LinkCandidate[] {
  // Who has no rival needs no replay.
  if (links.length <= 1) return links;
  return weighLinks(rows, links, selection).map(({ one }) => one);
}
