import { readFileSync } from 'node:fs';
import { placeholders, type Route } from '../src/client/request-plan.ts';
import { catalogEntries, tools } from '../src/tools/catalog.ts';
import type { McpDefinition } from '../src/tools/mcp-definition.ts';
import type { Tool } from '../src/tools/types.ts';

/** What the API says of one value; the same words are used for what a tool says. */
export interface Field {
  required?: boolean;
  deprecated?: boolean;
  types: readonly string[];
  enum?: readonly unknown[];
  items?: Field;
  values?: Field;
  fields?: Readonly<Record<string, Field>>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Operation {
  path: Readonly<Record<string, Field>>;
  query?: Readonly<Record<string, Field>>;
  body?: Readonly<Record<string, Field>>;
  exclusive?: Readonly<
    Record<
      string,
      {
        optional: boolean;
        variants: Readonly<Record<string, readonly string[]>>;
        optionalFields?: Readonly<Record<string, readonly string[]>>;
      }
    >
  >;
}

export interface Policy {
  tool: string;
  operation: string;
  path: string;
  toolset: string;
  core: boolean;
  readOnly: boolean;
  destructive: boolean;
  idempotent: boolean;
  auth: 'api_key' | 'none' | 'access_token' | 'client_secret_body';
  redirect: boolean;
  paginated: boolean;
  secretIn: readonly string[];
  secretOut: readonly string[];
  secretClass: 'none' | NonNullable<Tool['secrets']['class']>;
  consentFor?: Tool['consentFor'];
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'));
// scripts/spec.mjs writes both files in these shapes.
export const operations = fixture('operations.json') as Readonly<Record<string, Operation>>;
export const policies = fixture('policy.json') as readonly Policy[];
/** What clients see of each tool. */
export const shown: ReadonlyMap<string, McpDefinition> = new Map(
  catalogEntries().map((entry) => [entry.definition.name, entry.definition]),
);

/** A tool beside the operation it stands for. */
export interface Pair {
  name: string;
  tool: Tool;
  policy: Policy;
  operation: Operation;
  /** The fields of the API under the names that the tool gives them. */
  wanted: Readonly<Record<string, Field>>;
  taken: Readonly<Record<string, Field>>;
}

export const pairs: readonly Pair[] = policies.flatMap((policy) => {
  const tool = tools.get(policy.tool);
  const operation = operations[policy.operation];
  return tool && operation
    ? [{ name: tool.name, tool, policy, operation, wanted: wantedFields(policy, operation), taken: takenFields(tool) }]
    : [];
});

/** The operations that a tool stands for. */
export function routesOf(tool: Tool | undefined): readonly Route[] {
  if (!tool) return [];
  if (tool.kind === 'endpoint') return [tool.route];
  return tool.kind === 'workflow' ? tool.routes : [];
}

/** A route without the names of its placeholders, which differ between the API and the tools. */
export function anonymous(route: string): string {
  return route.replaceAll(/\{[^}]+\}/g, '{}');
}

function wantedFields(policy: Policy, { path, query, body }: Operation): Record<string, Field> {
  const names = placeholders(`GET /${policy.path}`);
  const inPath = Object.values(path).map((field, index) => [names[index] ?? '', field]);
  // POST /sso/token is documented twice over, once with the secret in the URL: only its body counts.
  return { ...Object.fromEntries(inPath), ...(body ? body : {}), ...(policy.tool !== 'exchange_sso_code' && query) };
}

/** The API's own fields among the arguments of a tool. */
function takenFields(tool: Tool): Record<string, Field> {
  const all = fieldOf(shown.get(tool.name)?.inputSchema, false).fields ?? {};
  return Object.fromEntries(Object.entries(all).filter(([name]) => tool.fields.includes(name)));
}

/** A JSON Schema in the words of the fixture. */
function fieldOf(schema: unknown, required: boolean): Field {
  const {
    type,
    anyOf,
    enum: choices,
    const: only,
    items,
    properties,
    additionalProperties,
    required: names,
  } = record(schema);
  const union = Array.isArray(anyOf) ? anyOf.map((one) => fieldOf(one, false)).filter((one) => !isNull(one)) : [];
  const nullable = Array.isArray(anyOf) && union.length < anyOf.length ? ['null'] : [];
  const own = only !== undefined ? [only] : Array.isArray(choices) ? choices.filter((one) => one !== null) : undefined;
  const listed = union.length && union.every((one) => one.enum) ? union.flatMap((one) => one.enum ?? []) : own;
  const named = [...[type ?? []].flat().map(String), ...union.flatMap((one) => one.types), ...nullable];
  // A choice among whole numbers is an integer, though JSON Schema does not call it one.
  const types = named.map((one) => (one === 'number' && listed?.every(Number.isInteger) ? 'integer' : one));
  const inner = Object.entries(record(properties)).map(
    ([name, one]) => [name, fieldOf(one, Array.isArray(names) && names.includes(name))] as const,
  );
  const bounds = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];
  return {
    ...(required && { required }),
    types: [...new Set(types)].sort(),
    ...(listed && { enum: listed.sort() }),
    ...(items !== undefined && { items: fieldOf(items, false) }),
    ...(Object.keys(record(additionalProperties)).length > 0 && { values: fieldOf(additionalProperties, false) }),
    ...(inner.length > 0 && { fields: Object.fromEntries(inner) }),
    ...Object.fromEntries(Object.entries(record(schema)).filter(([keyword]) => bounds.includes(keyword))),
  };
}

function isNull({ types }: Field): boolean {
  return types.join() === 'null';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

type Judge = (path: string, want: Field | undefined, have: Field | undefined) => string[];

/** What a judge says about every field of every tool, those inside objects, lists and maps included. */
export function eachField(judge: Judge): string[] {
  return pairs.flatMap(({ name, wanted, taken }) => eachOf(name, wanted, taken, judge));
}

function eachOf(
  at: string,
  wanted: Readonly<Record<string, Field>>,
  taken: Readonly<Record<string, Field>>,
  judge: Judge,
): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(taken)])];
  return names.flatMap((name) => both(`${at}.${name}`, wanted[name], taken[name], judge));
}

function both(path: string, want: Field | undefined, have: Field | undefined, judge: Judge): string[] {
  const said = judge(path, want, have);
  if (!want || !have) return said;
  return [
    ...said,
    ...(want.items && have.items ? both(`${path}[]`, want.items, have.items, judge) : []),
    ...(want.values && have.values ? both(`${path}.*`, want.values, have.values, judge) : []),
    ...(want.fields ? eachOf(path, want.fields, have.fields ?? {}, judge) : []),
  ];
}
