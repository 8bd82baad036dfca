// biome-ignore-all lint/suspicious/noTemplateCurlyInString: clients that do not expand variables pass this literally
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CurrentKey, findKey } from '../../src/config/api-key.ts';
import { type Api, recordingApi } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { runCommand, startServer } from '../process.ts';

const OLD = 'sk_test_old_0123456789';
const NEW = 'sk_live_new_9876543210';

let folder: string;
let api: Api;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-key-'));
  api = await recordingApi();
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(text: string, name = 'key', mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const PIPE: [string, () => string, RegExp] = ['is a pipe', () => pipe(), /which is not a file$/];

describe('WORKOS_TOKEN_FILE', () => {
  it('beats the variables that hold a key', () => {
    const key = findKey({ WORKOS_TOKEN_FILE: fileWith(` ${OLD}\n`), WORKOS_TOKEN: NEW, WORKOS_API_KEY: NEW });
    expect(key).toEqual({ value: OLD, variable: 'WORKOS_TOKEN_FILE', kind: 'test', problem: undefined });
  });

  it('counts as unset if it is empty', () => {
    expect(findKey({ WORKOS_TOKEN_FILE: ' ', WORKOS_TOKEN: NEW })).toMatchObject({ value: NEW });
  });

  it.each<[string, () => string, RegExp]>([
    ['is missing', () => join(folder, 'none'), /names ".*none", which cannot be read \(ENOENT\)$/],
    ['is a folder', () => folder, /which is not a file$/],
    ...(WINDOWS ? [] : [PIPE]),
    ['is empty', () => fileWith('\n', 'empty'), /which is empty$/],
    ['is too large', () => fileWith('x'.repeat(10_000), 'large'), /which is too large to be a key$/],
    [
      'holds several lines',
      () => fileWith(`${OLD}\n${NEW}`, 'lines'),
      /^The file that WORKOS_TOKEN_FILE names contains spaces/,
    ],
    ['is a placeholder', () => '${KEY_FILE}', /is \$\{KEY_FILE\}, which the client did not expand$/],
    ['is the key itself', () => OLD, /names "\[key\]", which cannot be read/],
  ])('counts as a missing key if the file %s, even if another variable holds one', (_, path, problem) => {
    const key = findKey({ WORKOS_TOKEN_FILE: path(), WORKOS_TOKEN: NEW });
    expect(key).toMatchObject({ value: undefined, variable: 'WORKOS_TOKEN_FILE', kind: 'none' });
    expect(key.problem).toMatch(problem);
    expect(key.problem).not.toMatch(/old_0123|new_9876/);
  });

  it.skipIf(WINDOWS)('causes a warning if other users can read the file', async () => {
    const open = fileWith(OLD, 'open', 0o644);
    expect(findKey({ WORKOS_TOKEN_FILE: open })).toMatchObject({
      value: OLD,
      warning: expect.stringContaining('open'),
    });
    const { code, out } = await runCommand(['check', '--base-url', api.url], { WORKOS_TOKEN_FILE: open });
    expect(code).toBe(0);
    expect(out).toMatch(/^warn {2}variable .*every user of this machine can read ".*open"$/m);
    expect(out).toMatch(/^ +-> .*chmod 600/m);
  });

  it('makes check report a missing file', async () => {
    const missing = join(folder, 'gone');
    const { code, out } = await runCommand(['check', '--base-url', api.url], { WORKOS_TOKEN_FILE: missing });
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}variable {4}WORKOS_TOKEN_FILE names ".*gone", which cannot be read \(ENOENT\)$/m);
  });

  it('remembers the keys that it held', () => {
    const env = { WORKOS_TOKEN_FILE: fileWith(OLD) };
    const key = new CurrentKey(findKey(env), env);
    fileWith(NEW);
    expect(key.read()).toMatchObject({ value: NEW, kind: 'live', former: [OLD] });
    fileWith('');
    expect(key.read()).toMatchObject({ value: undefined, former: [NEW, OLD] });
    fileWith(OLD);
    expect(key.read()).toMatchObject({ value: OLD, former: [NEW] });
  });
});

describe('a running server', () => {
  it('uses the key that the file holds at each call, and shows neither the new one nor the old one', async () => {
    const path = fileWith(OLD, 'rotated');
    api.respondWith(() => ({ body: { id: 'user_1', first_name: `${OLD} ${NEW}` } }));
    const session = await startServer(['--base-url', api.url, '--log-level', 'trace'], {
      WORKOS_TOKEN_FILE: path,
      WORKOS_TOKEN: 'sk_test_not_used_0123',
    });
    const bearers = async (id: number) => {
      session.call(id, 'get_user', { user_id: 'user_1' });
      await session.response(id);
      return api.requests.at(-1)?.headers.authorization;
    };
    expect(await bearers(1)).toBe(`Bearer ${OLD}`);
    fileWith(NEW, 'rotated');
    expect(await bearers(2)).toBe(`Bearer ${NEW}`);
    expect(await session.toolResult(2)).toEqual({ id: 'user_1', first_name: '[key] [key]' });

    api.respondWith(() => ({ status: 422, body: { message: `wrong: ${OLD} ${NEW}`, code: OLD } }));
    session.call(3, 'get_user', { user_id: 'user_1' });
    const text = JSON.stringify(await session.toolResult(3));
    expect(text + session.err()).not.toMatch(/old_0123|new_9876/);

    // A live key asks before it deletes, although the server was started with a test key.
    api.respondWith(() => ({ body: { id: 'user_1' } }));
    session.call(4, 'delete_user', { user_id: 'user_1' });
    expect(await session.toolResult(4)).toMatchObject({ changed: false, confirmation: expect.any(String) });

    rmSync(path);
    session.call(5, 'get_user', { user_id: 'user_1' });
    expect(await session.toolResult(5)).toMatchObject({
      error: {
        kind: 'config',
        message: expect.stringMatching(/^No WorkOS key: WORKOS_TOKEN_FILE names .* \(ENOENT\)$/),
      },
    });
    session.kill();
  });
});

/** A named pipe: opening it would block. */
function pipe(): string {
  const path = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  return path;
}
