// How probable a limit of size is, given which packets of each size passed: against losses that spare no size, against bit errors,
// which take large packets first, and against spells. Whether somebody announced the limit, and what lies behind it, is judged by others.
import { ETHERNET_HEADER_BYTES } from '../../model/units.js';
import type { SizeTallies, SizeTally } from '../estimators/loss/size-limit.js';
import { computePosterior } from './observations.js';

/** Paths with a limit below the port's MTU that nobody announces, and paths with bit errors that show in a hundred packets. */
const LIMIT_PRIOR = 0.02;
const MEDIA_PRIOR = 0.02;
const FCS_BYTES = 4;
/** Tries of one size that a spell of loss may take all of, and of how many spells one begins and ends with them. */
const MOST_IN_SPELL = 3;
const SPELL_FITS = 0.1;
/** Loss ratios and bit error ratios from the first to the last by even steps of their logarithms: next to nothing is known of them. */
const LOSS_RATIOS = spreadEvenly(1e-5, 0.9, 60);
const BIT_ERROR_RATIOS = spreadEvenly(1e-10, 1e-3, 60);

export interface SizeSearch {
  /** The largest size that passed. */
  readonly passedBytes: number;
  /** The part of the tallies that was sent next to a lost packet of a size that passes. */
  readonly inSpells: SizeTallies;
  /** Of packets sent one by one. */
  readonly lossRatio: number;
}

/**
 * Probability 0-1 that all above the largest size that passed fails for its size. In spells of loss and out of them packets fare by ratios of
 * their own, so that a large one which was lost among lost small ones speaks for no limit.
 */
export function computeLimitProbability(
  tallies: SizeTallies,
  { passedBytes, inSpells, lossRatio }: SizeSearch,
): number {
  const parts = [listOutside(tallies, inSpells), [...inSpells]];
  const isBelow = ([size]: SizedTally): boolean => size <= passedBytes;
  const countFailed = (sizes: readonly SizedTally[]): number =>
    sizes.reduce((sum, one) => (isBelow(one) ? sum : sum + one[1].failed), 0);
  if (countFailed([...tallies]) === 0) return 0;
  const weigh = (select: (sizes: readonly SizedTally[], part: number) => number): number =>
    parts.reduce((sum, sizes, part) => sum + select(sizes, part), 0);
  // The limit may lie at each of the sizes that were tried, as far as anybody knew before.
  const below = weigh((sizes) => integrate(sizes.filter(isBelow), LOSS_RATIOS, constantLoss));
  const limit = Math.log(LIMIT_PRIOR / tallies.size) + below;
  const anySize = weigh((sizes) => integrate(sizes, LOSS_RATIOS, constantLoss));
  const loss = Math.log(1 - LIMIT_PRIOR - MEDIA_PRIOR) + anySize;
  const media = Math.log(MEDIA_PRIOR) + weigh((sizes) => integrate(sizes, BIT_ERROR_RATIOS, mediaLoss));
  // A spell of its own, of which no other packet tells.
  const hidden = weigh((sizes, part) =>
    integrate(part === OUTSIDE ? sizes.filter(isBelow) : sizes, LOSS_RATIOS, constantLoss),
  );
  const spell = countFailed(parts[OUTSIDE] ?? []) > MOST_IN_SPELL ? 0 : SPELL_FITS * lossRatio;
  return computePosterior([limit, loss, media, Math.log(spell) + hidden]);
}

const OUTSIDE = 0;

function listOutside(tallies: SizeTallies, inSpells: SizeTallies): readonly SizedTally[] {
  return [...tallies].map(([size, { passed, failed, refused }]) => {
    const inside = inSpells.get(size);
    return [
      size,
      {
        passed: passed - (inside?.passed ?? 0),
        failed: failed - (inside?.failed ?? 0),
        refused: refused - (inside?.refused ?? 0),
      },
    ];
  });
}

type SizedTally = readonly [sizeBytes: number, tally: SizeTally];
type LossOfSize = (parameter: number, sizeBytes: number) => number;

const constantLoss: LossOfSize = (ratio) => ratio;
/** A frame arrives if none of its bits is wrong. */
const mediaLoss: LossOfSize = (bitErrorRatio, sizeBytes) =>
  -Math.expm1(8 * (sizeBytes + ETHERNET_HEADER_BYTES + FCS_BYTES) * Math.log1p(-bitErrorRatio));

/** ln of the likelihood averaged over the parameter, each value of the grid as probable as the next. */
function integrate(sizes: readonly SizedTally[], grid: readonly number[], lossOf: LossOfSize): number {
  const logs = grid.map((parameter) =>
    sizes.reduce((sum, [size, { passed, failed }]) => {
      const ratio = Math.min(1 - 1e-12, Math.max(1e-12, lossOf(parameter, size)));
      return sum + passed * Math.log1p(-ratio) + failed * Math.log(ratio);
    }, 0),
  );
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / grid.length);
}

function spreadEvenly(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first * (last / first) ** (i / (count - 1)));
}
