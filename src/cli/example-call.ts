import { mcpDefinition } from '../tools/mcp-definition.ts';
import type { Tool } from '../tools/types.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * An example call of a tool, as typed in a shell, with every required argument. Values that only the caller knows are in
 * capitals. If the combination is invalid, the argument that the tool's check names first is added.
 */
export function exampleCall(tool: Tool): string {
  const { inputSchema: schema } = mcpDefinition(tool);
  const fields = Object.entries(record(schema['properties']));
  const required = new Set(list(schema['required']));
  const needed = fields.filter(([field]) => required.has(field));
  const shown = needed.length ? needed : [...fields.filter(([field]) => field === 'limit'), ...fields].slice(0, 1);
  const input = new Map(shown.map(([field, value]) => [field, exampleOf(field, record(value))]));
  const isOpen = (field: string) => !input.has(field) && fields.some(([one]) => one === field);
  for (let left = fields.length; left > 0; left--) {
    const { data } = tool.input.safeParse(Object.fromEntries(input));
    const named = (data && tool.check?.(data)?.match(/\w+/g)) ?? [];
    const [missing, value] = fields.find(([field]) => field === named.find(isOpen)) ?? [];
    if (missing === undefined) break;
    input.set(missing, exampleOf(missing, record(value)));
  }
  return ['workos-mcp call', tool.name, ...[...input].map(([field, value]) => argument(field, value))].join(' ');
}

function argument(name: string, value: unknown): string {
  return typeof value === 'object' ? `${name}:=${quoted(JSON.stringify(value))}` : `${name}=${quoted(String(value))}`;
}

/** Quotes a word for the shell if necessary. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function exampleOf(name: string, schema: Schema): unknown {
  const { anyOf, type, enum: choices, items, properties, minimum } = schema;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return exampleOf(name, record(anyOf[0]));
  switch (type) {
    case 'integer':
    case 'number':
      return name === 'limit' ? 5 : Number(minimum ?? 1);
    case 'boolean':
      return true;
    case 'array':
      return [exampleOf(name.replace(/s$/, ''), record(items))];
    case 'object': {
      const required = new Set(list(schema['required']));
      const needed = Object.entries(record(properties)).filter(([field]) => required.has(field));
      return Object.fromEntries(needed.map(([field, value]) => [field, exampleOf(field, record(value))]));
    }
    default:
      return textFor(name);
  }
}

/** Example values by the name of an argument. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/email$/, 'ada@example.com'],
  [/domain$/, 'example.com'],
  [/ur[il]$/, 'https://example.com'],
  [/_at$|^range_|timestamp$/, '2026-01-31T00:00:00Z'],
  [/^query$/, 'length(data)'],
];

function textFor(name: string): string {
  return TEXTS.find(([pattern]) => pattern.test(name))?.[1] ?? name.toUpperCase();
}

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
