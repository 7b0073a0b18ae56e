// Figures as people read them: scaled units, as many digits as the interval deserves, intervals as ± or as a range.
import type { Estimate, OpenInterval } from './estimates.js';

interface Unit {
  readonly name: string;
  readonly size: number;
}

/** Units of one kind from the smallest up; a value takes the largest unit that it fills. */
export type UnitFamily = readonly Unit[];

export const RATE: UnitFamily = [
  { name: 'b/s', size: 1 },
  { name: 'kb/s', size: 1e3 },
  { name: 'Mb/s', size: 1e6 },
  { name: 'Gb/s', size: 1e9 },
];
export const TIME: UnitFamily = [
  { name: 'ns', size: 1 },
  { name: 'µs', size: 1e3 },
  { name: 'ms', size: 1e6 },
  { name: 's', size: 1e9 },
];
export const VOLUME: UnitFamily = [
  { name: 'B', size: 1 },
  { name: 'kB', size: 1e3 },
  { name: 'MB', size: 1e6 },
  { name: 'GB', size: 1e9 },
];
export const RATIO: UnitFamily = [{ name: '%', size: 0.01 }];

const MOST_DIGITS = 4;
const PLAIN_DIGITS = 3;
/** An interval narrower than this share of its value is written as ± its wider side, which claims less, not more. */
const NARROW = 0.1;
/** A value below this share of an interval that begins at 0 is no estimate: it is 0 as far as one knows. */
const AS_GOOD_AS_ZERO = 0.01;
/** How much wider rounding to one digit may make an interval. */
const MOST_WIDENING = 1.3;
/** Sides of a wide interval within this ratio of each other count as even. */
const EVEN_SIDES = 0.6;

export function pickUnit(value: number, family: UnitFamily): Unit {
  const fitting = family.filter((unit) => Math.abs(value) >= unit.size * 0.9995);
  const unit = fitting.at(-1) ?? family[0];
  return unit ?? { name: '', size: 1 };
}

/** `1.93 ms`: three digits, no trailing zeros. */
export function formatFigure(value: number, family: UnitFamily): string {
  const unit = pickUnit(value, family);
  return `${formatPlain(value / unit.size)} ${unit.name}`;
}

/** `12 s`, `8.4 s`, `90 ms` from milliseconds. */
export function formatMilliseconds(ms: number): string {
  const rounded =
    ms >= 10_000 ? Math.round(ms / 1000) * 1000 : ms >= 1000 ? Math.round(ms / 100) * 100 : Math.round(ms);
  return formatFigure(rounded * 1e6, TIME);
}

type Measured = Pick<Estimate, 'value' | 'low' | 'high'>;

/**
 * `96.9 Mb/s ± 0.3`, `18.2 % (16.9 to 19.6)`, `0 % (below 0.4)`, `100 % (above 98.1)`, `at most 40.8 µs`. What is shown always
 * holds the whole interval: rounding goes outward.
 */
export function formatEstimate({ value, low, high }: Measured, family: UnitFamily): string {
  if (low === 0 && value > 0 && value === high) return formatBound(high, family);
  return formatMeasured({ value: low === 0 && value < AS_GOOD_AS_ZERO * high ? 0 : value, low, high }, family);
}

/** The upper end is all that is known. */
function formatBound(high: number, family: UnitFamily): string {
  const unit = pickUnit(high, family);
  const most = high / unit.size;
  return `at most ${roundUp(most, countDecimals(most, NARROW * most))} ${unit.name}`;
}

function formatMeasured(estimate: Measured, family: UnitFamily): string {
  const unit = pickUnit(estimate.value === 0 ? estimate.high : estimate.value, family);
  const value = estimate.value / unit.size;
  const low = estimate.low / unit.size;
  const high = estimate.high / unit.size;
  const plain = `${formatPlain(value)} ${unit.name}`;
  const widest = Math.max(value - low, high - value);
  if (!(widest > 0) || !Number.isFinite(widest)) return plain;
  const decimals = countDecimals(value, widest);
  if (low >= value) return `${plain} (below ${roundUp(high, decimals)})`;
  if (high <= value) return `${plain} (above ${roundDown(low, decimals)})`;
  const text = value.toFixed(decimals);
  if (!isEven(value, low, high)) {
    return `${text} ${unit.name} (${roundDown(low, decimals)} to ${roundUp(high, decimals)})`;
  }
  const half = Math.max(Number(text) - low, high - Number(text));
  return `${text} ${unit.name} ± ${roundUp(half, decimals)}`;
}

/** As `formatEstimate`, also where an end is open: `4.2 ms (above 3.9)`. */
export function formatRanged(value: number, { low, high }: OpenInterval, family: UnitFamily): string {
  if ((low ?? 0) === 0 && high === null) return `${formatFigure(value, family)} (too few samples for an interval)`;
  return formatMeasured({ value, low: low ?? value, high: high ?? value }, family);
}

/** Whether ± tells the interval well enough: it is narrow, or its sides are nearly the same. */
function isEven(value: number, low: number, high: number): boolean {
  const widest = Math.max(value - low, high - value);
  return widest < NARROW * Math.abs(value) || Math.min(value - low, high - value) / widest >= EVEN_SIDES;
}

const SUREST = 0.999;
const PROBABILITY_WORDS: readonly (readonly [atLeast: number, words: string])[] = [
  [0.98, 'almost certain'],
  [0.9, 'very likely'],
  [0.75, 'likely'],
  [0.5, 'more likely than not'],
  [0.25, 'possible'],
  [0, 'unlikely'],
];

export function describeProbability(probability: number): string {
  const words = PROBABILITY_WORDS.find(([atLeast]) => probability >= atLeast)?.[1] ?? 'unlikely';
  // A model is never as sure as its arithmetic.
  return `${words} (${formatPercent(Math.min(probability, SUREST))})`;
}

/** Whole percents; never 0 or 100 for what is only nearly so. */
export function formatPercent(ratio: number): string {
  if (ratio > 0 && ratio < 0.01) return '< 1 %';
  if (ratio < 1 && ratio > 0.99) return '> 99 %';
  return `${Math.round(ratio * 100)} %`;
}

/**
 * As many decimals as the interval's width deserves: one digit of it, or two where one would widen it too much. The value
 * keeps between two and four digits.
 */
function countDecimals(value: number, width: number): number {
  const oneDigit = -Math.floor(Math.log10(width));
  const rounded = Math.ceil(width * 10 ** oneDigit - 1e-6) / 10 ** oneDigit;
  const byWidth = rounded > MOST_WIDENING * width ? oneDigit + 1 : oneDigit;
  if (value === 0) return Math.max(0, oneDigit);
  const toFirstDigit = -Math.floor(Math.log10(Math.abs(value)));
  return Math.max(0, Math.min(toFirstDigit + MOST_DIGITS - 1, Math.max(toFirstDigit + 1, byWidth)));
}

/** Three digits and no trailing zeros. */
export function formatPlain(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, PLAIN_DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
  return String(Number(value.toFixed(Math.min(decimals, 12))));
}

/** Outward, so that a rounded interval never claims more than was measured; the margin absorbs binary fractions. */
function roundUp(value: number, decimals: number): string {
  return (Math.ceil(value * 10 ** decimals - 1e-6) / 10 ** decimals).toFixed(decimals);
}

function roundDown(value: number, decimals: number): string {
  return (Math.floor(value * 10 ** decimals + 1e-6) / 10 ** decimals).toFixed(decimals);
}
