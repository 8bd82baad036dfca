/** A secret found in an answer: where it is, and what it is. */
export interface MaskedField {
  /** Such as `data[2].token`. */
  field: string;
  value: unknown;
}

/**
 * The answer with the values at `paths` masked, and what stood there. Paths are those of a tool's declaration
 * (`totp.secret`, `data[].token`); what is absent or null stays as it is. The answer itself is not changed.
 */
export function maskFields(answer: unknown, paths: readonly string[]): { answer: unknown; found: MaskedField[] } {
  const found: MaskedField[] = [];
  let masked = answer;
  for (const path of paths) masked = visit(masked, path.replaceAll('[]', '.[]').split('.').filter(Boolean), '', found);
  return { answer: masked, found };
}

function visit(value: unknown, path: readonly string[], at: string, found: MaskedField[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (value === null || value === undefined) return value;
    found.push({ field: at, value });
    return typeof value === 'string' ? maskSecret(value) : '…';
  }
  if (Array.isArray(value)) {
    const inner = step === '[]' ? rest : path;
    return value.map((item, index) => visit(item, inner, `${at}[${index}]`, found));
  }
  if (step === '[]' || typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return value;
  // hasOwn has just shown that the property is there.
  const inner = visit((value as Record<string, unknown>)[step], rest, at ? `${at}.${step}` : step, found);
  return { ...value, [step]: inner };
}

/** A secret as it may be shown: its kind and at most four last characters, none of a short one. */
export function maskSecret(secret: string): string {
  // One word at most: a passphrase is made of words, too.
  const prefix = /^(?:sk_(?:test_|live_)?|[a-z]{2,6}_)/.exec(secret)?.[0] ?? '';
  return secret.length - prefix.length < 16 ? '…' : `${prefix}…${secret.slice(-4)}`;
}

const SHAPES: readonly [RegExp, string][] = [
  // A block that breaks off inside a JSON string ends with it.
  [/-----BEGIN [A-Z ]+-----[^"]*?(?:-----END [A-Z ]+-----|(?=")|$)/g, '[PEM block]'],
  [/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, '[JWT]'],
  // Our own hints name the prefixes alone.
  [/\bsk_(?!(?:test|live)_?(?!\w))\w{4,}/g, '[key]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [token]'],
  [
    /([?&](?:X-Amz-Signature|X-Goog-Signature|X-Amz-Security-Token|Signature|signature|sig|token)=)[^&\s"'<>]+/g,
    '$1[signature]',
  ],
];

/** The second net, for logs and error texts: everything that looks like a secret, and the values given, is taken out. */
export function redact(text: string, values: readonly string[] = []): string {
  let clean = text;
  // A value may be the beginning of another, whose rest would stay.
  const longestFirst = values.flatMap((value) => [...spellings(value)]).sort((a, b) => b.length - a.length);
  for (const value of longestFirst) clean = clean.replaceAll(value, '[secret]');
  for (const value of longestFirst) clean = withoutBeginning(clean, value);
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}

/** Fewer characters may be a mere prefix such as `sk_test_`. */
const BEGINNING = 9;

/** A text that was cut, before it was quoted or after, may end within a value. */
function withoutBeginning(text: string, value: string): string {
  const beginning = value.slice(0, BEGINNING);
  let clean = text;
  for (let at = clean.indexOf(beginning); at >= 0; at = clean.indexOf(beginning, at + BEGINNING)) {
    let end = at + BEGINNING;
    while (end < clean.length && clean[end] === value[end - at]) end++;
    while (clean[end - 1] === '\\') end--;
    if (end - at >= BEGINNING && /^\\*(?:…|"|$)/.test(clean.slice(end)))
      clean = `${clean.slice(0, at)}[secret]${clean.slice(end)}`;
  }
  return clean;
}

/** As deep as a value may be quoted: JSON in a message, in a sentence of the client's, in a sentence of ours. */
const QUOTED = 4;

/** A value as it stands in a text, in a URL and between quotes within quotes. */
function spellings(value: string): Set<string> {
  if (value.length < 4) return new Set();
  const all = new Set([value]);
  let quoted = value;
  for (let depth = 0; depth < QUOTED; depth++) {
    quoted = JSON.stringify(quoted).slice(1, -1);
    all.add(quoted);
  }
  if (!/\p{Cs}/u.test(value)) all.add(encodeURIComponent(value));
  return all;
}

/** scrub() for every text inside a value. */
export function redactDeep<T>(value: T, values: readonly string[]): T {
  // The shape stays as it was; only texts are replaced by texts.
  if (typeof value === 'string') return redact(value, values) as T;
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, values)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redact(name, values), redactDeep(item, values)]),
  ) as T;
}

/** The value with `secret` taken out of all its texts and names; the very same value where it is not in there. */
export function removeSecret(value: unknown, secret: string): unknown {
  return holds(value, secret) ? strip(value, secret) : value;
}

/** Looks without copying anything: every answer comes through here, and hardly one has it. */
function holds(value: unknown, secret: string): boolean {
  if (typeof value === 'string') return value.includes(secret);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => holds(item, secret));
  for (const name in value) {
    // The loop has just found the name in there.
    if (name.includes(secret) || holds((value as Record<string, unknown>)[name], secret)) return true;
  }
  return false;
}

function strip(value: unknown, secret: string): unknown {
  if (typeof value === 'string') return value.replaceAll(secret, '[key]');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => strip(item, secret));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.replaceAll(secret, '[key]'), strip(item, secret)]),
  );
}

/** The string values at the given argument paths, also inside arguments that a client sent as JSON text. */
export function valuesAt(input: unknown, paths: readonly string[]): string[] {
  return paths.flatMap((path) => reach(input, path.replaceAll('[]', '.[]').split('.'))).flatMap(strings);
}

function reach(value: unknown, path: readonly string[]): unknown[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  const open = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(open)) return open.flatMap((item) => reach(item, step === '[]' ? rest : path));
  if (typeof open !== 'object' || open === null || !Object.hasOwn(open, step)) return [];
  // hasOwn has just shown that the property is there.
  return reach((open as Record<string, unknown>)[step], rest);
}

/** What a JSON text holds; undefined where it is none. */
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
