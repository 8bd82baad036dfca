import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Range,
  stringify,
  visit,
  type YAMLError,
} from 'yaml';
import * as z from 'zod';
import { InputError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { eventTypes, WEBHOOK_EVENTS } from '../event-names.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Landscape, type Section, sectionOf, TEMPLATE } from './landscape.ts';

/** The kinds that a file holds: those that the API can create. */
export const FILE_KINDS = [
  'permissions',
  'roles',
  'redirect_uris',
  'cors_origins',
  'webhook_endpoints',
  'jwt_template',
  'audit_log_schemas',
] as const satisfies readonly Kind[];

const slug = z.string().min(1).max(200);
const text = z.string().min(1).max(200);
const description = z.string().max(2_000).nullish();
const described = { slug, name: text, description, resource_type_slug: slug.optional() };
const Json = z.record(z.string(), z.unknown());

/** The most items of one kind. */
const MOST = 10_000;

/** The shape of a file. A kind that the file omits is not changed. */
const Configuration = z.strictObject({
  version: z.literal(1),
  permissions: z.array(z.strictObject(described)).max(MOST).optional(),
  roles: z
    .array(z.strictObject({ ...described, permissions: z.array(slug).max(MOST).optional() }))
    .max(MOST)
    .optional(),
  redirect_uris: z
    .array(z.strictObject({ uri: z.string().min(1), default: z.boolean().default(false) }))
    .max(MOST)
    .optional(),
  cors_origins: z
    .array(z.strictObject({ origin: z.url() }))
    .max(MOST)
    .optional(),
  webhook_endpoints: z
    .array(
      z.strictObject({
        endpoint_url: z.url(),
        events: eventTypes(WEBHOOK_EVENTS),
        status: z.enum(['enabled', 'disabled']).default('enabled'),
      }),
    )
    .max(MOST)
    .optional(),
  jwt_template: z.string().min(1).optional(),
  audit_log_schemas: z
    .array(
      z.strictObject({
        action: z.string().min(1),
        targets: z.array(z.looseObject({ type: z.string() })).min(1),
        actor: Json.optional(),
        metadata: Json.optional(),
      }),
    )
    .max(MOST)
    .optional(),
});

const HEADER = `WorkOS configuration. Review it, keep it under version control, and apply it with apply_configuration: it shows a
plan first and deletes nothing. A kind that is left out stays unchanged. This file has no ids or secrets.`;

/** Writes a landscape as a file that a person can review. */
export function configurationText({ sections }: Landscape): string {
  const configuration = Object.fromEntries(
    FILE_KINDS.flatMap((kind) => {
      const section = sections[kind];
      return section ? [[kind, written(kind, section)] as const] : [];
    }).filter(([, value]) => value !== undefined),
  );
  const comment = HEADER.split('\n').map((line) => `# ${line}\n`);
  const options = { lineWidth: 0, aliasDuplicateObjects: false, schema: 'core' } as const;
  return `${comment.join('')}${stringify({ version: 1, ...configuration }, options)}`;
}

function written(kind: Kind, { items }: Section): unknown {
  if (kind === 'jwt_template') return items[0]?.fields['content'];
  const rows = items.map(({ key, fields, values }) => ({
    [KINDS[kind].key]: key,
    ...Object.fromEntries(KINDS[kind].fields.flatMap((name) => fieldOf(name, fields, values))),
  }));
  return rows.sort((a, b) => (String(a[KINDS[kind].key]) < String(b[KINDS[kind].key]) ? -1 : 1));
}

/** Lists are sorted, and empty values are omitted. A JSON Schema is written unchanged. */
function fieldOf(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, unknown>>,
): [string, unknown][] {
  const value = fields[name];
  if (value === undefined || value === false) return [];
  return [[name, Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : values[name]]];
}

/**
 * Parses a configuration file. Problems are reported with their lines, and never quote the contents.
 * @throws {InputError}
 */
export function parseConfiguration(source: string, path: string): Landscape {
  const lines = new LineCounter();
  const lineOf = (offset: number) => lines.linePos(offset).line;
  const fail = (problems: readonly string[]): never => {
    const shown = problems.slice(0, MOST_PROBLEMS).join('; ');
    const more = problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : '';
    throw new InputError(
      `${quoteUntrusted(path, 200)} cannot be used: ${shown}${more}`,
      ['path'],
      'Correct the file. export_configuration writes one as an example. Nothing was changed.',
    );
  };
  if (isTooDeep(source)) return fail([TOO_DEEP]);
  const { value, rangeAt } = parseYaml(source, lines, lineOf, fail);
  const { data, error } = Configuration.safeParse(value);
  if (!data) {
    return fail(
      error.issues.flatMap((issue) =>
        problemsOf(issue).map(({ path: place, problem }) => {
          const at = rangeAt(place);
          return `${at ? `line ${lineOf(at[0])}: ` : ''}${problem}`;
        }),
      ),
    );
  }
  const sections = FILE_KINDS.flatMap((kind) =>
    data[kind] === undefined ? [] : [[kind, sectionIn(kind, data)] as const],
  );
  const twice = sections.flatMap(([kind, { ambiguous }]) => ambiguous.map((key) => ({ kind, key })));
  if (twice.length > 0) {
    return fail(
      twice.map(({ kind, key }) => {
        const rows: readonly object[] = [data[kind]].flat().filter((one) => typeof one === 'object');
        const second = rows.findLastIndex((row) => new Map(Object.entries(row)).get(KINDS[kind].key) === key);
        const at = rangeAt([kind, second]);
        return `${at ? `line ${lineOf(at[0])}: ` : ''}${kind} has ${quoteUntrusted(key, 60)} twice`;
      }),
    );
  }
  return { sections: Object.fromEntries(sections), unread: [] };
}

const MOST_PROBLEMS = 8;

const TOO_DEEP = 'it is nested too deeply';

/** The most brackets that may be open at once. A parser takes long to reject deeper nesting. */
const MAX_DEPTH = 200;

/** Brackets inside strings count too; no real configuration has this many open. */
function isTooDeep(source: string): boolean {
  let depth = 0;
  let deepest = 0;
  for (const sign of source) {
    if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth = Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest > MAX_DEPTH || /(?:[-?:][ \t]+){100}/.test(source);
}

function sectionIn(kind: (typeof FILE_KINDS)[number], data: z.output<typeof Configuration>): Section {
  if (kind !== 'jwt_template') return sectionOf(kind, data[kind] ?? []);
  const fields = { content: data.jwt_template };
  return { items: [{ key: TEMPLATE, fields, values: fields }], ambiguous: [] };
}

/** Parses YAML into plain values, with a function that finds the position of a value in the text. */
function parseYaml(
  source: string,
  lines: LineCounter,
  lineOf: (offset: number) => number,
  fail: (problems: readonly string[]) => never,
): { value: unknown; rangeAt: (path: readonly PropertyKey[]) => Range | undefined } {
  try {
    const document = parseDocument(source, {
      lineCounter: lines,
      schema: 'core',
      merge: false,
      stringKeys: true,
      // At the level `silent`, the parser does not report a second document.
      logLevel: 'error',
    });
    // The parser's messages can quote the file.
    const problems: string[] = [...document.errors, ...document.warnings].map(
      (error: YAMLError) => `line ${lineOf(error.pos[0])}: ${YAML_PROBLEMS[error.code] ?? 'not valid YAML'}`,
    );
    visit(document, {
      Node(_, node) {
        if (isAlias(node)) problems.push(`line ${lineOf(node.range?.[0] ?? 0)}: aliases are not supported`);
      },
      Pair(_, { key }) {
        const name = typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
        if (name !== '__proto__') return;
        problems.push('a field cannot be called __proto__');
      },
    });
    if (problems.length > 0) return fail([...new Set(problems)]);
    return {
      value: document.toJS({ maxAliasCount: 0 }),
      rangeAt: (path) => rangeIn(document, path),
    };
  } catch (error) {
    if (error instanceof RangeError) return fail([TOO_DEEP]);
    throw error;
  }
}

/** Messages for the error codes of the YAML parser. https://eemeli.org/yaml/#errors */
const YAML_PROBLEMS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'aliases are not supported',
  BAD_ALIAS: 'aliases are not supported',
  BAD_INDENT: 'wrong indentation',
  BLOCK_AS_IMPLICIT_KEY: 'wrong indentation',
  DUPLICATE_KEY: 'a field appears twice',
  MISSING_CHAR: 'a character is missing, such as a quote or a bracket',
  MULTIPLE_DOCS: 'a second document begins; only one is allowed',
  NON_STRING_KEY: 'the name of a field must be a string',
  TAB_AS_INDENT: 'a tab where YAML needs spaces',
  TAG_RESOLVE_FAILED: 'tags are not supported',
};

/** The position of a value, or else of its nearest ancestor in the file. A field begins at its name. */
function rangeIn(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): Range | undefined {
  for (let length = path.length; length >= 0; length--) {
    const parent: unknown = length > 0 ? document.getIn(path.slice(0, length - 1), true) : undefined;
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === path[length - 1])
      : undefined;
    const node: unknown = pair?.key ?? (length === 0 ? document.contents : document.getIn(path.slice(0, length), true));
    // The parser sets `range` to the offsets of a node, or leaves it empty.
    if (isNode(node) && node.range) return node.range;
  }
  return undefined;
}

/** The problems of an issue, each with its path. */
function problemsOf(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; problem: string }[] {
  const { path } = issue;
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  const where = steps.replace(/^\./, '') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: `${where} has the unknown field ${quoteUntrusted(key, 40)}`,
    }));
  }
  if (issue.code === 'invalid_type') {
    return [{ path, problem: `${where} must be ${TYPES[issue.expected] ?? issue.expected}` }];
  }
  return [{ path, problem: `${where}: ${issue.message.slice(0, 200)}` }];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string (quote what looks like a number)',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
  boolean: 'true or false',
  number: 'a number',
};
