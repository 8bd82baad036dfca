import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { tools } from '../../src/tools/catalog.ts';
import { routeOf } from '../../src/tools/define.ts';
import type { Tool } from '../../src/tools/types.ts';
import { type Connected, connect, type Recorded } from '../harness.ts';
import { asSchema, exampleOf, type Input, pathArguments, type Schema, schemaOf, validInputs } from './examples.ts';

const every = [...tools.values()];
/** Tools for a single operation: one call sends one request. */
const singleRequest = every.filter((tool) => routeOf(tool) !== undefined);
const byName = (selected: readonly Tool[]) => selected.map((tool) => [tool.name, tool] as const);

let server: Connected;
/** The server for the tools that need two environments. */
let serverOfTwo: Connected;
beforeAll(async () => {
  const flags = ['--toolsets', 'all', '--tools', 'find_tools', '--confirm', 'never'];
  server = await connect({ flags });
  serverOfTwo = await connect({
    flags: [...flags, '--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY'],
    env: { STAGING_KEY: 'sk_test_staging', PRODUCTION_KEY: 'sk_test_production' },
  });
});
afterAll(() => Promise.all([server.close(), serverOfTwo.close()]));
beforeEach(() => {
  server.api.requests.length = 0;
});

/** get_role looks up an id in a list, which is empty here. */
const EXPECTED_ROUTES: Readonly<Record<string, readonly string[]>> = {
  get_role: ['GET /authorization/roles/{role_slug}', 'GET /authorization/roles'],
};

const routesOf = (tool: Tool): readonly string[] => EXPECTED_ROUTES[tool.name] ?? [routeOf(tool) ?? []].flat();

/** The decoded path arguments of a request, or undefined if it does not match the route. */
function pathArgumentsIn(route: string, method: string, path: string): Input | undefined {
  const [verb, template = ''] = route.split(' ');
  const expected = template.split('/');
  const actual = path.split('/');
  if (verb !== method || expected.length !== actual.length) return undefined;
  const found: Input = {};
  for (const [index, step] of expected.entries()) {
    const text = decodeURIComponent(actual[index] ?? '');
    if (step.startsWith('{')) found[step.slice(1, -1)] = text;
    else if (step !== actual[index]) return undefined;
  }
  return found;
}

/** Differences between the request that was sent and the one these arguments call for. */
function mismatches(tool: Tool, input: Input, { method, url, body }: Recorded): string[] {
  const [path = '', query = ''] = url.split('?');
  const routes = routesOf(tool);
  const found = routes.map((route) => pathArgumentsIn(route, method, path)).find((one) => one !== undefined);
  if (!found) return [`${method} ${path} is not one of ${routes.join(', ')}`];
  const wrong = Object.entries(found).filter(([name, value]) => name in input && value !== input[name]);
  const known = new Set([...tool.fields, 'order', 'client_id', 'client_secret']);
  const pairs = [...new URLSearchParams(query)];
  const unknown = pairs.filter(([name]) => !known.has(name.replace(/\[.*$/, '')));
  const changed = pairs.filter(([name, value]) => {
    const given = input[name];
    return (
      (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') && String(given) !== value
    );
  });
  const sent = asSchema(body);
  const added = Object.keys(sent).filter((name) => !known.has(name) && name !== 'domain_data');
  const altered = Object.keys(sent).filter(
    (name) => name in input && JSON.stringify(sent[name]) !== JSON.stringify(input[name]),
  );
  return [
    ...wrong.map(([name, value]) => `${name} arrived as ${value}`),
    ...unknown.map(([name]) => `${name} is in the query`),
    ...changed.map(([name, value]) => `${name} arrived as ${value}`),
    ...added.map((name) => `${name} is in the body`),
    ...altered.map((name) => `${name} arrived as ${JSON.stringify(sent[name])}`),
  ];
}

describe('valid arguments send one well-formed request', () => {
  it.each(byName(singleRequest))('%s', async (name, tool) => {
    const { api, call } = server;
    await fc.assert(
      fc.asyncProperty(validInputs(tool), async (input) => {
        api.requests.length = 0;
        const { error, value } = await call(name, input);
        if (tool.kind === 'endpoint' && tool.redirect) {
          expect(api.requests).toEqual([]);
          expect(URL.canParse(String(value['url']))).toBe(true);
          expect(new URL(String(value['url'])).origin).toBe(api.url);
          return;
        }
        expect(api.requests).toHaveLength(1);
        // A call may only fail because the response is empty, never because of its arguments.
        if (error) expect(api.requests[0]?.method).toBe('GET');
        const [request] = api.requests;
        expect(request && mismatches(tool, input, request)).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  it.each(byName(singleRequest.filter((tool) => structured(tool).length > 0)))(
    'even if objects and arrays are given as JSON strings: %s',
    async (name, tool) => {
      const { api, call } = server;
      const input = exampleOf(tool, structured(tool).slice(0, 1));
      await call(name, input);
      const asText = Object.fromEntries(
        Object.entries(input).map(([field, value]) => [
          field,
          typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
        ]),
      );
      expect(asText).not.toEqual(input);
      await call(name, asText);
      const [first, second] = api.requests;
      if (tool.kind === 'endpoint' && tool.redirect) return;
      expect(second && { url: second.url, body: second.body }).toEqual(first && { url: first.url, body: first.body });
    },
  );
});

/** The arguments that are always an object or an array. */
function structured(tool: Tool): string[] {
  const { properties } = schemaOf(tool);
  return tool.fields.filter((field) => ['array', 'object'].includes(String(properties[field]?.['type'])));
}

const LONE_SURROGATE = 'half \ud83d of a pair';
const LONG = 'x'.repeat(1_000_000);
let deep: unknown = 'bottom';
for (let level = 0; level < 200; level++) deep = level % 2 ? [deep] : { a: deep };

const typesOf = ({ type }: Schema) => [type ?? []].flat().map(String);

/** Values that an argument does not accept, each with a description. */
function wrongValues(tool: Tool, field: string, schema: Schema): [what: string, value: unknown][] {
  const types = typesOf(schema);
  const { minimum, maximum, maxLength, minItems, enum: choices, additionalProperties, properties } = schema;
  const inUrl =
    pathArguments(tool).includes(field) ||
    (tool.kind === 'endpoint' && tool.send === 'query' && tool.fields.includes(field));
  const anything = types.length === 0 && schema['anyOf'] === undefined && choices === undefined;
  const isRecord = types.includes('object') && properties === undefined && typeof additionalProperties === 'object';
  const wrong: [string, unknown][] = [
    ['deep JSON', deep],
    ['a lone surrogate', LONE_SURROGATE],
    ['a nested lone surrogate', [{ a: LONE_SURROGATE }]],
    ['a nested __proto__', JSON.parse('{"__proto__": {"admin": true}}')],
  ];
  if (anything) return wrong;
  if (!types.includes('string') && !types.includes('integer') && !types.includes('number') && types.length)
    wrong.push(['a number', 5]);
  if (types.includes('string') && types.every((type) => type === 'string' || type === 'null')) {
    wrong.push(['a number', 5], ['an array', ['a']], ['an object', { a: 1 }], ['a boolean', true]);
  }
  if (types.includes('integer'))
    wrong.push(['a number as a string', '5'], ['a fraction', 1.5], ['text', 'many'], ['NaN', Number.NaN]);
  if (types.includes('boolean')) wrong.push(['a boolean as a string', 'true'], ['1', 1]);
  if (types.includes('array')) wrong.push(['text', 'a,b'], ['an object', { length: 1 }], ['broken JSON', '[1,']);
  if (types.includes('object')) wrong.push(['text', 'text'], ['an array', [1]], ['broken JSON', '{"a":']);
  if (types.length && !types.includes('null')) wrong.push(['null', null]);
  if (typeof minimum === 'number') wrong.push(['too small', minimum - 1]);
  if (typeof maximum === 'number') wrong.push(['too large', maximum + 1]);
  if (typeof maxLength === 'number') wrong.push(['too long', 'x'.repeat(maxLength + 1)], ['a megabyte', LONG]);
  if (typeof minItems === 'number' && minItems > 0) wrong.push(['too few', []]);
  if (Array.isArray(choices))
    wrong.push(['an unknown choice', 'nope'], ['the name of an object property', 'constructor']);
  if (inUrl && types.includes('string')) wrong.push(['a megabyte in a URL', LONG]);
  if (pathArguments(tool).includes(field) && !choices) {
    for (const segment of ['', '.', '..', 'a\nb', 'a\u0000b', 'a\u009bb'])
      wrong.push([`${JSON.stringify(segment)} in a path`, segment]);
  }
  if (tool.kind === 'endpoint' && tool.auth === 'access_token') {
    for (const token of ['', 'two words', 'a\r\nx-admin: 1', 'Zürich'])
      wrong.push([`${JSON.stringify(token)} in a header`, token]);
  }
  if (properties !== undefined)
    wrong.push(['an unknown nested field', { ...asSchema(exampleOf(tool, [field])[field]), no_such: 1 }]);
  if (isRecord && typesOf(asSchema(additionalProperties)).includes('string')) {
    wrong.push(['a nested number', { a: 5 }], ['a nested array', { constructor: [] }]);
  }
  return wrong;
}

describe('invalid arguments send nothing, and the error names the argument', () => {
  /** What went wrong: a request was sent, the call was not refused, or the error does not name the field. */
  async function findProblems(tool: Tool, field: string, what: string, input: Input): Promise<string[]> {
    const { call, api } = tool.between ? serverOfTwo : server;
    const { error, isError } = await call(tool.name, input);
    const sent = api.requests.splice(0);
    if (sent.length) return [`${field}, ${what}: sent ${sent[0]?.method} ${sent[0]?.url.slice(0, 80)}`];
    if (!isError || error?.kind !== 'input') return [`${field}, ${what}: ${JSON.stringify(error)}`];
    if (!error.message.includes(field)) return [`${field}, ${what}: not named in ${error.message.slice(0, 200)}`];
    return error.message.length > 1_600 ? [`${field}, ${what}: the error is too long`] : [];
  }

  it.each(byName(every))('%s', async (_, tool) => {
    const { properties, required } = schemaOf(tool);
    const valid: Input = { ...exampleOf(tool), ...(tool.between && { from: 'staging', to: 'production' }) };
    const found: string[] = [];
    for (const field of required) {
      const { [field]: _omitted, ...rest } = valid;
      found.push(...(await findProblems(tool, field, 'omitted', rest)));
    }
    for (const field of ['no_such_argument', 'constructor', 'toString', 'prototype', 'hasOwnProperty']) {
      found.push(...(await findProblems(tool, field, 'unknown', { ...valid, [field]: { admin: true } })));
    }
    // The SDK drops this field between client and server; a shell does not.
    const prototype: Input = JSON.parse('{"__proto__": {"admin": true}}');
    expect(() => parseArguments(tool, { ...valid, ...prototype })).toThrow('cannot have the field "__proto__"');
    for (const [field, schema] of Object.entries(properties)) {
      for (const [what, value] of wrongValues(tool, field, schema)) {
        found.push(...(await findProblems(tool, field, what, { ...valid, [field]: value })));
      }
    }
    expect(found).toEqual([]);
  });

  it.each(byName(every.filter((tool) => tool.check)))(
    '%s with arguments that exclude or require each other',
    async (name, tool) => {
      // Most tools refuse many valid calls combined; others refuse the required arguments alone or with one more.
      const all: Input = Object.assign({}, ...fc.sample(validInputs(tool), { numRuns: 40, seed: 7 }));
      const least = Object.fromEntries(
        Object.entries(all).filter(([field]) => schemaOf(tool).required.includes(field)),
      );
      const one = Object.entries(all).map(([field, value]) => ({ ...least, [field]: value }));
      const wrong = [all, least, ...one].find((input) => tool.input.safeParse(input).success && tool.check?.(input));
      const { error } = await server.call(name, wrong ?? expect.fail());
      expect(server.api.requests).toEqual([]);
      expect(error).toMatchObject({ kind: 'input', hint: expect.stringContaining('Nothing was sent') });
      expect(tool.fields.some((field) => error?.message.includes(field))).toBe(true);
    },
  );

  it('an argument name of a megabyte is cut in the error', async () => {
    const { error } = await server.call('get_organization', { [LONG]: 1 });
    expect(error?.message.length).toBeLessThan(300);
  });

  it('and no prototype is polluted', () => {
    expect(asSchema({})['admin']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('input that only looks dangerous is sent unchanged', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'prototype', 'a.b', '$ne', ''])(
    'as a metadata key: %j',
    async (key) => {
      const metadata = { [key]: 'value' };
      await server.call('create_organization', { name: 'Acme', metadata });
      expect(server.api.requests[0]?.body).toEqual({ name: 'Acme', metadata });
    },
  );

  it.each(['../../admin', '..%2f..', '%2e%2e', 'a/b', 'a\\b', 'a?b=c#d', 'a;b', 'ä 東 🦊', '...', '.a', ' '])(
    'as a path argument, within its segment: %j',
    async (organization_id) => {
      await server.call('get_organization', { organization_id });
      const { pathname, search, hash } = new URL(server.api.requests[0]?.url ?? '', server.api.url);
      expect([pathname, search, hash]).toEqual([`/organizations/${encodeURIComponent(organization_id)}`, '', '']);
      expect(decodeURIComponent(pathname.split('/')[2] ?? '')).toBe(organization_id);
    },
  );

  it('as a megabyte in a body', async () => {
    await server.call('create_vault_object', { name: 'big', value: LONG, key_context: {} });
    expect(asSchema(server.api.requests[0]?.body)['value']).toHaveLength(LONG.length);
  });
});

describe('an object that a client sends as JSON text is checked like any other', () => {
  it.each([
    ['a prototype key', '{"__proto__":"x"}'],
    ['an unpaired surrogate', String.raw`{"plan":"\ud800"}`],
    ['an unpaired surrogate in a key', String.raw`{"\udc00":"gold"}`],
  ])('%s is refused', async (_, metadata) => {
    const { error } = await server.call('update_organization', { organization_id: 'org_1', metadata });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('metadata') });
    expect(server.api.requests).toEqual([]);
  });
});
