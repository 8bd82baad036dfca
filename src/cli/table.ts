import { escapeInvisible } from '../text/quote-untrusted.ts';
import { fitted, type Paint, widthOf } from './terminal.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Column {
  name: string;
  width: number;
}

/** The space between two columns. */
const GAP = '  ';
/** The maximum width of a column other than the first. */
const WIDEST = 40;
/** A longer column that would have less room than this is left out. */
const NARROWEST = 8;

/**
 * Formats a list of objects as a table at most `width` wide. The most informative columns come first; columns that do not fit are
 * named below it.
 */
export function table(items: readonly Row[], width: number, paint: Paint): string[] {
  const rows = items.map(flat);
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
    .filter((name) => name !== 'object' && rows.some((row) => row.get(name)))
    .sort((a, b) => rank(a, rows) - rank(b, rows));
  const columns: Column[] = [];
  let room = width;
  for (const name of names) {
    const natural = rows.reduce((most, row) => Math.max(most, widthOf(row.get(name) ?? '')), widthOf(name));
    const widest = columns.length === 0 ? natural : Math.min(natural, WIDEST);
    const taken = columns.length === 0 ? Math.min(widest, width) : widest;
    const gap = columns.length === 0 ? 0 : GAP.length;
    const shown = Math.min(taken, room - gap);
    if (shown < Math.min(taken, NARROWEST)) break;
    columns.push({ name, width: shown });
    room -= gap + shown;
  }
  const line = (cells: readonly string[]) => cells.join(GAP).trimEnd();
  const left = names.slice(columns.length);
  return [
    paint.bold(line(columns.map((column) => fitted(column.name, column.width)))),
    ...rows.map((row) => line(columns.map((column) => fitted(row.get(column.name) ?? '', column.width)))),
    ...(left.length ? [paint.dim(fitted(`Not shown: ${left.join(', ')}`, width).trimEnd())] : []),
  ];
}

/** The cells of a row by column. A nested object becomes one column per field. */
function flat(row: Row): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [name, value] of Object.entries(row)) {
    const inner =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
    if (!inner) cells.set(escapeInvisible(name), cell(value));
    for (const [field, one] of inner ?? []) cells.set(escapeInvisible(`${name}.${field}`), cell(one));
  }
  return cells;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escapeInvisible(value);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.map(cell).join(', ');
  if (Array.isArray(value) && value.length > 0) return `${value.length} ×`;
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? '' : escapeInvisible(text);
}

const RANKS: readonly RegExp[] = [
  /^(?:index|id|tool)$/,
  /(?:^|\.)(?:ok|id|name|email|slug|domain|key|first_name|last_name)$/,
  /(?:^|\.)(?:state|status|type|connection_type|event|message)$/,
  /^(?!.*(?:_id|_at)$)/,
  /_id$/,
  /_at$/,
];

/**
 * The rank of a column; the lowest comes first. A column with the same value in every row comes last, unless its rank is one of
 * the first three.
 */
function rank(name: string, rows: readonly ReadonlyMap<string, string>[]): number {
  const same = rows.length > 1 && rows.every((row) => row.get(name) === rows[0]?.get(name));
  const own = RANKS.findIndex((pattern) => pattern.test(name));
  return same && own >= 3 ? RANKS.length : own;
}
