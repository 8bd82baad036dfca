import { escapeInvisible } from '../text/quote-untrusted.ts';
import type { Terminal } from './setup.ts';
import { type Row, table } from './table.ts';
import { type Paint, paintFor, widthOf, wrapped } from './terminal.ts';

/** The fields that may hold a result's main list. The first one found is shown as such. */
const LISTS = ['data', 'result', 'rows', 'tools', 'findings'];

/**
 * Formats a result for a terminal: lists as tables, objects as aligned fields. Control and invisible characters in text from
 * WorkOS are escaped, so that nothing in it can control the terminal.
 */
export function readable(result: Row, terminal: Terminal): string[] {
  const paint = paintFor(terminal);
  const name = LISTS.find((one) => Array.isArray(result[one]));
  const list = name === undefined ? undefined : result[name];
  const { list_metadata: metadata, object, ...fields } = result;
  if (name === undefined || !Array.isArray(list)) return fieldLines(result, terminal.columns, paint);
  const { [name]: _, ...others } = fields;
  const after = isRow(metadata) ? metadata['after'] : undefined;
  const failures = name === 'rows' ? list.filter((row): row is Row => isRow(row) && isRow(row['error'])) : [];
  const blocks = [
    list.length === 0 ? [paint.dim('none')] : listLines(list, terminal.columns, paint),
    failures.flatMap(({ index, error }) => [
      paint.bold(`row ${String(index)}`),
      ...(isRow(error) ? errorLines(error, terminal).map((line) => `  ${line}`) : []),
    ]),
    Object.keys(others).length ? fieldLines(others, terminal.columns, paint) : [],
    typeof after === 'string' ? [paint.dim(`There is more: after=${escapeInvisible(after)}`)] : [],
  ];
  return blocks.filter(({ length }) => length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

/** Formats an error for a terminal. */
export function errorLines({ message, hint, kind, tool: _, ...rest }: Row, terminal: Terminal): string[] {
  const paint = paintFor(terminal);
  const [first = '', ...more] = wrapped(`${textOf(kind)}: ${textOf(message)}`, terminal.columns);
  const others = Object.entries(rest).filter(([name]) => name !== 'attempts');
  return [
    paint.red(first),
    ...more,
    ...(hint ? wrapped(textOf(hint), terminal.columns) : []),
    ...(others.length ? fieldLines(Object.fromEntries(others), terminal.columns, paint) : []),
  ];
}

function listLines(list: readonly unknown[], width: number, paint: Paint): string[] {
  return list.every(isRow) ? table(list, width, paint) : list.map(textOf);
}

/** One field per line, with aligned values. */
function fieldLines(fields: Row, width: number, paint: Paint): string[] {
  const shown = Object.entries(fields).map(([name, value]) => [escapeInvisible(name), value] as const);
  const names = shown.reduce((most, [name]) => Math.max(most, widthOf(name)), 0);
  const inside = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  return shown.flatMap(([name, value]) => {
    const label = paint.cyan(name);
    if (isRow(value) && Object.keys(value).length > 0) return [label, ...inside(fieldLines(value, width - 2, paint))];
    if (Array.isArray(value) && value.some((one) => typeof one === 'object' && one !== null)) {
      // A preview is shown in full, because a table could cut off what the user agrees to.
      const whole = name === 'preview' && value.every(isRow);
      const lines = whole
        ? value.flatMap((one) => fieldLines(one, width - 2, paint))
        : listLines(value, width - 2, paint);
      return [label, ...inside(lines)];
    }
    const indent = ' '.repeat(names + 2);
    const text = textOf(value);
    const lines = text.includes(' ') ? wrapped(text, Math.max(20, width - indent.length)) : [text];
    return lines.map((line, at) => (at === 0 ? `${label}${indent.slice(widthOf(name))}${line}` : `${indent}${line}`));
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return value === '' ? '""' : escapeInvisible(value);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return value.map(textOf).join(', ') || 'none';
  return escapeInvisible(JSON.stringify(value));
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
