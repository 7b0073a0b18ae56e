// A line that is watched for weeks, drawn at random: how fast it is, how its load goes with the hours, what harmless things happen
// on it, and the troubles that somebody should be told of. All ranges are wide and none is of a real product or network.
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';

export const TROUBLE_KINDS = ['shift', 'congestion', 'drift', 'outage', 'loss'] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  /** Minutes since the start of the series, `to` not included. */
  readonly from: number;
  readonly to: number;
  /** What is added to the round trip, ns; of losses their ratio. */
  readonly size: number;
  /** Nobody should be told: too small or too short. */
  readonly isHarmless: boolean;
}

export interface DrawnLine {
  readonly seed: number;
  /** Round trip of an empty line, ns. */
  readonly baseNs: number;
  /** What the busiest hour of a working day adds, as a share of it. */
  readonly peakShare: number;
  readonly peakHour: number;
  /** Half-width of the busy hours, h. */
  readonly peakHours: number;
  /** Load of weekends beside that of working days. */
  readonly weekendLoad: number;
  /** Standard deviation of ln load from day to day. */
  readonly daySpread: number;
  /** Autoregression of ln delay from minute to minute, its standard deviation, and that of what each minute adds on its own. */
  readonly likeness: number;
  readonly slowSpread: number;
  readonly minuteSpread: number;
  /** Minutes a day with a higher median that mean nothing. */
  readonly spikesPerDay: number;
  readonly lossRatio: number;
  readonly packetsPerMinute: number;
  /** In the order of time; none overlaps another. */
  readonly troubles: readonly Trouble[];
}

export const DAY_MINUTES = 1440;
/** What congestion adds in a minute, as shares of its size. */
export const LEAST_SWING = 0.3;
export const MOST_SWING = 1.7;
const HOUR_MINUTES = 60;
/** Slower than usual by less nobody notices; nor by less than what a busy day makes of it anyway. Harmless is less, a trouble more. */
const NOTICED = { ratio: 0.1, leastNs: 0.5e6 } as const;
/** Free minutes between two troubles, so that one can end before the next. */
export const LEAST_APART = 90;

/** The least slowness that people notice on a line, ns. */
export function computeNoticed({
  baseNs,
  peakShare,
  daySpread,
}: Pick<DrawnLine, 'baseNs' | 'peakShare' | 'daySpread'>): number {
  return Math.max(NOTICED.ratio * baseNs, NOTICED.leastNs, peakShare * daySpread * baseNs);
}

export interface LinePlan {
  readonly days: number;
  /** Troubles of either sort that are drawn a day, on average. */
  readonly perDay: number;
  /** No trouble begins before this minute; 0 unless said. */
  readonly quietUntil?: number;
  /** Least size of a slowness that is a trouble, in multiples of what people notice; 2 unless said. */
  readonly leastSize?: number;
}

export function drawLine(seed: number, plan: LinePlan): DrawnLine {
  const random = createRandom(seed);
  const between = (low: number, high: number): number => low * (high / low) ** random.uniform();
  const baseNs = between(0.4e6, 250e6);
  const peakShare = between(0.01, 0.6);
  const daySpread = 0.4 * random.uniform();
  const noticedNs = computeNoticed({ baseNs, peakShare, daySpread });
  return {
    seed,
    baseNs,
    peakShare,
    peakHour: 8 + 15 * random.uniform(),
    peakHours: 2 + 4 * random.uniform(),
    weekendLoad: between(0.3, 2),
    daySpread,
    likeness: 0.3 + 0.67 * random.uniform(),
    slowSpread: between(0.002, 0.04),
    minuteSpread: between(0.002, 0.04),
    spikesPerDay: between(0.5, 20),
    lossRatio: random.uniform() < 0.5 ? 0 : between(1e-4, 0.01),
    packetsPerMinute: random.uniform() < 0.5 ? 60 : 300,
    troubles: drawTroubles(random, noticedNs, plan),
  };
}

/** Ends: each turn goes on by at least the pause between two troubles. */
function drawTroubles(
  random: Random,
  noticedNs: number,
  { days, perDay, quietUntil = 0, leastSize = 2 }: LinePlan,
): Trouble[] {
  const troubles: Trouble[] = [];
  const meanPause = DAY_MINUTES / perDay;
  const end = days * DAY_MINUTES;
  let at = quietUntil + LEAST_APART;
  for (;;) {
    at += Math.floor(random.exponential(meanPause));
    const trouble = drawTrouble(random, { noticedNs, from: at, leastSize });
    if (trouble.to >= end - LEAST_APART) return troubles;
    troubles.push(trouble);
    at = trouble.to + LEAST_APART;
  }
}

function drawTrouble(
  random: Random,
  { noticedNs, from, leastSize }: { readonly noticedNs: number; readonly from: number; readonly leastSize: number },
): Trouble {
  const kind = TROUBLE_KINDS[Math.floor(random.uniform() * TROUBLE_KINDS.length)] ?? 'shift';
  const between = (low: number, high: number): number => low * (high / low) ** random.uniform();
  const isHarmless = random.uniform() < 0.4;
  const lasts = (low: number, high: number): number => from + Math.round(between(low, high));
  if (kind === 'outage' || kind === 'loss') {
    const size = kind === 'outage' ? 1 : between(0.03, 0.5);
    return { kind, from, to: isHarmless ? from + 1 : lasts(kind === 'outage' ? 4 : 10, 180), size, isHarmless };
  }
  // A queue that swings reaches more than its size.
  const most = kind === 'congestion' ? MOST_SWING : 1;
  const size = isHarmless ? (noticedNs * between(0.2, 0.8)) / most : noticedNs * between(leastSize, 30);
  const to = kind === 'drift' ? lasts(2 * HOUR_MINUTES, 12 * HOUR_MINUTES) : lasts(10, 360);
  return { kind, from, to, size, isHarmless };
}
