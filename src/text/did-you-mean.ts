/** `; did you mean X?` with the candidate nearest to a misspelled word, or an empty string. `prefix` goes before X. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ''): string {
  const alike = candidates.filter((one) => isSlip(word, one));
  const near = nearestWord(word, alike, mostEdits(word)) ?? candidates.find((one) => one.startsWith(`${word}_`));
  return near === undefined ? '' : `; did you mean ${prefix}${near}?`;
}

/** The most edits that count as a typo. In a short word, two are too many. */
function mostEdits(word: string): number {
  return word.length < 5 ? 1 : Math.max(2, Math.floor(word.length / 3));
}

/**
 * Whether the differing words of two names are similar, however much else the names share: delete_role is not a typo of
 * delete_group. The first word is often a verb, and a few letters can make it its opposite, such as activate and deactivate.
 */
function isSlip(word: string, name: string): boolean {
  const [a, b] = [word.split('_'), name.split('_')];
  const [first = '', ...more] = a;
  const mostInVerb = Math.max(1, Math.floor(first.length / 5));
  if (more.length > 0 && b.length > 1 && edits(first, b[0] ?? '') > mostInVerb) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [mine, other] = [a, b].map((words) => words.slice(start, words.length - end).join('_'));
  // If one name has only an additional word, the edits of the whole name decide.
  return !mine || !other || edits(mine, other) <= mostEdits(mine);
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

/** The number of letters to add, remove, replace, or swap with a neighbor to turn one text into the other. */
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
