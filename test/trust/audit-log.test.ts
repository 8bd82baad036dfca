import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { openTrail, type Trail, type TrailLine, trailTo } from '../../src/call/trail.ts';
import { narrowed } from '../../src/config/config.ts';
import { ALL_RIGHTS } from '../../src/config/rights.ts';
import { ConfigError, RefusedError } from '../../src/errors/errors.ts';
import { exposedTools } from '../../src/mcp/exposure.ts';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { type Api, configured, openRuntime, recordingApi } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { runCommand, startServer } from '../process.ts';

const catalog = catalogEntries();
const KEY = 'sk_live_0123456789abcdefWXYZ';
const ADA: Caller['person'] = { id: 'user_ada', organization: 'org_acme' };

let api: Api;
let folder: string;
let log: string;
beforeAll(async () => {
  api = await recordingApi();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-audit-'));
  log = join(folder, 'audit.jsonl');
  api.requests.length = 0;
  api.respondWith(() => undefined);
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => api.close());

const lines = (): TrailLine[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

async function server(flags: readonly string[] = [], auditLog = log, env: Record<string, string> = {}) {
  const own = [
    '--base-url',
    api.url,
    '--output-dir',
    join(folder, 'out'),
    '--max-retries',
    '0',
    '--audit-log',
    auditLog,
  ];
  const config = narrowed(
    configured([...own, '--toolsets', 'all', ...flags], { WORKOS_TOKEN: KEY, ...env }),
    ALL_RIGHTS,
  );
  const exposed = new Set(exposedTools(catalog, config).map(({ definition }) => definition.name));
  const now = () => Date.parse('2026-11-23T10:00:00Z');
  const { call, close } = await openRuntime({ config, version: '0', exposed, now });
  return {
    close,
    async call(name: string, input: Record<string, unknown>, person = ADA) {
      const { signal } = new AbortController();
      const caller = { origin: 'client' as const, person, signal, progress: () => {}, ask: undefined };
      const { content } = await call(name, input, caller);
      return JSON.parse(content[0]?.text ?? '');
    },
  };
}

describe('the audit log', () => {
  it('has no line for a call that only reads', async () => {
    const { call, close } = await server();
    await call('list_users', { email: 'ada@example.com' });
    await call('call_read_tool', { tool: 'get_user', arguments: [{ user_id: 'user_1' }, { user_id: 'user_2' }] });
    expect(lines()).toEqual([]);
    await close();
  });

  it('records who wrote what, with ids but no other values', async () => {
    api.respondWith(() => ({ body: { id: 'user_new', email: 'new@example.com' } }));
    const { call, close } = await server();
    await call('create_user', { email: 'new@example.com', first_name: 'Grace', external_id: 'hr-7' });
    expect(lines()).toEqual([
      {
        time: '2026-11-23T10:00:00.000Z',
        person: 'user_ada',
        organization: 'org_acme',
        environment: 'live',
        tool: 'create_user',
        targets: { external_id: 'hr-7', id: 'user_new' },
        outcome: 'done',
        request_id: 'req_1',
      },
    ]);
    expect(readFileSync(log, 'utf8')).not.toMatch(/Grace|new@example/);
    await close();
  });

  const BOTH = ['--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY'];
  const KEYS = { STAGING_KEY: 'sk_test_staging_0123456789', PRODUCTION_KEY: 'sk_live_production_0123456789' };
  it.each<[string, readonly string[], Record<string, string>, Record<string, string>]>([
    ['live', [], {}, {}],
    ['test', [], { WORKOS_TOKEN: 'sk_test_0123456789abcdefWXYZ' }, {}],
    ['staging', BOTH, KEYS, {}],
    ['staging', BOTH, KEYS, { environment: 'staging' }],
    ['production', BOTH, KEYS, { environment: 'production' }],
  ])('names the environment %s (%j)', async (name, flags, env, input) => {
    const { call, close } = await server(flags, log, env);
    await call('create_organization', { name: 'Acme', ...input });
    await call('call_write_tool', { tool: 'create_organization', arguments: { name: 'Acme' }, ...input });
    expect(lines().map(({ environment }) => environment)).toEqual([name, name]);
    await close();
  });

  it('has a line for the preview and one for the confirmed call', async () => {
    api.respondWith(({ method }) => (method === 'GET' ? { body: { id: 'org_1', name: 'Acme' } } : { status: 204 }));
    const { call, close } = await server();
    const { confirmation } = await call('delete_organization', { organization_id: 'org_1' });
    await call('delete_organization', { organization_id: 'org_1', confirmation });
    const about = { tool: 'delete_organization', targets: { organization_id: 'org_1' } };
    expect(lines()).toEqual([
      expect.objectContaining({ ...about, outcome: 'preview' }),
      expect.objectContaining({ ...about, outcome: 'done', confirmed: 'code', request_id: expect.any(String) }),
    ]);
    await close();
  });

  it('has a line for each row of a batch, with how it was confirmed', async () => {
    api.respondWith(({ method, url }) => {
      if (method === 'GET') return { body: { id: url.split('/').at(-1) } };
      return url.endsWith('_2') ? { status: 500, body: { message: 'no' } } : { status: 204 };
    });
    const { call, close } = await server();
    const input = { tool: 'delete_user', arguments: ['user_1', 'user_2'].map((user_id) => ({ user_id })) };
    const { confirmation } = await call('call_destructive_tool', input);
    await call('call_destructive_tool', { ...input, confirmation });
    const row = { tool: 'delete_user', via: 'call_destructive_tool', confirmed: 'code' };
    expect(lines().slice(1)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...row, targets: { user_id: 'user_1' }, outcome: 'done' }),
        expect.objectContaining({ ...row, targets: { user_id: 'user_2' }, outcome: 'unknown', reason: 'status 500' }),
      ]),
    );
    expect(lines()[0]).toMatchObject({ outcome: 'preview', targets: { user_id: ['user_1', 'user_2'] } });
    await close();
  });

  it.each<[string, string[], string, Record<string, unknown>, string]>([
    ['--read-only', ['--read-only'], 'create_user', { email: 'a@b.example' }, 'create_user changes data'],
    [
      '--exclude-tools, through a dispatcher',
      ['--exclude-tools', 'get_user'],
      'call_read_tool',
      { tool: 'get_user', arguments: { user_id: 'user_1' } },
      'get_user is excluded',
    ],
    ['an invalid code', [], 'delete_user', { user_id: 'user_1', confirmation: 'AAAAAAAA' }, 'unknown or already used'],
    [
      'the --secrets level',
      ['--secrets', 'masked'],
      'get_vault_object',
      { object_id: 'vo_1', secret_output: 'file' },
      'this server allows masked at most',
    ],
  ])('has one line for a call that is refused because of %s', async (_, flags, name, input, reason) => {
    api.respondWith(() => ({ body: { id: 'user_1' } }));
    const { call, close } = await server(flags);
    await call(name, input);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(reason) });
    await close();
  });

  it('has a line for a call that reads a secret', async () => {
    api.respondWith(() => ({ body: { id: 'vo_1', value: 'hunter2hunter2' } }));
    const { call, close } = await server();
    await call('get_vault_object', { object_id: 'vo_1', secret_output: 'file' });
    expect(lines()).toEqual([
      expect.objectContaining({ tool: 'get_vault_object', targets: { vault_object_id: 'vo_1' }, secrets: 'file' }),
    ]);
    await close();
  });

  it('never contains the key, and limits ids to one short line', async () => {
    const { call, close } = await server(['--confirm', 'never']);
    await call('delete_user', { user_id: `${KEY}\n{"person":"somebody"}` });
    await call('delete_user', { user_id: 'x'.repeat(5_000) });
    await call('accept_invitation', { invitation_id: 'invitation_1' });
    const text = readFileSync(log, 'utf8');
    expect(text).not.toContain(KEY);
    expect(lines()).toHaveLength(3);
    expect(text.length).toBeLessThan(2_000);
    await close();
  });

  it.skipIf(WINDOWS)('is readable only by its owner, and can be rotated', async () => {
    const { call, close } = await server(['--confirm', 'never']);
    await call('delete_user', { user_id: 'user_1' });
    expect(statSync(log).mode & 0o777).toBe(0o600);
    renameSync(log, `${log}.1`);
    await call('delete_user', { user_id: 'user_2' });
    expect(lines()).toHaveLength(1);
    await close();
  });

  it('causes a configuration error if it cannot be opened', () => {
    mkdirSync(log);
    expect(() => openTrail(log)).toThrow(ConfigError);
  });

  it.skipIf(process.platform !== 'linux')('blocks further writes once the disk is full', async () => {
    const { call, close } = await server(['--confirm', 'never'], '/dev/full');
    expect(await call('delete_user', { user_id: 'user_1' })).not.toHaveProperty('error');
    const { error } = await call('delete_user', { user_id: 'user_2' });
    expect(error.message).toBe('Nothing was sent: the audit log cannot be written (ENOSPC)');
    expect(await call('list_users', {})).toHaveProperty('data');
    expect(api.requests.map(({ url }) => url)).not.toContain('/user_management/users/user_2');
    await close();
  });

  it('blocks writes while it cannot be written itself', async () => {
    const { call, close } = await server(['--confirm', 'never']);
    await call('delete_user', { user_id: 'user_1' });
    renameSync(log, `${log}.1`);
    mkdirSync(log);
    await call('delete_user', { user_id: 'user_2' });
    const { error } = await call('delete_user', { user_id: 'user_3' });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('audit log cannot be written') });
    expect(api.requests.map(({ method }) => method)).toEqual(['DELETE']);
    await call('list_users', {});
    rmSync(log, { recursive: true });
    await call('delete_user', { user_id: 'user_4' });
    expect(api.requests.map(({ url }) => url)).not.toContain('/user_management/users/user_3');
    expect(lines().map(({ targets, outcome }) => [targets['user_id'], outcome])).toEqual([
      ['user_2', 'refused'],
      ['user_3', 'refused'],
      ['user_4', 'done'],
    ]);
    await close();
  });

  it('of a stdio server is written before the response', async () => {
    writeFileSync(log, '');
    const flags = ['--base-url', api.url, '--confirm', 'never'];
    const session = await startServer(flags, { WORKOS_TOKEN: KEY, WORKOS_MCP_AUDIT_LOG: log });
    session.call(1, 'call_destructive_tool', { tool: 'delete_user', arguments: { user_id: 'user_1' } });
    await session.response(1);
    expect(lines()).toEqual([expect.objectContaining({ person: expect.stringMatching(/^local:/), outcome: 'done' })]);
    session.kill();
    await session.ended;
  });

  it('goes to stderr with -', async () => {
    const flags = ['--base-url', api.url, '--audit-log', '-', '--confirm', 'never'];
    const { err } = await runCommand(['call', 'delete_user', 'user_id=user_1', ...flags], { WORKOS_TOKEN: KEY });
    expect(JSON.parse(err)).toMatchObject({ tool: 'delete_user', outcome: 'done' });
  });
});

describe('a line of the audit log', () => {
  const line = { tool: 'delete_user' } as TrailLine;

  it('that did not fit on the disk is written once there is room, in order', async () => {
    const written: string[] = [];
    let full = true;
    const trail = trailTo({
      write(bytes) {
        if (full) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        written.push(String(bytes));
      },
    });
    await trail.record({ ...line, person: 'one' });
    await expect(trail.ready()).rejects.toThrow(RefusedError);
    await expect(trail.ready()).rejects.toThrow('ENOSPC');
    full = false;
    await trail.record({ ...line, person: 'two' });
    await trail.ready();
    expect(written.map((text) => JSON.parse(text).person)).toEqual(['one', 'two']);
  });

  it('is a single printable line, whatever characters a value contains', async () => {
    let text = '';
    const trail = trailTo({
      write(bytes) {
        text += String(bytes);
      },
    });
    const person = 'user\u2028{"person":"eve"}\u0085\u2029\u000b\r\n\u001b[2K\u009b2K\u202e\u{e0041}\u200b';
    await trail.record({ ...line, person });
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(text).person).toBe(person);
  });

  it('that is not read from stderr blocks further writes until it is read, and is not repeated', async () => {
    const written: string[] = [];
    let read = () => {};
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        read = () => done();
      },
    });
    const trail: Trail = openTrail('-', stream, 1);
    await trail.record(line);
    await expect(trail.ready()).rejects.toThrow('the audit log cannot be written');
    read();
    await trail.ready();
    expect(written).toHaveLength(1);
  });
});
