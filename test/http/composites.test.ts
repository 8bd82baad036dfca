import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { Recorded, Reply } from '../harness.ts';
import { ALL, type CallAnswer, callOf, request, type TeamOptions, type TestTeam, testTeam } from './team.ts';

let team: TestTeam;
let sandbox: Sandbox | undefined;
let ada: string;
let bob: string;
afterEach(async () => {
  await team.close();
  await sandbox?.close();
  sandbox = undefined;
});

async function start(options: TeamOptions = {}): Promise<void> {
  team = await testTeam({ ...options, flags: ['--toolsets', 'all', ...(options.flags ?? [])] });
  ada = await team.issuer.token({ permissions: ALL });
  bob = await team.issuer.token({ sub: 'user_bob', permissions: ALL });
}

/** Starts the team with the sandbox instead of the recording API. */
async function startWithSandbox(options: TeamOptions = {}): Promise<Sandbox> {
  sandbox = await startSandbox();
  await start({ baseUrl: sandbox.url, key: sandbox.key, ...options });
  return sandbox;
}

const read = async (uri: unknown, token: string) =>
  (await team.post(request('resources/read', { uri }), token)).message.result?.contents?.[0]?.text;

async function tokenWith(...rights: string[]): Promise<string> {
  return team.issuer.token({ sub: 'user_carol', permissions: rights.map((right) => `workos-mcp:${right}`) });
}

/** The text of every file that the server has written. */
function onDisk(): string {
  const entries = readdirSync(team.outputDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

const ROWS = [
  { email: 'grace@rows.example', first_name: 'Grace', password: 'correct horse battery staple' },
  { email: 'alan@rows.example', 'metadata.team': 'blue' },
];
const FILE = /^workos:\/\/files\/[\w-]+\.\w+$/;

describe('the tools of a team server', () => {
  it.each<[string, string, boolean]>([
    ['import_users', 'rows', true],
    ['import_users', 'path', false],
    ['export_users', 'kind', true],
    ['export_users', 'path', false],
    ['check_connector', 'env_name', false],
  ])('show %s with the argument %s: %s', async (tool, argument, isThere) => {
    await start();
    const { message } = await team.post(request('tools/list'), ada);
    const properties = message.result?.tools?.find(({ name }) => name === tool)?.inputSchema.properties ?? {};
    expect(Object.keys(properties).includes(argument)).toBe(isThere);
    const found = await team.call(ada, 'find_tools', { names: [tool] });
    expect(new RegExp(`[(, ]${argument}[?:,)]`).test(JSON.stringify(found))).toBe(isThere);
  });

  it('do not include apply_configuration, which is refused by every route', async () => {
    await start();
    const { text } = await team.post(request('tools/list'), ada);
    expect(text).toContain('export_configuration');
    expect(text).not.toContain('"name":"apply_configuration"');
    const input = { path: 'workos.yaml' };
    for (const [tool, given] of [
      ['apply_configuration', input],
      ['call_destructive_tool', { tool: 'apply_configuration', arguments: input }],
      ['call_destructive_tool', { tool: 'apply_configuration', arguments: [input] }],
    ] as const) {
      expect(JSON.stringify(await team.call(ada, tool, given))).toContain(
        "uses files on the server's machine, so a shared server does not offer it",
      );
    }
    const found = await team.call(ada, 'find_tools', { names: ['apply_configuration'] });
    expect(JSON.stringify(found)).toContain('"forbidden":"apply_configuration uses files');
    expect(team.api.requests).toEqual([]);
  });
});

describe('an import of rows', () => {
  it('creates users, and only the caller can read its journal', async () => {
    await startWithSandbox();
    const done = await team.call(ada, 'import_users', { rows: ROWS });
    expect(done).toMatchObject({
      rows: 2,
      created: 2,
      failed: 0,
      stopped: 'end',
      journal: expect.stringMatching(FILE),
    });
    expect(done).not.toHaveProperty('file');
    expect(await read(done['journal'], ada)).toContain('"did":"create"');
    expect(await read(done['journal'], bob)).toBeUndefined();
    expect(await team.call(ada, 'list_users', { email: 'grace@rows.example' })).toMatchObject({
      data: [{ first_name: 'Grace' }],
    });
  });

  it('writes no row and no password to disk, and never shows the folder', async () => {
    await startWithSandbox();
    const { text } = await team.post(callOf('import_users', { rows: ROWS }), ada);
    expect(text).not.toContain(team.outputDir);
    expect(onDisk()).toContain('"end":"created"');
    expect(onDisk()).not.toMatch(/correct horse|grace@rows/);
  });

  it('resumes where it stopped for the same person, and starts over for another', async () => {
    let isDown = true;
    const replies = ({ method, body, url }: Recorded): Reply | undefined => {
      if (method !== 'POST') return undefined;
      const { email } = body as { email: string };
      if (isDown && email.startsWith('alan')) return { status: 403, body: { message: 'no' } };
      return { status: 201, body: { id: `user_${email}`, email, object: url } };
    };
    await start({ replies });
    const posts = () => team.api.requests.filter(({ method }) => method === 'POST').length;
    expect(await team.call(ada, 'import_users', { rows: ROWS })).toMatchObject({
      created: 1,
      failed: 1,
      failures: [{ row_numbers: [2] }],
      hint: expect.stringContaining('Correct the rows that failed'),
    });
    isDown = false;
    expect(posts()).toBe(2);
    expect(await team.call(ada, 'import_users', { rows: ROWS })).toMatchObject({ created: 2, resumed: true });
    expect(posts()).toBe(3);
    const other = await team.call(bob, 'import_users', { rows: ROWS });
    expect(other).toMatchObject({ created: 2 });
    expect(other).not.toHaveProperty('resumed');
    expect(posts()).toBe(5);
  });

  it('does not block another person who imports the same rows at the same time', async () => {
    await startWithSandbox();
    const answers = await Promise.all([ada, bob].map((token) => team.call(token, 'import_users', { rows: ROWS })));
    for (const answer of answers) expect(answer).toMatchObject({ failed: 0, stopped: 'end' });
    const [mine, others] = answers.map((answer) => answer['journal']);
    expect(mine).not.toBe(others);
    expect(await read(mine, bob)).toBeUndefined();
  });

  it('of the same rows twice at once by one person is refused once, without showing the journal path', async () => {
    await startWithSandbox();
    const answers = await Promise.all(
      [ada, ada].map((token) => team.post(callOf('import_users', { rows: ROWS }), token)),
    );
    const texts = answers.map(({ text }) => text);
    expect(texts.filter((text) => text.includes('a working file of this server'))).toHaveLength(1);
    for (const text of texts) expect(text).not.toContain(team.outputDir);
    const { message } = await team.post(request('resources/list'), ada);
    const files = (message.result?.resources ?? []).filter(({ uri }) => uri.startsWith('workos://files/'));
    expect(files).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'an unknown column',
      { rows: [{ email: 'a@b.example', emial: 'x' }] },
      'The rows have a problem: row 1: unknown column emial',
    ],
    ['a missing email', { rows: [...ROWS, { first_name: 'X' }] }, 'row 3: email is missing'],
    [
      'the same person twice',
      {
        rows: [
          { email: 'a@b.example', external_id: '1' },
          { email: 'c@b.example', external_id: '1' },
        ],
      },
      'row 2: has the same external_id as row 1',
    ],
    ['no rows', { rows: [] }, 'rows: '],
    [
      'more than a thousand rows',
      { rows: Array.from({ length: 1001 }, (_, at) => ({ email: `${at}@b.example` })) },
      'rows: ',
    ],
    [
      'a path',
      { path: 'users.csv' },
      'rows is required; Unknown argument "path". This server is on another machine: give rows instead',
    ],
    ['a path in addition to rows', { rows: ROWS, path: '/etc/passwd' }, 'Unknown argument "path"'],
  ])('with %s is refused and sends nothing', async (_, input, message) => {
    await start();
    for (const [tool, given] of [
      ['import_users', input],
      ['call_write_tool', { tool: 'import_users', arguments: input }],
    ] as const) {
      expect((await team.call(ada, tool, given)).error?.message).toContain(message);
    }
    expect(team.api.requests).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, readonly string[], string]>([
    ['users', { rows: ROWS }, ['read'], 'write'],
    [
      'a role',
      { rows: [{ email: 'a@b.example', organization_id: 'org_1', role_slug: 'admin' }] },
      ['read', 'write'],
      'delete',
    ],
    [
      'roles in one row of two',
      { rows: [ROWS[1], { email: 'a@b.example', organization_id: 'org_1', role_slugs: ['admin'] }] },
      ['read', 'write', 'delete'],
      'secrets',
    ],
    [
      'a role for all rows',
      { rows: ROWS, organization: 'org_1', role_slug: 'admin' },
      ['read', 'write', 'delete'],
      'secrets',
    ],
    ['invitations', { rows: [{ email: 'a@b.example' }], mode: 'invite' }, ['read', 'write'], 'delete'],
    [
      'invitations with a role',
      { rows: [{ email: 'a@b.example', organization_id: 'org_1', role_slug: 'admin' }], mode: 'invite' },
      ['read', 'write', 'delete'],
      'secrets',
    ],
    ['new passwords', { rows: ROWS.slice(0, 1), mode: 'update' }, ['read', 'write'], 'delete'],
    [
      'changed roles',
      { rows: [{ email: 'a@b.example', organization_id: 'org_1', role_slug: 'admin' }], mode: 'update' },
      ['read', 'write', 'delete'],
      'secrets',
    ],
  ])('of %s is refused as a whole if the caller lacks the permission', async (_, input, rights, missing) => {
    await start();
    const token = await tokenWith(...rights);
    const { error } = await team.call(token, 'call_write_tool', { tool: 'import_users', arguments: input });
    expect(error?.message).toContain(`needs the permission workos-mcp:${missing}, which your role does not have`);
    expect(team.api.requests).toEqual([]);
  });

  it('needs a code for exactly these rows, issued to the same person', async () => {
    await startWithSandbox({ flags: ['--confirm', 'always'] });
    const invite = (token: string, email: string, more = {}) =>
      team.call(token, 'import_users', { rows: [{ email }], mode: 'invite', ...more });
    const { confirmation } = await invite(ada, 'one@rows.example');
    expect(confirmation).toEqual(expect.any(String));
    for (const [token, email] of [
      [ada, 'two@rows.example'],
      [bob, 'one@rows.example'],
    ] as const) {
      expect((await invite(token, email, { confirmation })).error).toMatchObject({ kind: 'refused' });
    }
    const again = await invite(ada, 'one@rows.example');
    const done = await invite(ada, 'one@rows.example', { confirmation: again.confirmation });
    expect(done).toMatchObject({ invited: 1, failed: 0 });
  });

  it('is in the audit log with ids but no values', async () => {
    const log = join((await import('node:os')).tmpdir(), `workos-mcp-import-${process.pid}.jsonl`);
    writeFileSync(log, '');
    await startWithSandbox({ flags: ['--audit-log', log] });
    await team.call(ada, 'import_users', { rows: ROWS });
    const text = readFileSync(log, 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ tool, via, outcome }) => [tool, via, outcome])).toEqual([
      ['create_user', 'import_users', 'done'],
      ['create_user', 'import_users', 'done'],
      ['import_users', undefined, 'done'],
    ]);
    expect(lines[0].targets).toEqual({ id: expect.stringMatching(/^user_/) });
    expect(text).not.toMatch(/@|Grace|correct horse/);
    const reader = await tokenWith('read');
    await team.call(reader, 'import_users', { rows: ROWS });
    const refused = JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '');
    expect(refused).toMatchObject({ tool: 'import_users', outcome: 'refused', person: 'user_carol' });
  });
});

describe('an export', () => {
  const users = (page: number) =>
    Array.from({ length: 100 }, (_, at) => ({ id: `user_${page}_${at}`, email: `${page}.${at}@export.example` }));
  /** Two pages; the second fails while `fails` returns true. */
  const pages =
    (fails: () => boolean) =>
    ({ url }: Recorded): Reply => {
      const isSecond = url.includes('after=');
      if (isSecond && fails()) return { status: 500, body: { message: 'busy' } };
      return { body: { data: users(isSecond ? 2 : 1), list_metadata: { after: isSecond ? null : 'user_1_99' } } };
    };

  it('is a resource that only its caller can read', async () => {
    await start({ replies: pages(() => false) });
    const { uri, rows, ...answer } = await team.call(ada, 'export_users', { kind: 'users' });
    expect([rows, uri]).toEqual([200, expect.stringMatching(FILE)]);
    expect(answer).not.toHaveProperty('path');
    expect(await read(uri, ada)).toContain('2.99@export.example');
    expect(await read(uri, bob)).toBeUndefined();
    expect((await team.call(ada, 'export_users', { kind: 'users', path: 'x.csv' })).error?.message).toContain(
      'Unknown argument "path". This server is on another machine',
    );
  });

  it('that stopped resumes for the same person, and starts over for another', async () => {
    let isDown = true;
    await start({ replies: pages(() => isDown) });
    const stopped = await team.call(ada, 'export_users', { kind: 'users' });
    expect(stopped).toMatchObject({ rows: 100, stopped: 'error', hint: expect.stringContaining('Call again') });
    expect(stopped).not.toHaveProperty('partial');
    expect((await team.post(request('resources/list'), ada)).text).not.toContain('workos://files');
    isDown = false;
    const firstPages = () => team.api.requests.filter(({ url }) => !url.includes('after=')).length;
    expect(firstPages()).toBe(1);
    const other = await team.call(bob, 'export_users', { kind: 'users' });
    expect(other).toMatchObject({ rows: 200, stopped: 'end' });
    expect(other).not.toHaveProperty('resumed_from');
    expect(firstPages()).toBe(2);
    const rest = await team.call(ada, 'export_users', { kind: 'users' });
    expect(rest).toMatchObject({ rows: 200, stopped: 'end', resumed_from: expect.any(String) });
    expect(firstPages()).toBe(2);
  });

  it('is separate for each of two people who export at once', async () => {
    await start({ replies: pages(() => false) });
    const answers = await Promise.all([ada, bob].map((token) => team.call(token, 'export_users', { kind: 'users' })));
    for (const answer of answers) expect(answer).toMatchObject({ rows: 200, stopped: 'end' });
    expect(answers[0]?.['uri']).not.toBe(answers[1]?.['uri']);
  });

  it('that exceeds the file size limit fails with a clear error and leaves nothing behind', async () => {
    const MIB = 1024 * 1024;
    const long = 'x'.repeat(12_000);
    let number = 0;
    await start({
      files: { maxFileBytes: MIB },
      replies: () => {
        const data = Array.from({ length: 100 }, () => ({
          id: `user_${++number}`,
          email: `${number}@b.example`,
          name: long,
        }));
        return { body: { data, list_metadata: { after: `user_${number}` } } };
      },
    });
    for (const _ of [1, 2]) {
      const { error } = await team.call(ada, 'export_users', { kind: 'users' });
      expect(error).toMatchObject({
        message: 'The export would be larger than 1 MiB, the most that this server keeps',
        hint: expect.stringContaining('on your own machine'),
      });
    }
    expect(onDisk()).not.toContain('@b.example');
  });
});

describe('following events', () => {
  const follow = (token: string, more: Record<string, unknown> = {}) =>
    team.call(token, 'follow_events', { events: ['user.created'], name: 'daily', ...more });
  const add = (email: string) => team.call(ada, 'call_write_tool', { tool: 'create_user', arguments: { email } });
  const emails = (answer: CallAnswer) =>
    (answer['data'] as { data: { email: string } }[])
      .map(({ data }) => data.email)
      .filter((one) => one.includes('@follow.'));

  it('is separate for two people who use the same name', async () => {
    await startWithSandbox();
    await add('one@follow.example');
    for (const token of [ada, bob]) {
      const first = await follow(token);
      expect(emails(first)).toEqual(['one@follow.example']);
      expect(first).toMatchObject({ batch: 1, note: expect.stringContaining('starts 24 hours back') });
    }
    await add('two@follow.example');
    expect(emails(await follow(ada))).toEqual(['two@follow.example']);
    expect(await follow(ada)).toMatchObject({ events: 0, data: [] });
    expect(emails(await follow(bob))).toEqual(['two@follow.example']);
  });

  it("repeats a person's last batch with again, as often as asked, but not anyone else's", async () => {
    await startWithSandbox();
    await add('one@follow.example');
    const first = await follow(ada);
    await add('two@follow.example');
    expect((await follow(bob, { again: true })).error?.message).toBe('daily has shown no events yet');
    for (const _ of [1, 2]) {
      const again = await follow(ada, { again: true });
      expect(again).toMatchObject({ events: first['events'], batch: 1, again: true, uri: expect.stringMatching(FILE) });
      expect(emails(again)).toEqual(['one@follow.example']);
    }
    await follow(ada);
    expect(emails(await follow(ada, { again: true }))).toEqual(['two@follow.example']);
  });

  it('writes each batch to a file that only the caller can read', async () => {
    await startWithSandbox();
    await add('one@follow.example');
    const { uri } = await follow(ada);
    expect(await read(uri, ada)).toContain('one@follow.example');
    expect(await read(uri, bob)).toBeUndefined();
  });

  it('shows a batch to one of two concurrent calls and refuses the other', async () => {
    await startWithSandbox();
    await add('one@follow.example');
    const answers = await Promise.all([follow(ada), follow(ada)]);
    const [refused] = answers.filter(({ error }) => error !== undefined);
    expect(refused?.error).toMatchObject({
      kind: 'refused',
      message: 'Another call with the name daily has just shown these events',
    });
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(emails(await follow(ada, { again: true }))).toEqual(['one@follow.example']);
  });
});

describe('with two environments', () => {
  const environments = ['--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY'];
  const env = { STAGING_KEY: 'sk_test_staging_0123456789', PRODUCTION_KEY: 'sk_test_production_0123456789' };
  const roles = ({ url, headers }: Recorded): Reply | undefined => {
    if (!url.startsWith('/authorization/roles') || String(headers.authorization).includes('production'))
      return undefined;
    const data = Array.from({ length: 90 }, (_, at) => ({
      object: 'role',
      id: `role_${at}`,
      slug: `role-${at}-${'x'.repeat(40)}`,
      name: 'x'.repeat(600),
      type: 'EnvironmentRole',
      permissions: [],
    }));
    return { body: { object: 'list', data, list_metadata: {} } };
  };

  it.each<[string, Record<string, unknown>, string]>([
    ['export_configuration', {}, 'uri'],
    ['compare_environments', { from: 'staging', to: 'production' }, 'uri'],
    ['diagnose_organization', { organization: 'org_1', report: true }, 'report'],
  ])('the file of %s is a resource that only its caller can read', async (tool, input, field) => {
    await start({ flags: environments, env, replies: roles });
    const answer = await team.call(ada, tool, input);
    expect(answer[field]).toMatch(FILE);
    expect(await read(answer[field], ada)).toEqual(expect.any(String));
    expect(await read(answer[field], bob)).toBeUndefined();
    expect(JSON.stringify(answer)).not.toContain(team.outputDir);
  });

  it('following events under one name is separate in each environment', async () => {
    await start({
      flags: environments,
      env,
      replies: ({ headers }) => {
        const where = String(headers.authorization).includes('production') ? 'production' : 'staging';
        const event = { id: `event_${where}`, event: 'user.created', created_at: new Date().toISOString(), data: {} };
        return { body: { data: [event], list_metadata: {} } };
      },
    });
    for (const environment of ['staging', 'production']) {
      const answer = await team.call(ada, 'follow_events', { events: ['user.created'], name: 'daily', environment });
      expect(answer).toMatchObject({ batch: 1, data: [{ id: `event_${environment}` }] });
    }
  });
});
