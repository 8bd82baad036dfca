/** A secret found in an answer: where it is, and what it is. */
export interface Found {
  /** Such as `data[2].token`. */
  field: string;
  value: unknown;
}

/**
 * The answer with the values at `paths` masked, and what stood there. Paths are those of a tool's declaration
 * (`totp.secret`, `data[].token`); what is absent or null stays as it is. The answer itself is not changed.
 */
export function maskFields(answer: unknown, paths: readonly string[]): { answer: unknown; found: Found[] } {
  const found: Found[] = [];
  let masked = answer;
  for (const path of paths) masked = visit(masked, path.replaceAll('[]', '.[]').split('.'), '', found);
  return { answer: masked, found };
}

function visit(value: unknown, path: readonly string[], at: string, found: Found[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (value === null || value === undefined) return value;
    found.push({ field: at, value });
    return typeof value === 'string' ? mask(value) : '…';
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
export function mask(secret: string): string {
  const prefix = /^(?:[a-z]{2,10}_)+/.exec(secret)?.[0] ?? '';
  return secret.length - prefix.length < 16 ? '…' : `${prefix}…${secret.slice(-4)}`;
}

const SHAPES: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '[PEM block]'],
  [/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, '[JWT]'],
  [/\bsk_[A-Za-z0-9_]{4,}/g, '[key]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [token]'],
  [
    /([?&](?:X-Amz-Signature|X-Goog-Signature|X-Amz-Security-Token|Signature|signature|sig|token)=)[^&\s"'<>]+/g,
    '$1[signature]',
  ],
];

/** The second net, for logs and error texts: everything that looks like a secret, and the values given, is taken out. */
export function scrub(text: string, values: readonly string[] = []): string {
  let clean = text;
  for (const value of values) {
    if (value.length >= 4)
      clean = clean.replaceAll(value, '[secret]').replaceAll(encodeURIComponent(value), '[secret]');
  }
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}

/** scrub() for every text inside a value. */
export function scrubDeep<T>(value: T, values: readonly string[]): T {
  // The shape stays as it was; only texts are replaced by texts.
  if (typeof value === 'string') return scrub(value, values) as T;
  if (Array.isArray(value)) return value.map((item) => scrubDeep(item, values)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrubDeep(item, values)])) as T;
}

/** The string values at the given argument paths. */
export function valuesAt(input: unknown, paths: readonly string[]): string[] {
  return maskFields(input, paths).found.flatMap(({ value }) => strings(value));
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(strings);
  return [];
}
