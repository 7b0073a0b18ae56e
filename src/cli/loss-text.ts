// Losses by size and place as a table. What pattern of them means which fault is the diagnosis' business.
import type { LossCell } from '../model/estimates.js';
import { formatPercent } from '../model/figures.js';
import { alignRows } from './layout.js';

const PLACES = ['alone', 'first', 'interior', 'last'] as const;

/** A line a size below a header; none where nothing was lost, since zeros tell no more than the figure does. */
export function renderLossTable(cells: readonly LossCell[]): string[] {
  if (cells.every(({ lost }) => lost === 0)) return [];
  const sizes = [...new Set(cells.map(({ sizeBytes }) => sizeBytes))].sort((a, b) => a - b);
  const places = PLACES.filter((place) => cells.some((cell) => cell.place === place));
  const rows = sizes.map((size) => [
    `${size} bytes`,
    ...places.map((place) => describeCell(cells.find((cell) => cell.sizeBytes === size && cell.place === place))),
  ]);
  return alignRows([['lost', ...places.map((place) => PLACE_WORDS[place])], ...rows]);
}

const PLACE_WORDS = { alone: 'alone', first: 'first in a burst', interior: 'interior', last: 'last' } as const;

function describeCell(cell: LossCell | undefined): string {
  return cell === undefined ? '-' : `${formatPercent(cell.lost / cell.sent)} of ${cell.sent}`;
}
