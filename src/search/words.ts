import { spellings } from './vocabulary.ts';

/** Splits a text into lower-case words, with spelling variants and abbreviations replaced: `orgs` becomes `organizations`. */
export function tokenize(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/\be-mail/g, 'email')
      .replace(/'s\b/g, '')
      .match(/[a-z0-9]+/g) ?? []
  ).map((word) => {
    const singular = spellings[word.replace(/s$/, '')];
    return spellings[word] ?? (singular ? `${singular}s` : word);
  });
}

/** Plural endings and their singulars. The first that matches applies. */
const PLURALS: readonly (readonly [RegExp, string])[] = [
  [/ies$/, 'y'],
  [/(ss|x|ch|sh)es$/, '$1'],
  [/([^su])s$/, '$1'],
];
const IFY_ENDINGS = /(?:ification|ifying|ified|ify)$/;

/** Not stemmed, to keep them apart from connected accounts, Connect applications, the verb to set, and teams. */
const UNSTEMMED = new Set(['connection', 'setting', 'teammate']);

/**
 * The stem shared by all forms of a word: organization and organizations, invited and invitation. Words of fewer than
 * four letters are returned as they are.
 */
export function stem(word: string): string {
  if (word.length < 4) return word;
  let singular = word;
  for (const [ending, replacement] of PLURALS) {
    if (ending.test(singular)) {
      singular = singular.replace(ending, replacement);
      break;
    }
  }
  if (UNSTEMMED.has(singular)) return singular;
  if (IFY_ENDINGS.test(singular)) return singular.replace(IFY_ENDINGS, 'if');
  const stripped = singular
    .replace(/ied$/, 'y')
    .replace(/(?:ation|ating|ated|ate)$/, '')
    .replace(/(?:ing|ed|ion|e)$/, '');
  const undoubled = stripped !== singular ? stripped.replace(/([bdgmnprt])\1$/, '$1') : stripped;
  return undoubled.length >= 3 ? undoubled : singular;
}

/** Whether two words differ by at most one inserted, deleted, replaced or transposed letter. */
export function isOneEditApart(a: string, b: string): boolean {
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

/** Singular although they end in s. */
const SINGULARS = new Set(['adfs', 'cors', 'dns', 'jwks', 'kms', 'sms']);
/** Plural although they do not end in s. */
const COLLECTIVES: ReadonlySet<string> = new Set(['people', 'staff', 'everyone', 'everybody']);

export function isPlural(noun: string): boolean {
  return COLLECTIVES.has(noun) || (/..[^sui]s$/.test(noun) && !SINGULARS.has(noun));
}
