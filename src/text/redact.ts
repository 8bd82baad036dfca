const SHAPES: readonly [RegExp, string][] = [
  // A block that is cut off inside a JSON string ends with the string.
  [/-----BEGIN [A-Z ]+-----[^"]*?(?:-----END [A-Z ]+-----|(?=")|$)/g, '[PEM block]'],
  [/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, '[JWT]'],
  // Our own hints name the bare prefixes.
  [/\bsk_(?!(?:test|live)_?(?!\w))\w{4,}/g, '[key]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [token]'],
  [
    /([?&](?:X-Amz-Signature|X-Goog-Signature|X-Amz-Security-Token|Signature|signature|sig|token)=)[^&\s"'<>]+/g,
    '$1[signature]',
  ],
];

/** Removes the given values and everything that looks like a secret from a text. */
export function redact(text: string, values: readonly string[] = []): string {
  let clean = text;
  // A value can be the beginning of a longer one, whose rest would stay.
  const longestFirst = values.flatMap((value) => [...encodingsOf(value)]).sort((a, b) => b.length - a.length);
  for (const value of longestFirst) {
    // A one-time code is not part of a longer number, such as an id.
    clean = /^\d+$/.test(value)
      ? clean.replace(new RegExp(`(?<!\\d)${value}(?!\\d)`, 'g'), '[secret]')
      : clean.replaceAll(value, '[secret]');
  }
  for (const value of longestFirst) clean = removeBrokenOff(clean, value);
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}

/** A shorter beginning may be just a prefix such as `sk_test_`. */
const MIN_CUT = 9;

/** Removes the beginning of a value at the end of a cut text, whether the text was cut before or after quoting. */
function removeBrokenOff(text: string, value: string): string {
  const beginning = value.slice(0, MIN_CUT);
  let clean = text;
  for (let at = clean.indexOf(beginning); at >= 0; at = clean.indexOf(beginning, at + MIN_CUT)) {
    let end = at + MIN_CUT;
    while (end < clean.length && clean[end] === value[end - at]) end++;
    while (clean[end - 1] === '\\') end--;
    if (end - at >= MIN_CUT && /^\\*(?:…|"|$)/.test(clean.slice(end)))
      clean = `${clean.slice(0, at)}[secret]${clean.slice(end)}`;
  }
  return clean;
}

/** How deep a value can be quoted: as JSON in a message, which is quoted in a sentence of the client's, and then in ours. */
const MAX_QUOTING = 4;

/** A value as it is written in plain text, in a URL, and inside nested quotes. */
function encodingsOf(value: string): Set<string> {
  if (value.length < 4) return new Set();
  const all = new Set([value]);
  let quoted = value;
  for (let depth = 0; depth < MAX_QUOTING; depth++) {
    quoted = JSON.stringify(quoted).slice(1, -1);
    all.add(quoted);
  }
  if (!/\p{Cs}/u.test(value)) all.add(encodeURIComponent(value));
  return all;
}

/** The strings at the given argument paths, including those in arguments that a client sent as JSON text. */
export function valuesAt(input: unknown, paths: readonly string[]): string[] {
  return paths.flatMap((path) => valuesAtPath(input, path.replaceAll('[]', '.[]').split('.'))).flatMap(strings);
}

function valuesAtPath(value: unknown, path: readonly string[]): unknown[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  const open = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(open)) return open.flatMap((item) => valuesAtPath(item, step === '[]' ? rest : path));
  if (typeof open !== 'object' || open === null || !Object.hasOwn(open, step)) return [];
  // hasOwn has just shown that the property is there.
  return valuesAtPath((open as Record<string, unknown>)[step], rest);
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(strings);
  return [];
}
