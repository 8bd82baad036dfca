/** One call of a batch, as it ended. */
export interface BatchRow {
  index: number;
  /** What the tool was called with. */
  input: Readonly<Record<string, unknown>>;
  outcome: { ok: true; value: unknown } | { ok: false; error: unknown };
}

/**
 * What a batch returns: counts, and a row for each call in the order of the calls. A row that is not whole
 * says what the thing is and leaves out the rest.
 */
export function batchResult(
  tool: string,
  rows: readonly BatchRow[],
  isWhole: (row: BatchRow) => boolean,
): Record<string, unknown> {
  const succeeded = rows.filter(({ outcome }) => outcome.ok).length;
  return {
    tool,
    count: rows.length,
    succeeded,
    failed: rows.length - succeeded,
    rows: rows.map((row) => briefRow(row, isWhole(row))),
  };
}

function briefRow({ index, input, outcome }: BatchRow, whole: boolean): Record<string, unknown> {
  return {
    index,
    ok: outcome.ok,
    ...idsOf(input, outcome),
    ...(outcome.ok ? { value: whole ? outcome.value : briefly(outcome.value) } : { error: outcome.error }),
  };
}

/** The ids and slugs that a call was made with, without those that its value repeats. */
function idsOf(input: BatchRow['input'], outcome: BatchRow['outcome']): Record<string, unknown> {
  const own = outcome.ok ? Object.values(asRecord(outcome.value)) : [];
  return Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) =>
        /(?:^|_)(?:id|slug)$|^(?:email|directory|organization|user|group)$/.test(name) &&
        typeof value === 'string' &&
        value.length <= MAX_TEXT &&
        !own.includes(value),
    ),
  );
}

/** The fields that say what a thing is: its id, what people call it, and its state. The first of each that it has. */
const TELLING = [['id'], ['email', 'name', 'slug', 'domain', 'uri', 'link', 'url'], ['state', 'status']] as const;

const MAX_TEXT = 60;

/** What a person would say of a created, changed or listed object, in about a hundred characters. */
export function briefly(value: unknown): unknown {
  const fields = asRecord(value);
  const told = TELLING.flatMap((names) => {
    const name = names.find((one) => typeof fields[one] === 'string' && fields[one] !== '');
    return name === undefined ? [] : [[name, shorten(fields[name])] as const];
  });
  if (told.length > 0) return { ...Object.fromEntries(told), ...kept(fields) };
  const items = fields['data'];
  if (Array.isArray(items)) return { items: items.length, ...kept(fields) };
  return {
    ...Object.fromEntries(
      Object.entries(fields)
        .filter(([, one]) => isShort(one))
        .slice(0, 3),
    ),
    ...kept(fields),
  };
}

/** What a caller cannot do without: where secrets and files went, and notes. */
function kept(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    ['secret_file', 'secret_files', 'path', 'note', 'query_error', 'changed', 'confirmation']
      .filter((name) => fields[name] !== undefined)
      .map((name) => [name, fields[name]]),
  );
}

/** Links are made to be handed on, so they stay whole. */
function shorten(value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_TEXT && !value.startsWith('http')
    ? `${value.slice(0, MAX_TEXT)}…`
    : value;
}

function isShort(value: unknown): boolean {
  return (
    typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_TEXT)
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
