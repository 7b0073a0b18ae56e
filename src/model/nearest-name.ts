// The name that somebody who mistyped most likely meant.

/** Null where nothing is near: more than a third of the typed letters would have to change. */
export function findNearestName(typed: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let nearestEdits = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    const edits = countEdits(typed.toLowerCase(), name);
    if (edits < nearestEdits) [nearest, nearestEdits] = [name, edits];
  }
  return nearest;
}

/** Levenshtein distance: insertions, deletions and replacements from `from` to `to`, by rows of the classic table. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
