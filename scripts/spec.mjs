#!/usr/bin/env node
// Extracts from an OpenAPI document the data that tests compare the tools with (test/tools/spec.test.ts) and the schemas that the
// sandbox checks requests against (sandbox-spec.mjs), and prints what changed since the last run.
//
//   node scripts/spec.mjs openapi.(json|yaml) [--policy operations.json] [--out FOLDER]
//
// --policy also rewrites policy.json, from a table of operations with their tool names, hints, secrets, and reasons for consent.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventFields, oneEntryPerLine, responseSchemas, sandboxOperations } from './sandbox-spec.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const LOWER_BOUNDS = ['minimum', 'minLength', 'minItems'];
const UPPER_BOUNDS = ['maximum', 'maxLength', 'maxItems', 'maxProperties'];
/** The facts of a path placeholder that the document does not describe. */
const UNDESCRIBED = { required: true, types: ['string'] };

await main();

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { policy: { type: 'string' }, out: { type: 'string' } },
  });
  const [source, ...more] = positionals;
  if (source === undefined || more.length > 0) {
    process.stderr.write(
      'usage: node scripts/spec.mjs openapi.(json|yaml) [--policy operations.json] [--out folder]\n',
    );
    process.exitCode = 2;
    return;
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  const [out, sandbox] = values.out
    ? [values.out, values.out]
    : [join(root, 'test/fixtures'), join(root, 'src/sandbox/document')];
  for (const folder of [out, sandbox]) mkdirSync(folder, { recursive: true });
  const target = join(out, 'operations.json');
  const before = existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')) : {};
  const document = await readDocument(source);
  const after = operations(document);
  writeFileSync(target, format(after));
  writeFileSync(join(sandbox, 'requests.json'), oneEntryPerLine(sandboxOperations(document)));
  writeFileSync(join(sandbox, 'events.json'), oneEntryPerLine(eventFields(document)));
  const { operations: responses, components } = responseSchemas(document);
  writeFileSync(join(out, 'responses.json'), oneEntryPerLine(responses));
  writeFileSync(join(out, 'response-schemas.json'), oneEntryPerLine(components.schemas));
  const lines = changes(before, after);
  process.stdout.write(`${lines.length ? lines.join('\n') : 'nothing changed'}\n${summary(after)}\n`);
  if (values.policy !== undefined) {
    const rows = JSON.parse(readFileSync(values.policy, 'utf8'));
    writeFileSync(join(out, 'policy.json'), `[\n${rows.map((row) => JSON.stringify(policy(row))).join(',\n')}\n]\n`);
  }
}

async function readDocument(path) {
  const text = readFileSync(path, 'utf8');
  if (!/\.ya?ml$/.test(path)) return JSON.parse(text);
  const { parse } = await import('yaml');
  return parse(text);
}

/** All operations by `METHOD /path`, sorted. */
function operations(document) {
  const found = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [
      `${method.toUpperCase()} ${path}`,
      operation(document, path, item, item[method]),
    ]),
  );
  return sorted(Object.fromEntries(found));
}

function operation(document, path, item, details) {
  const parameters = [...(item.parameters ?? []), ...(details.parameters ?? [])].map((one) => resolve(document, one));
  const parametersIn = (location) =>
    Object.fromEntries(
      parameters.filter((one) => one.in === location).map((one) => [one.name, parameter(document, one)]),
    );
  const [inPath, query] = [parametersIn('path'), parametersIn('query')];
  const { content } = resolve(document, details.requestBody ?? {});
  const body = content && (content['application/json'] ?? Object.values(content)[0])?.schema;
  const exclusive = {
    ...details['x-mutually-exclusive-parameter-groups'],
    ...details['x-mutually-exclusive-body-groups'],
  };
  return {
    // In the order of the path, because the tools name placeholders differently.
    path: Object.fromEntries(
      Array.from(path.matchAll(/\{([^}]+)\}/g), ([, name]) => [name, inPath[name] ?? UNDESCRIBED]),
    ),
    ...(Object.keys(query).length && { query: sorted(query) }),
    // An empty body is not the same as no body.
    ...(body && { body: fields(document, variants(document, body)) }),
    ...(details.deprecated && { deprecated: true }),
    ...(Object.keys(exclusive).length && { exclusive: sorted(exclusive) }),
  };
}

function parameter(document, { schema = {}, required = false, deprecated = false }) {
  return merge(document, variants(document, schema), required, deprecated);
}

/** The facts of a value with several possible shapes: the union of types and choices, and the bounds that all shapes have. */
function merge(document, shapes, required, deprecated) {
  const real = shapes.filter((shape) => typesOf(shape).join() !== 'null');
  const choices = real.map(choicesOf);
  const items = real.flatMap((shape) => (shape.items ? variants(document, shape.items, shape.trail) : []));
  const map = real.flatMap((shape) =>
    [shape.additionalProperties, ...Object.values(shape.patternProperties ?? {})]
      .filter((one) => typeof one === 'object' && Object.keys(one).length > 0)
      .flatMap((one) => variants(document, one, shape.trail)),
  );
  const objects = real.filter((shape) => shape.properties);
  const inner = fields(document, objects);
  return {
    ...(required && { required }),
    ...((deprecated || (real.length > 0 && real.every((shape) => shape.deprecated))) && { deprecated: true }),
    types: [...new Set(shapes.flatMap(typesOf))].sort(),
    ...(real.length > 0 && choices.every(Boolean) && { enum: [...new Set(choices.flat())].sort() }),
    ...bounds(real, LOWER_BOUNDS, Math.min),
    ...bounds(real, UPPER_BOUNDS, Math.max),
    ...(items.length && { items: merge(document, items, false, false) }),
    ...(map.length && { values: merge(document, map, false, false) }),
    ...(Object.keys(inner).length && { fields: inner }),
  };
}

/** The fields of an object with several possible shapes. A field is required if every shape requires it. */
function fields(document, shapes) {
  const names = [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const declaring = shapes.filter((shape) => shape.properties?.[name]);
      const required = shapes.every((shape) => shape.required?.includes(name));
      const deprecated = declaring.every((shape) => shape.properties[name].deprecated);
      const allowed = declaring.flatMap((shape) => variants(document, shape.properties[name], shape.trail));
      return [name, merge(document, allowed, required, deprecated)];
    }),
  );
}

/**
 * Expands a schema into the plain shapes it allows: references are resolved, unions and intersections multiplied out. A shape's
 * trail is the references that led to it; a reference that is already on it is recursive, and is not followed.
 */
function variants(document, schema, trail = []) {
  if (schema.$ref) {
    if (trail.includes(schema.$ref)) return [{ trail }];
    const { $ref, ...beside } = schema;
    return cross(variants(document, resolve(document, { $ref }), [...trail, $ref]), [{ ...beside, trail }]);
  }
  const { allOf = [], oneOf, anyOf, not: _, ...own } = schema;
  const unions = [oneOf, anyOf].filter(Boolean).map((union) => union.flatMap((one) => variants(document, one, trail)));
  return [...allOf.map((part) => variants(document, part, trail)), ...unions].reduce(cross, [{ ...own, trail }]);
}

function cross(left, right) {
  return left.flatMap((one) =>
    right.map((other) => ({
      ...one,
      ...other,
      trail: [...new Set([...one.trail, ...other.trail])],
      ...((one.properties || other.properties) && { properties: { ...one.properties, ...other.properties } }),
      ...((one.required || other.required) && { required: [...(one.required ?? []), ...(other.required ?? [])] }),
    })),
  );
}

function resolve(document, node) {
  if (!node.$ref) return node;
  if (!node.$ref.startsWith('#/')) throw new Error(`${node.$ref} points outside the document`);
  const keys = node.$ref.slice(2).split('/');
  const found = keys.reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  if (!found) throw new Error(`${node.$ref} does not exist in the document`);
  return resolve(document, found);
}

function typesOf(shape) {
  const choices = [...(shape.enum ?? []), ...('const' in shape ? [shape.const] : [])];
  const named = [shape.type ?? []].flat();
  const types = named.length ? named : choices.map((one) => (one === null ? 'null' : typeof one));
  return [...types, ...(types.length === 0 && shape.properties ? ['object'] : []), ...(shape.nullable ? ['null'] : [])];
}

function choicesOf(shape) {
  if ('const' in shape) return [shape.const];
  return shape.enum?.filter((one) => one !== null);
}

function bounds(shapes, keywords, loosest) {
  return Object.fromEntries(
    keywords
      .filter((keyword) => shapes.length > 0 && shapes.every((shape) => typeof shape[keyword] === 'number'))
      .map((keyword) => [keyword, loosest(...shapes.map((shape) => shape[keyword]))]),
  );
}

/** One line per difference: `+` for an addition, `-` for a removal, `~` for a change. */
function changes(before, after) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    if (!before[name]) return [`+ ${name}`];
    if (!after[name]) return [`- ${name}`];
    return differences(before[name], after[name]).map(([sign, text]) => `${sign} ${name}: ${text}`);
  });
}

function differences(before, after) {
  const of = ({ path, query, body }) => ({ ...flat(path, 'path'), ...flat(query, 'query'), ...flat(body, 'body') });
  const [had, has] = [of(before), of(after)];
  const fields = [...new Set([...Object.keys(had), ...Object.keys(has)])].sort().flatMap((name) => {
    if (!had[name]) return [['+', `${name} (${describe(has[name])})`]];
    if (!has[name]) return [['-', name]];
    const [then, now] = [describe(had[name]), describe(has[name])];
    return then === now ? [] : [['~', `${name} was ${then}, is ${now}`]];
  });
  const rest = ['deprecated', 'exclusive']
    .map((key) => [key, JSON.stringify(before[key]) ?? 'unset', JSON.stringify(after[key]) ?? 'unset'])
    .filter(([, then, now]) => then !== now)
    .map(([key, then, now]) => ['~', `${key} was ${then}, is ${now}`]);
  const body = !before.body === !after.body ? [] : [[after.body ? '+' : '-', 'a body']];
  return [...body, ...fields, ...rest];
}

/** All fields by their full names, including those inside objects, lists, and maps. */
function flat(fields, at) {
  return Object.assign({}, ...Object.entries(fields ?? {}).map(([name, field]) => deep(field, `${at}.${name}`)));
}

function deep({ items, values, fields, ...own }, at) {
  return {
    [at]: own,
    ...(items && deep(items, `${at}[]`)),
    ...(values && deep(values, `${at}.*`)),
    ...flat(fields, at),
  };
}

function describe({ types, required, enum: choices, ...rest }) {
  const words = [types.join(' or ') || 'anything', required ? 'required' : 'optional'];
  if (choices) words.push(`one of ${choices.join(' | ')}`);
  return [...words, ...Object.entries(rest).map(([keyword, value]) => `${keyword} ${value}`)].join(', ');
}

function summary(after) {
  const all = Object.values(after);
  const count = all.reduce((sum, { query = {}, body = {} }) => sum + Object.keys({ ...query, ...body }).length, 0);
  return `${all.length} operations, ${count} fields`;
}

/** JSON with one line per field, for readable diffs. */
function format(operations) {
  const block = (name, record) => {
    const entries = Object.entries(record).map(
      ([key, value]) => `\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return ` ${JSON.stringify(name)}: {${entries.join(',')}}`;
  };
  const lines = Object.entries(operations).map(([name, operation]) => {
    const parts = Object.entries(operation).map(([key, value]) =>
      typeof value === 'object' ? block(key, value) : ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return `${JSON.stringify(name)}: {\n${parts.join(',\n')}}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** Picks the columns of the table that the tests use. */
function policy(row) {
  return {
    tool: row.tool,
    operation: `${row.method} ${row.specPath}`,
    path: row.path,
    toolset: row.toolset,
    core: row.core,
    readOnly: row.readOnly,
    destructive: row.destructive,
    idempotent: row.idempotent,
    auth: row.auth,
    redirect: row.kind === 'redirect',
    paginated: row.paginated,
    secretIn: row.secretIn,
    secretOut: row.secretOut,
    secretClass: row.secretClass,
    ...(row.consentFor && { consentFor: row.consentFor }),
  };
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
