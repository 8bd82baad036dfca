import { spellings } from './vocabulary.ts';

/** The words of a text in lower case, each in one spelling. */
export function split(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/\be-mail/g, 'email')
      .replace(/'s\b/g, '')
      .match(/[a-z0-9]+/g) ?? []
  ).map((word) => {
    const one = spellings[word.replace(/s$/, '')];
    return spellings[word] ?? (one ? `${one}s` : word);
  });
}

/** Endings, longest first, with what stands in their place; short words keep theirs. */
const endings: readonly (readonly [RegExp, string])[] = [
  [/ies$/, 'y'],
  [/(ss|x|ch|sh)es$/, '$1'],
  [/([^su])s$/, '$1'],
];
const suffixes = /(?:ification|ifying|ified|ify)$/;

/** Things of their own, unlike connected accounts, Connect applications and the verb to set. */
const whole = new Set(['connection', 'setting', 'teammate']);

/** One form for all forms of a word: organizations and organization, invited and invitation. */
export function stem(word: string): string {
  if (word.length < 4) return word;
  let root = word;
  for (const [ending, instead] of endings) {
    if (ending.test(root)) {
      root = root.replace(ending, instead);
      break;
    }
  }
  if (whole.has(root)) return root;
  if (suffixes.test(root)) return root.replace(suffixes, 'if');
  const shorter = root
    .replace(/ied$/, 'y')
    .replace(/(?:ation|ating|ated|ate)$/, '')
    .replace(/(?:ing|ed|ion|e)$/, '');
  const undoubled = shorter !== root ? shorter.replace(/([bdgmnprt])\1$/, '$1') : shorter;
  return undoubled.length >= 3 ? undoubled : root;
}

/** Whether one inserted, lost, changed or swapped letter lies between two words. */
export function oneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const rest = (word: string, skip: number) => word.slice(start + skip);
  return (
    rest(a, 1) === rest(b, 1) ||
    rest(a, 1) === rest(b, 0) ||
    rest(a, 0) === rest(b, 1) ||
    (a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2))
  );
}

/** Not more than one of anything, for all their last letter. */
const singular = new Set(['adfs', 'cors', 'dns', 'jwks', 'kms', 'sms']);
const crowds: ReadonlySet<string> = new Set(['people', 'staff', 'everyone', 'everybody']);

/** Whether a noun speaks of several. */
export function isPlural(word: string): boolean {
  return crowds.has(word) || (/..[^sui]s$/.test(word) && !singular.has(word));
}
