// The rate of each link from how delay grows with size (pathchar, Jacobson 1997; Downey, SIGCOMM 1999): the smallest round trip of
// large probes less that of small ones grows from hop to hop by Δsize / rate. Only where answers are equally long for both sizes;
// otherwise the way back has its share in it.
import type { Random } from '../../model/random.js';
import type { Estimate } from '../../model/estimates.js';
import type { Onset, ProbeSizes } from '../../model/route.js';
import { BITS_PER_BYTE, NS_PER_SEC, NS_PER_US } from '../../model/units.js';
import { computePercentile, sortAscending } from '../statistics/quantile.js';
import { sortRoundTrips } from './hop-delay.js';
import type { HopRow } from './hop-table.js';

export interface LinkRate {
  /** The link, or the links over hops that tell nothing, from hop `since` (0: this machine) to hop `ttl`. */
  readonly since: number;
  readonly ttl: number;
  /** bits/s; null where the interval is too wide to be of use. */
  readonly rate: Estimate | null;
  /** Time that a large probe takes longer than a small one on it, ns: 95 % interval. */
  readonly stepNs: { readonly low: number; readonly high: number };
}

const LEAST_SAMPLES = 4;
const DRAWS = 800;
/** What a router's handling of a packet may depend on its size, and stamps of two packets may differ. */
const FLOOR_NS = 2 * NS_PER_US;
/** An interval whose ends are further apart than this tells no rate. */
const WIDEST = 3;

/** One a hop that can be used, in order. */
export function estimateLinks(rows: readonly HopRow[], sizes: ProbeSizes, random: Random): LinkRate[] {
  const { smallBytes, largeBytes } = sizes;
  if (largeBytes === null) return [];
  const links: LinkRate[] = [];
  let before: { readonly ttl: number; readonly draws: Float64Array } = { ttl: 0, draws: new Float64Array(DRAWS) };
  for (const row of rows) {
    if (!hasEvenAnswers(row, sizes)) continue;
    const small = sortRoundTrips(row, smallBytes);
    const large = sortRoundTrips(row, largeBytes);
    if (small.length < LEAST_SAMPLES || large.length < LEAST_SAMPLES) continue;
    const draws = Float64Array.from({ length: DRAWS }, () => drawEnd(large, random) - drawEnd(small, random));
    const steps = sortAscending(draws.map((ns, i) => ns - (before.draws[i] ?? 0)));
    const bits = (largeBytes - smallBytes) * BITS_PER_BYTE;
    links.push(describeLink(before.ttl, row.ttl, steps, { bits, samples: small.length + large.length }));
    before = { ttl: row.ttl, draws };
  }
  return links;
}

/** Answers to both sizes came, and are of one length. */
function hasEvenAnswers({ measured }: HopRow, { smallBytes, largeBytes }: ProbeSizes): boolean {
  const lengths = new Set<number>();
  for (const { answer, sizeBytes } of measured) {
    if (answer !== null && (sizeBytes === smallBytes || sizeBytes === largeBytes)) lengths.add(answer.replySizeBytes);
  }
  return lengths.size === 1;
}

/**
 * A plausible end m of the distribution that `ascending` was drawn from: where the density is level near it, (x₁ − m)/(x₃ − m) is
 * Beta(1, 2), the smallest of two uniform numbers (after Robson and Whitlock 1964, who take x₂), so m = x₁ − (x₃ − x₁)·b/(1 − b).
 */
function drawEnd(ascending: Float64Array, random: Random): number {
  const first = ascending[0] ?? 0;
  const third = ascending[2] ?? first;
  const b = 1 - Math.sqrt(1 - random.uniform());
  return first - ((third - first) * b) / (1 - b);
}

function describeLink(
  since: number,
  ttl: number,
  steps: Float64Array,
  { bits, samples }: { readonly bits: number; readonly samples: number },
): LinkRate {
  const low = computePercentile(steps, 0.025) - FLOOR_NS;
  const high = computePercentile(steps, 0.975) + FLOOR_NS;
  const toRate = (ns: number): number => (bits * NS_PER_SEC) / ns;
  const link = { since, ttl, stepNs: { low, high } };
  if (low <= 0 || high > WIDEST * low) return { ...link, rate: null };
  const value = toRate(Math.min(high, Math.max(low, computePercentile(steps, 0.5))));
  const sharp = high <= 1.1 * low;
  const rate: Estimate = {
    value,
    low: toRate(high),
    high: toRate(low),
    method: 'growth of the smallest round trip with size from hop to hop',
    samples,
    quality: sharp ? 'good' : high <= 1.5 * low ? 'fair' : 'poor',
    limitedBy: sharp ? null : 'noise',
  };
  return { ...link, rate };
}

/** The link whose every plausible rate is below every plausible rate of the others; null where that cannot be said. */
export function findNarrowLink(links: readonly LinkRate[]): Onset | null {
  const slowest = links.reduce<LinkRate | null>((a, b) => (a === null || b.stepNs.low > a.stepNs.low ? b : a), null);
  if (slowest === null || slowest.rate === null) return null;
  const isAlone = links.every((link) => link === slowest || link.stepNs.high < slowest.stepNs.low);
  return isAlone ? { after: slowest.since, at: slowest.ttl, value: slowest.rate.value } : null;
}
