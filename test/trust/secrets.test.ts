import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import type { Reply } from '../harness.ts';
import { expectMode, WINDOWS } from '../platform.ts';
import { asSchema, exampleOf, type Input } from './examples.ts';
import {
  byName,
  dispatcherOf,
  expectNoSecrets,
  otherFiles,
  responseWithSecrets,
  secretFilesIn,
  sendsRequest,
  startServers,
  withDeliveredOutput,
  withHiddenOutput,
  withOneTimeSecret,
  withSecretInput,
  withSecretOutput,
} from './fake-secrets.ts';

const { server, logged } = startServers();

it('the catalog has more than 40 tools that take or return secrets', () => {
  expect(new Set([...withSecretOutput, ...withSecretInput]).size).toBeGreaterThan(40);
});

describe.each(byName(withHiddenOutput))('the secret that %s returns', (name, tool) => {
  const { body, secrets } = responseWithSecrets(tool);
  const input = exampleOf(tool);
  const reply = (): Reply => ({ body });

  it('is masked if the call asks for that, and not logged', async () => {
    const { api, call } = server('file');
    api.respondWith(reply);
    const { text, error } = await call(name, { ...input, secret_output: 'masked' });
    expect(error).toBeUndefined();
    expect(text).toContain('…');
    expectNoSecrets(secrets, text + logged());
    expectNoSecrets(secrets, otherFiles(server('file'), []));
  });

  it(`is ${tool.secrets.class === 'once' ? 'written to a file' : 'masked'} by default`, async () => {
    const { api, call } = server('file');
    api.respondWith(reply);
    const { text, value } = await call(name, input);
    expectNoSecrets(secrets, text + logged());
    expect(secretFilesIn(value)).toHaveLength(tool.secrets.class === 'once' ? 1 : 0);
  });

  it('is written to one private file if the call asks for that, and appears nowhere else', async () => {
    const connected = server('file');
    connected.api.respondWith(reply);
    const { text, value } = await connected.call(name, { ...input, secret_output: 'file' });
    expectNoSecrets(secrets, text + logged());
    const [path = ''] = secretFilesIn(value);
    expect(path.startsWith(connected.outputDir)).toBe(true);
    expectMode(path, 0o600);
    expectMode(connected.outputDir, 0o700);
    expect(new Set(Object.values(asSchema(JSON.parse(readFileSync(path, 'utf8')))))).toEqual(new Set(secrets));
    expectNoSecrets(secrets, otherFiles(connected, [path]));
  });

  it('is shown if the operator allows that and the call asks for it', async () => {
    const { api, call } = server('result');
    api.respondWith(reply);
    const { text } = await call(name, { ...input, secret_output: 'result' });
    for (const secret of secrets) expect(text).toContain(JSON.stringify(secret));
    expectNoSecrets(secrets, logged());
    expectNoSecrets(secrets, (await call(name, { ...input, secret_output: 'masked' })).text);
  });

  it.each([
    ['result', 'file'],
    ['result', 'masked'],
    ['file', 'masked'],
  ] as const)('cannot be requested as "%s" if the operator allows only "%s"', async (requested, allowed) => {
    const { error } = await server(allowed).call(name, { ...input, secret_output: requested });
    expect(error?.kind).toBe('refused');
    expect(error?.message).toContain(`this server allows ${allowed} at most`);
    expect(server(allowed).api.requests).toEqual([]);
  });

  it('is also masked through a dispatcher, alone, in a batch and with a JMESPath expression', async () => {
    const { api, call } = server('file');
    api.respondWith(reply);
    const args = { ...input, secret_output: 'masked' };
    for (const dispatched of [args, JSON.stringify(args), [args, args], JSON.stringify([args])]) {
      for (const query of [{}, { query: '@' }]) {
        const { text, error } = await call(dispatcherOf(tool), { tool: name, arguments: dispatched, ...query });
        expect(error).toBeUndefined();
        // Rows of a batch leave masked secrets out.
        if ('query' in query || !Array.isArray(parsed(dispatched))) expect(text).toContain('…');
        expectNoSecrets(secrets, text + logged());
      }
    }
  });
});

const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);

it('tokens that work once and secrets that are shown once are declared as such', () => {
  expect(withOneTimeSecret.map(({ name }) => name).sort()).toEqual([
    'authenticate_user',
    'create_agent_token',
    'create_connect_app_secret',
    'create_organization_api_key',
    'create_user_api_key',
    'enroll_auth_factor',
    'enroll_user_auth_factor',
    'exchange_sso_code',
  ]);
});

describe.each(byName(withOneTimeSecret))('the one-time secret of %s', (name, tool) => {
  const { body, secrets } = responseWithSecrets(tool);
  const input = exampleOf(tool);

  it('is not created if it could only be returned masked, unless the call asks for that', async () => {
    const { api, call } = server('masked');
    api.respondWith(() => ({ body }));
    const { error } = await call(name, input);
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining('--secrets file') });
    expect((await call(dispatcherOf(tool), { tool: name, arguments: input })).error?.kind).toBe('refused');
    expect(api.requests).toEqual([]);
    const { text } = await call(name, { ...input, secret_output: 'masked' });
    expect(api.requests).toHaveLength(1);
    expectNoSecrets(secrets, text + logged());
  });

  it.skipIf(WINDOWS)('is not created if its file could not be written', async () => {
    const { api, call, outputDir } = server('file');
    chmodSync(outputDir, 0o755);
    try {
      const { error } = await call(name, input);
      expect(error?.kind).toBe('config');
      expect(api.requests).toEqual([]);
    } finally {
      chmodSync(outputDir, 0o700);
    }
  });

  it('has a file for each row of a batch, even if a query drops the fields of the rows', async () => {
    const { api, call } = server('file');
    api.respondWith(() => ({ body }));
    const batch = { tool: name, arguments: [input, input] };
    const { value, text } = await call(dispatcherOf(tool), { ...batch, query: 'missing' });
    expect(value['succeeded']).toBe(2);
    expectNoSecrets(secrets, text);
    const rows = value['rows'];
    const paths = (Array.isArray(rows) ? rows : []).map((row) =>
      String(asSchema(asSchema(asSchema(row)['value'])['secret_file'])['path']),
    );
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(readFileSync(path, 'utf8')).toContain('Planted');
  });
});

it.each(byName(withDeliveredOutput))(
  '%s shows the link or code, which is meant to be passed on',
  async (name, tool) => {
    const { api, call } = server('masked');
    const { body, secrets } = responseWithSecrets(tool);
    api.respondWith(() => ({ body }));
    const { text } = await call(name, exampleOf(tool));
    if (!sendsRequest(tool)) return expect(text).toContain(api.url);
    for (const secret of secrets) expect(text).toContain(JSON.stringify(secret));
    expectNoSecrets(secrets, logged());
  },
);

describe('a short code is masked completely', () => {
  it.each(['get_magic_auth', 'get_email_verification', 'create_magic_auth'])('%s', async (name) => {
    const tool = tools.get(name);
    const { api, call } = server('file');
    api.respondWith(() => ({ body: { id: 'x', code: '482913' } }));
    const { value } = await call(name, tool ? exampleOf(tool) : {});
    expect(value).toEqual({ id: 'x', code: '…' });
  });
});

describe.each(byName(withSecretOutput.filter((tool) => tool.paged)))('all pages of %s', (name, tool) => {
  const input = exampleOf(tool);
  const { secrets } = responseWithSecrets(tool);
  const field = tool.secrets.out?.[0]?.replace('data[].', '') ?? '';
  const pages = (request: { url: string }): Reply => {
    const { data } = asSchema(responseWithSecrets(tool).body);
    return { body: { data, list_metadata: { after: request.url.includes('after=') ? null : 'page_2' } } };
  };

  it.each<[string, Input]>([
    ['without a JMESPath expression', { all_pages: true }],
    ['with a JMESPath expression', { all_pages: true, query: `data[].${field}` }],
    [
      'with a JMESPath expression that searches for the secret',
      { all_pages: true, query: `data[?contains(${field}, 'Planted')]` },
    ],
  ])('are masked %s', async (_, options) => {
    const { api, call } = server('file');
    api.respondWith(pages);
    const { value, text } = await call(name, { ...input, ...options });
    expect(api.requests).toHaveLength(2);
    expect(value['items']).toBe(4);
    if (options['query']?.toString().startsWith('data[?')) expect(value['result']).toEqual([]);
    expectNoSecrets(secrets, text + logged());
    const nested = await call('call_read_tool', { tool: name, arguments: { ...input, ...options } });
    expectNoSecrets(secrets, nested.text);
  });

  it('are masked in the file of a long list', async () => {
    const connected = server('file');
    connected.api.respondWith((request) => {
      const page = asSchema(asSchema(pages(request))['body']);
      return { body: { ...page, data: [...[page['data']].flat(), { id: 'long', note: 'y'.repeat(30_000) }] } };
    });
    const { value } = await connected.call(name, { ...input, all_pages: true });
    const path = String(value['path']);
    expectMode(path, 0o600);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(6);
    expectNoSecrets(secrets, otherFiles(connected, []));
    const counted = { tool: name, arguments: { ...input, all_pages: true }, query: 'length(data)' };
    expect((await connected.call('call_read_tool', counted)).value['result']).toBe(6);
  });

  it('have a file of secrets per page if the call asks for files', async () => {
    const { api, call } = server('file');
    api.respondWith(pages);
    const args = { ...input, all_pages: true, secret_output: 'file', query: 'length(data)' };
    const { value, text } = await call(name, args);
    expect(value).toMatchObject({
      result: 4,
      secret_files: [{ path: expect.any(String) }, { path: expect.any(String) }],
    });
    expectNoSecrets(secrets, text);
    const nested = await call('call_read_tool', {
      tool: name,
      arguments: { ...args, query: undefined },
      query: 'items',
    });
    expect(nested.value).toMatchObject({ result: 4, secret_files: [{}, {}] });
  });
});

it('each secret is written to a separate file', async () => {
  const { api, call } = server('file');
  const create = async (value: string) => {
    api.respondWith(() => ({ body: { id: 'api_key_1', value } }));
    const tool = tools.get('create_organization_api_key');
    return secretFilesIn((await call('create_organization_api_key', tool ? exampleOf(tool) : {})).value)[0] ?? '';
  };
  const paths = [
    await create('first secret of all'),
    await create('second secret of all'),
    await create('third secret'),
  ];
  expect(new Set(paths).size).toBe(3);
  expect(readFileSync(paths[0] ?? '', 'utf8')).toContain('first secret of all');
});
