// How fast the far clock runs against ours, and its offset over time up to a constant. A clock that is stepped or slewed in
// between is followed piece by piece: it moves one direction up and the other down by the same, which no queue and no route does.
import { computeLowerHullLine, computePrefixHullLines } from '../../statistics/lower-hull.js';
import { computeMedian } from '../../statistics/quantile.js';
import type { Line } from '../../statistics/straight-line.js';
import type { OneWaySamples } from './one-way-samples.js';
import type { Stretch } from './route-changes.js';

/** Between two rows one straight line holds. */
export interface ClockStretch extends Stretch {
  /** Far clock's rate less 1. */
  readonly skew: number;
}

/** With its 95 % interval. */
export interface ClockPiece extends ClockStretch {
  readonly low: number;
  readonly high: number;
}

/** Windows in which the clock must keep to the line, and the fewest samples of one. */
const WINDOWS = 16;
const LEAST_WINDOW = 10;
/** Fewest samples that a piece of its own may have. */
const LEAST_PIECE = 4 * LEAST_WINDOW;
const MOST_DEPTH = 3;
/** Deviations of a window's clock from the line, in standard deviations and in ns, that are noise. */
const NOISE_TOLERANCE = 5;
const LEAST_TOLERANCE_NS = 100;
const MAD_TO_SD = 1.4826;
/** Places tried for a split before the best one is looked for around them. */
const SPLIT_PLACES = 24;
/** Interleaved parts, each with a slope of its own: all on one side of the truth by chance in 2 · 2⁻⁶ = 3 %. */
const PARTS = 6;
const LEAST_PART = 5;

/** Pieces in order, over all samples; empty with too few of them, all of which must have stamps of the far end. */
export function estimateClockPieces(samples: OneWaySamples): ClockPiece[] {
  return splitByClock(samples).map((piece) => boundSkew(samples, piece));
}

/** Far clock's rate less 1, of one line through all samples; null with too few. */
export function fitOneClock(samples: OneWaySamples): number | null {
  return isLongEnough(samples) ? combine(fitDirections(samples)) : null;
}

/** As `estimateClockPieces`, without the intervals. */
export function splitByClock(samples: OneWaySamples): ClockStretch[] {
  return isLongEnough(samples) ? fitStretch(samples, { from: 0, to: samples.sentNs.length }, MOST_DEPTH) : [];
}

function isLongEnough({ sentNs }: OneWaySamples): boolean {
  const count = sentNs.length;
  return count >= PARTS * LEAST_PART && (sentNs[count - 1] ?? 0) > (sentNs[0] ?? 0);
}

/** Ends: `depth` falls with each split. */
function fitStretch(samples: OneWaySamples, stretch: Stretch, depth: number): ClockStretch[] {
  const piece = { ...stretch, skew: combine(fitDirections(cutRows(samples, stretch))) };
  if (depth === 0 || stretch.to - stretch.from < 2 * LEAST_PIECE || holdsLine(samples, piece)) return [piece];
  const at = findSplit(cutRows(samples, stretch)) + stretch.from;
  return [
    ...fitStretch(samples, { from: stretch.from, to: at }, depth - 1),
    ...fitStretch(samples, { from: at, to: stretch.to }, depth - 1),
  ];
}

type Legs = Pick<OneWaySamples, 'sentNs' | 'forwardNs' | 'reverseNs'>;

/** Views, no copies. */
function cutRows({ sentNs, forwardNs, reverseNs }: Legs, { from, to }: Stretch): Legs {
  return {
    sentNs: sentNs.subarray(from, to),
    forwardNs: forwardNs.subarray(from, to),
    reverseNs: reverseNs.subarray(from, to),
  };
}

/** Each PARTS-th row, from `first` on. */
function takePart({ sentNs, forwardNs, reverseNs }: Legs, first: number): Legs {
  const isOfPart = (_: number, i: number): boolean => i % PARTS === first;
  return {
    sentNs: sentNs.filter(isOfPart),
    forwardNs: forwardNs.filter(isOfPart),
    reverseNs: reverseNs.filter(isOfPart),
  };
}

interface Slope {
  readonly skew: number;
  /** Sum of the distances of a direction from its line, ns. */
  readonly distanceNs: number;
}

/** The slopes of interleaved parts; where the two directions contradict each other, both of their ranges. */
function boundSkew(samples: OneWaySamples, stretch: ClockStretch): ClockPiece {
  const rows = cutRows(samples, stretch);
  const parts = Array.from({ length: PARTS }, (_, part) => fitDirections(takePart(rows, part)));
  const forward = computeRange(parts.map((part) => part.forward.skew));
  const reverse = computeRange(parts.map((part) => part.reverse.skew));
  const agree = forward.low <= reverse.high && reverse.low <= forward.high;
  const range = computeRange(agree ? parts.map(combine) : [forward.low, forward.high, reverse.low, reverse.high]);
  return { ...stretch, low: Math.min(stretch.skew, range.low), high: Math.max(stretch.skew, range.high) };
}

interface BothSlopes {
  readonly forward: Slope;
  readonly reverse: Slope;
}

/** Lower hulls of both directions. */
function fitDirections({ sentNs, forwardNs, reverseNs }: Legs): BothSlopes {
  const fit = (delays: Float64Array, sign: 1 | -1): Slope => {
    const line = computeLowerHullLine(sentNs, delays);
    return { skew: line === null ? 0 : sign * line.slope, distanceNs: sumDistances(sentNs, delays, line) };
  };
  return { forward: fit(forwardNs, 1), reverse: fit(reverseNs, -1) };
}

/** Of the first of these rows, as many as there are times. */
function sumDistances(times: Float64Array, delays: Float64Array, line: Line | null): number {
  if (line === null) return Infinity;
  const { slope, intercept } = line;
  let sum = 0;
  for (let i = 0; i < times.length; i += 1) sum += (delays[i] ?? 0) - intercept - slope * (times[i] ?? 0);
  return sum;
}

/** The direction whose delays lie closer to its hull counts more, by the square. */
function combine({ forward, reverse }: BothSlopes): number {
  const forwardWeight = 1 / (1 + (forward.distanceNs / Math.max(1, reverse.distanceNs)) ** 2);
  return forward.skew * forwardWeight + reverse.skew * (1 - forwardWeight);
}

function computeRange(values: readonly number[]): { readonly low: number; readonly high: number } {
  return { low: Math.min(...values), high: Math.max(...values) };
}

/**
 * In each window the clock is known to half of what the two smallest delays together exceed the smallest sum of all windows: so
 * much may be queue or route. Windows further off the line than that, and than their noise, were another clock.
 */
function holdsLine(samples: OneWaySamples, { from, to, skew }: ClockStretch): boolean {
  const windows = Math.min(WINDOWS, Math.floor((to - from) / LEAST_WINDOW));
  const offsets = Array.from({ length: windows }, (_, window) => {
    const start = from + Math.floor((window * (to - from)) / windows);
    const end = from + Math.floor(((window + 1) * (to - from)) / windows);
    return readWindow(samples, { from: start, to: end }, skew);
  });
  const clocks = offsets.map(({ clockNs }) => clockNs);
  const middle = computeMedian(clocks);
  const leastSum = Math.min(...offsets.map(({ sumNs }) => sumNs));
  // Second differences: neither a rate that is slightly wrong nor one step in between counts as noise.
  const bends = clocks.slice(2).map((clock, i) => Math.abs(clock - 2 * (clocks[i + 1] ?? 0) + (clocks[i] ?? 0)));
  const noiseNs = (MAD_TO_SD * computeMedian(bends)) / Math.sqrt(6);
  return offsets.every(
    ({ clockNs, sumNs }) =>
      Math.abs(clockNs - middle) <= (sumNs - leastSum) / 2 + NOISE_TOLERANCE * noiseNs + LEAST_TOLERANCE_NS,
  );
}

/** Smallest delays of both directions, by their hulls in the middle of the window: half their difference and their sum. */
function readWindow(
  { sentNs, forwardNs, reverseNs }: OneWaySamples,
  { from, to }: Stretch,
  skew: number,
): { readonly clockNs: number; readonly sumNs: number } {
  const times = sentNs.subarray(from, to);
  const middleNs = ((times[0] ?? 0) + (times[times.length - 1] ?? 0)) / 2;
  const readLeast = (delays: Float64Array): number => {
    const line = computeLowerHullLine(times, delays.subarray(from, to));
    return line === null ? 0 : line.intercept + line.slope * middleNs;
  };
  const drift = skew * middleNs;
  const forward = readLeast(forwardNs) - drift;
  const reverse = readLeast(reverseNs) + drift;
  return { clockNs: (forward - reverse) / 2, sumNs: forward + reverse };
}

/** The row at which two lines fit best: coarse places first, then each row around the best one. */
function findSplit(rows: Legs): number {
  const first = LEAST_PIECE;
  const last = rows.sentNs.length - LEAST_PIECE;
  const step = Math.max(1, Math.ceil((last - first) / SPLIT_PLACES));
  const coarse = findBest(rows, listPlaces(first, last, step), first);
  return findBest(rows, listPlaces(Math.max(first, coarse - step), Math.min(last, coarse + step), 1), coarse);
}

function listPlaces(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

/** The first of the places with the least sum of distances on both sides; `otherwise` where none has any. */
function findBest(rows: Legs, places: readonly number[], otherwise: number): number {
  const { sentNs, forwardNs, reverseNs } = rows;
  const forward = computePrefixHullLines(sentNs, forwardNs, places);
  const reverse = computePrefixHullLines(sentNs, reverseNs, places);
  let best = { at: otherwise, cost: Infinity };
  for (const [i, at] of places.entries()) {
    const times = sentNs.subarray(0, at);
    const before =
      sumDistances(times, forwardNs, forward[i] ?? null) + sumDistances(times, reverseNs, reverse[i] ?? null);
    const after = fitDirections(cutRows(rows, { from: at, to: sentNs.length }));
    const cost = before + (after.forward.distanceNs + after.reverse.distanceNs);
    if (cost < best.cost) best = { at, cost };
  }
  return best.at;
}
