import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect, type Reply } from '../harness.ts';
import type { Input } from './examples.ts';
import {
  byName,
  dispatcherOf,
  expectNoSecrets,
  inputsWithSecrets,
  otherFiles,
  sendsRequest,
  startServers,
  withSecretInput,
} from './fake-secrets.ts';

/** A key that no pattern recognizes. */
const KEY = 'KEY-9f8e7d6c5b4a3210-harness';

const { server, log, logged } = startServers();

describe.each(byName(withSecretInput))('the secret arguments of %s', (name, tool) => {
  it.each(inputsWithSecrets(tool).map(({ input, secret }) => [secret, input] as const))(
    'appear in no error, log or file: %s',
    async (secret, input) => {
      const { api, call } = server('file');
      const echo = `you sent ${secret}, ${encodeURIComponent(secret)} and ${JSON.stringify(secret)}`;
      const echoes: Reply[] = [
        { status: 400, body: { message: echo, code: secret, errors: [{ [secret]: [secret], code: secret }] } },
        { status: 422, body: { message: [echo], error: 'Bad Request' } },
        { status: 404, body: { message: `${'x'.repeat(560)}${secret}` } },
        { status: 400, body: echo },
        { status: 502, body: `<html><title>${secret}</title>`, headers: { 'content-type': 'text/html' } },
      ];
      const json = Object.fromEntries(
        Object.entries(input).map(([field, value]) => [
          field,
          typeof value === 'object' ? JSON.stringify(value) : value,
        ]),
      );
      for (const reply of echoes) {
        api.respondWith(() => reply);
        const results = [
          await call(name, input),
          await call(name, json),
          await call(dispatcherOf(tool), { tool: name, arguments: input }),
          await call(dispatcherOf(tool), { tool: name, arguments: JSON.stringify(json) }),
          await call(dispatcherOf(tool), { tool: name, arguments: [input, json] }),
        ];
        if (!sendsRequest(tool)) continue;
        for (const { text } of results) {
          // The request was sent, and this is its response.
          expect(text).toMatch(/"status":(400|404|422|502)/);
          expectNoSecrets([secret], text);
        }
      }
      expectNoSecrets([secret], logged());
      expectNoSecrets([secret], otherFiles(server('file'), []));
    },
  );
});

describe('text in a response that looks like a secret is removed from errors', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJlLXBsYW50ZWQ';
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEplanted+base64/lines==\n-----END PRIVATE KEY-----';
  it.each([
    ['a live key', 'sk_live_a2V5XzAxSlBMQU5URUQ', 'a2V5XzAxSlBMQU5URUQ'],
    ['another test key', 'sk_test_a2V5XzAxSlBMQU5URUQ', 'a2V5XzAxSlBMQU5URUQ'],
    ['a JWT', jwt, 'eyJzdWIiOiJ1c2VyXzEifQ'],
    ['a private key', pem, 'MIIEplanted'],
    ['a truncated private key', pem.slice(0, 50), 'MIIEplanted'],
    ['an Authorization header', 'Authorization: Bearer 0123planted4567', '0123planted4567'],
    ['basic credentials', 'Basic dXNlcjpwbGFudGVk', 'dXNlcjpwbGFudGVk'],
    ['a signed link', 'https://files.example/a.csv?X-Amz-Signature=0abcplanted&x=1', '0abcplanted'],
    ['an invitation link', 'https://app.example/invite?token=Zplanted1', 'Zplanted1'],
  ])('%s', async (_, secret, excerpt) => {
    const { api, call } = server('file');
    const body = {
      message: `Not with ${secret} and so on`,
      code: 'bad',
      errors: [{ message: secret }, { [secret]: 1 }],
    };
    api.respondWith(() => ({ status: 400, body }));
    const { text, error } = await call('get_organization', { organization_id: 'org_1' });
    expect(text).not.toContain(excerpt);
    expect(error?.message).toContain('Not with');
    const batch = await call('call_read_tool', { tool: 'get_organization', arguments: [{ organization_id: 'org_1' }] });
    expect(batch.text).not.toContain(excerpt);
    expect(logged()).not.toContain(excerpt);
  });

  it("but the server's own hint about keys stays readable", async () => {
    const { client, close } = await connect({ env: { WORKOS_TOKEN: '' } });
    const result = await client.callTool({ name: 'list_organizations', arguments: {} });
    expect(JSON.stringify(result.content)).toContain('sk_test_… or sk_live_…');
    await close();
  });
});

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** The forms in which the key may come back, and the traces that must not be visible. */
const SPELLINGS: readonly [string, string, RegExp][] = [
  ['unchanged', KEY, /9f8e7d6c/],
  ['in lower case', KEY.toLowerCase(), /9f8e7d6c/],
  ['in upper case', KEY.toUpperCase(), /9F8E7D6C/],
  ['as the user of a Basic header', encoded(`${KEY}:`), /S0VZLTlmOGU3/],
  ['as the password of a Basic header', encoded(`me:${KEY}`), /tFWS05ZjhlN2Q2/],
  ['as the password of another Basic header', encoded(`a:${KEY}`), /S0VZLTlmOGU3|tFWS05Zjhl|LRVktOWY4ZTdk/],
  [
    'in URL-safe base64 inside JSON',
    Buffer.from(JSON.stringify({ k: KEY })).toString('base64url'),
    /WS05Zjhl|S0VZLTlm|LRVktOWY4/,
  ],
  ['percent-encoded', Array.from(KEY, (one) => `%${one.charCodeAt(0).toString(16)}`).join(''), /%39%66%38/],
  ['partly percent-encoded', KEY.replaceAll('-', '%2D').replaceAll('9', '%39'), /8e7d6c5b/],
  ['in hexadecimal', Buffer.from(KEY).toString('hex'), /396638653764/],
];

describe.each(SPELLINGS)('the configured key appears nowhere, even if WorkOS repeats it %s', (_, spelled, trace) => {
  let connected: Connected;
  let asked = '';
  beforeAll(async () => {
    connected = await connect({
      flags: ['--toolsets', 'all', '--confirm', 'always', '--log-level', 'trace', '--max-retries', '0'],
      env: { WORKOS_TOKEN: KEY },
      runtime: { log },
      elicit: (question) => {
        asked = question;
        return 'decline';
      },
    });
  });
  afterAll(() => connected.close());

  const echoed = { id: spelled, name: `say ${spelled}!`, [spelled]: [spelled], value: spelled };
  it.each<[string, Input, Reply]>([
    ['get_organization', { organization_id: 'org_1' }, { body: echoed }],
    ['get_organization', { organization_id: 'org_1' }, { status: 400, body: { message: spelled, code: spelled } }],
    [
      'get_organization',
      { organization_id: 'org_1' },
      { status: 400, body: { message: `${'x'.repeat(540)}${spelled}` } },
    ],
    ['get_organization', { organization_id: 'org_1' }, { body: {}, headers: { 'x-request-id': spelled } }],
    ['get_organization', { organization_id: spelled }, { status: 404, body: { errors: [echoed], message: 'x' } }],
    ['list_organizations', { query: 'data' }, { body: { data: [echoed], list_metadata: {} } }],
    [
      'list_organizations',
      { all_pages: true },
      { body: { data: [echoed, { id: 'x', note: 'y'.repeat(50_000) }], list_metadata: {} } },
    ],
    ['create_organization_api_key', { organization_id: 'org_1', name: 'CI' }, { body: echoed }],
    ['call_read_tool', { tool: 'get_organization', arguments: [{ organization_id: 'org_1' }] }, { body: echoed }],
    ['delete_organization', { organization_id: 'org_1' }, { body: echoed }],
    ['delete_organization', { organization_id: 'org_1' }, { status: 403, body: { message: spelled } }],
    ['check_connector', {}, { status: 500, body: spelled, headers: { 'x-request-id': spelled } }],
    ['list_organizations', {}, { status: 302, headers: { location: `https://${KEY}.example/${spelled}` } }],
  ])('%s %j', async (name, input, reply) => {
    asked = '';
    connected.api.requests.length = 0;
    connected.api.respondWith(() => reply);
    const { text } = await connected.call(name, input);
    expect(connected.api.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    if (name.startsWith('delete_')) expect(asked).not.toBe('');
    const everything = text + asked + logged() + otherFiles(connected, []);
    expect(everything).not.toContain(spelled);
    expect(everything).not.toMatch(trace);
  });
});

it("the server's own messages repeat nothing that looks like a secret", async () => {
  const { call } = server('file');
  const unknown = await call('get_organization', { organization_id: 'org_1', sk_live_0123456789abcdef: true });
  expect(unknown.error?.message).toMatch(/^Unknown argument "\[key\]"/);
  expect(unknown.text).not.toContain('0123456789abcdef');
  const missing = await call('call_read_tool', { tool: 'Bearer 0123456789abcdef' });
  expect(missing.error?.message).toBe('There is no operation "Bearer [token]"');
});
