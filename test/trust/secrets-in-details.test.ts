import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Connected, connect, type Reply } from '../harness.ts';
import { expectMode } from '../platform.ts';
import { asSchema, type Input } from './examples.ts';

const PENDING = 'YQyCkYfuVw2mI3tzSrk2C1Y7S';
const pending = { pending_authentication_token: PENDING };
const user = { object: 'user', id: 'user_01HYGGEB6FYMWQNWF3XDZG7VV3', email: 'ada@acme.example' };
/** A guessable password, which keeps the API's texts out of the error. */
const PASSWORD = { grant_type: 'password', email: user.email, password: 'horse' };
const STRONG = { ...PASSWORD, password: 'kR7#pL9x!vQ2' };

let server: Connected;
afterEach(() => server.close());

function fileOf(holder: unknown): Input {
  const { path } = asSchema(asSchema(holder)['secret_file']);
  expectMode(String(path), 0o600);
  return asSchema(JSON.parse(readFileSync(String(path), 'utf8')));
}

describe('a hostile answer to a sign-in', () => {
  const call = async (reply: Reply, options: Input = {}, flags: readonly string[] = []) => {
    server = await connect({ flags: ['--toolsets', 'all', ...flags], replies: () => reply });
    const results = [
      await server.call('authenticate_user', { ...STRONG, ...options }),
      await server.call('call_write_tool', { tool: 'authenticate_user', arguments: { ...STRONG, ...options } }),
    ];
    for (const { text } of results) expect(text.length).toBeLessThanOrEqual(4_000);
    return results;
  };
  const tokens = Array.from({ length: 800 }, (_, index) => ({ pendingAuthenticationToken: `${PENDING}${index}` }));

  it.each<[string, Input]>([
    ['a thousand tokens', { tokens }],
    ['more tokens than the server reads', { tokens: [...tokens, ...tokens] }],
    ['a deeply nested token under another spelling', { a: [{ b: { 'Pending-Authentication-Token': PENDING } }] }],
    ['a token that is an object', { pending_authentication_token: { value: PENDING, more: [PENDING] } }],
    ['session tokens', { access_token: PENDING, oauth_tokens: { refresh_token: PENDING } }],
    ['tokens among the errors', { errors: [{ pending_authentication_token: PENDING }] }],
  ])('with %s shows no token', async (_, body) => {
    const results = await call({ status: 403, body: { code: 'mfa_challenge', message: 'no', ...body } });
    for (const { text } of results) expect(text).not.toContain(PENDING);
  });

  it('with secrets under very long names keeps its message and hint', async () => {
    const long = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`k${at}`.repeat(1_500), { access_token: PENDING }]),
    );
    const body = { code: 'mfa_challenge', message: 'No second factor', ...long, ...pending, user };
    for (const { error } of await call({ status: 403, body })) {
      expect(error).toMatchObject({
        message: expect.stringContaining('No second factor'),
        hint: expect.stringContaining('challenge_auth_factor'),
        details: { user: { id: user.id } },
      });
      expect(Object.values(fileOf(error))).toContain(PENDING);
    }
  });

  it('with a token that would be longer when escaped puts it into the file', async () => {
    const token = `${PENDING}${'\u202e'.repeat(1_100)}`;
    const body = { code: 'mfa_challenge', message: 'no', pending_authentication_token: token };
    const results = await call({ status: 403, body }, { secret_output: 'result' }, ['--secrets', 'result']);
    for (const { error } of results) expect(fileOf(error)).toEqual({ pending_authentication_token: token });
  });

  it('with a token that leaves no room for the rest puts it into the file, even if results may show it', async () => {
    const long = `${PENDING}.`.repeat(400);
    const body = { code: 'mfa_challenge', message: 'x'.repeat(9_000), pending_authentication_token: long, user };
    const results = await call({ status: 403, body }, { secret_output: 'result' }, ['--secrets', 'result']);
    for (const { error } of results) {
      expect(fileOf(error)).toEqual({ pending_authentication_token: long });
      expect(error).toMatchObject({ details: { user }, hint: expect.stringContaining('challenge_auth_factor') });
    }
  });

  it('that arrives as the folder disappears puts its token into another private folder', async () => {
    const home = mkdtempSync(join(tmpdir(), 'workos-mcp-home-'));
    vi.stubEnv('HOME', home);
    vi.stubEnv('USERPROFILE', home);
    server = await connect({
      flags: ['--toolsets', 'all'],
      replies: () => {
        rmSync(server.outputDir, { recursive: true });
        writeFileSync(server.outputDir, '');
        return { status: 403, body: { code: 'mfa_challenge', message: 'no', ...pending, user } };
      },
    });
    const { error } = await server.call('authenticate_user', STRONG);
    expect(fileOf(error)).toEqual(pending);
    expect(asSchema(error?.secret_file)['path']).toContain(home);
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  it('cannot pretend that this server wrote a file', async () => {
    const body = { code: 'mfa_challenge', message: 'no', secret_file: { path: '/etc/passwd' }, secret_files: ['x'] };
    for (const { text } of await call({ status: 403, body })) expect(text).not.toMatch(/"secret_file|passwd/);
  });
});

it('a batch that is cut to size still names the file of every row that failed', async () => {
  server = await connect({
    flags: ['--toolsets', 'all', '--max-result-chars', '4000'],
    replies: () => ({ status: 403, body: { code: 'mfa_challenge', message: 'no', ...pending, user } }),
  });
  const arguments_ = Array.from({ length: 20 }, () => PASSWORD);
  const { value, text } = await server.call('call_write_tool', { tool: 'authenticate_user', arguments: arguments_ });
  expect(value).toMatchObject({ failed: 20, omitted: expect.any(Number) });
  const files = readdirSync(server.outputDir);
  expect(files).toHaveLength(20);
  for (const name of files) expect(text).toContain(name);
});

it('a sign-in token is in no log', async () => {
  const lines: string[] = [];
  server = await connect({
    flags: ['--toolsets', 'all', '--secrets', 'result'],
    env: { WORKOS_MCP_LOG_LEVEL: 'trace' },
    replies: () => ({ status: 403, body: { code: 'mfa_challenge', message: 'no', ...pending, user } }),
    runtime: { log: { writableLength: 0, write: (line: string | Uint8Array) => lines.push(String(line)) > 0 } },
  });
  for (const secret_output of ['masked', 'file', 'result']) {
    await server.call('authenticate_user', { ...STRONG, secret_output });
  }
  expect(lines.join('')).toContain('authenticate_user');
  expect(lines.join('')).not.toContain(PENDING);
});
