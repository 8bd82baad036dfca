import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connected, type ConnectOptions, connect, type Recorded, type Reply, rawServer } from '../harness.ts';

const STAGING = 'sk_test_staging_0123456789';
const PRODUCTION = 'sk_live_production_9876543210';
const KEYS = { STAGING_KEY: STAGING, PRODUCTION_KEY: PRODUCTION, STAGING_ID: 'client_of_staging' };
const BOTH = ['--environments', 'staging=STAGING_KEY/STAGING_ID,production=PRODUCTION_KEY'];
const READ_ONLY = ['--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY:read-only'];

const open: Connected[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: ConnectOptions & { environments?: readonly string[] } = {}): Promise<Connected> {
  const { environments = BOTH, flags = [], env = {}, ...rest } = options;
  const connected = await connect({ ...rest, flags: [...environments, ...flags], env: { ...KEYS, ...env } });
  open.push(connected);
  return connected;
}

const keyOf = ({ headers }: Recorded) => headers.authorization?.replace('Bearer ', '');
const inProduction = (request: Recorded) => keyOf(request) === PRODUCTION;
const missing: Reply = { status: 404, body: { message: 'Not found' } };

describe('the environment of a call', () => {
  it('is the first one or the named one, and its key is sent', async () => {
    const { api, call } = await start();
    await call('list_organizations');
    await call('list_organizations', { environment: 'production' });
    await call('call_read_tool', { tool: 'list_permissions', environment: 'production' });
    await call('call_read_tool', {
      tool: 'get_user',
      arguments: [{ user_id: 'u1' }, { user_id: 'u2' }],
      environment: 'production',
    });
    expect(api.requests.map(keyOf)).toEqual([STAGING, ...Array(4).fill(PRODUCTION)]);
    expect(api.requests.map(({ url }) => url).join()).not.toContain('environment');
  });

  it.each<[string, unknown]>([
    ['unknown', 'prod'],
    ['empty', ''],
    ['a list', ['production']],
    ['a list of both', ['staging', 'production']],
    ['an object', { name: 'production' }],
    ['null', null],
    ['a number', 1],
    ['in the wrong case', 'Production'],
    ['followed by a space', 'production '],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('is refused if it is %s, and nothing is sent', async (_, environment) => {
    const { api, call } = await start();
    for (const [tool, input] of [
      ['list_organizations', {}],
      ['call_destructive_tool', { tool: 'delete_user', arguments: { user_id: 'u1' } }],
    ] as const) {
      const { error } = await call(tool, { ...input, environment });
      expect(error).toMatchObject({
        kind: 'input',
        message: expect.stringMatching(/^environment must be one of staging, production, not /),
      });
      expect(error?.environment).toBeUndefined();
    }
    expect(api.requests).toEqual([]);
  });

  it('goes beside the arguments of a call_ tool, not inside them', async () => {
    const { api, call } = await start();
    const inside = { user_id: 'u1', environment: 'production' };
    // Otherwise the other rows of a batch might run in the wrong environment.
    for (const input of [inside, [inside, { user_id: 'u2' }]]) {
      const { error } = await call('call_read_tool', { tool: 'get_user', arguments: input });
      expect(error?.message).toBe('environment is inside arguments');
    }
    expect(api.requests).toEqual([]);
  });

  it('is not an argument if there is only one', async () => {
    for (const environments of [[], ['--environments', 'production=PRODUCTION_KEY']]) {
      const { api, call, list } = await start({ environments });
      expect((await call('list_organizations', { environment: 'production' })).error?.message).toContain(
        'Unknown argument',
      );
      expect(JSON.stringify(await list())).not.toContain('"environment":');
      expect(api.requests).toEqual([]);
    }
  });
});

describe('the settings of an environment', () => {
  it('forbid every way to write in a read-only one, and allow writes in the other', async () => {
    const { api, call, list } = await start({ environments: READ_ONLY });
    const names = (await list()).map(({ name }) => name);
    expect(names).toContain('create_organization');
    expect(names).toContain('call_write_tool');
    const input = { name: 'Acme' };
    for (const [tool, given] of [
      ['create_organization', input],
      ['call_write_tool', { tool: 'create_organization', arguments: input }],
    ] as const) {
      const { error } = await call(tool, { ...given, environment: 'production' });
      expect(error).toMatchObject({
        kind: 'refused',
        message: `${tool} changes data and the environment production is read-only`,
        environment: 'production',
      });
    }
    const batch = { tool: 'create_organization', arguments: [input, { name: 'Other' }], environment: 'production' };
    expect(JSON.stringify((await call('call_write_tool', batch)).error ?? {})).toContain('production is read-only');
    expect(api.requests).toEqual([]);
    expect((await call('create_organization', input)).isError).toBe(false);
    expect(api.requests.map(keyOf)).toEqual([STAGING]);
  });

  it('hide tools that no environment allows', async () => {
    const all = ['--environments', 'a=STAGING_KEY:read-only,b=PRODUCTION_KEY:read-only'];
    const { list } = await start({ environments: all });
    expect((await list()).filter(({ annotations }) => !annotations?.readOnlyHint)).toEqual([]);
  });

  it('decide whether the user is asked, and the question names the environment', async () => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'accept' as const;
    };
    const { api, call } = await start({ elicit });
    expect((await call('delete_organization', { organization_id: 'org_1' })).isError).toBe(false);
    expect(questions).toEqual([]);
    const input = { organization_id: 'org_1', environment: 'production' };
    expect((await call('delete_organization', input)).isError).toBe(false);
    expect(questions).toEqual([expect.stringContaining('(production, live key)?')]);
    expect(api.requests.filter(({ method }) => method === 'DELETE').map(keyOf)).toEqual([STAGING, PRODUCTION]);
    expect(api.requests.filter(inProduction).length).toBeGreaterThan(1);
  });

  it('require consent even with a test key if it is :confirm-always', async () => {
    const environments = ['--environments', 'staging=STAGING_KEY,other=OTHER_KEY:confirm-always'];
    const { api, call } = await start({ environments, env: { OTHER_KEY: 'sk_test_other_0123456789' } });
    const { value } = await call('delete_organization', { organization_id: 'org_1', environment: 'other' });
    expect(value).toMatchObject({ changed: false, hint: expect.stringContaining('(other, test key)') });
    expect(api.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });
});

describe('a confirmation code', () => {
  const always = ['--confirm', 'always'];
  const deletions = ({ requests }: Connected['api']) => requests.filter(({ method }) => method === 'DELETE');

  it('of one environment is refused in another, even for the same object', async () => {
    const { api, call } = await start({ flags: always, replies: () => ({ body: { id: 'org_1', name: 'Acme' } }) });
    const input = { organization_id: 'org_1' };
    for (const [from, to] of [
      ['staging', 'production'],
      ['production', 'staging'],
    ]) {
      const { value } = await call('delete_organization', { ...input, environment: from });
      const confirmation = value['confirmation'];
      expect(confirmation).toBeTypeOf('string');
      const { error } = await call('delete_organization', { ...input, environment: to, confirmation });
      expect(error).toMatchObject({ kind: 'refused', environment: to });
      expect(error?.hint).toContain(`Nothing was changed (${to}, `);
      expect(deletions(api)).toEqual([]);
      expect((await call('delete_organization', { ...input, environment: from, confirmation })).isError).toBe(false);
      expect(deletions(api)).toHaveLength(1);
      api.requests.length = 0;
    }
  });

  it('of the default environment works with and without its name', async () => {
    const { api, call } = await start({ flags: always });
    const { value } = await call('delete_organization', { organization_id: 'org_1' });
    const { confirmation } = value;
    const named = { organization_id: 'org_1', environment: 'staging', confirmation };
    expect((await call('delete_organization', named)).isError).toBe(false);
    expect(deletions(api).map(keyOf)).toEqual([STAGING]);
  });
});

describe('an id of another environment', () => {
  const elsewhere = (request: Recorded): Reply =>
    inProduction(request) ? { body: { id: 'org_1', secret: 'not read' } } : missing;

  it('is found there with one GET and the key of that environment, after a read or a write', async () => {
    const { api, call } = await start({ replies: elsewhere, flags: ['--toolsets', 'all'] });
    for (const [tool, input, path] of [
      ['get_organization', { organization_id: 'org_1' }, '/organizations/org_1'],
      ['update_organization', { organization_id: 'org_1', name: 'New' }, '/organizations/org_1'],
      ['call_read_tool', { tool: 'get_connection', arguments: { connection_id: 'conn/1' } }, '/connections/conn%2F1'],
      ['get_role', { role_slug: 'editor' }, '/authorization/roles/editor'],
    ] as const) {
      api.requests.length = 0;
      const { error, text } = await call(tool, input);
      expect(error?.hint).toContain('The object is in production, not in this environment.');
      expect(error?.environment).toBe('staging');
      expect(api.requests.filter(inProduction).map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${path}`]);
      expect(text).not.toContain('not read');
    }
  });

  it('is reported with each environment that has it, if any', async () => {
    const environments = ['--environments', 'a=STAGING_KEY,b=B_KEY,c=C_KEY,d=PRODUCTION_KEY'];
    const env = { B_KEY: 'sk_test_b_0123456789', C_KEY: 'sk_test_c_0123456789' };
    const has = [env.B_KEY, PRODUCTION];
    const { api, call } = await start({
      environments,
      env,
      replies: (request) => (has.includes(keyOf(request) ?? '') ? {} : missing),
    });
    expect((await call('get_user', { user_id: 'u1' })).error?.hint).toContain('The object is in b, d, not');
    expect(api.requests).toHaveLength(4);
    api.respondWith(() => missing);
    expect((await call('get_user', { user_id: 'u1' })).error?.hint).toContain("Nothing in this key's environment");
  });

  it.each<[string, string, Record<string, unknown>, readonly string[]]>([
    ['an object that contains secrets', 'get_vault_object', { vault_object_id: 'v1' }, []],
    ['an object that is looked up by a secret', 'get_invitation_by_token', { token: 'secret_token_1234' }, []],
    [
      'an object whose tool is excluded',
      'update_organization',
      { organization_id: 'org_1', name: 'N' },
      ['--exclude-tools', 'get_organization'],
    ],
    ['a list', 'list_organizations', {}, []],
  ])('is not looked up for %s', async (_, tool, input, flags) => {
    const { api, call } = await start({
      replies: elsewhere,
      flags: ['--toolsets', 'all', '--confirm', 'never', ...flags],
    });
    expect((await call(tool, input)).isError).toBe(true);
    expect(api.requests.filter(inProduction)).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => {}],
    ['breaks the connection', (response) => response.destroy()],
    ['fails', (response) => response.writeHead(500).end()],
    ['redirects', (response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end()],
  ])('costs one request and limited time, and fails no call, if the other environment %s', async (_, answer) => {
    const seen: unknown[] = [];
    const server = await rawServer((request, response) => {
      if (request.headers.authorization === `Bearer ${PRODUCTION}`) {
        seen.push(request.url);
        return answer(response);
      }
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not found"}');
    });
    const { call } = await start({ baseUrl: server.url });
    const begun = Date.now();
    const { error } = await call('get_user', { user_id: 'u1' });
    expect(error).toMatchObject({ kind: 'not_found', status: 404, environment: 'staging' });
    expect(error?.hint).not.toContain('production');
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(seen).toHaveLength(1);
    await server.close();
  });
});

describe('an environment that cannot be used', () => {
  it('without a key says which variable to set, and the others still work', async () => {
    const { api, call } = await start({ env: { PRODUCTION_KEY: '' } });
    const { error } = await call('list_users', { environment: 'production' });
    expect(error).toMatchObject({
      kind: 'config',
      message: 'No WorkOS key for the environment production: PRODUCTION_KEY is not set',
      environment: 'production',
    });
    expect(error?.hint).toContain('Set PRODUCTION_KEY');
    expect(error?.hint).not.toContain('WORKOS_TOKEN');
    expect((await call('list_users')).isError).toBe(false);
    expect(api.requests.map(keyOf)).toEqual([STAGING]);
  });

  it('with a rejected key names its variable', async () => {
    const { call } = await start({ replies: (request) => (inProduction(request) ? { status: 401, body: {} } : {}) });
    const { error } = await call('list_users', { environment: 'production' });
    expect(error?.hint).toContain('set PRODUCTION_KEY to a secret key');
    expect((await call('list_users')).isError).toBe(false);
  });

  it('names its variables even if it is the only one', async () => {
    const environments = ['--environments', 'only=ONLY_KEY/ONLY_ID'];
    const keyless = await start({ environments, flags: ['--toolsets', 'all'] });
    const { error: missing } = await keyless.call('list_users');
    expect(missing).toMatchObject({ message: 'No WorkOS key: ONLY_KEY is not set' });
    expect(missing?.hint).toMatch(/^Set ONLY_KEY to a secret key from the WorkOS dashboard/);
    const { error: noId } = await keyless.call('get_authorization_url', {
      redirect_uri: 'https://a.example/',
      provider: 'authkit',
    });
    expect(noId?.message).toBe('client_id is missing and ONLY_ID is not set');
    const rejected = await start({
      environments,
      env: { ONLY_KEY: STAGING },
      replies: () => ({ status: 401, body: {} }),
    });
    const { error } = await rejected.call('list_users');
    expect(error?.hint).toContain('set ONLY_KEY to a secret key');
    expect(JSON.stringify([missing, noId, error])).not.toMatch(/WORKOS_TOKEN|WORKOS_CLIENT_ID/);
  });

  it('says which variable needs a client id', async () => {
    const { call } = await start({ flags: ['--toolsets', 'all'] });
    const { value } = await call('get_authorization_url', { redirect_uri: 'https://a.example/', provider: 'authkit' });
    expect(String(value['url'])).toContain('client_id=client_of_staging');
    const input = { redirect_uri: 'https://a.example/', provider: 'authkit', environment: 'production' };
    const { error } = await call('get_authorization_url', input);
    expect(error?.hint).toContain('production=KEY_VARIABLE/CLIENT_ID_VARIABLE');
    expect(JSON.stringify(error)).not.toContain('client_of_staging');
  });
});

describe('the keys of all environments', () => {
  it('are in no result, error, question, log or file, even if WorkOS repeats them', async () => {
    const logs: string[] = [];
    const questions: string[] = [];
    const log = {
      write: (line: string) => {
        logs.push(line);
        return true;
      },
      writableLength: 0,
    };
    const echo = `${STAGING} ${PRODUCTION} ${Buffer.from(`x:${PRODUCTION}`).toString('base64')} ${STAGING.toUpperCase()}`;
    const {
      call,
      client,
      outputDir: folder,
    } = await start({
      environments: ['--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY:confirm-always'],
      flags: ['--toolsets', 'all', '--max-result-chars', '3000'],
      env: { WORKOS_MCP_LOG_LEVEL: 'trace' },
      replies: ({ method, url }) => {
        if (url.includes('fail'))
          return { status: 400, body: { message: echo, code: echo, errors: [{ message: echo }] } };
        if (url.includes('missing')) return { status: 404, body: { message: echo } };
        if (method === 'GET' && url.startsWith('/user_management/users?')) {
          const data = Array.from({ length: 60 }, (_, at) => ({ id: `user_${at}`, name: echo, [echo]: echo }));
          return { body: { object: 'list', data, list_metadata: {} } };
        }
        return { body: { id: 'x', name: echo, [echo]: { deep: [echo] }, secret: 'whsec_not_a_key_12345678' } };
      },
      elicit: (question) => {
        questions.push(question);
        return 'accept';
      },
      runtime: { log },
    });
    const texts: string[] = [];
    for (const environment of ['staging', 'production']) {
      for (const [tool, input] of [
        ['get_organization', { organization_id: 'org_1' }],
        ['get_organization', { organization_id: 'fail' }],
        ['get_organization', { organization_id: 'missing' }],
        ['get_organization', { organization_id: 'org_1', wrong: PRODUCTION }],
        ['list_users', { all_pages: true }],
        ['list_users', { query: 'data[0]' }],
        ['delete_organization', { organization_id: 'org_1' }],
        [
          'create_webhook_endpoint',
          { endpoint_url: 'https://a.example', events: ['user.created'], secret_output: 'file' },
        ],
        ['check_connector', {}],
        ['call_read_tool', { tool: 'get_user', arguments: [{ user_id: 'u' }, { user_id: 'fail' }] }],
      ] as const) {
        texts.push((await call(tool, { ...input, environment })).text);
      }
    }
    texts.push((await call('check_connector')).text, client.getInstructions() ?? '');
    const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
    expect(files.map(({ name }) => name.replace(/-[0-9a-f]{12}\.\w+$/, '')).sort()).toEqual([
      'production-create_webhook_endpoint',
      'production-list_users',
      'staging-create_webhook_endpoint',
      'staging-list_users',
    ]);
    expect(questions.length).toBeGreaterThan(0);
    expect(logs.some((line) => line.includes('"environment":"production"'))).toBe(true);
    const everything = [...texts, ...questions, ...logs, ...files.map(({ text }) => text)].join('\n');
    for (const key of [STAGING, PRODUCTION]) {
      expect(everything.toLowerCase()).not.toContain(key);
      expect(everything).not.toContain(Buffer.from(`x:${key}`).toString('base64').slice(4, -4));
    }
  });

  it('are removed completely even if one is a prefix of another', async () => {
    const env = { A_KEY: 'sk_test_shared_beginning', B_KEY: 'sk_test_shared_beginning_and_more' };
    const { call } = await start({
      environments: ['--environments', 'prod=A_KEY,prod-eu=B_KEY'],
      env,
      replies: () => ({ body: { name: `${env.B_KEY} ${env.A_KEY}` } }),
    });
    for (const environment of ['prod', 'prod-eu']) {
      const { value } = await call('get_organization', { organization_id: 'o', environment });
      expect(value['name']).toBe('[key] [key]');
    }
  });
});

describe('thirty environments', () => {
  const names = Array.from({ length: 30 }, (_, at) => `env-${at}`);
  const environments = ['--environments', names.map((name, at) => `${name}=KEY_${at}:confirm-always`).join(',')];
  const env = Object.fromEntries(names.map((_, at) => [`KEY_${at}`, `sk_test_number_${at}_0123456789`]));

  it('fit into the instructions, and each of them works', async () => {
    const { api, call, client } = await start({ environments, env });
    const text = client.getInstructions() ?? '';
    expect(text.length).toBeLessThanOrEqual(2_000);
    expect(text).toMatch(/Environments: env-0 \(default; a test key\), .* and \d+ more \(workos/);
    expect(text).toContain('When calls fail, run check_connector.');
    for (const name of ['env-0', 'env-29']) await call('list_users', { environment: name });
    expect(api.requests.map(keyOf)).toEqual([env['KEY_0'], env['KEY_29']]);
  });

  it('are all searched for a missing id and all checked', async () => {
    const { api, call } = await start({
      environments,
      env,
      replies: (request) => (keyOf(request) === env['KEY_0'] ? missing : {}),
    });
    const { error } = await call('get_user', { user_id: 'u1' });
    expect(api.requests).toHaveLength(30);
    expect(error?.hint).toContain('The object is in env-1, env-2, env-3, env-4, env-5 and 24 more');
    const { value } = await call('check_connector');
    expect(value['environments']).toHaveLength(30);
    expect(value).toMatchObject({ healthy: true });
  });
});
