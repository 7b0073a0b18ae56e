// Detectors that others use, each with settings to tune: fixed thresholds, and a moving average with a control limit. They get what
// ours gets, a minute's median round trip and its losses, and the same rule of M of N.
export interface MinuteFigures {
  /** null in a minute without an answer. */
  readonly medianNs: number | null;
  readonly lossRatio: number;
}

/** Minutes of openings, ascending. */
export type Detect = (minutes: readonly MinuteFigures[]) => number[];

export interface Contender {
  readonly name: string;
  readonly settings: string;
  readonly detect: Detect;
}

const CALM_MINUTES = 5;

interface OpeningRule {
  readonly bad: number;
  readonly of: number;
}

const RULES: readonly OpeningRule[] = [
  { bad: 2, of: 3 },
  { bad: 3, of: 5 },
  { bad: 5, of: 7 },
];
const LOSS_LIMITS = [0.01, 0.02, 0.05];
const FACTORS = [1.1, 1.2, 1.5, 2, 3];
const GAINS = [0.003, 0.02, 0.1];
const DEVIATIONS = [3, 5, 8];
/** Least ratio to the mean that counts: the same knowledge as ours of what people notice. */
const LEAST_RATIOS = [1, 1.1, 1.3];

/** Opens with the M-th bad minute of the last N, ends after five that are not bad. */
function openByRule(areBad: readonly boolean[], { bad, of }: OpeningRule): number[] {
  const opened: number[] = [];
  let badOfLast = 0;
  let calm = CALM_MINUTES;
  let isOpen = false;
  for (const [i, isBad] of areBad.entries()) {
    badOfLast += Number(isBad) - Number(areBad[i - of] ?? false);
    calm = isBad ? 0 : calm + 1;
    if (isOpen && calm >= CALM_MINUTES) isOpen = false;
    if (isOpen || !isBad || badOfLast < bad) continue;
    isOpen = true;
    opened.push(i);
  }
  return opened;
}

function describeRule(lossLimit: number, { bad, of }: OpeningRule): string {
  return `${lossLimit * 100} % loss, ${bad} of ${of}`;
}

/** A multiple of the first week's median: kinder than one figure of ms for all lines. */
export function listFixed(): Contender[] {
  return FACTORS.flatMap((factor) =>
    listLossAndRules().map(({ lossLimit, rule }) => ({
      name: 'fixed thresholds',
      settings: `${factor} x the usual, ${describeRule(lossLimit, rule)}`,
      detect: (minutes: readonly MinuteFigures[]) => {
        const limitNs = factor * findUsual(minutes);
        const areBad = minutes.map(({ medianNs, lossRatio }) => (medianNs ?? 0) > limitNs || lossRatio > lossLimit);
        return openByRule(areBad, rule);
      },
    })),
  );
}

function listLossAndRules(): { readonly lossLimit: number; readonly rule: OpeningRule }[] {
  return LOSS_LIMITS.flatMap((lossLimit) => RULES.map((rule) => ({ lossLimit, rule })));
}

const WEEK_MINUTES = 10_080;

function findUsual(minutes: readonly MinuteFigures[]): number {
  const known = minutes.slice(0, WEEK_MINUTES).flatMap(({ medianNs }) => (medianNs === null ? [] : [medianNs]));
  return known.sort((a, b) => a - b)[known.length >> 1] ?? Infinity;
}

interface AverageSettings {
  readonly gain: number;
  readonly deviations: number;
  readonly leastRatio: number;
  /** Bad minutes are not learnt. */
  readonly holds: boolean;
}

/** Mean and variance of ln delay, exponentially weighted. */
export function listMovingAverages(): Contender[] {
  return listAverageSettings().flatMap((average) =>
    listLossAndRules().map(({ lossLimit, rule }) => ({
      name: 'EWMA',
      settings: `${describeAverage(average)}, ${describeRule(lossLimit, rule)}`,
      detect: (minutes: readonly MinuteFigures[]) => openByRule(followAverage(minutes, average, lossLimit), rule),
    })),
  );
}

function listAverageSettings(): AverageSettings[] {
  return GAINS.flatMap((gain) =>
    DEVIATIONS.flatMap((deviations) =>
      LEAST_RATIOS.flatMap((leastRatio) => [false, true].map((holds) => ({ gain, deviations, leastRatio, holds }))),
    ),
  );
}

function describeAverage({ gain, deviations, leastRatio, holds }: AverageSettings): string {
  return `gain ${gain}, ${deviations} deviations and ${leastRatio} x the mean${holds ? ', holding' : ''}`;
}

const WARM_UP_MINUTES = 60;
const FIRST_VARIANCE = 0.01;

function followAverage(
  minutes: readonly MinuteFigures[],
  { gain, deviations, leastRatio, holds }: AverageSettings,
  lossLimit: number,
): boolean[] {
  let mean: number | null = null;
  let variance = FIRST_VARIANCE;
  const least = Math.log(leastRatio);
  return minutes.map(({ medianNs, lossRatio }, i) => {
    if (medianNs === null) return true;
    const value = Math.log(medianNs);
    mean ??= value;
    const error = value - mean;
    const isHigh = i >= WARM_UP_MINUTES && error > Math.max(least, deviations * Math.sqrt(variance));
    if (!holds || !isHigh) {
      mean += gain * error;
      variance = (1 - gain) * (variance + gain * error ** 2);
    }
    return isHigh || lossRatio > lossLimit;
  });
}
