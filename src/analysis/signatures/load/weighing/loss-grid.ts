// The loss ratios that hypotheses are weighed at: even steps of the logarithm, as nothing says beforehand how much is lost.
import type { Finding } from '../../../../model/report.js';
import { WARNING_RATIO } from '../loss-severity.js';
import { LEG } from '../rows/load-rows.js';
import type { LoadRows } from '../rows/load-rows.js';

const LARGEST_RATIO = 0.6;
const STEP = 1.35;
/** What is lost where a fault does nothing. */
export const NEXT_TO_NOTHING = 2e-5;

/** From what is just a fault to more than half, in steps of 35 %. */
export const FAULTY_RATIOS: readonly number[] = buildGrid(WARNING_RATIO, LARGEST_RATIO);

export function buildGrid(from: number, to: number): readonly number[] {
  const steps = Math.ceil(Math.log(to / from) / Math.log(STEP));
  return Array.from({ length: steps + 1 }, (_, i) => from * (to / from) ** (i / steps));
}

/** Which directions a fault may have where they are told apart, and its loss ratio on each leg where one crossing loses `ratio`. */
export interface Ways {
  readonly direction: Finding['direction'];
  readonly ratioOn: (leg: number, ratio: number) => number;
}

const UNTOLD: readonly Ways[] = [{ direction: 'unknown', ratioOn: (_leg, ratio) => ratio }];
const TOLD: readonly Ways[] = [
  { direction: 'forward', ratioOn: (leg, ratio) => (leg === LEG.reverse ? NEXT_TO_NOTHING : ratio) },
  { direction: 'reverse', ratioOn: (leg, ratio) => (leg === LEG.forward ? NEXT_TO_NOTHING : ratio) },
  { direction: 'both', ratioOn: (leg, ratio) => (leg === LEG.round ? 1 - (1 - ratio) ** 2 : ratio) },
];

export function listWays(rows: LoadRows): readonly Ways[] {
  return rows.leg.some((leg) => leg !== LEG.round) ? TOLD : UNTOLD;
}
