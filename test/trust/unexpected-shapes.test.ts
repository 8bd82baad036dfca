import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskFields } from '../../src/text/mask-fields.ts';
import { type Connected, connect } from '../harness.ts';
import { asSchema, exampleOf } from './examples.ts';
import {
  byName,
  dispatcherOf,
  expectNoSecrets,
  fakeSecret,
  responseWithSecrets,
  withHiddenOutput,
} from './fake-secrets.ts';

/** The object that a declared path describes, without lists: `data[].token` is `{ data: { token } }`. */
function along(path: string, secret: unknown): unknown {
  const steps = path.replaceAll('[]', '').split('.');
  return steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), secret);
}

const camelCase = (path: string) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The shapes that the API could send instead of the declared one. */
const SHAPES: readonly [string, (path: string, secret: unknown) => unknown][] = [
  ['the declared shape without its lists', along],
  ['in an envelope', (path, secret) => ({ data: along(path, secret) })],
  ['in two envelopes', (path, secret) => ({ response: { payload: along(path, secret) }, ok: true })],
  ['as a bare array', (path, secret) => [{ id: 'x' }, along(path, secret)]],
  ['as a list', (path, secret) => ({ object: 'list', data: [along(path, secret), { id: 'x' }], list_metadata: {} })],
  ['as a list of lists', (path, secret) => ({ data: [[along(path, secret)], [[along(path, secret)]]] })],
  ['as an object of items by id', (path, secret) => ({ data: { id_1: along(path, secret), id_2: { n: 1 } } })],
  ['as only the last name', (path, secret) => along(path.slice(path.lastIndexOf('.') + 1), secret)],
  ['with an object around the secret', (path, secret) => along(path, { plain: secret, version: 2 })],
  ['with an array around the secret', (path, secret) => along(path, [secret, [secret]])],
  ['without the object around the secret', (path, secret) => along(path.replace(/\.[^.]*$/, ''), secret)],
  ['with a list where the object was', (path, secret) => along(path.replace(/\.[^.]*$/, ''), [secret])],
  ['in camel case', (path, secret) => along(camelCase(path), secret)],
  ['as the whole response', (_, secret) => secret],
  ['as the whole response in an envelope', (_, secret) => ({ data: secret })],
];

const VALUES: readonly [string, (path: string) => unknown][] = [
  ['a text', fakeSecret],
  ['a number', () => 867_530_942_177],
  ['an object', (path) => ({ user: fakeSecret(path), pin: 867_530_942_177 })],
];

let server: Connected;
beforeAll(async () => {
  server = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never'] });
});
afterAll(() => server.close());

describe.each(byName(withHiddenOutput))('%s masks its secrets', (name, tool) => {
  const input = { ...exampleOf(tool), secret_output: 'masked' };

  it.each(SHAPES)('%s', (shape, shaped) => {
    for (const path of tool.secrets.out ?? []) {
      for (const [kind, value] of VALUES) {
        // An object instead of the response is itself a response.
        if (kind === 'an object' && /^as the whole|^without|^with a list/.test(shape)) continue;
        const { masked, found } = maskFields(shaped(path, value(path)), tool.secrets.out ?? []);
        expect(found.length, `${path} as ${kind}`).toBeGreaterThan(0);
        expectNoSecrets([fakeSecret(path)], JSON.stringify(masked));
        expect(JSON.stringify(masked), `${path} as ${kind}`).not.toContain('867530942177');
      }
    }
  });

  it('in results, and writes them to the requested file, whatever their shape', async () => {
    const paths = tool.secrets.out ?? [];
    for (const [index, [, shaped]] of SHAPES.entries()) {
      const path = paths[index % paths.length] ?? '';
      server.api.respondWith(() => ({ body: JSON.stringify(shaped(path, fakeSecret(path))) }));
      const { text, error } = await server.call(name, input);
      expect(error).toBeUndefined();
      expectNoSecrets([fakeSecret(path)], text);
      if (index % 4) continue;
      const batch = { tool: name, arguments: [{ ...input, secret_output: 'file' }], query: 'data' };
      const behind = await server.call(dispatcherOf(tool), batch);
      expectNoSecrets([fakeSecret(path)], behind.text);
      const [row] = [behind.value['rows']].flat();
      const file = String(asSchema(asSchema(asSchema(row)['value'])['secret_file'])['path']);
      expect(readFileSync(file, 'utf8')).toContain(JSON.stringify(fakeSecret(path)));
    }
  });

  it('but no other fields', async () => {
    const innocent = {
      id: 'x_1',
      state: 'ready',
      name: 'Thing',
      note: 'data',
      items: [{ id: 2, label: 'b' }],
      on: false,
    };
    const { body } = responseWithSecrets(tool);
    server.api.respondWith(() => ({ body: { ...asSchema(body), innocent } }));
    expect((await server.call(name, input)).value['innocent']).toEqual(innocent);
  });
});

describe('an object that shares the name of the secret in it', () => {
  const path = ['access_token.access_token'];
  it.each<[unknown, unknown]>([
    [
      { access_token: { access_token: 'abc', expires_at: 1, scopes: ['a'] } },
      { access_token: { access_token: '…', expires_at: 1, scopes: ['a'] } },
    ],
    [{ access_token: { access_token: null, scopes: [] } }, { access_token: { access_token: null, scopes: [] } }],
    [{ access_token: 'abc' }, { access_token: '…' }],
    [{ access_token: { value: 'abc' } }, { access_token: '…' }],
    [
      { access_token: [{ access_token: 'abc', n: 1 }, 'abc', { value: 'abc' }] },
      { access_token: [{ access_token: '…', n: 1 }, '…', '…'] },
    ],
  ])('%j', (response, masked) => {
    expect(maskFields(response, path).masked).toEqual(masked);
  });
});

describe('a large response', () => {
  const items = Array.from({ length: 100_000 }, (_, index) => ({
    id: `item_${index}`,
    tags: ['a', 'b'],
    of: { n: 1 },
  }));

  it('is masked in linear time', () => {
    const cpuTime = (count: number) => {
      const response = { data: items.slice(0, count).map((item) => ({ ...item, token: 'tok_0123456789ABCDEFGHIJ' })) };
      const started = process.cpuUsage();
      expect(maskFields(response, ['data[].token', 'data[].url', 'totp.secret']).found).toHaveLength(count);
      return process.cpuUsage(started).user;
    };
    cpuTime(1_000);
    // Ten times the items take about ten times as long; a quadratic pass would take a hundred times.
    expect(cpuTime(100_000)).toBeLessThan(40 * cpuTime(10_000));
  });

  it('is not copied if it contains no secret', () => {
    const response = { data: items, list_metadata: {} };
    expect(maskFields(response, ['data[].token']).masked).toBe(response);
  });
});
