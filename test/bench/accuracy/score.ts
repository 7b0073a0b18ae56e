// Outcomes as tables: how far off, how often the interval held the truth, and what it cost; over all and level by level.
import { computeMedian, computePercentile, sortAscending } from '../../../src/analysis/statistics/quantile.js';
import { LEVELS } from './drawn-path.js';
import type { Drawing } from './drawn-path.js';
import { READINGS } from './readings.js';
import type { BenchQuantity } from './readings.js';
import type { Outcome } from './simulated-draw.js';

const HEADER = [
  '| paths | runs | answered % | error median | error p95 | interval holds % | poor % | kB median | kB p95 | s median | s p95 |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
];

/** One table a quantity. Errors are absolute values over all runs with an estimate; those called poor are counted, not left out. */
export function renderScores(quantity: BenchQuantity, outcomes: readonly Outcome[]): string {
  const { unit, target } = READINGS[quantity];
  const rows = [renderRow('all', outcomes), renderRow('all not called poor', outcomes.filter(isClaimed))];
  for (const dimension of Object.keys(LEVELS) as (keyof Drawing)[]) {
    for (const level of listLevels(dimension, outcomes)) {
      const name = `${DIMENSIONS[dimension]} ${renderLevel(dimension, level)}`;
      rows.push(
        renderRow(
          name,
          outcomes.filter(({ drawing }) => drawing[dimension] === level),
        ),
      );
    }
  }
  const lines = [`### ${quantity}: error in ${unit} (to reach: ${target})`, '', ...HEADER, ...rows];
  if (quantity === 'available') lines.push('', describeLasting(outcomes));
  return lines.join('\n');
}

/** Bursts of a minute are not known from seconds: the table judges by the traffic of the measured seconds. */
function describeLasting(outcomes: readonly Outcome[]): string {
  const answered = outcomes.flatMap(({ estimate, lastingTruth, drawing }) =>
    estimate === null ? [] : [{ estimate, lastingTruth, drawing }],
  );
  const errors = answered.map(
    ({ estimate, lastingTruth, drawing }) => (100 * Math.abs(estimate.value - lastingTruth)) / drawing.rateBitsPerSec,
  );
  const held = answered.filter(
    ({ estimate, lastingTruth }) => estimate.low <= lastingTruth && lastingTruth <= estimate.high,
  );
  const [median, high] = renderSpread(errors);
  const percent = ((100 * held.length) / Math.max(1, answered.length)).toFixed(1);
  return `Truth is what the measured seconds left. Against the long run: median ${median}, p95 ${high}, interval holds ${percent} %.`;
}

/** Not marked as poor: what a reader may take for the truth. */
export function isClaimed({ estimate }: Outcome): boolean {
  return estimate !== null && estimate.quality !== 'poor';
}

export function holdsTruth({ estimate, truth }: Outcome): boolean {
  return estimate !== null && estimate.low <= truth && truth <= estimate.high;
}

function renderRow(name: string, outcomes: readonly Outcome[]): string {
  const answered = outcomes.filter(({ estimate }) => estimate !== null);
  const errors = answered.map(({ error }) => Math.abs(error));
  const share = (part: readonly Outcome[], of: readonly Outcome[]): string =>
    of.length === 0 ? '-' : ((100 * part.length) / of.length).toFixed(1);
  return `| ${[
    name,
    outcomes.length,
    share(answered, outcomes),
    ...renderSpread(errors),
    share(answered.filter(holdsTruth), answered),
    share(
      answered.filter((outcome) => !isClaimed(outcome)),
      answered,
    ),
    ...renderSpread(outcomes.map(({ bytes }) => bytes / 1e3)),
    ...renderSpread(outcomes.map(({ seconds }) => seconds)),
  ].join(' | ')} |`;
}

/** Median and 95th percentile. */
function renderSpread(values: readonly number[]): [string, string] {
  if (values.length === 0) return ['-', '-'];
  return [formatValue(computeMedian(values)), formatValue(computePercentile(sortAscending(values), 0.95))];
}

const formatValue = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const DIMENSIONS: Readonly<Record<keyof Drawing, string>> = {
  rateBitsPerSec: 'rate',
  rttNs: 'round trip',
  cross: 'cross traffic',
  crossShare: 'cross share',
  lossRatio: 'loss',
  stampNoiseNs: 'stamp noise',
  far: 'far end',
};

function renderLevel(dimension: keyof Drawing, level: number | string): string {
  if (typeof level === 'string') return level;
  if (dimension === 'rateBitsPerSec') return `${level / 1e6} Mb/s`;
  if (dimension === 'rttNs') return `${level / 1e6} ms`;
  if (dimension === 'stampNoiseNs') return `${level / 1e3} us`;
  return `${100 * level} %`;
}

function listLevels(dimension: keyof Drawing, outcomes: readonly Outcome[]): (number | string)[] {
  const seen = new Set(outcomes.map(({ drawing }) => drawing[dimension]));
  return [...seen].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
}
