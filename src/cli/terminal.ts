import type { Terminal } from './setup.ts';

/** The terminal behind a stream, or undefined if it is none. Respects `NO_COLOR`, see https://no-color.org. */
export function terminalOf(
  { isTTY, columns }: { isTTY?: boolean; columns?: number },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): Terminal | undefined {
  // Some terminals report a width of 0.
  return isTTY ? { columns: columns || 80, colour: !NO_COLOR && TERM !== 'dumb' } : undefined;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Functions that style text. */
export type Paint = Readonly<Record<keyof typeof STYLES, (text: string) => string>>;

/** The styles for a terminal. Without a terminal or without color, text is returned unchanged. */
export function paintFor(terminal: Terminal | undefined): Paint {
  const style = (code: number) => (text: string) => (terminal?.colour && text ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    bold: style(STYLES.bold),
    dim: style(STYLES.dim),
    red: style(STYLES.red),
    green: style(STYLES.green),
    yellow: style(STYLES.yellow),
    cyan: style(STYLES.cyan),
  };
}

/** Characters that take two columns. https://www.unicode.org/reports/tr11/ */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** The width of a text without control characters, in columns. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** A text of exactly this width: padded, or cut with an ellipsis. */
export function fitted(text: string, width: number): string {
  const taken = widthOf(text);
  if (taken <= width) return text + ' '.repeat(width - taken);
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > width - 1) break;
    kept += character;
  }
  return fitted(`${kept}…`, width);
}

/** Wraps a text at spaces into lines of at most this width. A longer word is not broken. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
