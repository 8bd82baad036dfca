import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, recordingApi } from '../harness.ts';
import { runInProcess } from '../in-process.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';

const KEY = { WORKOS_TOKEN: 'sk_live_exit_codes_0123' };

let api: Api;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-exit-'));
  writeFileSync(join(folder, 'user.json'), '{"email": "ada@example.com", "password": "from-a-file"}');
  writeFileSync(join(folder, 'calls.jsonl'), '{"tool": "delete_user", "arguments": {"user_id": "user_1"}}\n');
  api = await recordingApi(({ method, url, body }) => {
    if (url.startsWith('/user_management/users/user_none')) return { status: 404, body: { message: 'User not found' } };
    if (url.startsWith('/user_management/users/user_')) return { body: { id: 'user_1', email: 'ada@example.com' } };
    if (method === 'POST') return { status: 201, body: { id: 'user_2', ...Object(body) } };
    return undefined;
  });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = () => ['--base-url', api.url, '--output-dir', folder];
const run = (args: readonly string[]) => runCommand([...args, ...settings()], KEY);
const inProcess = (args: readonly string[]) => runInProcess([...args, ...settings()], KEY);
const BATCH = (...ids: string[]) => `arguments:=${JSON.stringify(ids.map((user_id) => ({ user_id })))}`;

const EXITS: [number, string, string[]][] = [
  [0, 'a call', ['call', 'get_user', 'user_id=user_1']],
  [0, 'a batch without a failed row', ['call', 'call_read_tool', 'tool=get_user', BATCH('user_1', 'user_2')]],
  [0, 'a search', ['find', 'invite', 'a', 'user']],
  [0, 'a tool', ['tools', 'get_user']],
  [0, 'help', ['help', 'call']],
  [0, 'a version', ['version']],
  [0, 'a completion script', ['completion', 'bash']],
  [1, 'an API error', ['call', 'get_user', 'user_id=user_none']],
  [1, 'a misspelled argument', ['call', 'get_user', 'user=user_1']],
  [1, 'an argument of the wrong type', ['call', 'list_users', 'limit=ten']],
  [1, 'a failed row', ['call', 'call_read_tool', 'tool=get_user', BATCH('user_1', 'user_none')]],
  [1, 'a wrong code', ['call', 'delete_user', 'user_id=user_1', 'confirmation=AAAAAAAA']],
  [1, 'a call that the settings forbid', ['call', 'delete_user', 'user_id=user_1', '--read-only']],
  [2, 'an unknown command', ['cal', 'get_user']],
  [2, 'a tool as a command', ['get_user', 'user_id=user_1']],
  [2, 'an unknown flag', ['call', 'get_user', '--jsn']],
  [2, 'a flag of another command', ['call', 'get_user', '--markdown']],
  [2, 'an unknown tool', ['call', 'get_usr']],
  [2, 'an unknown tool to explain', ['tools', 'get_usr']],
  [2, 'an unknown tool to help with', ['call', 'get_usr', '--help']],
  [2, 'an unknown command to help with', ['help', 'cal']],
  [2, 'an unknown shell', ['completion', 'tcsh']],
  [2, 'nothing to search for', ['find']],
  [2, 'unreadable JSON', ['call', 'get_user', '{user_id: user_1}']],
  [2, 'unreadable JSON of one argument', ['call', 'get_user', 'user_id:=user_1']],
  [2, 'a missing file', ['call', 'get_user', '@none.json']],
  [2, 'a missing batch file', ['batch', 'none.jsonl']],
  [2, 'wrong settings', ['call', 'get_user', 'user_id=user_1', '--confirm', 'maybe']],
  [3, 'a preview', ['call', 'delete_user', 'user_id=user_1']],
  [3, 'a preview of a batch', ['call', 'call_destructive_tool', 'tool=delete_user', BATCH('user_1', 'user_2')]],
];

describe.concurrent('the exit code of a command', () => {
  it.each(EXITS)('is %d for %s', async (expected, _, args) => {
    const { code, out, err } = await inProcess(args);
    expect(code).toBe(expected);
    const failed = expected === 1 && !args.includes('call_read_tool');
    expect({ out: out !== '', err: err !== '' }).toEqual({
      out: !failed && expected !== 2,
      err: failed || expected === 2,
    });
  });

  it.each([0, 1, 2, 3])('is the exit code of the real process: %d', async (expected) => {
    const [, , args = []] = EXITS.find(([code]) => code === expected) ?? [];
    expect((await run(args)).code).toBe(expected);
  });

  it('is 3 for a batch that needs a confirmation', async () => {
    expect((await run(['batch', join(folder, 'calls.jsonl')])).code).toBe(3);
  });
});

describe('a command in a shell', () => {
  it('says how to agree to a preview, and its code works in the next process', async () => {
    const { code, out } = await run(['call', 'delete_user', 'user_id=user_1']);
    const { confirmation, hint } = JSON.parse(out);
    expect({ code, hint }).toEqual({
      code: 3,
      hint: `Nothing was changed. This call needs the user's consent (live key). To agree, repeat the command with the same arguments and confirmation=${confirmation}. The code works once.`,
    });
    const again = await run(['call', 'delete_user', 'user_id=user_1', `confirmation=${confirmation}`]);
    expect(again).toMatchObject({ code: 0, err: '' });
  });

  it('takes secrets from a file or from stdin, where other users cannot see them', async () => {
    await run(['call', 'create_user', `@${join(folder, 'user.json')}`, 'first_name=Ada']);
    expect(api.requests.at(-1)?.body).toEqual({ email: 'ada@example.com', password: 'from-a-file', first_name: 'Ada' });
    const child = spawn(process.execPath, [COMMAND, 'call', 'create_user', '-', ...settings()], {
      env: cleanEnvironment(KEY),
    });
    child.stdin.end('{"email": "ada@example.com", "password": "from-stdin"}');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(api.requests.at(-1)?.body).toEqual({ email: 'ada@example.com', password: 'from-stdin' });
  });

  it('suggests the nearest tool, and shows the signature after a misspelled argument', async () => {
    const { error } = JSON.parse((await inProcess(['call', 'get_usr'])).err);
    expect(error.message).toBe('There is no tool get_usr; did you mean get_user?');
    const { error: wrong } = JSON.parse((await inProcess(['call', 'get_user', 'a.b=c'])).err);
    expect(wrong).toMatchObject({
      message: 'user_id is required; Unknown argument "a.b"',
      hint: 'Nothing was sent. It takes get_user(user_id). workos-mcp tools get_user explains it.',
    });
  });

  it('is named in hints instead of the bare tool', async () => {
    const { error } = JSON.parse((await inProcess(['call', 'get_user', 'user_id=user_none'])).err);
    expect(error.hint).toMatch(/Find ids with workos-mcp call list_users\.$/);
  });
});

describe('a command on a terminal', () => {
  const onTerminal = (args: readonly string[], env = {}) =>
    runInProcess([...args, ...settings()], { ...KEY, TERM: 'xterm', ...env }, 70);

  it('shows fields and errors in color', async () => {
    const { out } = await onTerminal(['call', 'get_user', 'user_id=user_1']);
    expect(out).toBe('\x1b[36mid\x1b[0m     user_1\n\x1b[36memail\x1b[0m  ada@example.com\n');
    const { err, code } = await onTerminal(['call', 'get_user', 'user_id=user_none']);
    expect(code).toBe(1);
    expect(err).toMatch(/^\x1b\[31mnot_found: GET .* returned 404: "User/);
    expect(err).toContain('workos-mcp call list_users');
    expect(err).toMatch(/request_id\x1b\[0m +req_\d+/);
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('shows no color with %j', async (env) => {
    const results = await Promise.all([
      onTerminal(['call', 'get_user', 'user_id=user_1'], env),
      onTerminal(['call', 'get_usr'], env),
      onTerminal(['tools', 'get_user'], env),
      onTerminal(['check'], env),
    ]);
    for (const { out, err } of results) expect(out + err).not.toContain('\x1b');
  });

  it('shows JSON without control characters with --json', async () => {
    api.respondWith(() => ({ body: { id: 'user_1', first_name: '\x1b[2J\u009b\u202e' } }));
    const { out } = await onTerminal(['call', 'get_user', 'user_id=user_1', '--json']);
    expect(out).toBe('{"id":"user_1","first_name":"\\u001b[2J\\u009b\\u202e"}\n');
    expect(JSON.parse(out)).toEqual({ id: 'user_1', first_name: '\x1b[2J\u009b\u202e' });
    const { out: piped } = await inProcess(['call', 'get_user', 'user_id=user_1']);
    expect(JSON.parse(piped)).toEqual(JSON.parse(out));
  });

  // The `script` of util-linux gives a command a terminal.
  const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
  it.skipIf(!hasScript)('shows a table on a real terminal', () => {
    const command = `stty cols 60; '${process.execPath}' '${COMMAND}' call list_organizations limit=2 --sandbox`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      env: cleanEnvironment(),
    });
    const [head, first] = stdout.replace(/\x1b\[\d+m/g, '').split('\r\n');
    expect(head).toMatch(/^id +name/);
    expect(first).toMatch(/^org_\w+ {2}\S/);
    expect(first?.length).toBeLessThanOrEqual(60);
  });
});
