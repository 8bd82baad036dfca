import { describe, expect, it } from 'vitest';
import { diagnose, type Observations, type ProbeResponse } from '../../src/tools/diagnosis.ts';
import type { ConnectionInfo, Finding, KeyInfo } from '../../src/tools/finding.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

const connection: ConnectionInfo = {
  baseUrl: 'https://api.workos.com',
  sandbox: false,
  keyVariable: 'WORKOS_TOKEN',
  keyProblem: undefined,
  keyKind: 'test',
  keyEnding: 'wxyz',
  proxy: undefined,
};
const key: KeyInfo = {
  asked: undefined,
  variable: 'WORKOS_TOKEN',
  kind: 'test',
  ending: 'wxyz',
  problem: undefined,
  unexpanded: false,
  warning: undefined,
  inUse: true,
};
const other: KeyInfo = { ...key, asked: 'WORKOS_API_KEY', variable: 'WORKOS_API_KEY', inUse: false };
const probe: ProbeResponse = {
  status: 200,
  ms: 31,
  headers: { 'content-type': 'application/json', date: 'Mon, 23 Nov 2026 12:00:00 GMT', 'x-request-id': 'req_1' },
};
/** A healthy connection. */
const well: Observations = {
  connection,
  key,
  otherKeys: [],
  request: 'GET https://api.workos.com/organizations',
  name: { addresses: ['192.0.2.1'], error: undefined },
  tls: { error: undefined, protocol: 'TLSv1.3', validTo: NOW + 90 * 86_400_000 },
  probe,
  now: NOW,
};
const answering = (status: number, headers: Record<string, string> = {}): Pick<Observations, 'probe'> => ({
  probe: { ...probe, status, headers: { ...probe.headers, ...headers } },
});
const about = (change: Partial<ConnectionInfo>, rest: Partial<Observations> = {}): Partial<Observations> => ({
  connection: { ...connection, ...change },
  ...rest,
});
const PAGE = { 'content-type': 'text/html; charset=utf-8' };

type Row = readonly [
  check: Finding['check'],
  status: Finding['status'],
  when: string,
  facts: Partial<Observations>,
  detail: string,
  fix?: string,
];

const rows: readonly Row[] = [
  ['variable', 'ok', 'a test key is set', {}, 'WORKOS_TOKEN is set: a test key ending in wxyz'],
  ['variable', 'ok', 'the sandbox is used', about({ sandbox: true }), 'the sandbox needs no key'],
  [
    'variable',
    'warning',
    'the kind of key is unknown',
    { key: { ...key, kind: 'unknown' } },
    'a key of unknown kind, treated as live',
    'sk_test_ or sk_live_',
  ],
  [
    'variable',
    'warning',
    'env_name is a variable that is not in use',
    { key: { ...key, variable: 'OTHER_KEY', inUse: false } },
    'OTHER_KEY is set: a test key ending in wxyz, but this server uses WORKOS_TOKEN',
    'The other checks used WORKOS_TOKEN',
  ],
  [
    'variable',
    'warning',
    'env_name is given in the sandbox',
    about({ sandbox: true, keyVariable: undefined }, { key: { ...key, variable: 'OTHER_KEY', inUse: false } }),
    'but this server uses the key of its sandbox',
    'the key of its sandbox',
  ],
  [
    'variable',
    'problem',
    'no key is set',
    { key: { ...key, kind: 'none', ending: '', problem: 'WORKOS_TOKEN and WORKOS_API_KEY are not set' } },
    'are not set',
    'Set WORKOS_TOKEN (or WORKOS_API_KEY) to',
  ],
  [
    'variable',
    'problem',
    'env_name is a variable that is not set',
    { key: { ...key, asked: 'FOO', variable: undefined, kind: 'none', problem: 'FOO is not set', inUse: false } },
    'FOO is not set',
    'Set FOO to',
  ],
  [
    'variable',
    'problem',
    'the client did not replace a placeholder',
    {
      key: { ...key, kind: 'none', problem: 'WORKOS_TOKEN is $KEY, which the client did not expand', unexpanded: true },
    },
    'WORKOS_TOKEN is $KEY, which the client did not expand',
    "in the client's own syntax",
  ],
  [
    'variable',
    'warning',
    'two variables hold keys of different kinds',
    { otherKeys: [{ ...other, kind: 'live', ending: 'abcd' }] },
    'WORKOS_TOKEN is set: a test key ending in wxyz; WORKOS_API_KEY is set too, to a live key ending in abcd, and is not used',
    'This server uses WORKOS_TOKEN. Unset the one',
  ],
  [
    'variable',
    'warning',
    'the other variable is a placeholder',
    { otherKeys: [{ ...other, kind: 'none', problem: 'WORKOS_API_KEY is $KEY, which the client did not expand' }] },
    'a test key ending in wxyz; WORKOS_API_KEY is $KEY, which the client did not expand',
    'Unset the one',
  ],
  [
    'variable',
    'ok',
    'two variables hold keys of the same kind',
    { otherKeys: [other] },
    'WORKOS_TOKEN is set: a test key ending in wxyz',
  ],
  [
    'variable',
    'problem',
    'the key is in a variable that the server does not read',
    about(
      { keyVariable: undefined, keyKind: 'none', keyEnding: '', keyProblem: 'WORKOS_TOKEN is not set' },
      { key: { ...key, variable: 'OTHER_KEY', inUse: false }, probe: undefined },
    ),
    'but this server does not read it: WORKOS_TOKEN is not set',
    'Set WORKOS_TOKEN',
  ],
  ['proxy', 'ok', 'no proxy is set', {}, 'no proxy'],
  ['proxy', 'ok', 'a proxy is set', about({ proxy: 'proxy.example:3128' }), 'through proxy.example:3128'],
  ['name', 'ok', 'the name resolves', {}, 'api.workos.com resolves to 192.0.2.1'],
  ['name', 'skipped', 'a proxy resolves it', { name: undefined }, 'the proxy resolves host names'],
  [
    'name',
    'problem',
    'the name does not resolve',
    { name: { addresses: [], error: 'ENOTFOUND' } },
    'api.workos.com does not resolve (ENOTFOUND)',
    'HTTPS_PROXY',
  ],
  ['tls', 'ok', 'the handshake succeeds', {}, 'TLSv1.3, certificate valid for 90 more days'],
  [
    'tls',
    'ok',
    'the certificate has no expiry date',
    { tls: { error: undefined, protocol: undefined, validTo: Number.NaN } },
    'TLS',
  ],
  ['tls', 'skipped', 'the API is on this machine', { tls: undefined }, 'plain HTTP on this machine'],
  ['tls', 'skipped', 'there is a proxy', about({ proxy: 'proxy.example' }, { tls: undefined }), 'through the proxy'],
  [
    'tls',
    'skipped',
    'the name does not resolve',
    { name: { addresses: [], error: 'ENOTFOUND' } },
    'no address to connect to',
  ],
  [
    'tls',
    'problem',
    'the certificate issuer is unknown',
    { tls: { error: 'SELF_SIGNED_CERT_IN_CHAIN', protocol: undefined, validTo: undefined } },
    'the TLS handshake failed (SELF_SIGNED_CERT_IN_CHAIN)',
    'NODE_EXTRA_CA_CERTS',
  ],
  [
    'tls',
    'problem',
    'nothing listens on the port',
    { tls: { error: 'ECONNREFUSED', protocol: undefined, validTo: undefined } },
    'the TLS handshake failed (ECONNREFUSED)',
    'firewall',
  ],
  ['request', 'ok', 'it succeeds', {}, 'organizations returned 200 in 31 ms, request id "req_1"'],
  ['request', 'ok', 'the key is rejected', answering(401), 'returned 401'],
  [
    'request',
    'skipped',
    'there is no key',
    { key: { ...key, problem: 'not set' }, probe: undefined },
    'no key to send',
  ],
  ['request', 'skipped', 'nothing was sent', { probe: undefined }, 'not sent'],
  ['request', 'warning', 'the rate limit is reached', answering(429), 'returned 429'],
  ['request', 'warning', 'it is forbidden', answering(403), 'returned 403', 'not allowed to do this'],
  ['request', 'warning', 'the path is unknown', answering(404), 'returned 404', 'path in url'],
  ['request', 'problem', 'it is invalid', answering(422), 'returned 422', 'path in url'],
  ['request', 'problem', 'it is redirected', answering(302), 'returned 302', 'WORKOS_BASE_URL'],
  ['request', 'problem', 'WorkOS has a server error', answering(503), 'returned 503', 'status.workos.com'],
  ['request', 'problem', 'it gets a login page', answering(200, PAGE), 'a web page instead of JSON', 'WORKOS_BASE_URL'],
  [
    'request',
    'problem',
    'it gets an HTML page with 403',
    answering(403, PAGE),
    'a web page instead of JSON',
    'captive portal',
  ],
  [
    'request',
    'problem',
    'there is no response',
    { probe: { error: 'connect ECONNREFUSED' } },
    'got no response: "connect ECONNREFUSED',
    'WORKOS_BASE_URL',
  ],
  [
    'request',
    'skipped',
    'the name does not resolve',
    { probe: { error: 'ENOTFOUND' }, name: { addresses: [], error: 'ENOTFOUND' } },
    'no address to connect to',
  ],
  [
    'request',
    'skipped',
    'the TLS handshake fails',
    {
      probe: { error: 'ECONNREFUSED' },
      tls: { error: 'ECONNREFUSED', protocol: undefined, validTo: undefined },
    },
    'no TLS connection',
  ],
  ['key', 'ok', 'it is accepted', {}, 'accepted'],
  ['key', 'ok', 'it is accepted but lacks permission', answering(403), 'accepted'],
  [
    'key',
    'problem',
    'it is rejected',
    answering(401),
    'rejected the test key ending in wxyz with status 401',
    'Copy it again, or create one: WorkOS dashboard',
  ],
  ['key', 'skipped', 'there is no response', { probe: { error: 'ETIMEDOUT' } }, 'no response'],
  ['key', 'skipped', 'the request is rate limited', answering(429), 'status 429 says nothing about the key'],
  ['key', 'skipped', 'WorkOS has a server error', answering(500), 'status 500 says nothing about the key'],
  ['key', 'skipped', 'the request is redirected', answering(302), 'status 302 says nothing about the key'],
  ['key', 'skipped', 'the request gets an HTML page', answering(200, PAGE), 'a web page says nothing about the key'],
  ['clock', 'ok', 'the clocks agree', {}, 'in sync with the server'],
  ['clock', 'ok', 'the clocks differ a little', { now: NOW + 59_000 }, '59 s ahead of the server'],
  [
    'clock',
    'warning',
    "this machine's clock is ahead",
    { now: NOW + 61_000 },
    '61 s ahead of the server',
    "Correct this machine's clock",
  ],
  ['clock', 'warning', "this machine's clock is behind", { now: NOW - 3_600_000 }, '3600 s behind the server', 'clock'],
  ['clock', 'skipped', 'the response has no Date header', answering(200, { date: '' }), 'no Date header'],
  ['clock', 'skipped', 'there is no response', { probe: { error: 'ETIMEDOUT' } }, 'no Date header'],
  ['rate_limit', 'ok', 'the response reports no limit', {}, 'no rate limit reported'],
  [
    'rate_limit',
    'ok',
    'most requests are left',
    answering(200, { 'x-ratelimit-remaining': '998', 'x-ratelimit-limit': '1000' }),
    '998 of 1000 requests left',
  ],
  [
    'rate_limit',
    'ok',
    'the response gives only the remaining requests',
    answering(200, { 'x-ratelimit-remaining': '998' }),
    '998 of ? requests left',
  ],
  [
    'rate_limit',
    'warning',
    'no requests are left',
    answering(200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '1000' }),
    '0 of 1000 requests left',
    'next window',
  ],
  ['rate_limit', 'warning', 'the limit is reached', answering(429), 'rate limit reached', 'fewer calls'],
  [
    'rate_limit',
    'warning',
    'the limit is reached and Retry-After is given',
    answering(429, { 'retry-after': '30' }),
    'Retry-After: "30"',
    'Wait',
  ],
  ['rate_limit', 'skipped', 'there is no response', { probe: undefined }, 'no response'],
];

describe('diagnose', () => {
  for (const [check, status, when, facts, detail, fix] of rows) {
    it(`${check} is ${status} when ${when}`, () => {
      const { findings, healthy, summary } = diagnose({ ...well, ...facts });
      const found = findings.filter((finding) => finding.check === check);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ check, status });
      expect(found[0]?.detail).toContain(detail);
      if (fix) expect(found[0]?.fix).toContain(fix);
      expect(healthy).toBe(!findings.some((finding) => finding.status === 'problem'));
      expect(summary).not.toContain('\n');
    });
  }

  it('has a row above for every status each check can have', () => {
    const covered = new Set(rows.map(([check, status]) => `${check} ${status}`));
    const uncovered = ['variable', 'proxy', 'name', 'tls', 'request', 'key', 'clock', 'rate_limit'].flatMap((check) =>
      ['ok', 'warning', 'problem', 'skipped'].map((status) => `${check} ${status}`).filter((one) => !covered.has(one)),
    );
    expect(uncovered).toEqual([
      'variable skipped',
      'proxy warning',
      'proxy problem',
      'proxy skipped',
      'name warning',
      'tls warning',
      'key warning',
      'clock problem',
      'rate_limit problem',
    ]);
  });

  it('says how to fix every problem', () => {
    const problems = rows.flatMap(([, , , facts]) =>
      diagnose({ ...well, ...facts }).findings.filter(({ status }) => status === 'problem'),
    );
    expect(problems.length).toBeGreaterThan(10);
    for (const problem of problems) expect(problem.fix, problem.detail).toMatch(/\w+ \w+/);
  });

  it('has one finding per check, in the order a request meets them', () => {
    expect(diagnose(well).findings.map(({ check }) => check)).toEqual([
      'variable',
      'proxy',
      'name',
      'tls',
      'request',
      'key',
      'clock',
      'rate_limit',
    ]);
  });

  it.each<[string, Partial<Observations>, string]>([
    ['nothing is wrong', {}, 'WorkOS responded in 31 ms and accepted the key'],
    [
      'there is only a warning',
      { now: NOW + 120_000 },
      'WorkOS responded in 31 ms and accepted the key; 1 warning, first (clock): 120 s ahead of the server',
    ],
    ['the key could not be checked', answering(429), 'WorkOS responded in 31 ms; 2 warnings, first (request): '],
    ['there is one problem', answering(401), '1 problem; first (key): WorkOS rejected the test key'],
    [
      'there is no network',
      { probe: { error: 'ENOTFOUND' }, name: { addresses: [], error: 'ENOTFOUND' } },
      '1 problem; first (name): ',
    ],
    [
      'there are several problems',
      { ...answering(401), key: { ...key, problem: 'FOO is not set' } },
      '2 problems; first (variable): ',
    ],
  ])('summarizes when %s', (_, facts, summary) => {
    expect(diagnose({ ...well, ...facts }).summary).toContain(summary);
  });

  it('shows nothing of a rejected value that does not look like a key', () => {
    const text = JSON.stringify(diagnose({ ...well, ...answering(401), ...about({ keyKind: 'unknown' }) }));
    expect(text).not.toContain('ending in wxyz key');
    expect(JSON.parse(text).findings[5].detail).toBe('WorkOS rejected the unknown key with status 401');
  });
});
