import fc from 'fast-check';
import { parseArguments } from '../../src/call/arguments.ts';
import { placeholders } from '../../src/client/request-plan.ts';
import { routeOf } from '../../src/tools/define.ts';
import { mcpDefinition } from '../../src/tools/mcp-definition.ts';
import type { Tool } from '../../src/tools/types.ts';

export type Input = Record<string, unknown>;
export type Schema = Readonly<Record<string, unknown>>;

interface Arguments {
  properties: Readonly<Record<string, Schema>>;
  required: readonly string[];
}

const schemas = new WeakMap<Tool, Arguments>();

/** A tool's arguments as tools/list shows them. */
export function schemaOf(tool: Tool): Arguments {
  const known = schemas.get(tool) ?? readSchema(tool);
  schemas.set(tool, known);
  return known;
}

function readSchema(tool: Tool): Arguments {
  const { properties, required } = mcpDefinition(tool).inputSchema;
  // zod writes JSON Schema: an object of schemas, and an array of names.
  return { properties: (properties ?? {}) as Record<string, Schema>, required: (required ?? []) as string[] };
}

/** The arguments in the path of a tool's request. */
export function pathArguments(tool: Tool): string[] {
  const route = routeOf(tool);
  return route ? placeholders(route) : [];
}

/** Strings in formats that the schema does not mention; tried in turn if a random string is refused. */
const FORMATS = ['2026-01-31T00:00:00Z', 'ada@example.com', 'https://example.com/a', '192.0.2.1', 'org-auditor', '{}'];

const text = fc.oneof(
  fc.stringMatching(/^[a-z]{3}_[A-Z0-9]{4,12}$/),
  fc.constantFrom('a/b', '../x', '?a=b#c', '100%', 'two words', 'a,b', '"quoted"', '%2e%2e', 'Zürich 東京 🦊', '<b>'),
);

/** Values that the schema allows. */
function values(schema: Schema): fc.Arbitrary<unknown> {
  const { type, anyOf, enum: choices, const: only } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(choices)) return fc.constantFrom(...choices);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(values));
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => values({ ...schema, type: one })));
  const least = Number(schema['minimum'] ?? 0);
  switch (type) {
    case 'string':
      return texts(Number(schema['minLength'] ?? 1), Number(schema['maxLength'] ?? 40));
    case 'integer':
    case 'number':
      return fc.integer({ min: least, max: Number(schema['maximum'] ?? least + 100) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const min = Number(schema['minItems'] ?? 0);
      // A list of event types is sent without repetitions.
      return fc.uniqueArray(values(asSchema(schema['items'])), {
        minLength: min,
        maxLength: min + 2,
        selector: (item) => JSON.stringify(item),
      });
    }
    case 'object':
      return objects(schema);
    default:
      return fc.constantFrom<unknown>('text', 7, true, null, { a: [1] });
  }
}

function texts(least: number, most: number): fc.Arbitrary<string> {
  return text.map((one) => one.padEnd(least, 'x').slice(0, most)).map((one) => one.replace(/\p{Cs}/gu, ''));
}

function objects(schema: Schema): fc.Arbitrary<Input> {
  const { additionalProperties, properties, required } = schema;
  if (properties === undefined) {
    const inner = typeof additionalProperties === 'object' ? asSchema(additionalProperties) : {};
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), values(inner), { maxKeys: 3 });
  }
  const fields = Object.entries(asSchema(properties)).map(([name, one]) => [name, values(asSchema(one))]);
  // `required` in JSON Schema is an array of names.
  return fc.record(Object.fromEntries(fields), { requiredKeys: (required ?? []) as string[] });
}

export function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/**
 * Random arguments that a tool accepts, including its check and formats that the schema does not mention. Contains only
 * arguments that the API knows, and always the fields in `pinned`.
 */
export function validInputs(tool: Tool, pinned: readonly string[] = []): fc.Arbitrary<Input> {
  const { properties, required } = schemaOf(tool);
  const always = new Set([...required, ...pinned]);
  const own = tool.fields.map((name) => [name, values(properties[name] ?? {})] as const);
  return fc
    .record({
      all: fc.record(Object.fromEntries(own)),
      given: fc.subarray([...tool.fields]),
      coins: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
    })
    .map(({ all, given, coins }) => {
      const names = new Set([...always, ...given]);
      return settle(tool, all, names, always, coins);
    })
    .filter((input): input is Input => input !== undefined && accepts(tool, input));
}

/** Covers rules that are not in the schema, such as what fits into a URL. */
function accepts(tool: Tool, input: Input): boolean {
  try {
    return parseArguments(tool, input) !== undefined;
  } catch {
    return false;
  }
}

/** Replaces refused strings, and adds or drops the fields that a check complains about, until the input is valid. */
function settle(tool: Tool, all: Input, names: Set<string>, always: ReadonlySet<string>, coins: readonly number[]) {
  for (const coin of coins) {
    let input: Input = pickFrom(all, names);
    for (const format of FORMATS) {
      const { error } = tool.input.safeParse(input);
      if (!error) break;
      for (const { path } of error.issues) input = asSchema(replaceAt(input, path, format));
    }
    const parsed = tool.input.safeParse(input);
    if (!parsed.success) {
      const optional = parsed.error.issues.map(({ path }) => String(path[0])).filter((name) => !always.has(name));
      if (optional.length === 0) return undefined;
      for (const name of optional) names.delete(name);
      continue;
    }
    const complaint = tool.check?.(parsed.data);
    if (!complaint) return input;
    const words = new Set(complaint.split(/[^a-z_]+/));
    const movable = tool.fields.filter((name) => words.has(name) && !always.has(name));
    const moved = movable[coin % movable.length];
    if (moved === undefined) {
      const choice = tool.fields.find((name) => words.has(name));
      if (choice === undefined) return undefined;
      const options = schemaOf(tool).properties[choice]?.['enum'];
      if (Array.isArray(options)) all = { ...all, [choice]: options[coin % options.length] };
    } else if (!names.delete(moved)) names.add(moved);
  }
  return undefined;
}

function pickFrom(all: Input, names: ReadonlySet<string>): Input {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}

/** A copy with the value at a path replaced; missing objects on the path are created. */
export function replaceAt(value: unknown, path: readonly PropertyKey[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, at) => (at === Number(step) ? replaceAt(item, rest, replacement) : item));
  const fields = asSchema(value);
  return { ...fields, [step]: replaceAt(fields[String(step)], rest, replacement) };
}

const examples = new Map<string, Input>();

/** An input that the tool accepts, always the same. */
export function exampleOf(tool: Tool, pinned: readonly string[] = []): Input {
  // A remote caller's tool has the same name but other arguments.
  const key = [tool.name, ...tool.fields, ...pinned].join();
  const known = examples.get(key) ?? findExample(tool, pinned);
  examples.set(key, known);
  return known;
}

function findExample(tool: Tool, pinned: readonly string[]): Input {
  const [input] = fc.sample(validInputs(tool, pinned), { numRuns: 1, seed: 7 });
  if (!input) throw new Error(`no valid input found for ${tool.name}`);
  const { required } = schemaOf(tool);
  const plain = pathArguments(tool).map((name) => [name, `a_${name}`]);
  const kept = Object.entries(input).filter(([name]) => required.includes(name) || pinned.includes(name));
  const least = { ...Object.fromEntries(kept), ...Object.fromEntries(plain) };
  const parsed = tool.input.safeParse(least);
  return !parsed.success || tool.check?.(parsed.data) ? input : least;
}
