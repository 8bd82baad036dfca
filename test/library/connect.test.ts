import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CallError,
  ConfirmationNeeded,
  type Connection,
  type ConnectOptions,
  connect,
  OptionsError,
} from '../../src/library/library.ts';
import { type Api, recordingApi } from '../harness.ts';

const KEY = 'sk_live_0123456789abcdefXYZ';

let api: Api;
let outputDir: string;
beforeAll(async () => {
  api = await recordingApi();
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-library-'));
});
beforeEach(() => {
  api.requests.length = 0;
  api.respondWith(() => undefined);
});
afterAll(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

/** Uses a connection to the recording API, and closes it. */
async function using<T>(options: ConnectOptions, use: (workos: Connection) => Promise<T>): Promise<T> {
  const workos = connect({ key: KEY, env: {}, baseUrl: api.url, outputDir, ...options });
  try {
    return await use(workos);
  } finally {
    await workos.close();
  }
}

/** What a call throws. */
const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );

describe('call()', () => {
  it('resolves to a list with data', async () => {
    api.respondWith(() => ({ body: { object: 'list', data: [{ id: 'user_1' }], list_metadata: { after: 'user_1' } } }));
    const { data, list_metadata } = await using({}, (workos) => workos.call('list_users', { limit: 1 }));
    expect(data).toEqual([{ id: 'user_1' }]);
    expect(list_metadata?.after).toBe('user_1');
    expect(api.requests[0]?.url).toBe('/user_management/users?order=desc&limit=1');
  });

  it('calls tools that the server does not list by default', async () => {
    api.respondWith(() => ({ body: { id: 'team_1' } }));
    expect(await using({}, (workos) => workos.call('get_team', { team_id: 'team_1' }))).toEqual({ id: 'team_1' });
  });

  it('does not cut a result that is too long for a client', async () => {
    const data = Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}`, note: 'x'.repeat(1_000) }));
    api.respondWith(() => ({ body: { object: 'list', data } }));
    expect((await using({}, (workos) => workos.call('list_users', { limit: 100 }))).data).toHaveLength(100);
  });

  it('follows the limit that the environment sets', async () => {
    const data = Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}` }));
    api.respondWith(() => ({ body: { object: 'list', data } }));
    const env = { WORKOS_MCP_MAX_RESULT_CHARS: '1000' };
    expect((await using({ env }, (workos) => workos.call('list_users')))['omitted']).toBeGreaterThan(50);
  });

  it('refuses an undefined argument, because without that filter the call would apply to everyone', async () => {
    // A program without exactOptionalPropertyTypes can do this.
    const given = { email: undefined } as unknown as { email: string };
    await using({}, async (workos) => {
      await expect(workos.call('list_users', given)).rejects.toThrow('email is undefined');
      await expect(workos.pages('list_users', given).next()).rejects.toThrow('email is undefined');
    });
    expect(api.requests).toEqual([]);
  });

  it('retries after a temporary failure', async () => {
    api.respondWith((_, nth) => (nth === 1 ? { status: 503, headers: { 'retry-after': '0' } } : { body: { id: 'u' } }));
    expect(await using({}, (workos) => workos.call('get_user', { user_id: 'u' }))).toEqual({ id: 'u' });
    expect(api.requests).toHaveLength(2);
  });

  it('masks secrets, and writes those that are shown only once to a file', async () => {
    api.respondWith(() => ({ status: 201, body: { id: 'api_key_1', value: 'sk_secret_value_0123456789' } }));
    const made = { organization_id: 'org_1', name: 'CI' };
    const result = await using({}, (workos) => workos.call('create_organization_api_key', made));
    expect(JSON.stringify(result)).not.toContain('sk_secret_value');
    const file = Object(result['secret_file']).path;
    expect(readFileSync(file, 'utf8')).toContain('sk_secret_value_0123456789');
  });

  it('stops when its signal is aborted', async () => {
    const signal = AbortSignal.abort();
    const error = await using({}, (workos) => thrown(workos.call('list_users', {}, { signal })));
    expect(error).toMatchObject({ name: 'CallError', kind: 'cancelled' });
  });

  it('refuses arguments that are not an object', async () => {
    // A program without types can do this.
    const error = await using({}, (workos) => thrown(workos.call('get_user', 'user_1' as never)));
    expect(error).toMatchObject({ kind: 'input', message: 'The arguments are not an object', tool: 'get_user' });
    expect(api.requests).toEqual([]);
  });
});

describe('a call that fails', () => {
  it('throws the error that a command would print', async () => {
    api.respondWith(() => ({ status: 404, body: { message: 'User not found', code: 'entity_not_found' } }));
    const error = await using({}, (workos) => thrown(workos.call('get_user', { user_id: 'user_none' })));
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({
      name: 'CallError',
      kind: 'not_found',
      message: 'GET /user_management/users/user_none returned 404: "User not found"',
      tool: 'get_user',
      status: 404,
      code: 'entity_not_found',
      requestId: 'req_1',
    });
    expect(Object(error).hint).toContain('list_users');
  });

  it.each<[string, string, object, ConnectOptions, object]>([
    ['an unknown tool', 'get_usr', {}, {}, { kind: 'input', message: 'There is no tool "get_usr"' }],
    [
      'an unknown argument',
      'get_user',
      { user_id: 'u', emial: 'a' },
      {},
      { kind: 'input', message: 'Unknown argument "emial"' },
    ],
    ['a write that is not allowed', 'create_user', { email: 'a@example.com' }, { readOnly: true }, { kind: 'refused' }],
    ['an excluded tool', 'list_users', {}, { excludeTools: ['list_users'] }, { kind: 'refused' }],
  ])('names the cause: %s', async (_, tool, input, options, expected) => {
    // Here the tool and its arguments are wrong on purpose.
    const call = (workos: Connection) => workos.call(tool as 'get_user', input as { user_id: string });
    expect(await using(options, (workos) => thrown(call(workos)))).toMatchObject(expected);
    expect(api.requests).toEqual([]);
  });

  it('says how a program passes the key if it is missing', async () => {
    const workos = connect({ env: {}, baseUrl: api.url });
    const error = await thrown(workos.call('list_users'));
    await workos.close();
    expect(error).toMatchObject({ kind: 'config', hint: expect.stringMatching(/^Give connect\(\) the key/) });
    expect(Object(error).hint).not.toMatch(/restart|Cursor|--sandbox/);
  });
});

describe('a call that needs consent', () => {
  const input = { user_id: 'user_1' };
  beforeEach(() => {
    api.respondWith(({ method }) =>
      method === 'DELETE' ? { status: 204, body: undefined } : { body: { id: 'user_1', email: 'ada@example.com' } },
    );
  });
  const deletions = () => api.requests.filter(({ method }) => method === 'DELETE').length;
  const askedFor = async (workos: Connection, user = input) => {
    const error = await thrown(workos.call('delete_user', user));
    if (!(error instanceof ConfirmationNeeded)) throw error;
    return error;
  };

  it('throws with a preview and a code, and runs with the code, once', async () => {
    await using({}, async (workos) => {
      const error = await askedFor(workos);
      expect(error.preview[0]?.target).toContain('ada@example.com');
      expect(error.message).toContain('ada@example.com');
      expect(deletions()).toBe(0);
      await workos.call('delete_user', { ...input, confirmation: error.code });
      expect(deletions()).toBe(1);
      const again = await thrown(workos.call('delete_user', { ...input, confirmation: error.code }));
      expect(again).toMatchObject({ kind: 'refused' });
      expect(deletions()).toBe(1);
    });
  });

  it('accepts no code from another call or another connection', async () => {
    await using({}, (first) =>
      using({}, async (second) => {
        const { code } = await askedFor(first);
        const other = await thrown(first.call('delete_user', { user_id: 'user_2', confirmation: code }));
        const elsewhere = await thrown(second.call('delete_user', { ...input, confirmation: code }));
        expect([other, elsewhere]).toMatchObject([{ kind: 'refused' }, { kind: 'refused' }]);
        expect(deletions()).toBe(0);
      }),
    );
  });

  it.each<[string, ConnectOptions, number]>([
    ['runs without a code with a test key', { key: 'sk_test_1' }, 1],
    ['runs without a code with confirm: never', { confirm: 'never' }, 1],
    ['does not run without a code with a test key and confirm: always', { key: 'sk_test_1', confirm: 'always' }, 0],
  ])('%s', async (_, options, deleted) => {
    await using(options, (workos) => workos.call('delete_user', input).catch(() => {}));
    expect(deletions()).toBe(deleted);
  });
});

describe('connect()', () => {
  it('throws at once, with all problems', () => {
    // None of these compiles.
    const options = {
      key: '',
      maxRetries: 21,
      readOnly: 'yes',
      toolsets: 'core',
      confirm: 'sometimes',
      tools: ['get_usr'],
      sandboxState: '/tmp/state.json',
      outputDir: '',
      clientId: 5,
      timeout: 5,
      env: { WORKOS_MCP_READONLY: '1', WORKOS_MCP_TIMEOUT_MS: 'soon' },
    } as unknown as ConnectOptions;
    const error = (() => {
      try {
        return connect(options);
      } catch (problem) {
        return problem;
      }
    })();
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({
      problems: [
        'Unknown option timeout; did you mean timeoutMs?',
        'toolsets must be a list of strings',
        'readOnly must be true or false',
        'outputDir must be a non-empty string',
        'key is empty',
        'clientId must be a non-empty string',
        'confirm must be one of always, live, never',
        'WORKOS_MCP_TIMEOUT_MS must be a whole number from 1 to 600000',
        'maxRetries must be a whole number from 0 to 20',
        'Unknown variable WORKOS_MCP_READONLY; did you mean WORKOS_MCP_READ_ONLY?',
        'sandboxState needs sandbox: without it, calls go to the API',
        'Unknown tool get_usr; did you mean get_user?',
      ],
    });
  });

  it.each([
    [undefined, 'key must be a string, not undefined'],
    [null, 'key must be a string, not null'],
    ['', 'key is empty'],
    ['$\u007BWORKOS_TOKEN}', 'key is $\u007BWORKOS_TOKEN}, which was not expanded'],
    ['sk_test_with a space', 'key contains spaces or other invalid characters'],
  ])('refuses %j as the key, even if the environment has one', (key, problem) => {
    // Only a string compiles.
    const options = { key, env: { WORKOS_TOKEN: KEY } } as ConnectOptions;
    expect(() => connect(options)).toThrow(problem);
  });

  it('takes missing options from the environment, and prefers the options that are given', async () => {
    const env = { WORKOS_TOKEN: 'sk_test_from_env', WORKOS_BASE_URL: api.url, WORKOS_MCP_READ_ONLY: 'true' };
    const fromEnvironment = connect({ env });
    await fromEnvironment.call('list_users');
    expect(await thrown(fromEnvironment.call('create_user', { email: 'a@example.com' }))).toMatchObject({
      kind: 'refused',
    });
    await fromEnvironment.close();
    const given = connect({ env, key: 'sk_test_given', readOnly: false });
    await given.call('create_user', { email: 'a@example.com' });
    await given.close();
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk_test_from_env',
      'Bearer sk_test_given',
    ]);
  });

  it('sends nothing before the first call', async () => {
    await using({}, async () => {});
    expect(api.requests).toEqual([]);
  });

  it('keeps connections with different keys apart', async () => {
    const keys = ['sk_test_one', 'sk_test_two', 'sk_test_three'];
    const connections = keys.map((key) => connect({ key, env: {}, baseUrl: api.url }));
    await Promise.all(connections.flatMap((one) => [one.call('list_users'), one.call('list_organizations')]));
    await connections[0]?.close();
    await connections[1]?.call('list_users');
    await Promise.all(connections.map((one) => one.close()));
    const sent = keys.map((key) => api.requests.filter(({ headers }) => headers.authorization === `Bearer ${key}`));
    expect(sent.map(({ length }) => length)).toEqual([2, 3, 2]);
  });

  it('keeps sandboxes apart', async () => {
    const [one, other] = [connect({ env: {}, sandbox: true }), connect({ env: {}, sandbox: true })];
    await one.call('create_organization', { name: 'Juniper Books' });
    const found = (workos: Connection) => workos.call('list_organizations', { search: 'Juniper' });
    expect([(await found(one)).data.length, (await found(other)).data.length]).toEqual([1, 0]);
    await Promise.all([one.close(), other.close()]);
  });

  it('calls the key by the name of its option', async () => {
    const { findings } = await using({}, (workos) => workos.call('check_connector'));
    expect(JSON.stringify(findings)).toContain('key is set: a live key ending in fXYZ');
  });

  it('passes its log lines to the log option, without the key', async () => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    await using({ log, logLevel: 'debug' }, (workos) => workos.call('list_users'));
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('call');
    expect(lines.join('')).not.toContain(KEY);
  });
});

describe('close()', () => {
  it('refuses further calls and pages', async () => {
    const workos = connect({ key: KEY, env: {}, baseUrl: api.url });
    await workos.close();
    await workos.close();
    const refused = { kind: 'refused', message: 'The connection is closed', tool: 'list_users' };
    expect(await thrown(workos.call('list_users'))).toMatchObject(refused);
    expect(await thrown(workos.pages('list_users').next())).toMatchObject(refused);
    expect(api.requests).toEqual([]);
  });

  it('waits for running calls', async () => {
    const workos = connect({ key: KEY, env: {}, baseUrl: api.url });
    const call = workos.call('list_users');
    await workos.close();
    expect((await call).data).toEqual([]);
  });
});
