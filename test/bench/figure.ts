// A figure of one contender beside that of a peer, as values of several rounds; and the table that shows them.
import { computeMedian, sortAscending } from '../../src/analysis/statistics/quantile.js';

export interface Figure {
  /** What was measured, with its unit. */
  readonly what: string;
  readonly better: 'lower' | 'higher';
  readonly ours: readonly number[];
  /** null where nobody else does it. */
  readonly peer: { readonly name: string; readonly values: readonly number[] } | null;
}

/** Markdown, one row a figure; values are medians of the rounds with the least and the most. A ratio above 1 is in our favour. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, better, ours, peer }) => {
    const ratio = peer ? computeRatio(better, ours, peer.values) : '-';
    return `| ${what} | ${better} | ${renderValues(ours)} | ${peer?.name ?? '-'} | ${peer ? renderValues(peer.values) : '-'} | ${ratio} |`;
  });
  return ['| figure | better | ours | peer | theirs | ratio |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** The ratio within each round, since only contenders of the same minute compare; the median of these. */
function computeRatio(better: Figure['better'], ours: readonly number[], theirs: readonly number[]): string {
  const ratios = ours.map((our, round) => {
    const their = theirs[round] ?? NaN;
    return better === 'higher' ? our / their : their / our;
  });
  const ratio = computeMedian(ratios);
  return Number.isFinite(ratio) ? `${formatValue(ratio)}x` : '-';
}

function renderValues(values: readonly number[]): string {
  const ascending = sortAscending(values);
  const [least = NaN] = ascending;
  const most = ascending.at(-1) ?? NaN;
  return `${formatValue(computeMedian(values))} (${formatValue(least)}-${formatValue(most)})`;
}

/** Three digits that matter. */
function formatValue(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || magnitude === 0) return value.toFixed(0);
  return magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
}
