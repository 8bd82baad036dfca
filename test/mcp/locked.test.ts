import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, recordingApi } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, initialize, type Session, startServer } from '../process.ts';

const KEY = 'sk_live_0123456789abcdefXYZ';
const env = { WORKOS_TOKEN: KEY };
const SIGNALS: [string, (session: Session) => void][] = WINDOWS
  ? []
  : [
      ['SIGINT', ({ child }) => child.kill('SIGINT')],
      ['SIGTERM', ({ child }) => child.kill('SIGTERM')],
    ];

let api: Api;
beforeAll(async () => {
  api = await recordingApi();
});
afterAll(() => api.close());

/** Starts a server with wrong settings; returns it with its instructions. */
async function startLocked(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const session = await startServer(args, { ...env, ...variables }, { handshake: false });
  session.send({ id: 'hello', method: 'initialize', params: initialize('2025-11-25') });
  const { result } = await session.response('hello');
  return { session, instructions: String(result?.['instructions']) };
}

/** What check_connector found, after checking that no other tool is listed. */
async function problemsOf(session: Session): Promise<string[]> {
  session.send({ id: 'list', method: 'tools/list' });
  expect((await session.response('list')).result?.['tools']).toMatchObject([{ name: 'check_connector' }]);
  session.call('check', 'check_connector');
  const { result } = await session.response('check');
  const diagnosis = await session.toolResult('check');
  expect(result?.isError).toBeUndefined();
  expect(result?.['structuredContent']).toEqual(diagnosis);
  expect(diagnosis).toMatchObject({ healthy: false, summary: expect.stringMatching(/^\d+ wrong settings?; first: ./) });
  const findings = diagnosis['findings'];
  if (!Array.isArray(findings)) throw new Error('there are no findings');
  for (const finding of findings) {
    expect(finding).toEqual({
      check: 'settings',
      status: 'problem',
      detail: expect.any(String),
      fix: expect.stringContaining('restart'),
    });
  }
  return findings.map(({ detail }) => detail);
}

const WRONG: [string[], Record<string, string>, RegExp[]][] = [
  [['--verbose'], {}, [/^Unknown flag --verbose$/]],
  [['--tool', 'list_users'], {}, [/^Unknown flag --tool; did you mean --tools\?$/]],
  [['serve', '--red-only'], {}, [/^Unknown flag --red-only; did you mean --read-only\?$/]],
  [['--max-retries', '1', '--max-retries', '2'], {}, [/^--max-retries is given more than once$/]],
  [['--base-url', 'http://api.example.com'], {}, [/^--base-url must be https/]],
  [['--base-url', '::'], {}, [/^--base-url must be a URL/]],
  [[], { WORKOS_BASE_URL: 'https://user:pw@api.example.com' }, [/^WORKOS_BASE_URL must be scheme, host and path only/]],
  [[], { HTTPS_PROXY: 'socks5://user:hunter2@proxy.example:1080' }, [/^HTTPS_PROXY /]],
  [['--toolsets'], {}, [/^--toolsets needs a value$/]],
  [[], { WORKOS_MCP_TOOLSETS: 'directories' }, [/^Unknown toolset directories/]],
  [[], { WORKOS_MCP_EXCLUDE_TOOL: 'delete_user' }, [/^Unknown variable WORKOS_MCP_EXCLUDE_TOOL; did you mean/]],
  [['--exclude-tools', 'delete_users'], {}, [/^Unknown tool delete_users; did you mean delete_user\?$/]],
  [
    ['--max-result-chars', '-1'],
    { WORKOS_MCP_READ_ONLY: 'ja' },
    [/^WORKOS_MCP_READ_ONLY must be/, /^--max-result-chars/],
  ],
  [['--log-level', 'loud'], { WORKOS_MCP_LOG_LEVEL: 'silent' }, [/^--log-level must be one of/]],
];

describe('a server with wrong settings', () => {
  it.each(WRONG)(
    '%j %j starts, lists only check_connector, and reports the problems everywhere',
    async (args, variables, wanted) => {
      const { session, instructions } = await startLocked(args, variables);
      const problems = await problemsOf(session);
      expect(problems).toHaveLength(wanted.length);
      for (const [at, text] of wanted.entries()) expect(problems[at]).toMatch(text);
      expect(instructions).toContain('locked');
      for (const problem of problems) expect(instructions).toContain(problem);
      session.child.stdin.end();
      const { code, err } = await session.ended;
      expect(err).toBe(problems.map((problem) => `workos-mcp: ${problem}\n`).join(''));
      expect(code).toBe(2);
    },
  );

  it('runs no other tool, however it is called, and sends nothing', async () => {
    const proxy = { HTTPS_PROXY: api.url, HTTP_PROXY: api.url };
    for (const [args, variables] of [
      [['--base-url', api.url, '--secrets', 'plain'], {}],
      [['--timeout-ms', '5s'], proxy],
      [['--sandbox', '--tools', 'nonsense'], {}],
    ] as const) {
      const { session } = await startLocked(args, variables);
      const calls: [string, Record<string, unknown>][] = [
        ['list_organizations', {}],
        ['delete_organization', { organization_id: 'org_1' }],
        ['find_tools', { query: 'roles' }],
        ['call_read_tool', { tool: 'list_users', arguments: {} }],
        ['call_destructive_tool', { tool: 'delete_user', arguments: { user_id: 'user_1' } }],
      ];
      for (const [tool, input] of calls) {
        session.call(tool, tool, input);
        expect((await session.response(tool)).result).toMatchObject({ isError: true });
        expect(await session.toolResult(tool)).toMatchObject({
          error: {
            kind: 'config',
            tool,
            message: expect.stringContaining('1 wrong setting: '),
            hint: expect.stringContaining('check_connector'),
          },
        });
      }
      session.call('unknown', 'no_such_tool');
      expect(await session.response('unknown')).toMatchObject({ error: { code: -32602 } });
      session.call('check', 'check_connector', { url: 'https://elsewhere.example/x', method: 'DELETE' });
      expect(await session.toolResult('check')).toMatchObject({ healthy: false });
      session.send({ id: 'discover', method: 'server/discover' });
      expect(await session.response('discover')).toMatchObject({ error: { code: -32601 } });
      session.kill();
    }
    expect(api.requests).toEqual([]);
  });

  it.each<[string, (session: Session) => void]>([
    ['end of input', ({ child }) => child.stdin.end()],
    ...SIGNALS,
    [
      'a closed stdout',
      (session) => {
        session.child.stdout.destroy();
        session.send({ id: 1, method: 'ping' });
      },
    ],
  ])('exits with 2 on %s', async (_, leave) => {
    const { session } = await startLocked(['--nope']);
    leave(session);
    expect((await session.ended).code).toBe(2);
  });

  it.each<[string, string[], Record<string, string>]>([
    ['an unknown flag', ['--api-key', 'hunter2-without-a-shape'], {}],
    ['a flag with an equals sign', ['--token=hunter2-without-a-shape'], {}],
    ['the key as a tool name', ['--tools', KEY], {}],
    [
      'a key of unknown format as a toolset name',
      ['--toolsets', 'hunter2-without-a-shape'],
      { WORKOS_TOKEN: 'hunter2-without-a-shape' },
    ],
    [
      'a value that is refused',
      ['--confirm', 'hunter2-without-a-shape', '--base-url', `https://x:${KEY}@example.com`],
      {},
    ],
  ])('never shows a secret that was given as %s', async (_, args, variables) => {
    const { session, instructions } = await startLocked(args, variables);
    await problemsOf(session);
    session.call('other', 'list_users');
    await session.response('other');
    session.child.stdin.end();
    const { out, err } = await session.ended;
    expect(err).toMatch(/^workos-mcp: /);
    for (const secret of ['hunter2', KEY.slice(8)]) expect(instructions + out + err).not.toContain(secret);
  });

  it('keeps its instructions short if many settings are wrong, and check_connector still reports all', async () => {
    const names = Array.from({ length: 90 }, (_, nth) => `no_such_tool_of_this_name_${nth}`);
    const { session, instructions } = await startLocked(['--tools', names.join()]);
    expect(instructions.length).toBeLessThanOrEqual(2_000);
    expect(instructions).toMatch(/^- and \d\d more$/m);
    const problems = await problemsOf(session);
    for (const name of names) expect(problems.some((problem) => problem.includes(name))).toBe(true);
    session.call('other', 'list_users');
    expect(JSON.stringify(await session.toolResult('other')).length).toBeLessThan(4_000);
    session.kill();
  });

  it('starts even if nothing reads its stderr', async () => {
    const deaf = await startServer(['--nope'], env, { handshake: false, readErrors: false });
    deaf.child.stderr.destroy();
    deaf.send({ id: 1, method: 'ping' });
    await deaf.response(1);
    deaf.send({ id: 2, method: 'ping' });
    expect(await deaf.response(2)).toMatchObject({ result: {} });
    deaf.child.stdin.end();
    expect((await deaf.ended).code).toBe(2);
  });

  it('works with an SDK client', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const args = [COMMAND, '--read-only=perhaps'];
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args, env: cleanEnvironment(env), stderr: 'ignore' }),
    );
    expect(client.getInstructions()).toContain('--read-only must be true or false');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['check_connector']);
    expect((await client.callTool({ name: 'check_connector', arguments: {} })).structuredContent).toMatchObject({
      healthy: false,
      findings: [{ check: 'settings', status: 'problem', detail: '--read-only must be true or false' }],
    });
    await client.close();
  });
});

describe('a server with valid settings', () => {
  it('can be started with serve', async () => {
    const server = await startServer(['serve', '--toolsets', 'vault'], env);
    server.send({ id: 1, method: 'tools/list' });
    expect((await server.response(1)).result?.['tools']).not.toHaveLength(1);
    server.child.stdin.end();
    expect(await server.ended).toMatchObject({ code: 0, err: '' });
  });
});
