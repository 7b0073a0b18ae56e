// An evidence pattern in a few lines of a terminal: a column chart for each series, losses as crosses below.
import type { EvidencePattern, PatternSeries } from '../model/evidence-pattern.js';
import { computeXScale, computeYScale, type PlotScale } from '../model/plot-scale.js';

const ROWS = 4;
const MOST_COLUMNS = 72;
const LEAST_COLUMNS = 20;
/** Room for the word "lost". */
const LEAST_MARGIN = 4;
/** Eighths of a character cell. */
const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Lines of at most `columns`, all ending without a space; none where there is no room for a picture. */
export function renderPattern(pattern: EvidencePattern, columns: number): string[] {
  const x = computeXScale(pattern);
  const y = computeYScale(pattern);
  const top = y.format(y.high);
  const bottom = y.format(y.low);
  const margin = Math.max(LEAST_MARGIN, top.length, bottom.length);
  const width = Math.min(MOST_COLUMNS, columns - margin - 2);
  if (width < LEAST_COLUMNS) return [];
  const isAlone = pattern.series.filter(({ mark }) => mark !== 'losses').length === 1;
  const view: View = { x, y, width, margin, columns, isAlone };
  return [
    ...cut(`${y.caption} by ${x.caption}`, columns),
    ...pattern.series.flatMap((series) => renderSeries(series, view)),
    ' '.repeat(margin + 1) + joinEnds(x.format(x.low), x.format(x.high), width),
  ].map((line) => line.trimEnd());
}

interface View {
  readonly x: PlotScale;
  readonly y: PlotScale;
  readonly width: number;
  readonly margin: number;
  readonly columns: number;
  /** Whether the caption names the only series there is. */
  readonly isAlone: boolean;
}

function renderSeries(series: PatternSeries, view: View): string[] {
  const { y, width, margin, columns, isAlone } = view;
  const { name } = series;
  const lead = ' '.repeat(margin + 1);
  if (series.mark === 'losses') {
    const marks = collectBins(series, view).map((bin) => (bin.length > 0 ? '×' : ' '));
    return cut(`${name.slice(0, margin).padStart(margin)} ${marks.join('')}`, columns);
  }
  // A level that does not change is a figure, not a picture.
  const isFlat = series.mark === 'line' && series.y.every((value) => value === series.y[0]);
  if (isFlat) return cut(`${lead}${name}: ${y.format(series.y[0] ?? 0)} ${nameUnit(y)}`, columns);
  const heights = collectBins(series, view).map((bin) => computeHeight(bin, series.mark, y));
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const label = row === 0 ? y.format(y.high) : row === ROWS - 1 ? y.format(y.low) : '';
    const cells = heights.map((height) => drawCell(height, ROWS - 1 - row, series.mark));
    return `${label.padStart(margin)}┤${cells.slice(0, width).join('')}`;
  });
  return isAlone ? rows : [...cut(`${lead}${name}`, columns), ...rows];
}

/** The caption ends with the unit in brackets. */
function nameUnit({ caption }: PlotScale): string {
  return caption.slice(caption.lastIndexOf('(') + 1, -1);
}

/** Values by column; bars are spread evenly over all columns, as many columns each. */
function collectBins({ mark, x: at, y: values }: PatternSeries, { x, width }: View): number[][] {
  const bins = Array.from({ length: width }, (): number[] => []);
  for (const [i, value] of values.entries()) {
    if (mark === 'bars') {
      const [from, to] = [Math.floor((i * width) / values.length), Math.floor(((i + 1) * width) / values.length)];
      for (let bin = from; bin < Math.max(from + 1, to); bin += 1) bins[bin]?.push(value);
    } else {
      const share = ((at[i] ?? 0) - x.low) / (x.high - x.low);
      bins[Math.min(width - 1, Math.max(0, Math.floor(share * width)))]?.push(value);
    }
  }
  return bins;
}

/** Eighths above the bottom, null without a value. Delays show their longest: an average would hide it. */
function computeHeight(bin: readonly number[], mark: PatternSeries['mark'], y: PlotScale): number | null {
  if (bin.length === 0) return null;
  const most = bin.reduce((a, b) => Math.max(a, b), -Infinity);
  const mean = bin.reduce((a, b) => a + b, 0) / bin.length;
  const value = mark === 'bars' ? mean : most;
  return Math.round((8 * ROWS * (value - y.low)) / (y.high - y.low));
}

/**
 * Bars stand on the ground; of other marks only the top shows. The lowest level is always drawn, so that none of nothing differs from
 * nothing at all.
 */
function drawCell(height: number | null, row: number, mark: PatternSeries['mark']): string {
  if (height === null) return ' ';
  const above = Math.max(1, height) - 8 * row;
  if (mark !== 'bars' && above > 8) return ' ';
  return LEVELS[Math.min(8, Math.max(0, above))] ?? ' ';
}

function joinEnds(left: string, right: string, width: number): string {
  return left + ' '.repeat(Math.max(1, width - left.length - right.length)) + right;
}

function cut(line: string, columns: number): string[] {
  return [line.slice(0, columns)];
}
