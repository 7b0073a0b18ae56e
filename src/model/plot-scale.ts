// Axes of a drawing: round steps, one unit for all of an axis's figures. Shared by the terminal, the page and files.
import { formatPlain, pickUnit, RATIO, TIME, VOLUME, type UnitFamily } from './figures.js';
import type { AxisUnit, EvidencePattern, PatternAxis } from './evidence-pattern.js';

export interface PlotScale {
  readonly low: number;
  readonly high: number;
  /** Round values inside low..high, ascending. */
  readonly ticks: readonly number[];
  /** `round trip (ms)`. */
  readonly caption: string;
  /** A value in the axis's unit, without it. */
  readonly format: (value: number) => string;
}

const FAMILIES: Readonly<Record<AxisUnit, UnitFamily>> = {
  ns: TIME,
  bytes: VOLUME,
  ratio: RATIO,
  packets: [{ name: 'packets', size: 1 }],
};
/** Steps that people count in. */
const ROUND_STEPS = [1, 2, 5, 10];
const NEAR_ZERO = 0.02;
/** Delays of which the least is above the first share of the greatest would be a flat line from zero; below the other they are one. */
const FAR_FROM_ZERO = 0.6;
const FLAT_ABOVE = 0.98;
/** No unit of an axis has figures so fine; what differs by less is one value. */
const LEAST_SPAN = 1e-9;

export function computeXScale({ x, series }: EvidencePattern, wanted = 6): PlotScale {
  const values = series.flatMap((one) => one.x);
  if (x.unit === 'ratio') return buildScale(x, 0, 1, wanted);
  const [first, high] = [least(values), greatest(values)];
  const low = first > 0 && first < NEAR_ZERO * high ? 0 : first;
  return buildScale(x, low, high > low + LEAST_SPAN ? high : low + 1, wanted);
}

/** From zero, but for delays that all lie far from it. */
export function computeYScale({ y, series }: EvidencePattern, wanted = 5): PlotScale {
  const values = series.filter(({ mark }) => mark !== 'losses').flatMap((one) => one.y);
  const most = values.length === 0 ? 1 : greatest(values);
  const floor = least(values);
  const isFar = y.unit === 'ns' && floor > FAR_FROM_ZERO * most && floor < FLAT_ABOVE * most;
  const low = isFar ? floor : 0;
  const high = most > low + LEAST_SPAN ? most : low + (y.unit === 'ratio' ? 0.01 : 1);
  const step = roundStep((high - low) / wanted);
  return buildScale(y, Math.floor(low / step) * step, Math.ceil(high / step) * step, wanted);
}

function buildScale({ label, unit }: PatternAxis, low: number, high: number, wanted: number): PlotScale {
  const step = roundStep((high - low) / wanted);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  const { name, size } = chooseUnit(unit, Math.max(Math.abs(low), Math.abs(high)));
  return {
    low,
    high,
    ticks,
    caption: `${label} (${name})`,
    format: (value) => formatPlain(round(value, high - low) / size),
  };
}

/** Lengths of packets are told in bytes. */
function chooseUnit(unit: AxisUnit, most: number): { readonly name: string; readonly size: number } {
  return unit === 'bytes' && most < 10_000 ? { name: 'bytes', size: 1 } : pickUnit(most, FAMILIES[unit]);
}

function roundStep(exact: number): number {
  const power = 10 ** Math.floor(Math.log10(exact));
  return power * (ROUND_STEPS.find((step) => step * power >= exact * (1 - 1e-9)) ?? 10);
}

/** To a ten-thousandth of the axis: what lies below is no figure of a drawing. */
function round(value: number, span: number): number {
  const power = 10 ** (Math.floor(Math.log10(span)) - 4);
  return Math.round(value / power) * power;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
