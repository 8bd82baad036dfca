import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Connected,
  type ConnectOptions,
  configured,
  connect,
  openRuntime,
  type Reply,
  rawServer,
} from '../harness.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

const Checked = z.object({
  healthy: z.boolean(),
  summary: z.string(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      status: z.enum(['ok', 'warning', 'problem', 'skipped']),
      detail: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

describe('check_connector', () => {
  const open: Connected[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });
  const start = async (options: ConnectOptions = {}) => {
    const server = await connect(options);
    open.push(server);
    return server;
  };
  const check = async (server: Connected, input: Record<string, unknown> = {}) => {
    const { value, text } = await server.call('check_connector', input);
    const checked = Checked.parse(value);
    return {
      ...checked,
      text,
      of: (name: string) => {
        const finding = checked.findings.find((one) => one.check === name);
        return finding ? `${finding.status}: ${finding.detail}` : undefined;
      },
    };
  };

  it('sends one authenticated request and reports a healthy connection', async () => {
    const server = await start();
    const { healthy, of, text } = await check(server);
    expect(healthy).toBe(true);
    expect(of('variable')).toBe('ok: WORKOS_TOKEN is set: a test key');
    expect(of('name')).toBe('ok: 127.0.0.1 resolves to 127.0.0.1');
    expect(of('tls')).toContain('skipped: plain HTTP');
    expect(of('request')).toContain(`GET ${server.api.url}/organizations returned 200`);
    expect(of('request')).toContain('request id "req_1"');
    expect(of('key')).toBe('ok: accepted');
    expect(of('clock')).toBe('ok: in sync with the server');
    expect(text).not.toContain('sk_test_');
    expect(server.api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /organizations?limit=1']);
    expect(server.api.requests[0]?.headers.authorization).toBe('Bearer sk_test_harness');
  });

  it.each<[what: string, reply: Reply, healthy: boolean, findings: Record<string, string>]>([
    [
      '401',
      { status: 401, body: { message: 'Unauthorized' } },
      false,
      { request: 'ok: ', key: 'problem: WorkOS rejected the test key with status 401' },
    ],
    ['403', { status: 403, body: { message: 'Forbidden' } }, true, { request: 'warning: ', key: 'ok: accepted' }],
    [
      '429 with Retry-After',
      { status: 429, body: '"Ratelimited"', headers: { 'retry-after': '17' } },
      true,
      { request: 'warning: ', key: 'skipped: ', rate_limit: 'warning: rate limit reached; Retry-After: "17"' },
    ],
    ['500', { status: 500, body: { message: 'Oops' } }, false, { request: 'problem: ', key: 'skipped: ' }],
    [
      'a web page',
      { status: 200, body: '<!doctype html><title>Log in</title>', headers: { 'content-type': 'text/html' } },
      false,
      { request: 'problem: ', key: 'skipped: ' },
    ],
    [
      'a redirect',
      { status: 302, body: '', headers: { location: 'https://evil.example/' } },
      false,
      { request: 'problem: ', key: 'skipped: ' },
    ],
    [
      'a Date header an hour behind',
      { headers: { date: 'Mon, 23 Nov 2026 11:00:00 GMT' } },
      true,
      { clock: 'warning: 3600 s ahead of the server' },
    ],
    [
      'rate-limit headers',
      { headers: { 'x-ratelimit-remaining': '12', 'x-ratelimit-limit': '1000' } },
      true,
      { rate_limit: 'ok: 12 of 1000 requests left in this window' },
    ],
    [
      'a compressed body that was not requested',
      { headers: { 'content-encoding': 'br' } },
      false,
      { request: 'problem: ' },
    ],
  ])('sends one request and diagnoses %s', async (_, reply, healthy, findings) => {
    const server = await start({ replies: () => reply, runtime: { now: () => NOW } });
    const checked = await check(server);
    expect(checked.healthy).toBe(healthy);
    for (const [name, wanted] of Object.entries(findings)) expect(checked.of(name)).toContain(wanted);
    expect(server.api.requests).toHaveLength(1);
  });

  it('reports that nothing listens on the port', async () => {
    const gone = await rawServer(() => {});
    await gone.close();
    const checked = await check(await start({ baseUrl: gone.url }));
    expect(checked.healthy).toBe(false);
    expect(checked.of('request')).toMatch(/^problem: .*got no response: .*ECONNREFUSED/);
    expect(checked.of('key')).toBe('skipped: no response');
  });

  it('reports that the response never arrives', async () => {
    const silent = await rawServer(() => {});
    const checked = await check(await start({ baseUrl: silent.url, flags: ['--timeout-ms', '60'] }));
    expect(checked.of('request')).toContain('no complete response within 60 ms');
    await silent.close();
  });

  it('reports a failed TLS handshake with a server that speaks plain HTTP', async () => {
    const plain = await rawServer(() => {});
    const checked = await check(await start({ baseUrl: plain.url.replace('http:', 'https:') }));
    expect(checked.healthy).toBe(false);
    expect(checked.of('tls')).toMatch(/^problem: the TLS handshake failed/);
    expect(checked.of('request')).toBe('skipped: no TLS connection to send it on');
    expect(checked.summary).toMatch(/^1 problem; first \(tls\): /);
    await plain.close();
  });

  it('reports that the host name does not resolve', async () => {
    const checked = await check(await start({ baseUrl: 'https://workos.invalid' }));
    expect(checked.of('name')).toMatch(/^problem: workos\.invalid does not resolve/);
    expect(checked.of('request')).toBe('skipped: no address to connect to');
    expect(checked.summary).toMatch(/^1 problem; first \(name\): /);
  });

  it('reports a missing key and sends nothing', async () => {
    const server = await start({ env: { WORKOS_TOKEN: '' } });
    const checked = await check(server);
    expect(checked.healthy).toBe(false);
    expect(checked.summary).toContain('first (variable): WORKOS_TOKEN and WORKOS_API_KEY are not set');
    expect(checked.of('request')).toBe('skipped: no key to send');
    expect(server.api.requests).toEqual([]);
  });

  it.each<[string, Record<string, string>, string, string | undefined]>([
    [
      'a placeholder that the client did not expand',
      { WORKOS_TOKEN: '$\u007BWORKOS_KEY}' },
      'problem: WORKOS_TOKEN is $\u007BWORKOS_KEY}, which the client did not expand',
      "in the client's own syntax",
    ],
    [
      'keys of different kinds',
      { WORKOS_TOKEN: 'sk_test_harness', WORKOS_API_KEY: 'sk_live_0123456789abcdefWXYZ' },
      'warning: WORKOS_TOKEN is set: a test key; WORKOS_API_KEY is set too, to a live key ending in WXYZ, and is not used',
      'uses WORKOS_TOKEN',
    ],
    [
      'a placeholder before a key',
      { WORKOS_TOKEN: '$\u007BWORKOS_KEY}', WORKOS_API_KEY: 'sk_test_harness' },
      'warning: WORKOS_API_KEY is set: a test key; WORKOS_TOKEN is $\u007BWORKOS_KEY}, which the client did not expand',
      'uses WORKOS_API_KEY',
    ],
    [
      'two keys of the same kind',
      { WORKOS_TOKEN: 'sk_test_harness', WORKOS_API_KEY: 'sk_test_other' },
      'ok: WORKOS_TOKEN is set: a test key',
      undefined,
    ],
  ])('reports %s', async (_, env, variable, fix) => {
    const checked = await check(await start({ env, runtime: { env } }));
    expect(checked.of('variable')).toBe(variable);
    const found = checked.findings.find((one) => one.check === 'variable');
    if (fix === undefined) expect(found?.fix).toBeUndefined();
    else expect(found?.fix).toContain(fix);
  });

  describe('shows at most the last four characters of a key', () => {
    const LONG = 'sk_live_0123456789abcdefWXYZ';
    it.each<[string, ConnectOptions, string]>([
      ['that is accepted', {}, 'ok: WORKOS_TOKEN is set: a live key ending in WXYZ'],
      ['that is rejected', { replies: () => ({ status: 401, body: LONG }) }, 'ok: WORKOS_TOKEN is set'],
      ['that the server echoes', { replies: () => ({ headers: { 'x-request-id': LONG } }) }, 'ok: WORKOS_TOKEN'],
    ])('%s', async (_, options, variable) => {
      const { of, text } = await check(await start({ ...options, env: { WORKOS_TOKEN: LONG } }));
      expect(of('variable')).toContain(variable);
      expect(text).not.toContain('fWXYZ');
      expect(text).not.toContain('0123');
    });

    it('but none of a short key', async () => {
      const { text } = await check(await start({ env: { WORKOS_TOKEN: 'sk_test_abcdefg' } }));
      expect(text).not.toMatch(/ending|defg/);
    });
  });

  describe('env_name', () => {
    const HIDDEN = 'correct-horse-battery-staple';
    const env: Record<string, string> = {
      WORKOS_TOKEN: 'sk_test_harness',
      OTHER_KEY: 'sk_live_0123456789abcdefWXYZ',
      UNFILLED: '$\u007BWORKOS_TOKEN}',
      PASSWORD: HIDDEN,
      PASSWORD_LIKE_A_PLACEHOLDER: `${HIDDEN}$\u007Bx`,
      PASSWORD_WITH_DOLLAR: '$correcthorsebatterystaple',
      SPACED: 'correct horse',
    };

    it.each([
      ['WORKOS_TOKEN', 'ok: WORKOS_TOKEN is set: a test key'],
      ['OTHER_KEY', 'warning: OTHER_KEY is set: a live key ending in WXYZ, but this server uses WORKOS_TOKEN'],
      ['NOWHERE', 'problem: NOWHERE is not set'],
      ['UNFILLED', 'problem: UNFILLED is '],
      ['PASSWORD', 'problem: PASSWORD is set, but not to a WorkOS secret key (sk_…)'],
      ['SPACED', 'problem: SPACED contains spaces'],
    ])('%s gives %s', async (env_name, variable) => {
      const checked = await check(await start({ runtime: { env } }), { env_name });
      expect(checked.of('variable')).toContain(variable);
      expect(checked.of('key')).toBe('ok: accepted');
    });

    it.each(['PASSWORD', 'PASSWORD_LIKE_A_PLACEHOLDER', 'PASSWORD_WITH_DOLLAR', 'SPACED'])(
      'shows nothing of %s, which is not a key',
      async (env_name) => {
        const { text } = await check(await start({ runtime: { env } }), { env_name });
        expect(text).not.toMatch(/correct|horse|staple/);
      },
    );

    it('is named in the fix if it is not set', async () => {
      const { findings } = await check(await start({ runtime: { env } }), { env_name: 'FOO' });
      const [variable] = findings;
      expect(variable?.fix).toMatch(/^Set FOO to a secret key/);
      expect(variable?.fix).not.toContain('WORKOS_TOKEN');
    });

    it('is reported as a variable that the server does not read, even if it holds a key', async () => {
      const server = await start({ env: { WORKOS_TOKEN: '' }, runtime: { env: { OTHER_KEY: env['OTHER_KEY'] } } });
      const checked = await check(server, { env_name: 'OTHER_KEY' });
      expect(checked.healthy).toBe(false);
      expect(checked.of('variable')).toContain('but this server does not read it');
      expect(server.api.requests).toEqual([]);
    });

    it.each(['__proto__', 'constructor', ''])('%j is treated like any variable that is not set', async (env_name) => {
      const checked = await check(await start({ runtime: { env } }), { env_name });
      expect(checked.of('variable')).toMatch(/^problem: .*not set/);
    });
  });

  describe('url', () => {
    it.each([
      ['/directories?limit=2', 'GET /directories?limit=2'],
      ['directories', 'GET /directories'],
      ['/', 'GET /'],
      ['/organizations#top', 'GET /organizations'],
      ['?limit=1', 'GET /?limit=1'],
    ])('%s is sent to the configured host as %s', async (url, sent) => {
      const server = await start();
      await check(server, { url });
      expect(server.api.requests.map((request) => `${request.method} ${request.url}`)).toEqual([sent]);
    });

    it('may be a full URL, whose query string is not shown', async () => {
      const server = await start();
      const { text } = await check(server, { url: `${server.api.url}/users?email=ada@juniper.example` });
      expect(server.api.requests.map((request) => request.url)).toEqual(['/users?email=ada@juniper.example']);
      expect(text).not.toContain('juniper');
    });

    it.each<[string, (own: URL) => string]>([
      ['another host', () => 'https://evil.example/organizations'],
      ['another port', (own) => `http://127.0.0.1:${Number(own.port) - 1}/organizations`],
      ['another scheme', (own) => `https://${own.host}/organizations`],
      ['a user name before the host', (own) => `http://ada@${own.host}/organizations`],
      ['a password before the host', (own) => `http://ada:pw@${own.host}/organizations`],
      ['the configured host as a user name before another host', (own) => `http://${own.host}@evil.example/`],
      ['a host without a scheme', () => '//evil.example/organizations'],
      ['a host after backslashes', () => '\\\\evil.example/organizations'],
      ['a host after a tab', () => '/\t/evil.example/organizations'],
      ['a file', () => 'file:///etc/passwd'],
      ['a script', () => 'javascript:alert(1)'],
    ])('with %s is refused without sending anything', async (_, url) => {
      const server = await start();
      const { error } = await server.call('check_connector', { url: url(new URL(server.api.url)) });
      expect(error?.kind).toBe('refused');
      expect(error?.message).toContain('Nothing was sent');
      expect(server.api.requests).toEqual([]);
    });

    it('outside the path prefix of the base URL is refused without sending anything', async () => {
      const server = await start();
      const prefixed = await start({ baseUrl: `${server.api.url}/workos` });
      for (const url of [
        '/organizations',
        '/workos/../organizations',
        '/workos/%2e%2e/admin',
        '/workosx/organizations',
      ]) {
        const { error } = await prefixed.call('check_connector', { url });
        expect(error?.kind, url).toBe('refused');
      }
      expect(server.api.requests).toEqual([]);
      await check(prefixed, { url: '/workos/organizations' });
      expect(server.api.requests.map((request) => request.url)).toEqual(['/workos/organizations']);
    });

    it('that is not a URL is refused without sending anything', async () => {
      const server = await start();
      const { error } = await server.call('check_connector', { url: 'http://[' });
      expect(error).toMatchObject({ kind: 'input', message: 'url is not a valid URL' });
      expect(server.api.requests).toEqual([]);
    });
  });

  describe('method', () => {
    it.each([
      ['GET', 'GET'],
      ['head', 'HEAD'],
      ['OPTIONS', 'OPTIONS'],
    ])('%s is sent as %s', async (method, sent) => {
      const server = await start();
      const { healthy } = await check(server, { method });
      expect(healthy).toBe(true);
      expect(server.api.requests.map((request) => request.method)).toEqual([sent]);
    });

    it.each(['DELETE', 'POST', 'PUT', 'PATCH', 'CONNECT', 'GET / HTTP/1.1\r\nx: y', ''])(
      '%j is refused without sending anything',
      async (method) => {
        const server = await start();
        const { error } = await server.call('check_connector', { method });
        expect(error?.kind).toBe('input');
        expect(error?.hint).toContain('GET, HEAD or OPTIONS');
        expect(server.api.requests).toEqual([]);
      },
    );
  });
});

describe('behind a proxy', () => {
  let proxy: Server;
  let host: string;
  const asked: string[] = [];
  beforeAll(async () => {
    proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (chunk) => {
        asked.push(chunk.toString('latin1').split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    host = typeof address === 'object' && address ? `127.0.0.1:${address.port}` : '';
  });
  afterAll(() => new Promise<void>((resolve) => proxy.close(() => resolve())));

  it('check_connector skips name and TLS, names the proxy without its password, and reports its refusal', async () => {
    const outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-test-'));
    const { call: answer, close } = await openRuntime({
      config: configured(['--output-dir', outputDir, '--log-level', 'silent', '--base-url', 'https://workos.invalid'], {
        HTTPS_PROXY: `http://ada:hunter2@${host}`,
      }),
      version: '0.0.0-test',
      exposed: new Set(['check_connector']),
    });
    const { structuredContent } = await answer(
      'check_connector',
      {},
      { origin: 'client', signal: AbortSignal.timeout(20_000), progress: () => {}, ask: undefined },
    );
    const { findings } = Checked.parse(structuredContent);
    const of = (name: string) => findings.find(({ check }) => check === name);
    expect(of('proxy')).toMatchObject({ status: 'ok', detail: `through ${host}` });
    expect(of('name')?.status).toBe('skipped');
    expect(of('tls')?.status).toBe('skipped');
    expect(of('request')).toMatchObject({ status: 'problem' });
    expect(of('request')?.detail).toContain('407');
    expect(JSON.stringify(structuredContent)).not.toContain('hunter2');
    expect(asked).toEqual(['CONNECT workos.invalid:443 HTTP/1.1']);
    await close();
    rmSync(outputDir, { recursive: true });
  });

  it('check_connector reports no proxy when NO_PROXY excludes the host', async () => {
    const server = await connect({
      baseUrl: 'https://workos.invalid',
      env: { HTTPS_PROXY: `http://${host}`, NO_PROXY: 'workos.invalid' },
    });
    const { findings } = Checked.parse((await server.call('check_connector')).value);
    await server.close();
    expect(findings.find(({ check }) => check === 'proxy')?.detail).toBe('no proxy');
    expect(findings.find(({ check }) => check === 'name')?.status).toBe('problem');
  });
});
