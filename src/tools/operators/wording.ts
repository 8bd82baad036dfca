import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { listed } from './findings.ts';

/** A slug, id, or address from outside, for a sentence: unquoted if it is plain, quoted otherwise. */
export function plain(text: string): string {
  return /^[\w.:*@+/-]{1,80}$/.test(text) ? text : quoteUntrusted(text, 60);
}

/** The first slugs, ids, or addresses of a list, and how many more there are. */
export function listedPlain(texts: readonly string[], most: number): string {
  return listed(texts.map(plain), most);
}
