import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/config/commands.ts';
import { type Api, recordingApi } from '../harness.ts';
import { runInProcess } from '../in-process.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';

const TEST_KEY = { WORKOS_TOKEN: 'sk_test_commands' };
const LIVE_KEY = { WORKOS_TOKEN: 'sk_live_commands' };

/** Has one organization and accepts only the two keys above. */
let api: Api;
let outputDir: string;

beforeAll(async () => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-commands-'));
  api = await recordingApi(({ method, url, headers }) => {
    if (!/^Bearer sk_(test|live)_commands$/.test(headers.authorization ?? '')) {
      return { status: 401, body: { message: 'Unauthorized' } };
    }
    if (method === 'DELETE') return { status: 204, body: undefined };
    if (url === '/organizations/org_1') return { body: { id: 'org_1', name: 'Acme' } };
    if (url.startsWith('/organizations/')) return { status: 404, body: { message: 'Organization not found' } };
    return undefined;
  });
});
afterAll(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Record<string, string> = TEST_KEY) =>
  runInProcess([...args, '--base-url', api.url, '--output-dir', outputDir], env);

/** Parses the single line of JSON that a command wrote. */
const parsed = (text: string): { [field: string]: unknown; findings?: unknown[] } => {
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(text);
};

describe.concurrent('workos-mcp check', () => {
  it('finds no problem with the sandbox and exits with code 0', async () => {
    const { code, out, err } = await runCommand(['check', '--sandbox']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('ok    variable    the sandbox needs no key');
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^WorkOS responded in \d+ ms and accepted the key/);
  });

  it('says what failed and what to do if nothing listens on the port, and exits with code 1', async () => {
    const url = await closedUrl();
    const { code, out } = await runInProcess(['check', '--base-url', url, '--max-retries', '0'], TEST_KEY);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}request .*ECONNREFUSED/m);
    expect(out).toMatch(/^ +-> \S/m);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^1 problem; first \(request\):/);
  });

  it('says that the key is wrong, without showing it, and exits with code 1', async () => {
    const { code, out, err } = await run(['check'], { WORKOS_TOKEN: 'sk_test_wrong_0123456789' });
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}key /m);
    expect(out).toContain('ending in 6789');
    expect(out + err).not.toContain('wrong_0123456789');
  });

  it('says that there is no key and exits with code 1', async () => {
    const { code, out } = await run(['check'], {});
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}variable .*WORKOS_TOKEN/m);
  });

  it('explains keys if the key is missing or rejected, but not if it is accepted', async () => {
    const [missing, refused, accepted] = await Promise.all([
      run(['check'], {}),
      run(['check'], { WORKOS_TOKEN: 'sk_test_wrong_0123456789' }),
      run(['check']),
    ]);
    for (const { out } of [missing, refused]) {
      for (const text of ['sk_test_…', 'sk_live_…', 'https://dashboard.workos.com/api-keys', 'WORKOS_TOKEN_FILE']) {
        expect(out).toContain(text);
      }
      expect(out).not.toContain('restart');
    }
    expect(accepted.out).not.toContain('Keys:');
  });

  it('prints the same as JSON with --json', async () => {
    const [good, bad] = await Promise.all([run(['check', '--json']), run(['check', '--json'], {})]);
    expect(good.code).toBe(0);
    expect(parsed(good.out)).toMatchObject({ healthy: true, findings: expect.any(Array) });
    expect(bad.code).toBe(1);
    expect(parsed(bad.out)).toMatchObject({ healthy: false, summary: expect.stringContaining('problem') });
  });

  it('checks another variable with --env-name', async () => {
    const { out } = await run(['check', '--json', '--env-name', 'OTHER'], {
      ...TEST_KEY,
      OTHER: 'sk_live_0123456789abcdef',
    });
    const { findings } = parsed(out);
    expect(findings?.[0]).toMatchObject({
      check: 'variable',
      detail: expect.stringContaining('OTHER is set: a live key ending in cdef'),
    });
  });

  it('checks another path and method of the configured API', async () => {
    const { code, out } = await run(['check', '--json', '--url', `${api.url}/users`, '--method', 'HEAD']);
    expect(code).toBe(0);
    expect(out).toContain('HEAD');
    expect(api.requests.some(({ method, url }) => method === 'HEAD' && url === '/users')).toBe(true);
  });

  it('refuses a URL on another host and sends nothing there', async () => {
    const other = await recordingApi();
    const { code, out, err } = await run(['check', '--url', `${other.url}/organizations`]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(parsed(err)).toMatchObject({
      error: { kind: 'refused', message: expect.stringContaining('Nothing was sent') },
    });
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it('refuses a method that would change something', async () => {
    const { code, err } = await run(['check', '--method', 'DELETE']);
    expect(code).toBe(1);
    expect(parsed(err)).toMatchObject({ error: { kind: 'input' } });
  });
});

describe.concurrent('workos-mcp call', () => {
  it('writes the result to stdout and exits with code 0', async () => {
    const { code, out, err } = await run(['call', 'get_organization', '{"organization_id":"org_1"}']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(parsed(out)).toEqual({ id: 'org_1', name: 'Acme' });
  });

  it('needs no arguments if the tool needs none', async () => {
    const { code, out } = await run(['call', 'list_organizations']);
    expect(code).toBe(0);
    expect(parsed(out)).toMatchObject({ object: 'list' });
  });

  it('runs tools of toolsets that are not exposed', async () => {
    const { code } = await run(['call', 'list_permissions']);
    expect(code).toBe(0);
  });

  it.each<[string, string[], string, RegExp]>([
    ['an API error', ['get_organization', '{"organization_id":"org_none"}'], 'not_found', /returned 404/],
    ['an unknown argument', ['get_organization', '{"name":"Acme"}'], 'input', /Unknown argument "name"/],
    [
      'a call that the settings forbid',
      ['delete_organization', '{"organization_id":"org_1"}', '--read-only'],
      'refused',
      /read/,
    ],
  ])('reports %s on stderr and exits with code 1', async (_, args, kind, message) => {
    const { code, out, err } = await run(['call', ...args]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(parsed(err)).toMatchObject({
      error: { kind, message: expect.stringMatching(message), hint: expect.any(String) },
    });
  });

  it.each<[string, string[], RegExp]>([
    ['invalid JSON', ['get_organization', '{organization_id: org_1}'], /not JSON/],
    ['JSON that is not an object', ['get_organization', '["org_1"]'], /not a JSON object/],
    ['an unknown tool', ['get_organisation', '{}'], /There is no tool get_organisation/],
  ])('reports %s on stderr and exits with code 2', async (_, args, message) => {
    const { code, out, err } = await run(['call', ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(parsed(err)).toMatchObject({ error: { kind: 'input', message: expect.stringMatching(message) } });
  });

  it.each<[string, string[], Record<string, string>]>([
    ['a rejected key', [], { WORKOS_TOKEN: 'sk_test_wrong' }],
    ['no connection', ['--base-url', 'http://127.0.0.1:9', '--max-retries', '0'], TEST_KEY],
  ])('suggests workos-mcp check after %s', async (_, flags, env) => {
    const args = ['call', 'list_users', '{}', '--output-dir', outputDir];
    const { err } = await runInProcess([...args, ...(flags.length > 0 ? flags : ['--base-url', api.url])], env);
    expect(parsed(err)).toMatchObject({ error: { hint: expect.stringMatching(/\b[Rr]un workos-mcp check\b/) } });
    expect(err).not.toContain('check_connector');
  });

  it('asks for a tool if none is given, and exits with code 2', async () => {
    const { code, out, err } = await run(['call']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain("call needs a tool: workos-mcp call TOOL ['JSON'");
  });

  it('previews a delete with a live key, runs it with the code, and accepts the code only once', async () => {
    const deletes = () => api.requests.filter(({ method }) => method === 'DELETE').length;
    const input = { organization_id: 'org_1' };
    const settings = ['--base-url', api.url, '--output-dir', outputDir];
    const deleting = (more: object) =>
      runCommand(['call', 'delete_organization', JSON.stringify({ ...input, ...more }), ...settings], LIVE_KEY);

    const preview = parsed((await deleting({})).out);
    expect(preview).toMatchObject({ changed: false, preview: [{ target: expect.stringContaining('Acme') }] });
    expect(deletes()).toBe(0);

    const { confirmation } = preview;
    const done = await deleting({ confirmation });
    expect(done.code).toBe(0);
    expect(parsed(done.out)).toEqual({ ok: true, status: 204, organization_id: 'org_1' });
    expect(deletes()).toBe(1);

    const again = await deleting({ confirmation });
    expect(again.code).toBe(1);
    expect(parsed(again.err)).toMatchObject({
      error: { kind: 'refused', message: expect.stringContaining('already used') },
    });
    expect(deletes()).toBe(1);
  });
});

describe.concurrent('workos-mcp find', () => {
  it('shows what find_tools finds, for a person or as JSON', async () => {
    const { code, out } = await run(['find', 'invite', 'a', 'user']);
    expect(code).toBe(0);
    expect(out).toMatch(/^send_invitation \(create\)\n {2}\S.*\n {2}send_invitation\(email,/m);
    const { tools } = JSON.parse((await run(['find', 'invite', 'a', 'user', '--json'])).out);
    expect(tools.length).toBeGreaterThan(3);
  });

  it.each([
    [
      'impersonate a user',
      /is not possible through the API\. In the dashboard: .*\n {2}Nearest: list_user_sessions, get_user$/m,
    ],
    ['zzzzqqqq', /^No match\. Toolsets: /],
  ])('says what it cannot find: %s', async (words, text) => {
    expect((await run(['find', words])).out).toMatch(text);
  });

  it('says what the settings forbid', async () => {
    const { out } = await run(['find', 'delete a user', '--read-only']);
    expect(out).toMatch(/^ {2}Forbidden: delete_user changes data/m);
  });
});

describe.concurrent('workos-mcp tools', () => {
  const lines = (text: string) => text.trimEnd().split('\n');

  it('lists the core tools with their toolset, effect and signature, and counts them', async () => {
    const { code, out } = await run(['tools'], {});
    expect(code).toBe(0);
    expect(lines(out)).toHaveLength(37);
    expect(out).toMatch(/^organizations +read +list_organizations\(limit\?: 1-100, .+\)$/m);
    expect(lines(out).at(-1)).toMatch(/^35 of \d{3} tools$/);
  });

  it.each<[string, string[], string[], string[]]>([
    ['--toolsets', ['--toolsets', 'vault'], ['list_vault_objects', 'delete_vault_object'], ['list_users']],
    ['--read-only', ['--read-only'], ['list_users', 'call_read_tool'], ['delete_organization', 'call_write_tool']],
    ['--exclude-tools', ['--exclude-tools', 'delete_organization'], ['list_users'], ['delete_organization']],
    ['--tools', ['--tools', 'list_vault_objects'], ['list_users', 'list_vault_objects'], ['delete_vault_object']],
  ])('follows %s', async (_, flags, shown, hidden) => {
    const { code, out } = await run(['tools', '--json', ...flags]);
    expect(code).toBe(0);
    const rows: { name: string }[] = JSON.parse(out);
    const names = rows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(shown));
    for (const name of hidden) expect(names).not.toContain(name);
  });

  it('prints a table with --markdown', async () => {
    const { code, out } = await run(['tools', '--markdown']);
    expect(code).toBe(0);
    expect(lines(out)).toHaveLength(37);
    expect(out).toMatch(/^\| `list_organizations\(.+\)` \| organizations \| read \| List organizations /m);
  });

  it('shows one tool in full, whether it is listed or not', async () => {
    const { code, out } = await run(['tools', 'get_vault_object']);
    expect(code).toBe(0);
    expect(lines(out)).toEqual([
      'Get vault object (vault, read)',
      '',
      'get_vault_object(vault_object_id, secret_output?: masked|file|result)',
      '',
      expect.stringMatching(/\.$/),
      '',
      'Arguments',
      '  vault_object_id',
      expect.stringMatching(/^ {2}secret_output\? {3}masked\|file\|result – \w/),
      '',
      'Run it',
      '  workos-mcp call get_vault_object vault_object_id=VAULT_OBJECT_ID',
      '  In MCP clients: not listed; call_read_tool runs it.',
    ]);
    expect((await run(['call', 'get_vault_object', '--help'])).out).toBe(out);
    expect((await run(['tools', 'delete_user', '--read-only'])).out).toContain('Forbidden: delete_user changes data');
    const json: unknown = JSON.parse((await run(['tools', 'get_vault_object', '--json'])).out);
    expect(json).toMatchObject({ name: 'get_vault_object', effect: 'read', input_schema: { type: 'object' } });
  });

  it.each([
    [['tools', 'get_vault_objct'], 'There is no tool get_vault_objct; did you mean get_vault_object?'],
    [['tools', 'get_user', 'list_users'], 'tools takes only one name; unexpected: "list_users"'],
  ])('refuses %j and exits with code 2', async (args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `workos-mcp: ${message}\n` });
  });
});

describe.concurrent('workos-mcp', () => {
  it('demo prints its session and exits with code 0', async () => {
    const { code, out } = await runCommand(['demo']);
    expect(code).toBe(0);
    expect(out).toContain('serves 35 tools over stdio');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(out).not.toMatch(/[\x1b\r]/);
    for (const shown of [
      /^ {4}\d+ users\. The server read every page; the agent got one number\.$/m,
      /^ {4}list_user_sessions \(read\), which call_read_tool runs$/m,
      /^ {4}2 sent, 1 failed\./m,
      /^ {4}Most likely cause \(risk\): blocked by Radar/m,
      /^ {4}\S+@\S+ has the token ….{4}$/m,
      /^ {4}After the user agrees: 1 of 1 steps done\./m,
      /^ {4}Nothing was deleted\. The call would also delete: memberships \(17\)/m,
      /^ {4}Now it is gone: not_found\.$/m,
      /^ {4}node dist\/index\.js init$/m,
    ]) {
      expect(out).toMatch(shown);
    }
  });

  // The `script` of util-linux gives a command a terminal.
  const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
  it.skipIf(!hasScript).each([
    ['demo', 11],
    ['demo --fast', 0],
  ])('%s waits %d times for Enter on a terminal', (command, times) => {
    const typed = { input: '\n'.repeat(times), encoding: 'utf8', env: cleanEnvironment({ TERM: 'dumb' }) } as const;
    const { stdout } = spawnSync(
      'script',
      ['-qec', `'${process.execPath}' '${COMMAND}' ${command}`, '/dev/null'],
      typed,
    );
    expect(stdout.split('[Enter]')).toHaveLength(times + 1);
    expect(stdout).toContain('node dist/index.js init');
  });

  it('--help shows commands and every setting', async () => {
    const { code, out, err } = await runCommand(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const text of [
      'workos-mcp check',
      'workos-mcp call TOOL',
      '--read-only',
      'WORKOS_MCP_CONFIRM',
      'WORKOS_TOKEN',
    ]) {
      expect(out).toContain(text);
    }
  });

  it.each([...COMMANDS.keys()])('help %s explains it with its flags', async (name) => {
    const { code, out } = await runCommand(['help', name]);
    expect(code).toBe(0);
    for (const flag of Object.keys(COMMANDS.get(name)?.options ?? {})) expect(out).toContain(`--${flag}`);
    if (name !== 'serve') expect(out).toMatch(new RegExp(`^workos-mcp ${name}\\b`));
    // `call --help` and the like say the same.
    if (name !== 'help' && name !== 'serve') expect((await runCommand([name, '--help'])).out).toBe(out);
  });

  it.each(['--version', '-v', 'version'])('%s shows the version', async (flag) => {
    expect(await runCommand([flag])).toMatchObject({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it.each([
    ['chek', 'Unknown command chek; did you mean check?'],
    ['tool', 'Unknown command tool; did you mean tools?'],
    ['frobnicate', 'Unknown command frobnicate; workos-mcp help lists the commands'],
  ])('%s is refused as an unknown command', async (word, message) => {
    const { code, out, err } = await runCommand([word]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(`workos-mcp: ${message}\n`);
  });
});

/** A URL that nothing listens on. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
}
