// Live outcomes as one table a quantity: every tool on every path, the losing rows too.
import { computeMedian } from '../../../src/analysis/statistics/quantile.js';
import type { LiveOutcome, LiveQuantity } from './live-grid.js';

const HEADER = [
  '| link, cross traffic | tool | median | error median % | error worst % | interval holds | called poor | kB | s |',
  '|---|---|---|---|---|---|---|---|---|',
];

/** Rates in Mb/s with errors in percent of the link's rate; the round trip in us. Without an error where nothing tells the truth. */
export function renderLiveTable(quantity: LiveQuantity, outcomes: readonly LiveOutcome[]): string {
  const rows = outcomes.filter((outcome) => outcome.quantity === quantity).map(renderRow);
  return [`### ${quantity}, live${quantity === 'round trip' ? ' (us)' : ' (Mb/s)'}`, '', ...HEADER, ...rows].join('\n');
}

function renderRow({ cell, quantity, tool, readings, truth }: LiveOutcome): string {
  const values = readings.map(({ value }) => value).filter(Number.isFinite);
  const errors = values.map((value) => (100 * Math.abs(value - truth)) / cell.rateBitsPerSec);
  const withInterval = readings.flatMap(({ interval }) => interval ?? []);
  const holding = withInterval.filter(({ low, high }) => low <= truth && truth <= high).length;
  const scale = quantity === 'round trip' ? 1e3 : 1e6;
  return `| ${[
    `${cell.rateBitsPerSec / 1e6} Mb/s, ${Math.round(cell.crossShare * 100)} %`,
    tool,
    format(computeMedian(values) / scale),
    format(computeMedian(errors)),
    format(Math.max(...errors)),
    withInterval.length > 0 && Number.isFinite(truth) ? `${holding} of ${withInterval.length}` : '-',
    withInterval.length > 0 ? `${readings.filter(({ isPoor }) => isPoor).length}` : '-',
    format(computeMedian(readings.map(({ bytes }) => bytes / 1e3))),
    format(computeMedian(readings.map(({ seconds }) => seconds))),
  ].join(' | ')} |`;
}

function format(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
