import { redact } from './redact.ts';

/**
 * Removes secret arguments from foreign text, such as the message of an API error. If one of them is guessable, the whole text is
 * withheld, because removing a word that the text contains anyway would reveal the secret.
 */
export function redactForeign(text: string, secrets: readonly string[]): string {
  return secrets.some(isGuessable) ? WITHHELD : redact(text, secrets);
}

/**
 * redactForeign() for a value of any shape. Property names, codes, and names of fields stay, because programs read them, unless
 * they contain an unguessable secret or look like one. Strings in `shown` stay, because the caller asked for them.
 */
export function redactForeignDeep(value: unknown, secrets: readonly string[], shown: readonly string[] = []): unknown {
  const guessable = secrets.some(isGuessable);
  const unguessable = secrets.filter((secret) => !isGuessable(secret));
  const visit = (item: unknown, name: string): unknown => {
    if (Array.isArray(item)) return item.map((one) => visit(one, name));
    if (typeof item === 'string' && (item === '…' || shown.includes(item))) return item;
    if (typeof item === 'string') {
      return guessable && !staysBeside(item, name) ? WITHHELD_PART : redact(item, unguessable);
    }
    if (typeof item === 'number') {
      return guessable ? WITHHELD_PART : unguessable.includes(String(item)) ? '[secret]' : item;
    }
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(
      Object.entries(item).map(([inner, one]) => [redact(inner, unguessable), visit(one, inner)]),
    );
  };
  return visit(value, '');
}

/** Removes secrets from one of this server's own sentences. Its own words stay; foreign text in it is in double quotes. */
export function redactQuoted(sentence: string, secrets: readonly string[]): string {
  const unguessable = secrets.filter((secret) => !isGuessable(secret));
  return redact(sentence.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => redact(quoted, unguessable)));
}

/**
 * True for a secret that a text could contain by chance: a short one, or one made of words, like an API error code. False for
 * numbers of six or more digits, and for API keys.
 */
export function isGuessable(secret: string): boolean {
  if (secret === '' || secret.startsWith('sk_')) return false;
  if (secret.length < MIN_UNGUESSABLE) return !/^\d{6,}$/.test(secret);
  return secret.length <= MAX_WORDS && WORDS.test(secret);
}

const MIN_UNGUESSABLE = 8;
const MAX_WORDS = 40;

/** `password1`, `not_found`, `accessToken`, `correct horse`. */
const WORDS = /^[A-Z]*(?:[a-z]+(?:[A-Z][a-z]+)*)?\d{0,4}(?:[_.\s-]+[A-Z]*(?:[a-z]+(?:[A-Z][a-z]+)*)?\d{0,4})*[!?.]?$/;

const WITHHELD = '[not shown: it could repeat a secret argument that is short or a common word]';
const WITHHELD_PART = '[not shown]';

/** Fields whose values come from the API's fixed vocabulary. */
const NAMING = /^(?:code|error|field|kind|object|param|parameter|path|pointer|property|request_id|type)$/;

/** Fields whose values are WorkOS ids, such as `org_01HY…`, which the next call needs. */
const IDENTIFYING = /^(?:id|\w+_ids?)$/;

/** Whether a text is kept although a secret is guessable. Must not depend on the secret. */
function staysBeside(text: string, name: string): boolean {
  if (IDENTIFYING.test(name) && /^[a-z]+(?:_[a-z]+)*_[\w-]{1,60}$/i.test(text)) return true;
  if (NAMING.test(name) && /^[a-z][\w.[\]-]{0,99}$/i.test(text)) return true;
  // An id or a token, which the next call may need.
  return /^[\w.:+/=-]{16,}$/.test(text) && /\d/.test(text);
}
