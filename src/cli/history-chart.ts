// A history as a chart for a terminal: round trips as columns (median, and what the slowest twentieth took), losses below, gaps where
// nothing was measured.
import { formatPlain, pickUnit, TIME } from '../model/figures.js';
import type { SpanFigures } from './history-figures.js';
import type { HistorySpan } from './history-span.js';

const ROWS = 6;
/** Eighths of a character cell. */
const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ABOVE = '░';
/** Losses by their share: some, more than a hundredth, more than a tenth, all. */
const LOSS_MARKS: readonly (readonly [number, string])[] = [
  [1, '█'],
  [0.1, '▆'],
  [0.01, '▃'],
  [0, '▁'],
];
const ROUND_TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const DAY_MS = 86_400_000;

/** Room that the scale takes at the left. */
export const CHART_MARGIN = 8;

/** One character a column. `timeZone` is an IANA name. Lines without trailing spaces; none where nothing was measured. */
export function renderHistoryChart(
  columns: readonly (SpanFigures | null)[],
  span: HistorySpan,
  timeZone: string,
): string[] {
  if (columns.every((column) => column === null || column.sent === 0)) return [];
  const most = columns.reduce((top, column) => Math.max(top, column?.rtt?.p95Ns ?? 0), 0);
  const unit = pickUnit(most, TIME);
  const topNs = roundUp(most / unit.size) * unit.size;
  const rows = Array.from({ length: most > 0 ? ROWS : 0 }, (_, row) => {
    const label = row === 0 ? formatPlain(topNs / unit.size) : row === ROWS - 1 ? '0' : '';
    const cells = columns.map((column) => drawCell(column, ROWS - 1 - row, topNs));
    return `${label.padStart(CHART_MARGIN - 1)}┤${cells.join('')}`;
  });
  return [
    ...(most > 0 ? [`round trip (${unit.name})   █ median   ${ABOVE} 95th percentile`] : []),
    ...rows,
    `${'lost'.padStart(CHART_MARGIN - 1)} ${columns.map(drawLoss).join('')}`,
    ' '.repeat(CHART_MARGIN) + joinEnds(span, timeZone, columns.length),
  ].map((line) => line.trimEnd());
}

function drawCell(column: SpanFigures | null, row: number, topNs: number): string {
  if (column === null || column.rtt === null) return ' ';
  const levelOf = (ns: number): number => Math.round((8 * ROWS * ns) / topNs) - 8 * row;
  // The lowest level is always drawn, so that a fast round trip differs from none at all.
  const median = Math.max(levelOf(column.rtt.p50Ns), row === 0 ? 1 : 0);
  if (median > 0) return LEVELS[Math.min(8, median)] ?? ' ';
  return levelOf(column.rtt.p95Ns) >= 4 ? ABOVE : ' ';
}

function drawLoss(column: SpanFigures | null): string {
  if (column === null || column.lost === 0) return ' ';
  const ratio = column.lost / column.sent;
  return LOSS_MARKS.find(([least]) => ratio >= least)?.[1] ?? ' ';
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND_TOPS.find((top) => top * power >= value * (1 - 1e-9)) ?? 10);
}

function joinEnds({ fromMs, toMs }: HistorySpan, timeZone: string, width: number): string {
  const [left, right] = [formatInstant(fromMs, toMs - fromMs, timeZone), formatInstant(toMs, toMs - fromMs, timeZone)];
  return left + ' '.repeat(Math.max(1, width - left.length - right.length)) + right;
}

function formatInstant(atMs: number, lengthMs: number, timeZone: string): string {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const parts = lengthMs > 4 * DAY_MS ? day : { ...day, ...time };
  // The Swedish way of writing dates is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone }).format(atMs);
}
