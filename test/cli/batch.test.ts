import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, MAX_LINE_BYTES } from '../../src/cli/batch-lines.ts';
import { type Api, recordingApi } from '../harness.ts';
import { holdingApi } from '../holding-api.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';

const KEY = { WORKOS_TOKEN: 'sk_live_batch_0123456789' };

let api: Api;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-batch-'));
  api = await recordingApi(({ method, url }) => {
    if (url.includes('user_none')) return { status: 404, body: { message: 'User not found' } };
    if (method === 'DELETE') return { status: 204, body: undefined };
    if (url.startsWith('/user_management/users?')) return undefined;
    return { body: { id: url.split('/').at(-1), email: 'ada@example.com' } };
  });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  child: ChildProcessWithoutNullStreams;
  /** The next line of stdout; undefined at its end. */
  next(): Promise<Record<string, unknown> | undefined>;
  err(): string;
  ended: Promise<number | null>;
}

function start(args: readonly string[] = [], url = api.url): Running {
  const flags = ['--base-url', url, '--output-dir', folder, ...args];
  const child = spawn(process.execPath, [COMMAND, 'batch', ...flags], { env: cleanEnvironment(KEY) });
  child.stdin.on('error', () => {});
  // Reads nothing until a line is asked for.
  let lines: AsyncIterator<string> | undefined;
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return {
    child,
    next: async () => {
      lines ??= createInterface(child.stdout)[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      return done ? undefined : JSON.parse(value);
    },
    err: () => err,
    ended: new Promise((resolve) => child.on('close', resolve)),
  };
}

async function run(input: string, args: readonly string[] = []) {
  const { child, next, err, ended } = start(args);
  child.stdin.end(input);
  const rows: Record<string, unknown>[] = [];
  for (let row = await next(); row; row = await next()) rows.push(row);
  return { rows, code: await ended, err: err() };
}

const get = (user_id: string) => JSON.stringify({ tool: 'get_user', arguments: { user_id } });

describe.concurrent('workos-mcp batch', () => {
  it('writes a line for each call, in order, and skips blank lines', async () => {
    const { rows, code, err } = await run(
      `${get('user_1')}\n\n  \r\n{"tool":"list_users","query":"length(data)"}\r\n${get('user_2')}`,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(rows).toEqual([
      { index: 0, tool: 'get_user', ok: true, value: { id: 'user_1', email: 'ada@example.com' } },
      { index: 1, tool: 'list_users', ok: true, value: { result: 0 } },
      { index: 2, tool: 'get_user', ok: true, value: { id: 'user_2', email: 'ada@example.com' } },
    ]);
  });

  it('continues after a line that fails or cannot be read, and exits with 1', async () => {
    const wrong: [string, string | null, RegExp][] = [
      [get('user_none'), 'get_user', /returned 404/],
      ['{"tool": "get_user"', null, /^Line 2 is not JSON$/],
      ['["get_user"]', null, /^Line 3 is not a call: the line: /],
      ['{"arguments": {}}', null, /^Line 4 is not a call: .*tool/],
      [
        '{"tool": "get_user", "argument": {}}',
        null,
        /^Line 5 is not a call: unknown key "argument"; did you mean arguments\?$/,
      ],
      ['{"tool": "get_usr"}', 'get_usr', /^There is no tool "get_usr"; did you mean get_user\?$/],
      ['{"tool": "get_user", "arguments": {"user": "x"}}', 'get_user', /Unknown argument "user"/],
      ['{"tool": "get_user", "arguments": {"__proto__": {}, "user_id": "user_1"}}', 'get_user', /__proto__/],
    ];
    const { rows, code } = await run(`${wrong.map(([line]) => line).join('\n')}\n${get('user_1')}\n`);
    expect(code).toBe(1);
    for (const [index, [, tool, message]] of wrong.entries()) {
      expect(rows[index]).toMatchObject({ index, tool, ok: false, error: { message: expect.stringMatching(message) } });
      expect(rows[index]).not.toHaveProperty('value');
    }
    expect(rows[wrong.length]).toMatchObject({ index: wrong.length, ok: true });
  });

  it('writes the preview of a call that needs consent, exits with 3, and accepts the code later', async () => {
    const deleting = (more = {}) => JSON.stringify({ tool: 'delete_user', arguments: { user_id: 'user_3', ...more } });
    const { rows, code } = await run(`${deleting()}\n${get('user_1')}\n`);
    expect(code).toBe(3);
    expect(rows).toMatchObject([
      { ok: true, value: { changed: false, confirmation: expect.any(String) } },
      { ok: true },
    ]);
    const { confirmation } = Object(rows[0]?.['value']);
    expect((await run(`${deleting({ confirmation })}\n`)).rows).toEqual([
      { index: 0, tool: 'delete_user', ok: true, value: { ok: true, status: 204, user_id: 'user_3' } },
    ]);
    expect((await run(`${deleting()}\n${get('user_none')}\n`)).code).toBe(1);
  });

  it('follows the settings', async () => {
    const { rows, code } = await run('{"tool":"delete_user","arguments":{"user_id":"user_1"}}\n', ['--read-only']);
    expect(code).toBe(1);
    expect(rows).toMatchObject([{ ok: false, error: { kind: 'refused' } }]);
  });

  it('reads calls from a file too', async () => {
    const file = join(folder, 'calls.jsonl');
    writeFileSync(file, get('user_1'));
    expect(await run('', [file])).toMatchObject({ code: 0, rows: [{ index: 0, ok: true }] });
  });

  it('writes a result before the next line arrives', async () => {
    const { child, next, ended } = start();
    for (const index of [0, 1, 2]) {
      child.stdin.write(`${get(`user_${index}`)}\n`);
      expect(await next()).toMatchObject({ index, ok: true });
    }
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  it.skipIf(WINDOWS)('finishes the running call and writes its result on Ctrl-C', async () => {
    const held = await holdingApi();
    const { child, next, err, ended } = start([], held.url);
    child.stdin.write(`${get('user_1')}\n${get('user_2')}\n`);
    await held.arrival('/user_management/users/user_1');
    child.kill('SIGINT');
    // Otherwise the response could arrive before the signal.
    await once(child.stderr, 'data');
    held.release('/user_management/users/user_1');
    expect(await next()).toMatchObject({ index: 0, ok: true });
    expect(await next()).toBeUndefined();
    expect(await ended).toBe(1);
    expect(err().split('\n')).toEqual([
      'workos-mcp: stopping after the current call; press Ctrl-C again to stop at once',
      'workos-mcp: stopped after 1 call; the remaining lines were not run',
      '',
    ]);
    expect(held.count('/user_management/users/user_2')).toBe(0);
    await held.close();
  });

  it.skipIf(WINDOWS)('ends on Ctrl-C while it waits for a line', async () => {
    const { child, next, ended } = start();
    child.stdin.write(`${get('user_1')}\n`);
    await next();
    child.kill('SIGINT');
    expect(await ended).toBe(1);
  });
});

describe('a slow reader of a batch', () => {
  it('makes it stop reading, and still gets every line', async () => {
    const name = 'n'.repeat(20_000);
    let requests = 0;
    const large = await recordingApi(({ url }) => {
      requests++;
      return { body: { id: url.split('/').at(-1), first_name: name } };
    });
    const { child, ended } = start([], large.url);
    const count = 300;
    child.stdin.end(Array.from({ length: count }, (_, at) => `${get(`user_${at}`)}\n`).join(''));
    let last = -1;
    let same = 0;
    // Until nothing has moved for a second.
    const still = () => {
      same = requests > 0 && requests === last ? same + 1 : 0;
      last = requests;
      return same;
    };
    await expect.poll(still, { interval: 100, timeout: 30_000 }).toBeGreaterThan(10);
    // What fits into the pipe and the stream's own buffers.
    expect(requests).toBeLessThan(30);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    expect(await ended).toBe(0);
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ index, value }) => [index, value.id])).toEqual(
      Array.from({ length: count }, (_, at) => [at, `user_${at}`]),
    );
    await large.close();
  }, 60_000);
});

describe('the lines of a batch', () => {
  async function* chunksOf(bytes: Buffer, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it.each([1, 2, 3, 7, 100])('are put together from pieces of %d bytes', async (size) => {
    const lines = [];
    for await (const line of linesOf(chunksOf(Buffer.from('ab\n\nZürich 🦊\r\n\xff'), size))) lines.push(line);
    expect(lines).toEqual([
      { number: 1, text: 'ab' },
      { number: 3, text: 'Zürich 🦊' },
      { number: 4, text: 'ÿ' },
    ]);
  });

  it('are refused if they are too long or not UTF-8, and the next one is read', async () => {
    async function* input() {
      for (let sent = 0; sent <= MAX_LINE_BYTES; sent += 1024 * 1024) yield Buffer.alloc(1024 * 1024, 'a');
      yield Buffer.from([10, 0xff, 0xfe, 10, 98]);
    }
    const lines = [];
    for await (const line of linesOf(input())) lines.push(line);
    expect(lines).toEqual([
      { number: 1, text: '', problem: `Line 1 is longer than ${MAX_LINE_BYTES} bytes` },
      { number: 2, text: '', problem: 'Line 2 is not UTF-8' },
      { number: 3, text: 'b' },
    ]);
  });
});
