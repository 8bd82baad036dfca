import { didYouMean } from '../../text/did-you-mean.ts';
import { invitations } from '../invitations.ts';
import type { Tool } from '../types.ts';
import { users } from '../users.ts';
import type { TableEntry } from './read-table.ts';

export const MODES = ['create', 'invite', 'update'] as const;
export const MATCHES = ['email', 'external_id'] as const;

/** How an import treats its rows. */
export interface RowOptions {
  mode: (typeof MODES)[number];
  match: (typeof MATCHES)[number];
  /** Used for rows that name no organization. */
  organization_id: string | undefined;
  role_slug: string | undefined;
}

/** One row that can be imported. */
export interface ImportRow {
  /** Counted from 1, without the header. */
  row: number;
  line: number;
  email: string | undefined;
  external_id: string | undefined;
  /** The fields of a user, under the API's names. */
  fields: Readonly<Record<string, unknown>>;
  organization_id: string | undefined;
  /** Empty means the organization's default role. */
  roles: readonly string[];
  /** The status that an export found for the membership. A row with any status but active is skipped. */
  status: string | undefined;
}

const USER_COLUMNS = [
  'email',
  'first_name',
  'last_name',
  'name',
  'email_verified',
  'external_id',
  'locale',
  'password',
  'password_hash',
  'password_hash_type',
  'password_salt_position',
] as const;
const MEMBERSHIP_COLUMNS = ['organization_id', 'role_slug', 'role_slugs', 'status'] as const;
const INVITATION_COLUMNS: readonly string[] = ['email', 'organization_id', 'role_slug', 'locale'];
const COLUMNS: readonly string[] = [...USER_COLUMNS, ...MEMBERSHIP_COLUMNS];
const SECRET_COLUMNS: readonly string[] = ['password', 'password_hash'];
const METADATA = 'metadata.';

/** The passwords and password hashes of a row, which only WorkOS may see. */
export function secretsOf({ fields }: ImportRow): string[] {
  return SECRET_COLUMNS.map((name) => fields[name]).filter((value) => typeof value === 'string');
}

/** The columns of the file that update_user asks consent for. If users are matched by email, the email column changes nothing. */
export function consentColumns(columns: ReadonlySet<string>, match: RowOptions['match']): string[] {
  const asked = Object.keys(toolNamed('update_user').consentFor);
  return asked.filter((name) => columns.has(name) && !(name === 'email' && match === 'email'));
}

/** Lists the problems of a header: unknown, missing, and repeated columns. */
export function headerProblems(names: readonly string[], options: Pick<RowOptions, 'mode' | 'match'>): string[] {
  const [only = '', ...others] = names;
  const separator = others.length === 0 ? /[;\t|]/.exec(only)?.[0] : undefined;
  if (separator) return [`the cells are separated by ${SEPARATORS[separator]}; save the file with commas`];
  if (!names.some((name) => isColumn(name) || nearColumn(name, COLUMNS))) {
    return [`is not a header; it must name the columns: ${[...COLUMNS, 'metadata.KEY'].join(', ')}`];
  }
  const unknown = names.flatMap((name, at) => columnProblem(name, options.mode, `column ${at + 1}`) ?? []);
  const repeated = new Set(names.filter((name, at) => name !== '' && names.indexOf(name) !== at));
  const twice = [...repeated].map((name) => `${shown(name, 'a column')} appears more than once`);
  const missing = requiredColumns(options).filter((name) => !names.includes(name));
  return [...unknown, ...twice, ...missing.map((name) => `the column ${name} is missing`)];
}

/**
 * Parses an entry of a file into a row. Problems name columns and say what they must be; they never repeat a value, because it
 * may be a password.
 */
export function rowOf(
  entry: Exclude<TableEntry, { kind: 'header' }>,
  header: readonly string[],
  row: number,
  options: RowOptions,
): { row: ImportRow; problems: readonly string[] } {
  const problems: string[] = [];
  const values =
    entry.kind === 'cells' ? cellValues(entry.cells, header, problems) : jsonValues(entry.value, options, problems);
  const parts = problems.length > 0 ? { fields: {} } : partsOf(values, options, problems);
  const { fields } = parts;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const role = text(values.get('role_slug'));
  const organization_id = text(values.get('organization_id')) ?? options.organization_id;
  const roles = rolesOf(values.get('role_slugs'), role, options, problems);
  if (roles.length > 0 && organization_id === undefined) problems.push('has a role but no organization');
  const status = text(values.get('status'));
  if (status !== undefined && !['active', 'inactive', 'pending'].includes(status)) {
    problems.push('status must be active, inactive or pending');
  }
  return {
    row: {
      row,
      line: entry.line,
      email: text(values.get('email')),
      external_id: text(values.get('external_id')),
      fields,
      organization_id,
      roles,
      status,
    },
    problems,
  };
}

/** Normalizes an address, so that different spellings of it compare equal. */
export function emailKey(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

const SEPARATORS: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': '|' };

function isColumn(name: string): boolean {
  return COLUMNS.includes(name) || name.startsWith(METADATA);
}

function columnProblem(name: string, mode: RowOptions['mode'], place: string): string | undefined {
  if (name === '') return `${place} has no name`;
  if (mode === 'invite' && !INVITATION_COLUMNS.includes(name)) {
    return isColumn(name)
      ? `an invitation cannot have ${shown(name, place)}, only ${INVITATION_COLUMNS.join(', ')}`
      : unknownColumn(name, INVITATION_COLUMNS, place);
  }
  if (name.startsWith(METADATA)) {
    const key = name.slice(METADATA.length);
    return key === '' || key.length > 40 ? `${place}: a metadata key has 1 to 40 characters` : undefined;
  }
  return COLUMNS.includes(name) ? undefined : unknownColumn(name, [...COLUMNS, 'metadata.KEY'], place);
}

function unknownColumn(name: string, known: readonly string[], place: string): string {
  return `unknown column ${shown(name, place)}${nearColumn(name, known) || `; the columns are ${known.join(', ')}`}`;
}

function nearColumn(name: string, known: readonly string[]): string {
  const spelt = name.toLowerCase().replaceAll(/[\s-]+/g, '_');
  return didYouMean(spelt.slice(0, 60), known);
}

/** Returns `name` if it looks like a column name, or else `otherwise`: without a header, the first line may hold a secret. */
function shown(name: string, otherwise: string): string {
  return /^[A-Za-z][\w .-]{0,45}$/.test(name) ? name : otherwise;
}

function requiredColumns({ mode, match }: Pick<RowOptions, 'mode' | 'match'>): string[] {
  return [...new Set([match, ...(mode === 'update' ? [] : ['email'])])];
}

function cellValues(cells: readonly string[], header: readonly string[], problems: string[]): Map<string, unknown> {
  if (cells.length !== header.length) {
    problems.push(`has ${cells.length} cells, but the header has ${header.length}`);
    return new Map();
  }
  const values = header.map((name, at) => [name, unprotected(name, cells[at] ?? '')] as const);
  return new Map(values.filter(([, value]) => value !== ''));
}

/** Removes the apostrophe that export_users writes so that spreadsheets do not run a cell as a formula. */
function unprotected(name: string, cell: string): string {
  return !SECRET_COLUMNS.includes(name) && /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function jsonValues(value: unknown, { mode }: RowOptions, problems: string[]): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push('is not a JSON object');
    return new Map();
  }
  const { metadata, ...others }: Record<string, unknown> = { ...value };
  const pairs = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : [];
  if (metadata !== undefined && metadata !== null && (typeof metadata !== 'object' || Array.isArray(metadata))) {
    problems.push('metadata must be an object');
  }
  const entries = [...Object.entries(others), ...pairs.map(([key, one]) => [`${METADATA}${key}`, one] as const)];
  for (const [name] of entries) {
    const problem = columnProblem(name, mode, 'a name');
    if (problem) problems.push(problem);
  }
  return new Map(entries.filter(([, one]) => one !== null && one !== ''));
}

function partsOf(values: ReadonlyMap<string, unknown>, options: RowOptions, problems: string[]) {
  for (const name of requiredColumns(options)) if (!values.has(name)) problems.push(`${name} is missing`);
  for (const [name, value] of values) {
    const problem = textProblem(name, value);
    if (problem) problems.push(problem);
  }
  const metadata = [...values].filter(([name]) => name.startsWith(METADATA));
  if (metadata.length > 50) problems.push('has more than 50 metadata keys');
  const fields: Record<string, unknown> = {};
  for (const name of USER_COLUMNS) {
    const value = values.get(name);
    if (value !== undefined) fields[name] = name === 'email_verified' ? truth(value, problems) : value;
  }
  if (metadata.length > 0) {
    fields['metadata'] = Object.fromEntries(metadata.map(([name, value]) => [name.slice(METADATA.length), value]));
  }
  if (problems.length === 0) for (const problem of fieldProblems(fields, options)) problems.push(problem);
  return { fields };
}

function textProblem(name: string, value: unknown): string | undefined {
  if (name === 'email_verified' || name === 'role_slugs') return undefined;
  if (typeof value !== 'string') return `${shown(name, 'a value')} must be text`;
  if (/[\0\p{Cs}]/u.test(value)) return `${name} contains a character that text cannot contain`;
  if ((name === 'email' || name.endsWith('_id')) && /\p{C}/u.test(value))
    return `${name} contains an invisible character`;
  // https://workos.com/docs/authkit/metadata
  if (name.startsWith(METADATA) && /[^\x00-\x7f]/.test(value)) return `${shown(name, 'metadata')} must be ASCII`;
  return undefined;
}

function truth(value: unknown, problems: string[]): boolean | undefined {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  problems.push('email_verified must be true or false');
  return undefined;
}

/** Validates the values as the tool that receives them would. */
function fieldProblems(fields: Readonly<Record<string, unknown>>, { mode }: RowOptions): string[] {
  const { password_hash: hash, password_hash_type: type } = fields;
  if (type === 'bcrypt' && !/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(String(hash))) {
    return ['password_hash is not a bcrypt hash'];
  }
  const { locale, ...others } = fields;
  const tool = toolNamed(mode === 'update' ? 'update_user' : mode === 'invite' ? 'send_invitation' : 'create_user');
  const sent = mode === 'create' ? others : fields;
  const given = mode === 'update' ? { user_id: 'user', ...sent } : sent;
  const { error } = tool.input.safeParse(given);
  const problems = (error?.issues ?? []).map(({ path, message }) => `${shown(path.join('.'), 'a value')}: ${message}`);
  if (locale !== undefined && !/^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/.test(String(locale))) {
    problems.push('locale: must be a locale such as en-US');
  }
  const complaint = tool.check?.(given);
  return complaint ? [...problems, complaint] : problems;
}

function rolesOf(
  list: unknown,
  one: string | undefined,
  { mode, role_slug }: RowOptions,
  problems: string[],
): string[] {
  if (list === undefined) return [one ?? role_slug ?? []].flat();
  const roles = Array.isArray(list) ? list : typeof list === 'string' ? list.split(/[\s,;]+/) : [undefined];
  const slugs = roles.filter((role) => typeof role === 'string' && role !== '');
  if (slugs.length !== roles.length || slugs.length === 0)
    problems.push('role_slugs must be slugs separated by commas');
  if (one !== undefined) problems.push('has both role_slug and role_slugs');
  if (mode === 'invite' && slugs.length > 1) problems.push('an invitation can have only one role');
  return slugs;
}

function toolNamed(name: string): Tool {
  const tool = [...users.tools, ...invitations.tools].find((one) => one.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool;
}
