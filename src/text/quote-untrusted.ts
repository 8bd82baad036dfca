/**
 * Makes foreign text safe inside one of our own sentences: quoted, cut to `max` characters, on one line, with control,
 * invisible, and direction-changing characters shown as escapes. https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
export function quoteUntrusted(text: string, max = 80): string {
  // A character has at most two UTF-16 units.
  const characters = Array.from(text.slice(0, 2 * max + 2));
  const cut = characters.length > max ? `${characters.slice(0, max).join('')}…` : text;
  return escapeInvisible(JSON.stringify(cut));
}

/** Shows control, invisible, and direction-changing characters as escapes. */
export function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, codePoint);
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
