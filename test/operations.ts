import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { placeholders, type Route } from '../src/client/request-plan.ts';
import { catalogEntries, tools } from '../src/tools/catalog.ts';
import type { McpDefinition } from '../src/tools/mcp-definition.ts';
import type { Tool } from '../src/tools/types.ts';

/** The constraints on one value, either of the API or of a tool. */
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
/** Each tool's definition as clients see it. */
export const definitions: ReadonlyMap<string, McpDefinition> = new Map(
  catalogEntries().map((entry) => [entry.definition.name, entry.definition]),
);

/** A tool and the operation it sends. */
export interface Pair {
  name: string;
  tool: Tool;
  policy: Policy;
  operation: Operation;
  /** The fields of the API, under the names that the tool uses. */
  apiFields: Readonly<Record<string, Field>>;
  toolFields: Readonly<Record<string, Field>>;
}

export const pairs: readonly Pair[] = policies.flatMap((policy) => {
  const tool = tools.get(policy.tool);
  const operation = operations[policy.operation];
  return tool && operation
    ? [
        {
          name: tool.name,
          tool,
          policy,
          operation,
          apiFields: apiFieldsOf(policy, operation),
          toolFields: toolFieldsOf(tool),
        },
      ]
    : [];
});

/** The routes that a tool sends requests to. */
export function routesOf(tool: Tool | undefined): readonly Route[] {
  if (!tool) return [];
  if (tool.kind === 'endpoint') return [tool.route];
  return tool.kind === 'workflow' ? tool.routes : [];
}

/** A route without the names of its placeholders, because the API and the tools name them differently. */
export function anonymous(route: string): string {
  return route.replaceAll(/\{[^}]+\}/g, '{}');
}

function apiFieldsOf(policy: Policy, { path, query, body }: Operation): Record<string, Field> {
  const names = placeholders(`GET /${policy.path}`);
  const inPath = Object.values(path).map((field, index) => [names[index] ?? '', field]);
  // POST /sso/token documents its fields twice, in the query string and in the body. Secrets belong in the body.
  return { ...Object.fromEntries(inPath), ...(body ? body : {}), ...(policy.tool !== 'exchange_sso_code' && query) };
}

/** The arguments of a tool that are fields of the API, with every constraint; tools/list shows slightly less. */
function toolFieldsOf(tool: Tool): Record<string, Field> {
  const all = fieldOf(z.toJSONSchema(tool.input, { io: 'input', reused: 'inline' }), false).fields ?? {};
  return Object.fromEntries(Object.entries(all).filter(([name]) => tool.fields.includes(name)));
}

/** Converts a JSON Schema to the shape of the fixture. */
function fieldOf(schema: unknown, required: boolean): Field {
  const { anyOf, ...own } = record(schema);
  const choices = Array.isArray(anyOf) ? anyOf.map(record) : [];
  const [only, ...more] = choices.filter(({ type }) => type !== 'null');
  // A value or null is described like the value.
  const {
    type,
    enum: listed,
    const: constant,
    items,
    properties,
    additionalProperties,
    required: names,
    ...rest
  } = only && more.length === 0 ? { ...own, ...only } : own;
  const union = more.length > 0 ? choices.map((one) => fieldOf(one, false)) : [];
  const values = constant !== undefined ? [constant] : Array.isArray(listed) ? listed : undefined;
  const nullable = choices.some((one) => one['type'] === 'null') ? ['null'] : [];
  const named = [...[type ?? []].flat().map(String), ...union.flatMap((one) => one.types), ...nullable];
  // An enum of integers has type number in JSON Schema.
  const types = named.map((one) => (one === 'number' && values?.every(Number.isInteger) ? 'integer' : one));
  const inner = Object.entries(record(properties)).map(
    ([name, one]) => [name, fieldOf(one, Array.isArray(names) && names.includes(name))] as const,
  );
  const bounds = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];
  return {
    ...(required && { required }),
    types: [...new Set(types)].sort(),
    ...(values && { enum: values.sort() }),
    ...(items !== undefined && { items: fieldOf(items, false) }),
    ...(Object.keys(record(additionalProperties)).length > 0 && { values: fieldOf(additionalProperties, false) }),
    ...(inner.length > 0 && { fields: Object.fromEntries(inner) }),
    ...Object.fromEntries(
      Object.entries(rest).filter(([keyword, value]) => bounds.includes(keyword) && !isAnyInteger(value)),
    ),
  };
}

/** The bounds that zod gives every integer. */
function isAnyInteger(bound: unknown): boolean {
  return Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

type Compare = (path: string, api: Field | undefined, tool: Field | undefined) => string[];

/** Compares every field of every tool with the API, also inside objects, arrays and maps. Returns all differences. */
export function compareFields(compare: Compare): string[] {
  return pairs.flatMap(({ name, apiFields, toolFields }) => compareAll(name, apiFields, toolFields, compare));
}

function compareAll(
  path: string,
  apiFields: Readonly<Record<string, Field>>,
  toolFields: Readonly<Record<string, Field>>,
  compare: Compare,
): string[] {
  const names = [...new Set([...Object.keys(apiFields), ...Object.keys(toolFields)])];
  return names.flatMap((name) => compareNested(`${path}.${name}`, apiFields[name], toolFields[name], compare));
}

function compareNested(path: string, api: Field | undefined, tool: Field | undefined, compare: Compare): string[] {
  const differences = compare(path, api, tool);
  if (!api || !tool) return differences;
  return [
    ...differences,
    ...(api.items && tool.items ? compareNested(`${path}[]`, api.items, tool.items, compare) : []),
    ...(api.values && tool.values ? compareNested(`${path}.*`, api.values, tool.values, compare) : []),
    ...(api.fields ? compareAll(path, api.fields, tool.fields ?? {}, compare) : []),
  ];
}
