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
 * Escapes text from outside for an element or a quoted attribute: one line of at most `max` characters, with control,
 * invisible, and direction-changing characters shown as escapes.
 */
export function escapeHtml(text: string, max = MAX_TEXT): string {
  // Cut first, so that only the shown text is processed.
  const line = truncate(text, max)
    .replace(/[\t\n\r ]+/g, ' ')
    .trim();
  return escapeInvisible(line).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** The default of `max`. */
const MAX_TEXT = 400;
