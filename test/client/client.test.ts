import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingRequest } from '../../src/client/client.ts';
import { ApiError } from '../../src/errors/errors.ts';
import { type Api, type Recorded, type Reply, rawServer, recordingApi } from '../harness.ts';
import { expectNoKey, KEY, type TestClient, testClient } from './test-client.ts';

let api: Api;
let caller: TestClient;
beforeEach(async () => {
  api = await recordingApi();
  caller = testClient(api.url);
});
afterEach(async () => {
  await caller.client.close();
  await api.close();
});

/** Sends these responses in turn, then keeps repeating the last one. */
const inTurn = (...replies: Reply[]) => api.respondWith((_, nth) => replies[Math.min(nth, replies.length) - 1]);
const keysOf = (requests: readonly Recorded[]) => requests.map(({ headers }) => headers['idempotency-key']);

const ALL: OutgoingRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a request', () => {
  it.each<[OutgoingRequest['method'], Partial<OutgoingRequest>, object]>([
    ['GET', {}, {}],
    ['DELETE', {}, {}],
    ['POST', {}, { 'content-type': 'application/json', 'idempotency-key': expect.stringMatching(UUID) }],
    ['POST', { body: undefined }, { 'idempotency-key': expect.stringMatching(UUID) }],
    ['PUT', {}, { 'content-type': 'application/json' }],
    ['PATCH', {}, { 'content-type': 'application/json' }],
    ['DELETE', { body: { ids: [1] } }, { 'content-type': 'application/json' }],
  ])('%s %j has the headers it needs and no others', async (method, more, headers) => {
    await caller.send(method, more);
    const { host, connection, 'content-length': _, ...sent } = api.requests[0]?.headers ?? {};
    expect(sent).toEqual({
      accept: 'application/json',
      authorization: `Bearer ${KEY}`,
      'user-agent': 'workos-mcp/1.2.3 (node/20.19.0)',
      ...headers,
    });
    expect(api.url).toBe(`http://${host}`);
    expect(connection).toBe('keep-alive');
  });

  it('has no Authorization header if the route needs none', async () => {
    await caller.send('GET', { bearer: undefined });
    expect(api.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('has the path, query string and body of its plan', async () => {
    await caller.send('PUT', { path: '/a/b%2Fc', query: 'x=1,2&y=%20', body: { clear: null, text: 'ü🦊' } });
    expect(api.requests[0]).toMatchObject({
      method: 'PUT',
      url: '/a/b%2Fc?x=1,2&y=%20',
      body: { clear: null, text: 'ü🦊' },
    });
  });

  it('is sent below the path of the base URL', async () => {
    const prefixed = testClient(`${api.url}/workos/v1`);
    await prefixed.send('GET', { query: 'limit=1' });
    expect(api.requests[0]?.url).toBe('/workos/v1/things/thing_1?limit=1');
    await prefixed.client.close();
  });

  it('resolves to the status, body, request id and number of attempts', async () => {
    inTurn({ status: 503 }, { status: 201, body: { id: 'thing_1' } });
    expect(await caller.send('PUT')).toEqual({
      status: 201,
      body: { id: 'thing_1' },
      requestId: 'req_2',
      attempts: 2,
    });
  });

  it('is reported without its key, path, query string and body', async () => {
    inTurn({ status: 429, headers: { 'retry-after': '2' } }, {});
    await caller.send('POST', { path: '/by_token/t0ken', query: 'token=t0ken', body: { password: 't0ken' } });
    expect(caller.attempts).toEqual([
      {
        route: 'POST /things/{thing_id}',
        attempt: 1,
        ms: expect.any(Number),
        status: 429,
        requestId: 'req_1',
        waitMs: 2_000,
      },
      { route: 'POST /things/{thing_id}', attempt: 2, ms: expect.any(Number), status: 200, requestId: 'req_2' },
    ]);
    expect(JSON.stringify(caller.attempts)).not.toContain('t0ken');
    expectNoKey(caller.attempts);
  });

  it('reuses the connection of earlier requests', async () => {
    let connections = 0;
    const server = await rawServer((request, response) => void request.resume().on('end', () => response.end('{}')));
    server.server.on('connection', () => connections++);
    const { send, client } = testClient(server.url);
    for (let count = 0; count < 20; count++) await send(count % 2 ? 'GET' : 'POST');
    expect(connections).toBe(1);
    await client.close();
    await server.close();
  });
});

describe('an idempotency key', () => {
  it('is the same for all attempts of a POST and new for the next POST', async () => {
    inTurn({ status: 429 }, { status: 429 }, {});
    await caller.send('POST');
    await caller.send('POST');
    const [first, second, third, fourth] = keysOf(api.requests);
    expect(first).toMatch(UUID);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).toMatch(UUID);
    expect(fourth).not.toBe(first);
  });

  it.each(ALL.filter((method) => method !== 'POST'))('is not sent with %s', async (method) => {
    inTurn({ status: 429 }, { status: 503 }, {});
    await caller.send(method);
    expect(keysOf(api.requests)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a 429', () => {
  const limited = (headers: Record<string, string> = {}) => ({ status: 429, body: '"Ratelimited"', headers });

  it.each(ALL)('makes %s wait as long as Retry-After says', async (method) => {
    inTurn(limited({ 'retry-after': '3' }), limited({ 'retry-after': '0' }), limited(), { body: { ok: 1 } });
    const waits: [number, string][] = [];
    const { attempts } = await caller.send(method, { onWait: (ms, why) => waits.push([ms, why]) });
    expect(attempts).toBe(4);
    expect(caller.waits).toEqual([3_000, 0, 2_000]);
    expect(waits).toEqual([
      [3_000, 'before attempt 2: status 429'],
      [0, 'before attempt 3: status 429'],
      [2_000, 'before attempt 4: status 429'],
    ]);
    expect(api.requests.map(({ body }) => body)).toEqual(Array(4).fill(api.requests[0]?.body));
  });

  it('makes the client wait until the date in Retry-After', async () => {
    const at = new Date('2026-03-01T12:00:09Z');
    const dated = testClient(api.url, { now: () => at.getTime() - 9_000 });
    inTurn(limited({ 'retry-after': at.toUTCString() }), {});
    await dated.send('GET');
    expect(dated.waits).toEqual([9_000]);
    await dated.client.close();
  });

  it('is an error after the last attempt', async () => {
    inTurn(limited({ 'retry-after': '2' }));
    const error = await caller.fail('POST');
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', retryAfter: 2, mayHaveSucceeded: false });
    expect(error.request).toEqual({ method: 'POST', path: '/things/thing_1', attempts: 4 });
    expect(api.requests).toHaveLength(4);
  });

  it('fails at once if Retry-After is longer than a minute; the error says how long', async () => {
    inTurn(limited({ 'retry-after': '61' }));
    expect(await caller.fail('GET')).toMatchObject({ status: 429, retryAfter: 61, request: { attempts: 1 } });
    expect(caller.waits).toEqual([]);
  });

  it.each(['daily_quota_exceeded', 'email_change_too_many_attempts'])('with code %s is not retried', async (code) => {
    inTurn({ status: 429, body: { code, message: 'No more today' }, headers: { 'retry-after': '1' } });
    expect(await caller.fail('POST')).toMatchObject({ code, request: { attempts: 1 } });
    expect(api.requests).toHaveLength(1);
  });
});

describe('a temporary 503', () => {
  const unavailable = {
    status: 503,
    body: '<html><title>Service Unavailable</title></html>',
    headers: { 'content-type': 'text/html' },
  };

  it.each<[OutgoingRequest['method'], Partial<OutgoingRequest>]>([
    ['GET', {}],
    ['PUT', {}],
    ['PATCH', {}],
    ['DELETE', {}],
    ['POST', { repeatable: true }],
  ])('is retried by %s %j', async (method, more) => {
    inTurn(unavailable, unavailable, { body: { ok: 1 } });
    expect(await caller.send(method, more)).toMatchObject({ attempts: 3, body: { ok: 1 } });
    expect(caller.waits).toEqual([500, 1_000]);
  });

  it('fails a POST, and the error says that it may have succeeded', async () => {
    inTurn(unavailable, {});
    const error = await caller.fail('POST');
    expect(error).toMatchObject({ status: 503, mayHaveSucceeded: true, requestId: 'req_1', request: { attempts: 1 } });
    expect(error.message).toContain('Service Unavailable');
    expect(api.requests).toHaveLength(1);
  });

  it('fails every method if retries are disabled', async () => {
    inTurn(unavailable);
    const once = testClient(api.url, { maxRetries: 0 });
    for (const method of ALL) expect(await once.fail(method)).toMatchObject({ status: 503, request: { attempts: 1 } });
    expect(api.requests).toHaveLength(ALL.length);
    await once.client.close();
  });

  it('keeps the outcome unknown even if the next attempt is refused', async () => {
    inTurn(unavailable, { status: 403, body: { message: 'No' } });
    expect(await caller.fail('PUT')).toMatchObject({ status: 403, mayHaveSucceeded: true, request: { attempts: 2 } });
  });
});

describe('a DELETE that gets a 404', () => {
  const notFound = { status: 404, body: { message: 'Thing not found' } };
  it.each([500, 502, 503, 504, 408])('succeeded if an earlier attempt got a %i', async (status) => {
    inTurn({ status }, notFound);
    expect(await caller.send('DELETE')).toEqual({ status: 204, body: undefined, requestId: 'req_2', attempts: 2 });
  });

  it('succeeded if an earlier attempt got a 503, even with a 429 in between', async () => {
    inTurn({ status: 503 }, { status: 429 }, notFound);
    expect(await caller.send('DELETE')).toMatchObject({ status: 204, attempts: 3 });
  });

  it('failed if it was the first attempt', async () => {
    inTurn(notFound);
    expect(await caller.fail('DELETE')).toMatchObject({
      status: 404,
      mayHaveSucceeded: false,
      request: { attempts: 1 },
    });
  });

  it('failed if earlier attempts only got a 429', async () => {
    inTurn({ status: 429 }, notFound);
    expect(await caller.fail('DELETE')).toMatchObject({
      status: 404,
      mayHaveSucceeded: false,
      request: { attempts: 2 },
    });
  });

  it.each<OutgoingRequest['method']>(['GET', 'PUT', 'PATCH'])(
    'differs from a %s, which fails with the 404',
    async (method) => {
      inTurn({ status: 503 }, notFound);
      expect(await caller.fail(method)).toMatchObject({ status: 404, message: 'Thing not found' });
    },
  );
});

describe('the body of a successful response', () => {
  it.each<[string, Reply, unknown]>([
    ['an object', { body: { a: [1, null] } }, { a: [1, null] }],
    ['an array', { body: [1] }, [1]],
    ['a string', { body: '"done"' }, 'done'],
    ['null', { body: 'null' }, null],
    ['JSON with another content type', { body: { a: 1 }, headers: { 'content-type': 'text/plain' } }, { a: 1 }],
    ['empty with 200', { body: '' }, undefined],
    ['empty with 202', { status: 202, body: '' }, undefined],
    ['empty with 204', { status: 204, body: '' }, undefined],
    ['whitespace', { body: ' \r\n' }, undefined],
  ])('may be %s', async (_, reply, body) => {
    inTurn(reply);
    expect(await caller.send('POST')).toEqual({ status: reply.status ?? 200, body, requestId: 'req_1', attempts: 1 });
  });

  it.each<[string, Reply, RegExp]>([
    [
      'HTML',
      { body: '<!doctype html><title>Log in</title>', headers: { 'content-type': 'text/html' } },
      /^a response that cannot be read: status 200 with text\/html that is not a JSON object \("Log in"\)$/,
    ],
    [
      'truncated JSON',
      { body: '{"data": [{"id": "a"' },
      /^a response that cannot be read: status 200 with application\/json/,
    ],
    ['two JSON values', { body: '{}{}' }, /^a response that cannot be read/],
    [
      'deeply nested lists',
      { body: `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}` },
      /^a response that cannot be read: status 200 with application\/json nested deeper than 200 levels/,
    ],
    [
      'deeply nested objects',
      { body: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}` },
      /^a response that cannot be read: status 200 with application\/json nested deeper than 200 levels/,
    ],
    [
      'a word',
      { body: 'OK', headers: { 'content-type': 'text/plain' } },
      /text\/plain that is not a JSON object \("OK"\)$/,
    ],
  ])('must not be %s', async (_, reply, expected) => {
    inTurn(reply);
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const error = await caller.fail(method);
      expect(error.message).toMatch(expected);
      expect(error).toMatchObject({ status: 200, mayHaveSucceeded: true, request: { attempts: 1 } });
    }
    expect(api.requests).toHaveLength(3);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd'])('is never decompressed from %s', async (encoding) => {
    inTurn({ status: 503 }, { body: 'xxxx', headers: { 'content-encoding': encoding } }, { body: { ok: 1 } });
    const error = await caller.fail('GET');
    expect(error.message).toBe(`a body encoded with ${encoding}, which the request did not accept`);
    expect(error).toMatchObject({ status: 200, requestId: 'req_2', request: { attempts: 2 } });
    expect(await caller.send('GET')).toMatchObject({ body: { ok: 1 } });
  });

  it('is accepted with content-encoding identity', async () => {
    inTurn({ body: { ok: 1 }, headers: { 'content-encoding': 'identity' } });
    expect(await caller.send('GET')).toMatchObject({ body: { ok: 1 } });
  });
});

describe('an error response in an encoding that was not accepted', () => {
  const compressed = (status: number) => ({ status, body: 'xxxx', headers: { 'content-encoding': 'gzip' } });

  it('is retried like any other', async () => {
    inTurn(compressed(503), { body: { ok: 1 } });
    expect(await caller.send('GET')).toMatchObject({ attempts: 2, body: { ok: 1 } });
  });

  it.each([
    [401, false],
    [503, true],
  ])(
    'with status %i is reported with its encoding; the write may have succeeded: %s',
    async (status, mayHaveSucceeded) => {
      inTurn(compressed(status));
      const error = await caller.fail('POST');
      expect(error).toMatchObject({ status, mayHaveSucceeded });
      expect(error.message).toContain('a body encoded with gzip, which the request did not accept');
    },
  );
});

describe('a storm of failures with hostile bodies', () => {
  const page = '<title '.repeat(500_000);
  it.each<[OutgoingRequest['method'], number]>([
    ['GET', 502],
    ['POST', 429],
    ['PUT', 503],
  ])('%s retries after a %i with a hostile body as after any other', async (method, status) => {
    const hostile = { status, body: page, headers: { 'content-type': 'text/html' } };
    inTurn(hostile, hostile, hostile, { body: { ok: 1 } });
    expect(await caller.send(method)).toMatchObject({ attempts: 4, body: { ok: 1 } });
  });

  it('is read only as far as an error needs', async () => {
    inTurn({ status: 502, body: page });
    const error = await caller.fail('GET');
    expect(error.message).toBe('status 502 with application/json longer than 65536 bytes');
    expect(error).toMatchObject({ status: 502, request: { attempts: 4 } });
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('with status %i is never followed', async (status) => {
    const other = await recordingApi();
    inTurn({ status, body: '', headers: { location: `${other.url}/steal?x=${status}` } });
    for (const method of ALL) {
      const error = await caller.fail(method);
      expect(error).toMatchObject({ status, request: { attempts: 1 } });
      expect(error.message).toContain(`a redirect to ${new URL(other.url).host}. It was not followed`);
    }
    expect(other.requests).toEqual([]);
    expect(api.requests).toHaveLength(ALL.length);
    await other.close();
  });

  it.each<[string, Record<string, string>]>([
    ['without a location', {}],
    ['to a relative path', { location: '/elsewhere' }],
    ['to nonsense', { location: 'http://[' }],
  ])('%s is an error too', async (_, headers) => {
    inTurn({ status: 302, body: '', headers });
    expect((await caller.fail('GET')).message).toContain('a redirect to an invalid location');
    expect(api.requests).toHaveLength(1);
  });
});

describe('a probe', () => {
  const probe = (method: 'GET' | 'HEAD' | 'OPTIONS', path: string) =>
    caller.client.probe(method, path, KEY, new AbortController().signal);

  it.each([200, 302, 401, 429, 503])('returns a %i without retrying', async (status) => {
    inTurn({ status, body: 'text', headers: { date: 'Sun, 01 Mar 2026 12:00:00 GMT' } });
    const response = await probe('GET', '/organizations?limit=1&x=a?b');
    expect(response).toMatchObject({
      status,
      headers: { 'x-request-id': 'req_1', date: expect.any(String) },
    });
    expect(response.ms).toBeGreaterThanOrEqual(0);
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]).toMatchObject({ method: 'GET', url: '/organizations?limit=1&x=a?b' });
  });

  it.each(['HEAD', 'OPTIONS'] as const)('can use %s, with the key', async (method) => {
    await probe(method, '/organizations');
    expect(api.requests[0]).toMatchObject({
      method,
      url: '/organizations',
      headers: { authorization: `Bearer ${KEY}` },
    });
  });
});

it('an error has the message, code, errors and request id of the response', async () => {
  inTurn({ status: 422, body: { message: 'Invalid', code: 'invalid', errors: [{ field: 'name', code: 'required' }] } });
  const error = await caller.fail('POST');
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    message: 'Invalid',
    status: 422,
    code: 'invalid',
    errors: [{ field: 'name', code: 'required' }],
    requestId: 'req_1',
    retryAfter: undefined,
    mayHaveSucceeded: false,
    request: { method: 'POST', path: '/things/thing_1', attempts: 1 },
  });
});
