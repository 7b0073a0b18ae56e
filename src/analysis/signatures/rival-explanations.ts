// Where one condition explains what another one looks like: the other keeps the share of its probability that is left. What each is told
// from stands in its own file.
import type { Condition } from '../../model/report.js';
import type { Judgement, Observations } from './observations.js';
import { countsWhatIsLost } from './port-errors.js';

/**
 * Looks that others explain. What a policer or a counter of packets drops lets the head of a train pass faster than the rest, as the bucket of a
 * shaper does, and so do bursts of others that come to a full link, which may be full one way only; a host that stops holds a whole train back
 * and lets its answers go in batches. A slot of a wireless link
 * passes at once what has room in it. A host that stops keeps answers in order; detours that overtake do not. A machine that takes its time for
 * each packet is full when no link is, loses what others send too much of, and lets packets go at equal distances. Collisions cost a load as
 * much as a policer does, and so do others who keep a queue full: all that come have waited alike.
 * A queue that others fill at one blow and a host that stops lift the least delay as another route does. What the own port counted as damaged
 * is lost for that and nothing else.
 */
const EXPLAINED_BY: Readonly<Partial<Record<Condition, readonly Condition[]>>> = {
  shaper: ['policer', 'packet-rate-limit', 'congestion', 'slow-target', 'wireless-hop'],
  policer: ['duplex-mismatch', 'overlong-half-duplex', 'packet-rate-limit', 'congestion'],
  congestion: ['packet-rate-limit', 'port-errors'],
  'random-loss': ['port-errors'],
  'bursty-loss': ['packet-rate-limit', 'port-errors'],
  unknown: ['packet-rate-limit', 'port-errors'],
  'asymmetric-rate': ['slow-target', 'packet-rate-limit', 'congestion'],
  bufferbloat: ['slow-target'],
  'wireless-hop': ['slow-target', 'packet-rate-limit'],
  'slow-target': ['reordering', 'packet-rate-limit'],
  'route-change': ['congestion', 'slow-target'],
  'low-negotiation': ['duplex-mismatch', 'overlong-half-duplex'],
};
const LEAST_TOLD = 0.5;

/** One condition that several signatures judged: the one who is surer speaks. */
export function joinSame(told: readonly Judgement[]): Judgement[] {
  const surest = new Map<Condition, Judgement>();
  for (const judgement of told) {
    const known = surest.get(judgement.condition);
    if (known === undefined || judgement.probability > known.probability) surest.set(judgement.condition, judgement);
  }
  return [...surest.values()];
}

/** Only what is told itself explains anything; not a slow host whose own stamps take its time out, nor a port that counted less than was lost. */
export function lessenByRivals(told: readonly Judgement[], observations: Observations): Judgement[] {
  const found = new Map<Condition, number>();
  for (const { condition, probability, finding } of told) if (finding !== null) found.set(condition, probability);
  if (observations.path.stamps.far !== null) found.delete('slow-target');
  if (!countsWhatIsLost(observations)) found.delete('port-errors');
  return told.map((judgement) => {
    const rivals = EXPLAINED_BY[judgement.condition] ?? [];
    return lessen(
      judgement,
      rivals.reduce((share, rival) => share * (1 - (found.get(rival) ?? 0)), 1),
    );
  });
}

/** By the share of its probability that something else leaves it; what is less probable than not is no finding. */
export function lessen(judgement: Judgement, share: number): Judgement {
  if (share === 1) return judgement;
  const probability = judgement.probability * share;
  const isTold = probability >= LEAST_TOLD && judgement.finding !== null;
  return { ...judgement, probability, finding: isTold ? { ...judgement.finding, probability } : null };
}
