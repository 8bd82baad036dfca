/** `; did you mean X?` with the candidate nearest to a misspelt word, or an empty string. `prefix` goes before X. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ''): string {
  // In a short word, two letters are too much to be a slip.
  const maxEdits = word.length < 5 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const near = nearestWord(word, candidates, maxEdits) ?? candidates.find((one) => one.startsWith(`${word}_`));
  return near === undefined ? '' : `; did you mean ${prefix}${near}?`;
}

/** The candidate with the fewest edits to a word, if it takes at most `maxEdits`. */
export function nearestWord(word: string, candidates: readonly string[], maxEdits: number): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    const distance = edits(word, name);
    if (distance <= maxEdits && (!best || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** How many letters to add, remove, replace or swap with their neighbour until one text is the other. */
export function edits(a: string, b: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (previous[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    previous = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
