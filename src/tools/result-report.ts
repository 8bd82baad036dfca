import type { Cell, Column, Report, Section, Status } from '../reports/report.ts';

/** The parts of a report that do not come from the result. */
export interface ReportOptions {
  title: string;
  subtitle?: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Headings for the result's fields, by field name. */
  headings?: Readonly<Record<string, string>>;
  /** Fields to omit. */
  without?: readonly string[];
  /** Sections to place after the findings. */
  sections?: readonly Section[];
}

/** Fields that the report shows elsewhere, or that only a program needs. */
const LEFT_OUT = ['summary', 'object', 'list_metadata', 'omitted', 'report'];
/** A list with a longer text is shown one item per line. */
const SHORT_TEXT = 40;

/**
 * Makes the report of any composite's result: findings become a checklist, lists of objects become tables, and everything else
 * becomes facts.
 */
export function resultReport(result: Readonly<Record<string, unknown>>, options: ReportOptions): Report {
  const { title, subtitle, now, headings = {}, without = [], sections = [] } = options;
  const { findings, summary, next, ...rest } = result;
  const fields = Object.entries(rest).filter(([name]) => ![...LEFT_OUT, ...without].includes(name));
  const headingOf = (name: string) => headings[name] ?? sentenceCase(name);
  const tables = fields.flatMap(([name, value]) => (isTable(value) ? [tableOf(headingOf(name), value)] : []));
  const facts = [
    ...fields.flatMap(([name, value]) => (isTable(value) ? [] : factsOf(headingOf(name), value))),
    ...(next === undefined ? [] : factsOf('Next step', next)),
  ];
  return {
    title,
    ...(subtitle !== undefined && { subtitle }),
    generated_at: new Date(now).toISOString(),
    ...(typeof summary === 'string' && { summary: sentence(summary) }),
    sections: [
      ...(Array.isArray(findings) ? [checklist(findings)] : []),
      ...sections,
      ...tables,
      ...(facts.length > 0 ? [{ kind: 'facts' as const, title: 'Details', facts }] : []),
    ],
  };
}

/** Makes a table of objects, with a column for each field in order of appearance. Ids come last. */
export function tableOf(title: string, rows: readonly Row[]): Section {
  const all = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const names = [...all.filter((name) => !isId(name)), ...all.filter(isId)];
  const columns = names.map((name) => ({ name: sentenceCase(name), kind: kindOf(name, rows) }));
  return { kind: 'table', title, columns, rows: rows.map((row) => names.map((name) => cellOf(row[name]))) };
}

type Row = Readonly<Record<string, unknown>>;

function checklist(findings: readonly unknown[]): Section {
  return {
    kind: 'findings',
    title: 'Findings',
    findings: findings.filter(isRow).map(({ check, status, detail, fix }) => ({
      check: textOf(check),
      status: STATUSES.find((one) => one === status) ?? 'skipped',
      detail: sentence(textOf(detail)),
      ...(fix !== undefined && { fix: sentence(textOf(fix)) }),
    })),
  };
}

const STATUSES = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Status[];

/** Shows each field of an object, and each item of a list of sentences, on its own line. */
function factsOf(name: string, value: unknown): [string, Cell][] {
  if (isRow(value)) {
    return Object.entries(value).map(([inner, one]) => [`${name}: ${inner.replaceAll('_', ' ')}`, cellOf(one)]);
  }
  if (Array.isArray(value) && value.some((one) => textOf(one).length > SHORT_TEXT)) {
    return value.map((one, at) => [at === 0 ? name : '', cellOf(one)]);
  }
  return [[name, cellOf(value)]];
}

function kindOf(name: string, rows: readonly Row[]): NonNullable<Column['kind']> {
  const values = rows.map((row) => row[name]).filter((value) => value !== undefined && value !== null);
  if (isId(name)) return 'code';
  if (/^(?:ok|state|status)$|_(?:state|status)$/.test(name)) return 'status';
  if (values.length > 0 && values.every((value) => typeof value === 'number')) return 'number';
  return values.length > 0 && values.every((value) => typeof value === 'string' && TIME.test(value)) ? 'time' : 'text';
}

const isId = (name: string) => /(?:^|_)id$/.test(name);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return typeof value === 'number' || typeof value === 'boolean' ? value : textOf(value);
}

/** A failure is represented by its message. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (isRow(value) && typeof value['message'] === 'string') return value['message'];
  return JSON.stringify(value) ?? '';
}

function isTable(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sentenceCase(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function sentence(text: string): string {
  const begun = /^[a-z]+(?:[,;]? |$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
