// Lines of a given width: wrapping with a hanging indent, text pushed to the right edge, columns that line up.

/** Spaces where a line may break: not between a number and its unit. */
const BREAKS = / (?!(?:%|[kMG]?b\/s|[kMG]?B|[nµm]?s|min)(?:[\s.,;:)]|$))/;

/** Words of `text` in lines of at most `columns`; the first starts with `first`, the others with as many spaces. */
export function wrapText(text: string, first: string, columns: number): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(BREAKS)) {
    const fits = line.length + word.length <= columns || line.length <= indent.length;
    if (!fits) {
      lines.push(line.trimEnd());
      line = indent;
    }
    // The second of two spaces has no place at the beginning of a line.
    if (word === '' && line === indent) continue;
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** Between short facts that stand in one line. */
export const ITEM_GAP = ' · ';

/** Items in lines of at most `columns`, broken between items; one that is too long by itself is wrapped as a text. */
export function wrapItems(items: readonly string[], first: string, columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const joined = last === undefined ? '' : `${last}${ITEM_GAP}${item}`;
    if (joined !== '' && joined.length <= columns) lines[lines.length - 1] = joined;
    else lines.push(...wrapText(item, lines.length === 0 ? first : ' '.repeat(first.length), columns));
  }
  return lines;
}

/** `left`, and `right` at the right edge where both fit in one line; otherwise on a line of its own. */
export function joinAtEdges(left: string, right: string, columns: number): string[] {
  if (right === '') return [left];
  const gap = columns - left.length - right.length;
  return gap >= 2 ? [left + ' '.repeat(gap) + right] : [left, `  ${right}`];
}

/** Rows of cells in columns, two spaces apart. A row's last cell is not padded and does not widen its column. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.slice(0, -1).forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell))
      .join('  ')
      .trimEnd(),
  );
}
