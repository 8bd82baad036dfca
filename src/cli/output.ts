import { isPreview } from '../call/confirmation/prompt.ts';
import type { CallResult } from '../results/result.ts';
import { errorLines, readable } from './readable.ts';
import type { Streams } from './setup.ts';

/** Writes a result: formatted on a terminal, as JSON elsewhere or if requested. */
export function writeResult(result: CallResult, asJson: boolean, { out, outTerminal }: Streams): void {
  const value = result.structuredContent;
  if (value && outTerminal && !asJson) for (const line of readable(value, outTerminal)) out(line);
  else writeJson(textOf(result), { out, outTerminal });
}

/** Writes an error, given as JSON, to stderr: formatted on a terminal, as JSON elsewhere or if requested. */
export function writeFailure(text: string, asJson: boolean, { err, errTerminal }: Streams): void {
  if (asJson || !errTerminal) {
    err(errTerminal ? jsonForTerminal(text) : text);
    return;
  }
  // Every failure has the form `{"error": {…}}`.
  const { error } = JSON.parse(text) as { error: Record<string, unknown> };
  for (const line of errorLines(error, errTerminal)) err(line);
}

/** Writes JSON. On a terminal, escapes every character that could control it. */
export function writeJson(json: string, { out, outTerminal }: Pick<Streams, 'out' | 'outTerminal'>): void {
  out(outTerminal ? jsonForTerminal(json) : json);
}

/** The JSON of a result. */
export function textOf({ content }: CallResult): string {
  return content.map(({ text }) => text).join('\n');
}

/** The exit code for a result: 0 done; 1 failed, in whole or in part; 3 if a confirmation is needed. */
export function exitCodeOf({ isError, structuredContent: value = {} }: CallResult): 0 | 1 | 3 {
  if (isError) return 1;
  const { rows, failed, left, stopped } = value;
  if (isPreview(value)) return 3;
  const isBatch = Array.isArray(rows) || typeof value['journal'] === 'string';
  const isPartial =
    stopped === 'error' || stopped === 'cancelled' || (isBatch && (Number(failed) > 0 || Number(left) > 0));
  return isPartial ? 1 : 0;
}

/** Escapes what JSON leaves as is: C1 control characters, and characters that reverse the direction of text. */
function jsonForTerminal(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
