import { quoteUntrusted } from '../../text/quote-untrusted.ts';

/** A slug, id or address from outside in a sentence: as it is where it is plain, quoted otherwise. */
export function plain(text: string): string {
  return /^[\w.:*@+/-]{1,80}$/.test(text) ? text : quoteUntrusted(text, 60);
}

/** `a, b and 3 more`. */
export function few(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return more > 0 ? `${texts.slice(0, most).join(', ')} and ${more} more` : texts.join(', ');
}

/** The same for slugs, ids and addresses from outside. */
export function fewPlain(texts: readonly string[], most: number): string {
  return few(texts.map(plain), most);
}
