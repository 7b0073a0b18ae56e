// First guesses from which the line of delay over size is fitted: a likelihood of waits has many hills, so that where the search
// begins decides what it finds.
import { computeMean, computePercentile, sortAscending } from '../../statistics/quantile.js';
import { computeTheilSenLine } from '../../statistics/straight-line.js';
import type { DelayParameters, DelaySample } from './delay-likelihood.js';

export interface Start {
  readonly at: DelayParameters;
  /** Of the noise at the lower end, ns. */
  readonly scaleNs: number;
}

interface Guess {
  readonly slope: number;
  readonly isQuiet: boolean;
  /** null: where the lowest packets are. */
  readonly floorNs: number | null;
}

/** Least noise that is guessed, ns. */
const LEAST_SCALE_NS = 10;

/**
 * `quiet` takes most packets for idle. Each of `busy` takes idle packets to be few: a line through the least delays of two sizes
 * is right if both met empty queues once.
 */
export function guessStarts(
  sample: DelaySample,
  bySize: ReadonlyMap<number, readonly number[]>,
): { readonly quiet: readonly Start[]; readonly busy: readonly Start[] } {
  const sizes = [...bySize.keys()];
  const lineAt = (share: number) =>
    computeTheilSenLine(
      sizes,
      sizes.map((bytes) => computePercentile(bySize.get(bytes) ?? [], share)),
    );
  const toGuess = (share: number, isQuiet: boolean): Guess[] => {
    const line = lineAt(share);
    return line === null ? [] : [{ slope: Math.max(0, line.slope), isQuiet, floorNs: null }];
  };
  const pairs = sizes.flatMap((a, i) => sizes.slice(i + 1).flatMap((b) => guessThrough(a, b, bySize)));
  return {
    quiet: toGuess(0.25, true).map((guess) => toStart(sample, guess)),
    busy: [...toGuess(0, false), ...pairs].map((guess) => toStart(sample, guess)),
  };
}

function guessThrough(a: number, b: number, bySize: ReadonlyMap<number, readonly number[]>): Guess[] {
  const leastA = bySize.get(a)?.[0] ?? 0;
  const slope = ((bySize.get(b)?.[0] ?? 0) - leastA) / (b - a);
  return slope < 0 ? [] : [{ slope, isQuiet: false, floorNs: leastA - slope * a }];
}

function toStart({ bytes, delayNs, largestBytes }: DelaySample, { slope, isQuiet, floorNs }: Guess): Start {
  const rest = sortAscending(delayNs.map((delay, i) => delay - slope * (bytes[i] ?? 0)));
  const floor = Math.max(0, floorNs ?? computePercentile(rest, isQuiet ? 0.2 : 0.02));
  const spread = Math.max(LEAST_SCALE_NS, computePercentile(rest, 0.2) - computePercentile(rest, 0.01));
  const near = Math.max(LEAST_SCALE_NS, Math.abs(computePercentile(rest, 0.02) - floor));
  const noise = isQuiet ? spread : Math.min(near, spread / 3);
  const wait = Math.max(6 * noise, computeMean(rest) - floor);
  const logit = isQuiet ? 0.5 : -1.5;
  const at = [floor, slope * largestBytes, Math.log(noise), Math.log(wait), logit, Math.log(noise / 3)];
  return { at, scaleNs: noise };
}
