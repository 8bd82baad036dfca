import { escapeInvisible } from '../text/quote-untrusted.ts';
import { truncate } from '../text/truncate.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Text from outside as it may stand in an element or in a quoted attribute: on one line, of at most `max` characters, with
 * control, invisible and direction-changing characters shown as escapes.
 */
export function escapeHtml(text: string, max = MAX_TEXT): string {
  // Cut first: what is not shown need not be looked at.
  const line = truncate(text, max)
    .replace(/[\t\n\r ]+/g, ' ')
    .trim();
  return escapeInvisible(line).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Characters of a text, unless it may be longer. */
const MAX_TEXT = 400;
