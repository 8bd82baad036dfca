/**
 * Deeper than any WorkOS response, and shallow enough for every recursive function here and in clients. Some JSON parsers fail
 * at 1,000.
 */
export const MAX_NESTING = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True for JSON whose objects and arrays are nested deeper than `levels`. JSON.parse() would accept it, but would take minutes
 * and gigabytes for tens of megabytes of brackets, and any recursion over the value would overflow the stack.
 */
export function isNestedDeeper(json: string, levels = MAX_NESTING): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (inString) {
      if (character === BACKSLASH) at++;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) {
      inString = true;
    } else if (character === 0x5b || character === 0x7b) {
      if (++depth > levels) return true;
    } else if (character === 0x5d || character === 0x7d) {
      depth--;
    }
  }
  return false;
}
