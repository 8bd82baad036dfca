import { placeholders } from '../client/request-plan.ts';
import { jsonSize } from '../text/json-size.ts';
import { truncate } from '../text/truncate.ts';
import { routeOf } from './define.ts';
import type { Tool } from './types.ts';

/** One call of a batch, with its outcome. */
export interface BatchRow {
  index: number;
  /** The arguments of the call. */
  input: Readonly<Record<string, unknown>>;
  outcome: { ok: true; value: unknown; keys?: unknown } | { ok: false; error: unknown };
}

/**
 * The result of a batch: counts, and a row for each call, in the order of the calls. A row that is not whole identifies the
 * object and omits the rest. No row shows a secret argument of its call.
 */
export function batchResult(
  tool: Tool,
  rows: readonly BatchRow[],
  isWhole: (row: BatchRow) => boolean,
): Record<string, unknown> {
  const succeeded = rows.filter(({ outcome }) => outcome.ok).length;
  return {
    tool: tool.name,
    count: rows.length,
    succeeded,
    failed: rows.length - succeeded,
    rows: withKeys(
      rows,
      rows.map((row) => briefRow(tool, row, isWhole(row))),
    ),
  };
}

/**
 * Adds the available keys to rows in which an expression found nothing. Rows mostly have the same keys, which are shown only
 * once. If the expression found something in another row, its names are right, so no keys are added.
 */
function withKeys(rows: readonly BatchRow[], brief: readonly Fields[]): Fields[] {
  if (rows.some(({ outcome }) => outcome.ok && outcome.keys === undefined)) return [...brief];
  const shown = new Set<string>();
  return brief.map((row, at) => {
    const outcome = rows[at]?.outcome;
    const text = outcome?.ok ? JSON.stringify(outcome.keys) : undefined;
    if (!outcome?.ok || text === undefined || shown.has(text)) return row;
    shown.add(text);
    return { ...row, keys: outcome.keys };
  });
}

/** Longer texts are cut, and longer arguments are omitted. */
const MAX_TEXT = 60;
/** A name that is cut further is useless. */
const MIN_TEXT = 16;
/**
 * The target length of a row, in characters. Failures, links (which are meant to be passed on), the fields in {@link KEPT}, and
 * paths with several ids can exceed it.
 */
const MAX_ROW = 150;

type Fields = Record<string, unknown>;

/** Makes a row of about a hundred characters, or one with the whole value. */
export function briefRow(tool: Tool, { index, input, outcome }: BatchRow, whole: boolean): Fields {
  const { inPath, others } = idsOf(tool, input);
  const start = { index, ok: outcome.ok };
  if (!outcome.ok) return { ...start, ...inPath, ...others, error: outcome.error };
  const full = whole ? outcome.value : briefly(tool, outcome.value, inPath);
  // Ids that the value already shows are not repeated.
  const shown: unknown[] = Object.values(asRecord(full));
  const unsaid = (ids: Fields) => Object.entries(ids).filter(([, id]) => !shown.includes(id));
  const row: Fields = { ...start, ...Object.fromEntries(unsaid(inPath)) };
  const value = whole ? full : fitted(asRecord(full), MAX_ROW - lengthOf({ ...row, value: {} }));
  for (const [name, id] of unsaid(others)) {
    // Measured without writing the JSON, because an expression's value can be far larger as JSON than in memory.
    if (jsonSize({ ...row, [name]: id, value }, MAX_ROW) <= MAX_ROW) row[name] = id;
  }
  return { ...row, value };
}

/** The ids and slugs among the arguments of a call. Those in the path identify its object. */
function idsOf(tool: Tool, input: BatchRow['input']): { inPath: Fields; others: Fields } {
  const route = routeOf(tool);
  const path = route ? placeholders(route) : [];
  const ids = Object.entries(input).filter(
    ([name, value]) =>
      (path.includes(name) || /(?:^|_)(?:id|slug)$|^(?:email|directory|organization|user|group)$/.test(name)) &&
      !tool.secrets.in?.includes(name) &&
      typeof value === 'string' &&
      value.length <= MAX_TEXT,
  );
  return {
    inPath: Object.fromEntries(ids.filter(([name]) => path.includes(name))),
    others: Object.fromEntries(ids.filter(([name]) => !path.includes(name))),
  };
}

const NAMES = ['email', 'name', 'slug', 'domain', 'uri', 'link', 'url'];
/** The fields that identify an object: its id, its name, and its state. The first that it has of each list is shown. */
const TELLING = [['id'], NAMES, ['state', 'status']];

/** A short description of a created, changed, or listed object. */
function briefly(tool: Tool, value: unknown, inPath: Fields): Fields {
  const fields = asRecord(value);
  // A masked secret is of no use to the reader.
  for (const path of tool.secrets.out ?? []) delete fields[path];
  const has = (name: string) => typeof fields[name] === 'string' && fields[name] !== '';
  const names = TELLING.map((some) => some.find(has)).filter((name) => name !== undefined);
  const told = Object.fromEntries(names.map((name) => [name, shorten(fields[name], MAX_TEXT)]));
  if (names.length > 0) return { ...told, ...kept(fields) };
  const items = fields['data'];
  if (Array.isArray(items)) return { items: items.length, ...kept(fields) };
  // The row itself already shows `ok` and these ids.
  const said = new Map([['ok', true], ...Object.entries(inPath)]);
  const short = Object.entries(fields).filter(([name, one]) => isShort(one) && said.get(name) !== one);
  return { ...Object.fromEntries(short.slice(0, 3)), ...kept(fields) };
}

/** If a brief value takes more than `room` characters, cuts its name or omits its last fields. */
function fitted(brief: Fields, room: number): Fields {
  const over = lengthOf(brief) - lengthOf(kept(brief)) - room;
  if (over <= 0) return brief;
  const called = NAMES.find((name) => name in brief);
  if (called !== undefined) {
    return { ...brief, [called]: shorten(brief[called], Math.max(MIN_TEXT, String(brief[called]).length - over)) };
  }
  const [, ...more] = Object.keys(brief).filter((name) => !KEPT.includes(name));
  const last = more.at(-1);
  if (last === undefined || 'id' in brief) return brief;
  const { [last]: _, ...rest } = brief;
  return fitted(rest, room);
}

/** Fields that a caller always needs: the locations of secrets and files, and notes. */
const KEPT = [
  'secret_file',
  'secret_files',
  'path',
  'report',
  'report_error',
  'note',
  'query_error',
  'changed',
  'confirmation',
];

function kept(fields: Fields): Fields {
  return Object.fromEntries(KEPT.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

/** Cuts a long text. Links are meant to be passed on, so they stay whole. */
function shorten(value: unknown, most: number): unknown {
  return typeof value === 'string' && value.length > most && !value.startsWith('http') ? truncate(value, most) : value;
}

function isShort(value: unknown): boolean {
  return (
    typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_TEXT)
  );
}

function lengthOf(value: Fields): number {
  return JSON.stringify(value).length;
}

function asRecord(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
