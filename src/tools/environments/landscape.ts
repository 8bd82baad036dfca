import * as z from 'zod';
import { inParallel } from '../in-parallel.ts';
import { type Reads, readsOf, type Unread } from '../operators/reads.ts';
import type { WorkflowContext } from '../types.ts';
import { KINDS, type Kind } from './kinds.ts';

/** One configured item, under the name that it has in every environment. */
export interface Item {
  key: string;
  /** Its id in this environment, if an update takes one. */
  id?: string | undefined;
  /** The fields to compare. Lists of strings are sorted, and empty values are omitted. */
  fields: Readonly<Record<string, unknown>>;
  /** The same fields as WorkOS returned them, without nulls. */
  values: Readonly<Record<string, unknown>>;
  /** Set for an item of an organization, which other environments do not have. */
  ofOrganization?: true;
}

/** The items of one kind. */
export interface Section {
  items: readonly Item[];
  /** Names that several items share, so that the items cannot be told apart. `items` does not contain them. */
  ambiguous: readonly string[];
  /** Names of items that WorkOS defines in every environment. `items` does not contain them. */
  builtIn?: readonly string[];
}

/** The configuration of an environment. Kinds that could not be read are missing. */
export interface Landscape {
  sections: Readonly<Partial<Record<Kind, Section>>>;
  unread: readonly Unread[];
}

/** Pages of 100 items. A kind with more pages is not compared. */
const MAX_PAGES = 100;
/** The most actions whose schemas are read. Each takes a request. */
const MAX_ACTIONS = 300;
const AT_ONCE = 4;

const Row = z.looseObject({ id: z.string().optional(), organization_id: z.string().nullish() });

/** Reads the configuration of an environment, a few lists at a time. */
export async function readLandscape(context: WorkflowContext, kinds: readonly Kind[]): Promise<Landscape> {
  const reads = readsOf(context);
  const rows = await inParallel(
    kinds,
    AT_ONCE,
    async (kind) => [kind, await readSection(reads, kind, context)] as const,
  );
  const sections = Object.fromEntries(rows.flatMap(([kind, section]) => (section ? [[kind, section]] : [])));
  return { sections, unread: reads.unread };
}

async function readSection(reads: Reads, kind: Kind, context: WorkflowContext): Promise<Section | undefined> {
  if (kind === 'jwt_template') return readTemplate(reads);
  if (kind === 'audit_log_schemas') return readSchemas(reads, context);
  const list = await reads.list(Row, KINDS[kind].list, {}, MAX_PAGES);
  // An incomplete list could make existing items look missing.
  if (!list || list.more) return undefined;
  // The roles of an organization are not part of the environment's configuration.
  const rows = list.items.filter((row) => row['type'] !== 'OrganizationRole');
  const builtIn = sectionOf(kind, rows.filter(isBuiltIn)).items.map(({ key }) => key);
  return {
    ...sectionOf(
      kind,
      rows.filter((row) => !isBuiltIn(row)),
    ),
    builtIn,
  };
}

function isBuiltIn(row: z.output<typeof Row>): boolean {
  return row['system'] === true;
}

async function readTemplate(reads: Reads): Promise<Section | undefined> {
  const template = await reads.object(z.looseObject({ content: z.string() }), 'get_jwt_template', {});
  if (template === undefined) return undefined;
  // A template that was never set may exist and be empty.
  if (!template?.content) return { items: [], ambiguous: [] };
  const { content } = template;
  return { items: [{ key: TEMPLATE, fields: { content }, values: { content } }], ambiguous: [] };
}

/** The name of the only template in an environment. */
export const TEMPLATE = 'jwt_template';

async function readSchemas(reads: Reads, { progress }: WorkflowContext): Promise<Section | undefined> {
  const actions = await reads.list(z.looseObject({ name: z.string() }), 'list_audit_log_actions', {}, MAX_PAGES);
  if (!actions || actions.more || actions.items.length > MAX_ACTIONS) return undefined;
  let done = 0;
  const items = await inParallel(actions.items, AT_ONCE, async ({ name }) => {
    const schemas = await reads.list(Version, 'list_audit_log_schemas', { action_name: name });
    progress(++done, actions.items.length, `${done} of ${actions.items.length} audit log actions`);
    if (!schemas || schemas.items.length === 0) return schemas && [];
    // WorkOS checks events against the latest version.
    const latest = schemas.items.reduce((last, one) => (one.version > last.version ? one : last));
    return [itemOf('audit_log_schemas', { ...latest, action: name })];
  });
  const known = items.flatMap((one) => one ?? []);
  return items.includes(undefined) ? undefined : { items: known, ambiguous: [] };
}

const Version = z.looseObject({ version: z.number() });

/** Makes a section of the rows of a list. Rows that share a name are left out of its items. */
export function sectionOf(kind: Kind, rows: readonly Readonly<Record<string, unknown>>[]): Section {
  const items = rows.filter((row) => typeof row[KINDS[kind].key] === 'string').map((row) => itemOf(kind, row));
  const count = new Map<string, number>();
  for (const { key } of items) count.set(key, (count.get(key) ?? 0) + 1);
  const ambiguous = [...count].flatMap(([key, times]) => (times > 1 ? [key] : []));
  return { items: items.filter(({ key }) => count.get(key) === 1), ambiguous };
}

function itemOf(kind: Kind, row: Readonly<Record<string, unknown>>): Item {
  const { key, fields } = KINDS[kind];
  const own = fields.filter((name) => row[name] !== null && row[name] !== undefined);
  const compared = own.flatMap((name) => {
    const value = normalized(row[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    key: String(row[key]),
    ...(typeof row['id'] === 'string' && { id: row['id'] }),
    fields: Object.fromEntries(compared),
    values: Object.fromEntries(own.map((name) => [name, row[name]])),
    ...(typeof row['organization_id'] === 'string' && { ofOrganization: true as const }),
  };
}

/** Makes equivalent values equal: drops null and empty values, and sorts lists whose order has no meaning. */
function normalized(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => normalized(item, depth + 1)).filter((item) => item !== undefined);
    if (items.length === 0) return undefined;
    // Inside a JSON Schema, order may matter in any list that does not consist of strings only.
    const isSet = depth === 0 || items.every((item) => typeof item === 'string');
    return isSet ? items.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value).flatMap(([name, inner]) => {
    const own = normalized(inner, depth + 1);
    return own === undefined || saysNothing(name, own) ? [] : [[name, own] as const];
  });
  return fields.length > 0 ? Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1))) : undefined;
}

/** Whether this is the schema that WorkOS fills in for missing metadata, which allows anything. */
function saysNothing(name: string, value: unknown): boolean {
  return name === 'metadata' && JSON.stringify(value) === '{"type":"object"}';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The items of a list, or none if the value is not a list. */
export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of a list, or none if the value is not a list. */
export function textsIn(value: unknown): string[] {
  return listIn(value).filter((one) => typeof one === 'string');
}
