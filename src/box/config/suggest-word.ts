// The word that somebody probably meant. Pure.

/** A word of `choices` that at most two changed, missing, added or swapped letters turn into `word`; null where none is near. */
export function suggestWord(word: string, choices: readonly string[]): string | null {
  const lower = word.toLowerCase();
  const near = choices
    .map((choice) => ({ choice, distance: computeDistance(lower, choice.toLowerCase()) }))
    .filter(({ choice, distance }) => distance <= Math.min(2, Math.floor(choice.length / 2)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.choice ?? null;
}

/** Optimal string alignment: Levenshtein's distance with swapped neighbours as one change. */
function computeDistance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped =
        from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      row.push(Math.min(changed, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
