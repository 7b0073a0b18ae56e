// The largest size that passes one direction, from single packets that passed or did not: which sizes are known to fail, and
// whether that is the size's doing or the path's usual loss. Search table and order of sizes are the examination's.

export interface SizeTally {
  passed: number;
  failed: number;
  /** Of the failed: a router said that they were too big. */
  refused: number;
}

export type SizeTallies = ReadonlyMap<number, SizeTally>;

export interface SizeLimit {
  /** Largest size that passed. */
  readonly passedBytes: number;
  /** Smallest size known to fail for its size; null where none is. */
  readonly failedBytes: number | null;
  /** Sizes above `passedBytes` of which nothing passed, ascending, with the packets that were tried. */
  readonly suspects: readonly { readonly sizeBytes: number; readonly tries: number }[];
  /** Tries and losses of sizes that pass. */
  readonly controls: Trials;
}

export interface Trials {
  readonly tried: number;
  readonly lost: number;
}

/** RFC 8899 5.1.2: MAX_PROBES is 3 tries a size. */
export const LEAST_TRIES = 3;
/** Chance, at the loss that passing sizes show, that a size only seems to fail. */
const MOST_CHANCE = 1e-3;
/** The same against passing sizes of at least half the largest: loss may grow with size (bit errors) without any limit. */
const MOST_CHANCE_LARGE = 0.05;

/** null where nothing passed. */
export function readSizeLimit(tallies: SizeTallies): SizeLimit | null {
  const sizes = [...tallies].sort(([a], [b]) => a - b);
  const passedBytes = sizes.reduce((most, [size, { passed }]) => (passed > 0 ? size : most), 0);
  if (passedBytes === 0) return null;
  const above = sizes.filter(([size, { failed }]) => size > passedBytes && failed > 0);
  const controls = sumTrials(sizes.filter(([size]) => size <= passedBytes));
  const large = sumTrials(sizes.filter(([size]) => size <= passedBytes && 2 * size >= passedBytes));
  let failed = 0;
  let refused = 0;
  let failedBytes: number | null = null;
  for (const [size, tally] of above) {
    // What fails below a size fails at it, too.
    failed += tally.failed;
    refused += tally.refused;
    const isUnlikely =
      computeAllLostChance(controls, failed) < MOST_CHANCE && computeAllLostChance(large, failed) < MOST_CHANCE_LARGE;
    if (failedBytes === null && (refused > 0 || (failed >= LEAST_TRIES && isUnlikely))) failedBytes = size;
  }
  const suspects = above.map(([sizeBytes, tally]) => ({ sizeBytes, tries: tally.failed }));
  return { passedBytes, failedBytes, suspects, controls };
}

/**
 * Fisher's exact test, one-sided, for `failed` of `failed` lost beside the losses of the controls, were both lost at one rate:
 * C(L + k, k) / C(N + k, k) with L of N controls lost.
 */
export function computeAllLostChance({ tried, lost }: Trials, failed: number): number {
  let chance = 1;
  for (let i = 1; i <= failed; i += 1) chance *= (lost + i) / (tried + i);
  return chance;
}

function sumTrials(sizes: readonly (readonly [number, SizeTally])[]): Trials {
  return sizes.reduce(
    (sum, [, { passed, failed }]) => ({ tried: sum.tried + passed + failed, lost: sum.lost + failed }),
    { tried: 0, lost: 0 },
  );
}
