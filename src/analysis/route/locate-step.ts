// Where along a path something begins to happen to packets (they are lost, they wait): from so many of so many at each hop. What
// happens to packets before hop k happens to all that go further, too, so the share may step up along the path but not down.
import { computeFisherWorse, type Ratio } from '../statistics/fisher-exact.js';
import { computeWilsonInterval } from '../statistics/wilson-interval.js';

export interface HopCount extends Ratio {
  readonly ttl: number;
}

export interface StepPlace {
  /** It does not happen up to hop `after` (0: this machine), and does from hop `at` on. */
  readonly after: number;
  readonly at: number;
}

/** A hop is called an exception only where chance does the same less often than this. */
const SURE = 0.01;
/** A hop is left out of the search sooner: without it the place only gets wider, with it the place may be wrong. */
const DOUBTFUL = 0.1;
/**
 * How far below its largest a log likelihood may be. The place of a step is no regular parameter: 1.92 (chi-squared) covers 90 % of
 * made-up paths, 3 covers 95 % and more.
 */
const SUPPORT = 3;
const NONE: Ratio = { bad: 0, total: 0 };

/** TTLs of hops with a larger share than the hops behind them, or than the last one: it is their own doing, not the path's. */
export function findExceptions(counts: readonly HopCount[], sure = SURE): ReadonlySet<number> {
  const exceptions = new Set<number>();
  const last = counts.at(-1) ?? NONE;
  let later = NONE;
  for (const here of counts.toReversed()) {
    const chance = Math.min(computeFisherWorse(here, later), computeFisherWorse(here, last));
    if (here !== last && chance < sure) exceptions.add(here.ttl);
    else later = addRatios(later, here);
  }
  return exceptions;
}

/**
 * Maximum likelihood of one step, share p before and a larger q from some hop on, exceptions left out. The place encloses every hop
 * whose likelihood is near enough (95 %). null where the last hop's share may be as low as `leastRatio`.
 */
export function locateStep(counts: readonly HopCount[], leastRatio: number): StepPlace | null {
  const exceptions = findExceptions(counts, DOUBTFUL);
  const used = counts.filter(({ ttl, total }) => total > 0 && !exceptions.has(ttl));
  const last = used.at(-1);
  if (last === undefined || computeWilsonInterval(last.bad, last.total).low <= leastRatio) return null;
  const likelihoods = used.map((_, k) => computeStepLikelihood(used, k));
  const best = Math.max(...likelihoods);
  const supported = likelihoods.flatMap((value, k) => (value >= best - SUPPORT ? [k] : []));
  const first = supported[0] ?? 0;
  return {
    after: first === 0 ? 0 : (used[first - 1]?.ttl ?? 0),
    at: used[supported.at(-1) ?? 0]?.ttl ?? last.ttl,
  };
}

/** ln likelihood where the share steps up before row `k`; −∞ where it would have to step down. */
function computeStepLikelihood(counts: readonly Ratio[], k: number): number {
  const before = counts.slice(0, k).reduce(addRatios, NONE);
  const after = counts.slice(k).reduce(addRatios, NONE);
  const p = before.total === 0 ? 0 : before.bad / before.total;
  const q = after.bad / Math.max(1, after.total);
  return p > q ? -Infinity : computeLogLikelihood(before) + computeLogLikelihood(after);
}

function addRatios(a: Ratio, b: Ratio): Ratio {
  return { bad: a.bad + b.bad, total: a.total + b.total };
}

/** ln likelihood of a count at its own share. */
function computeLogLikelihood({ bad, total }: Ratio): number {
  const term = (count: number): number => (count === 0 ? 0 : count * Math.log(count / total));
  return term(bad) + term(total - bad);
}
