/** Thrown if the arguments of a command cannot be used. `exitCode` is the code to exit with. */
export class ArgumentsError extends Error {
  readonly hint: string;
  readonly exitCode: 1 | 2;

  constructor(message: string, hint: string, exitCode: 1 | 2) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Reads a file, or stdin for `-`. */
type ReadText = (source: string) => Promise<string>;

const FORMS = `Write key=value, key:=json, '{"key": "value"}', @FILE or -.`;

/**
 * Parses the words after a tool's name into arguments: `key=value`, `key:=json`, a JSON object, `@file` or `-` for stdin. Later
 * words win. A plain value is converted to the type that the tool's schema asks for; an ambiguous one is refused.
 * @throws {ArgumentsError}
 */
export async function readArguments(
  words: readonly string[],
  schema: Schema,
  read: ReadText,
): Promise<Record<string, unknown>> {
  const parts: (readonly [string, unknown])[] = [];
  for (const word of words) {
    const pair = /^([^\s=:{}[\]"']+)(:?=)(.*)$/s.exec(word);
    const [, key = '', sign, text = ''] = pair ?? [];
    if (word === '-' || word.startsWith('@')) {
      const source = word === '-' ? word : word.slice(1);
      for (const part of objectIn(await read(source), word === '-' ? 'stdin' : source)) parts.push(part);
    } else if (sign === ':=') parts.push([key, parse(text, `${key}:=`)]);
    else if (sign === '=') parts.push([key, fromText(key, text, record(record(schema['properties'])[key]))]);
    else for (const part of objectIn(word, undefined)) parts.push(part);
  }
  return Object.fromEntries(parts);
}

function objectIn(text: string, source: string | undefined): [string, unknown][] {
  const what = source === undefined ? 'The arguments are' : `The content of ${source} is`;
  const value = parse(text, undefined, what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new ArgumentsError(`${what} not a JSON object`, FORMS, 2);
}

/** Parses JSON. Hides the parser's own message, because it quotes the text, which may be a secret. */
function parse(text: string, key: string | undefined, what = `${key} is`): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /at position (\d+)/.exec(String(error))?.[1];
    const hint = key ? `Quote it for the shell: '${key}"text"'.` : FORMS;
    throw new ArgumentsError(`${what} not JSON${at ? ` at position ${at}` : ''}`, hint, 2);
  }
}

type Schema = Readonly<Record<string, unknown>>;

/** For error messages: a description of each type, and an example in JSON. */
const WRITTEN: readonly (readonly [type: string, words: string, example: string])[] = [
  ['integer', 'a whole number', '10'],
  ['number', 'a number', '1.5'],
  ['boolean', 'true or false', 'true'],
  ['array', 'a list', '["a", "b"]'],
  ['object', 'an object', '{"name": "value"}'],
];

function fromText(key: string, text: string, schema: Schema): unknown {
  const types = typesOf(schema);
  // Strings stay as they are, and the tool itself refuses unknown arguments.
  if (types.size === 0 || types.has('string')) return text;
  const readings = [...types].flatMap((type) => readingsAs(type, text, schema));
  const [first] = readings;
  if (readings.length === 1 || (first !== undefined && readings.every((one) => one === first))) return first;
  const written = WRITTEN.filter(([type]) => types.has(type));
  throw new ArgumentsError(
    `${key} takes ${written.map(([, words]) => words).join(' or ')}, not the text after =`,
    `Write it as JSON: '${key}:=${written.at(-1)?.[2] ?? 'null'}'. Nothing was sent.`,
    1,
  );
}

/** The text read as a value of this type, as a list of one; empty if it cannot be read as one. */
function readingsAs(type: string, text: string, schema: Schema): unknown[] {
  switch (type) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? [Number(text)] : [];
    case 'number':
      return /^-?\d{1,15}(?:\.\d+)?$/.test(text) ? [Number(text)] : [];
    case 'boolean':
      return text === 'true' || text === 'false' ? [text === 'true'] : [];
    case 'null':
      return text === 'null' ? [null] : [];
    case 'object':
      return /^\s*\{/.test(text) ? parsed(text) : [];
    default: {
      if (/^\s*\[/.test(text)) return parsed(text);
      // A single item, unless the text looks like several.
      const items = itemsOf(schema);
      const single = /^[^\s,;|[\]{}"]+$/.test(text) && (items.has('string') || items.has('integer'));
      return single ? [[items.has('string') ? text : Number(text)]] : [];
    }
  }
}

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** The types that a schema allows; empty if it allows anything. */
function typesOf(schema: Schema): Set<string> {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return new Set(anyOf.flatMap((one) => [...typesOf(record(one))]));
  return new Set(type === undefined ? [] : [String(type)]);
}

function itemsOf(schema: Schema): Set<string> {
  const lists = [schema, ...(Array.isArray(schema['anyOf']) ? schema['anyOf'] : [])].map(record);
  return new Set(lists.flatMap(({ items }) => [...typesOf(record(items))]));
}

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
