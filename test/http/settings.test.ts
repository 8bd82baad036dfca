import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, readHttp } from '../../src/config/config.ts';
import { HTTP_SETTINGS, type HttpSettings } from '../../src/config/http-settings.ts';
import { holdingApi } from '../holding-api.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';

const names = { toolsets: new Set<string>(), tools: new Set<string>() };
const read = (flags: readonly string[], env: Record<string, string> = {}) => {
  const { invocation, problems } = readConfig(['http', ...flags], env, names);
  return { ...readHttp(invocation, env), problems };
};

describe('the settings of http', () => {
  it('default to a server for this machine only', () => {
    const { settings, problems } = read([]);
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      host: '127.0.0.1',
      port: 8787,
      publicUrl: undefined,
      authkitDomain: undefined,
      acceptClientAudience: undefined,
      requireOrganization: undefined,
      allowedHosts: [],
      state: undefined,
    });
  });

  const domain = ['--authkit-domain', 'https://team.authkit.app'];
  const good: [keyof HttpSettings, string, unknown, (readonly string[])?][] = [
    ['host', '0.0.0.0', '0.0.0.0', ['--public-url', 'https://mcp.example.com/mcp']],
    ['host', '[::1]', '::1'],
    ['host', 'localhost', 'localhost'],
    ['port', '0', 0],
    ['port', '65535', 65_535],
    ['publicUrl', 'https://mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['publicUrl', 'https://MCP.example.com:443/mcp/', 'https://mcp.example.com/mcp'],
    ['publicUrl', 'https://mcp.example.com', 'https://mcp.example.com'],
    ['publicUrl', 'http://localhost:9000/x', 'http://localhost:9000/x'],
    ['authkitDomain', 'https://team.authkit.app/', 'https://team.authkit.app'],
    ['authkitDomain', 'http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['acceptClientAudience', 'client_01ABC', 'client_01ABC'],
    ['requireOrganization', 'org_01ABC', 'org_01ABC'],
    ['allowedHosts', 'a.example, B.example:8080', ['a.example', 'b.example:8080']],
    ['state', 'redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['state', 'rediss://app:p%40ss@redis.example.com/2', 'rediss://app:p%40ss@redis.example.com/2'],
  ];
  it.each(good)('--%s and its variable accept %s', (name, written, value, more = []) => {
    const { flag, variable } = HTTP_SETTINGS[name];
    const rest = [...(name === 'authkitDomain' ? [] : domain), ...more];
    for (const { settings, problems } of [
      read([`--${flag}`, written, ...rest]),
      read(rest, { [variable]: written }),
      // A flag beats the variable.
      read([`--${flag}`, written, ...rest], { [variable]: 'nonsense of any kind' }),
    ]) {
      expect(problems).toEqual([]);
      expect(settings[name]).toEqual(value);
    }
    const family = name === 'state' ? 'WORKOS_MCP' : 'WORKOS_MCP_HTTP';
    expect(variable).toBe(`${family}_${flag.replaceAll('-', '_').toUpperCase()}`);
  });

  it('combine repeated --allowed-hosts flags', () => {
    expect(read(['--allowed-hosts', 'a', '--allowed-hosts', 'b']).settings.allowedHosts).toEqual(['a', 'b']);
  });

  const bad: [readonly string[], RegExp][] = [
    [['--port', '70000'], /--port must be a whole number from 0 to 65535/],
    [['--host', 'http://x'], /--host must be an address or a host name/],
    [['--public-url', 'mcp.example.com'], /--public-url must be a URL/],
    [['--public-url', 'http://mcp.example.com/mcp'], /--public-url must be https/],
    [['--public-url', 'https://a:b@mcp.example.com'], /without credentials/],
    [['--public-url', 'https://mcp.example.com/healthz'], /must have a different path/],
    [['--public-url', 'https://mcp.example.com/.well-known/x'], /must have a different path/],
    [['--authkit-domain', 'team.authkit.app'], /--authkit-domain must be a URL such as/],
    [['--authkit-domain', 'http://team.authkit.app'], /must be https/],
    [['--authkit-domain', 'https://team.authkit.app/oauth2'], /scheme and host only/],
    [[...domain, '--accept-client-audience', 'https://x'], /must be an id that starts with client_/],
    [[...domain, '--require-organization', 'team'], /must be an id that starts with org_/],
    [['--allowed-hosts', 'https://a.example'], /must be host names/],
    [['--allowed-hosts', 'a.example/x'], /must be host names/],
    [['--host', '0.0.0.0'], /without AuthKit the server may listen only on a loopback address. Set --authkit-domain/],
    [['--host', 'mcp.example.com'], /only on a loopback address/],
    [['--host', '127.0.0.1.example.com'], /only on a loopback address/],
    [['--public-url', 'https://mcp.example.com/mcp'], /without AuthKit anyone could use it/],
    [['--require-organization', 'org_1'], /without AuthKit there are no tokens/],
    [['--accept-client-audience', 'client_1'], /without AuthKit there are no tokens/],
    [['--host', '0.0.0.0', ...domain], /--public-url is missing/],
    [['--state', 'localhost:6379'], /--state must be redis:\/\//],
    [['--state', 'https://redis.example.com'], /--state must be redis:\/\//],
    [['--state', 'redis://redis.example.com/x'], /--state must be redis:\/\//],
    [
      ['--state', 'redis://:100%zz@redis.example.com'],
      /--state must be redis:\/\/.*write % in NAME or PASSWORD as %25$/,
    ],
    [['--state', 'redis://ada%:41@redis.example.com'], /write % in NAME or PASSWORD as %25$/],
    [['--publc-url', 'x'], /Unknown flag --publc-url; did you mean --public-url/],
    [['--port', '1', '--port', '2'], /--port is given more than once/],
  ];
  it.each(bad)('%j is refused', (flags, problem) => {
    expect(read(flags).problems).toEqual([expect.stringMatching(problem)]);
  });

  const KEY = Buffer.alloc(32, 255).toString('base64');
  const state = ['--state', 'redis://127.0.0.1'];
  it('read the state key from a variable or a file, and the file wins', () => {
    expect(read(state, { WORKOS_MCP_STATE_KEY: KEY }).stateKey).toEqual(Buffer.alloc(32, 255));
    const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-state-'));
    const file = join(folder, 'key');
    writeFileSync(file, `${KEY}\n`);
    const both = { WORKOS_MCP_STATE_KEY: 'nonsense', WORKOS_MCP_STATE_KEY_FILE: file };
    expect(read(state, both)).toMatchObject({ problems: [], stateKey: Buffer.alloc(32, 255) });
    rmSync(folder, { recursive: true });
    expect(read(state).stateKey).toBeUndefined();
  });

  const badKeys: [string, Record<string, string>, RegExp, (readonly string[])?][] = [
    ['too short', { WORKOS_MCP_STATE_KEY: 'c2VjcmV0' }, /^WORKOS_MCP_STATE_KEY must be 32 random bytes in base64/],
    ['not base64', { WORKOS_MCP_STATE_KEY: `secret!${KEY.slice(7)}` }, /must be 32 random bytes/],
    [
      'in a missing file',
      { WORKOS_MCP_STATE_KEY_FILE: '/nowhere/key' },
      /^WORKOS_MCP_STATE_KEY_FILE names a file that cannot be read \(ENOENT\)$/,
    ],
    ['given without --state', { WORKOS_MCP_STATE_KEY: KEY }, /^WORKOS_MCP_STATE_KEY needs --state/, []],
  ];
  it.each(badKeys)('refuse a state key that is %s, and do not show it', (_, env, problem, flags = state) => {
    const { problems } = read(flags, env);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    for (const value of Object.values(env)) if (!value.startsWith('/')) expect(problems.join()).not.toContain(value);
  });

  it('never show the Redis password, not even next to a placeholder', () => {
    for (const text of ['redis://:hunter2pass@', 'redis://:hunter2pass@$\u007BHOST}', 'http://:hunter2pass@redis']) {
      for (const { problems } of [read(['--state', text]), read([], { WORKOS_MCP_STATE: text })]) {
        expect(problems).toEqual([expect.stringMatching(/must be redis:\/\/|did not expand/)]);
        expect(problems.join()).not.toContain('hunter2pass');
      }
    }
  });

  it('are not reported as unknown variables by other commands', () => {
    const { problems } = readConfig([], { WORKOS_MCP_HTTP_PORT: '9000', WORKOS_MCP_STATE_KEY: 'x' }, names);
    expect(problems).toEqual([]);
    const wrong = readConfig([], { WORKOS_MCP_HTTP_PROT: '9000' }, names);
    expect(wrong.problems).toEqual([expect.stringContaining('did you mean WORKOS_MCP_HTTP_PORT')]);
  });
});

describe('workos-mcp http', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-http-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('exits with 2 and reports each invalid setting on a line of stderr', async () => {
    const { code, out, err } = await runCommand(['http', '--port', 'x', '--host', '0.0.0.0', '--confirm', 'maybe']);
    expect([code, out]).toEqual([2, '']);
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining('workos-mcp: --port must be'),
      expect.stringContaining('workos-mcp: --confirm must be one of'),
    ]);
  });

  it('exits with 2 if it cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, err } = await runCommand(['http', '--sandbox', '--port', String(port), '--output-dir', folder]);
    expect([code, err]).toEqual([2, `workos-mcp: cannot listen on 127.0.0.1:${port}: the port is in use\n`]);
    taken.close();
  });

  it('exits with 2 if the audit log cannot be written', async () => {
    const { code, err } = await runCommand([
      'http',
      '--sandbox',
      '--port',
      '0',
      '--audit-log',
      folder,
      '--output-dir',
      folder,
    ]);
    expect([code, err]).toEqual([2, expect.stringMatching(/^workos-mcp: The audit log .* cannot be written/)]);
  });

  it('lists its flags and variables in its help', async () => {
    const { out } = await runCommand(['http', '--help']);
    for (const { flag, variable } of Object.values(HTTP_SETTINGS)) {
      expect(out).toMatch(new RegExp(`--${flag}\\b.*${variable}`));
    }
    const all = await runCommand(['--help']);
    for (const { variable } of Object.values(HTTP_SETTINGS)) expect(all.out).toContain(variable);
  });

  it.skipIf(WINDOWS)('finishes a write in flight despite SIGINT and SIGTERM, and exits with 0', async () => {
    const api = await holdingApi();
    const flags = ['http', '--port', '0', '--base-url', api.url, '--output-dir', folder];
    const env = cleanEnvironment({ WORKOS_TOKEN: 'sk_test_1234567890' });
    const child = spawn(process.execPath, [COMMAND, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [started] = await once(child.stdout, 'data');
    const url = /http:\S+/.exec(String(started))?.[0] ?? '';
    const params = {
      name: 'call_destructive_tool',
      arguments: { tool: 'delete_user', arguments: { user_id: 'user_1' } },
    };
    const answer = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    await api.arrival('/user_management/users/user_1');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    api.release('/user_management/users/user_1');
    expect(await (await answer).json()).toMatchObject({
      result: { structuredContent: { id: '/user_management/users/user_1' } },
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    await api.close();
  });

  it.skipIf(WINDOWS)('keeps serving when nothing reads its output', async () => {
    const env = cleanEnvironment({ WORKOS_MCP_SANDBOX: '1' });
    const flags = ['http', '--port', '0', '--output-dir', folder];
    const child = spawn(process.execPath, [COMMAND, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [started] = await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stderr.destroy();
    const url = /http:\S+/.exec(String(started))?.[0] ?? '';
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
