// Openings against the troubles that were drawn: what was found, what was not, and what was nothing.
import type { Trouble, TroubleKind } from '../../simulation/baseline/drawn-line.js';

export interface Tally {
  /** Troubles that were told, by kind, out of how many. */
  readonly found: Readonly<Partial<Record<TroubleKind, number>>>;
  readonly drawn: Readonly<Partial<Record<TroubleKind, number>>>;
  /** Openings: the first of a trouble, further ones of the same, and those without one. */
  readonly first: number;
  readonly repeated: number;
  readonly false: number;
  /** Minutes from the begin of each trouble that was found until it was told. */
  readonly delays: readonly number[];
  readonly days: number;
}

/** An opening so many minutes after the end of a trouble is still of it. */
const GRACE_MINUTES = 5;

/** `openings` in minutes of the series, ascending; only what lies in `[from, to)` counts. */
export function tallyOpenings(
  openings: readonly number[],
  troubles: readonly Trouble[],
  { from, to }: { readonly from: number; readonly to: number },
): Tally {
  const real = troubles.filter((trouble) => !trouble.isHarmless);
  const inside = real.filter((trouble) => trouble.from >= from && trouble.to <= to);
  const found: Partial<Record<TroubleKind, number>> = {};
  const drawn: Partial<Record<TroubleKind, number>> = {};
  const delays: number[] = [];
  const isOf = (opening: number, trouble: Trouble): boolean =>
    opening >= trouble.from && opening < trouble.to + GRACE_MINUTES;
  for (const trouble of inside) {
    drawn[trouble.kind] = (drawn[trouble.kind] ?? 0) + 1;
    const first = openings.find((opening) => isOf(opening, trouble));
    if (first === undefined) continue;
    found[trouble.kind] = (found[trouble.kind] ?? 0) + 1;
    delays.push(first + 1 - trouble.from);
  }
  const counted = openings.filter((opening) => opening >= from && opening < to);
  const none = counted.filter((opening) => !real.some((trouble) => isOf(opening, trouble))).length;
  const ofInside = counted.filter((opening) => inside.some((trouble) => isOf(opening, trouble))).length;
  return {
    found,
    drawn,
    first: delays.length,
    repeated: ofInside - delays.length,
    false: none,
    delays,
    days: (to - from) / 1440,
  };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sumBy = (pick: (tally: Tally) => Tally['found']): Tally['found'] => {
    const sum: Partial<Record<TroubleKind, number>> = {};
    for (const tally of tallies) {
      for (const [kind, count] of Object.entries(pick(tally)) as [TroubleKind, number][])
        sum[kind] = (sum[kind] ?? 0) + count;
    }
    return sum;
  };
  const total = (pick: (tally: Tally) => number): number => tallies.reduce((sum, tally) => sum + pick(tally), 0);
  return {
    found: sumBy(({ found }) => found),
    drawn: sumBy(({ drawn }) => drawn),
    first: total(({ first }) => first),
    repeated: total(({ repeated }) => repeated),
    false: total((tally) => tally.false),
    delays: tallies.flatMap(({ delays }) => delays),
    days: total(({ days }) => days),
  };
}

/** Of all openings those that told a trouble, and told it for the first time. */
export function computePrecision({ first, repeated, false: none }: Tally): number {
  return first / Math.max(1, first + repeated + none);
}

export function computeRecall({ first, drawn }: Tally): number {
  return (
    first /
    Math.max(
      1,
      Object.values(drawn).reduce((sum, count) => sum + count, 0),
    )
  );
}

/** Harmonic mean of precision and recall. */
export function computeF1(tally: Tally): number {
  const [precision, recall] = [computePrecision(tally), computeRecall(tally)];
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
