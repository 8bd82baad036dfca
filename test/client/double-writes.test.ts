import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/errors/explain.ts';
import { type Connected, connect, rawServer } from '../harness.ts';

/** What can happen to one request. "before": nothing was changed. "after": the change was made, the response lost. */
const FAULTS = [
  'none',
  'reset before',
  'status 429 before',
  'status 500 before',
  'no response before',
  'drop after',
  'truncated after',
  'status 503 after',
  'no response after',
  'connection closed after the response',
] as const;
type Fault = (typeof FAULTS)[number];

/** Timeouts are slow, so they are generated less often. */
const faults = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...FAULTS.filter((fault) => !fault.startsWith('no response'))) },
    { weight: 1, arbitrary: fc.constantFrom<Fault>('no response before', 'no response after') },
  ),
  { maxLength: 6 },
);

const TIMEOUT_MS = 150;
const RETRIES = 3;
const UNCERTAIN = 'The write may have succeeded';

/** What the server has actually done since the last reset. */
interface ServerState {
  created: string[];
  events: Set<string>;
  updated: string[];
  deleted: number;
  idempotencyKeys: Set<string>;
  requests: number;
}

/** Marks the requests of one call, because an abandoned one may still arrive during the next call. */
let mark = 'call-0-';
let script: Fault[] = [];
let state: ServerState;
let exists: boolean;
let server: Connected;
let close: () => Promise<void>;

function reset(next: readonly Fault[]): void {
  mark = `call-${Number(mark.split('-')[1]) + 1}-`;
  script = [...next];
  state = { created: [], events: new Set(), updated: [], deleted: 0, idempotencyKeys: new Set(), requests: 0 };
  exists = true;
}

beforeAll(async () => {
  const api = await rawServer((request, response) => void serve(request, response));
  close = api.close;
  server = await connect({
    baseUrl: api.url,
    flags: ['--toolsets', 'all', '--confirm', 'never', '--timeout-ms', `${TIMEOUT_MS}`, '--max-retries', `${RETRIES}`],
  });
});
afterAll(async () => {
  await server.close();
  await close();
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (!`${request.url} ${text}`.includes(mark)) return;
  const fault = script.shift() ?? 'none';
  state.requests++;
  if (fault === 'reset before') return void request.socket.resetAndDestroy();
  if (fault === 'no response before') return;
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string') state.idempotencyKeys.add(key);
  const respond = (status: number, body?: object, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body && JSON.stringify(body));
  };
  if (fault === 'status 429 before') return respond(429, { message: 'slow down' }, { 'retry-after': '0' });
  if (fault === 'status 500 before') return respond(500, { message: 'oops' });

  const [status, body] = carryOut(request, text, String(key));
  switch (fault) {
    case 'drop after':
      return void request.socket.resetAndDestroy();
    case 'truncated after':
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': 1_000 });
      response.write('{"id":');
      return void setImmediate(() => request.socket.destroy());
    case 'status 503 after':
      return respond(503, { message: 'busy' });
    case 'no response after':
      return;
    case 'connection closed after the response':
      response.on('finish', () => request.socket.destroy());
      return respond(status, body);
    default:
      return respond(status, body);
  }
}

/** Carries out a request. Returns the status and body of the response. */
function carryOut({ method, url }: IncomingMessage, text: string, key: string): [number, object?] {
  if (method === 'DELETE') {
    if (!exists) return [404, { message: 'Organization not found' }];
    exists = false;
    state.deleted++;
    return [204];
  }
  // Every other request of these tests carries a JSON object.
  const body = JSON.parse(text) as { name?: string; email?: string };
  if (method === 'PUT') {
    state.updated.push(String(body.name));
    return [200, { id: 'org_1', name: body.name }];
  }
  if (url === '/audit_logs/events') {
    state.events.add(key);
    return [201, { success: true }];
  }
  state.created.push(body.name ?? String(body.email));
  return [201, { id: 'new_1' }];
}

/** What the result says about the write must match what the server did. */
function expectTruthful(error: Explanation | undefined, done: boolean, check: string): void {
  if (!error) expect(done).toBe(true);
  else if (error.hint.includes(UNCERTAIN)) expect(error.hint).toContain(check);
  else expect(done).toBe(false);
}

const event = () => ({
  organization_id: `org_${mark}`,
  event: {
    action: 'user.signed_in',
    occurred_at: '2026-01-01T00:00:00Z',
    actor: { id: 'user_1', type: 'user' },
    targets: [{ id: 'team_1', type: 'team' }],
    context: { location: '127.0.0.1' },
  },
});

describe('under any network fault', () => {
  it.each([
    ['create_organization', () => ({ name: mark }), 'list_organizations'],
    ['create_user', () => ({ email: `${mark}@example.com` }), 'list_users'],
    [
      'create_organization_membership',
      () => ({ user_id: `user_${mark}`, organization_id: 'org_1' }),
      'list_organization_memberships',
    ],
    ['create_role', () => ({ name: mark, slug: 'admin' }), 'list_roles'],
  ])('a %s call creates at most once, and its result is truthful', async (tool, input, list) => {
    await fc.assert(
      fc.asyncProperty(faults, async (sequence) => {
        reset(sequence);
        const { error } = await server.call(tool, input());
        expect(state.created.length).toBeLessThanOrEqual(1);
        expect(state.idempotencyKeys.size).toBeLessThanOrEqual(1);
        expect(state.requests).toBeLessThanOrEqual(1 + RETRIES);
        expectTruthful(error, state.created.length === 1, `Check with ${list} `);
        if (sequence.length <= RETRIES && sequence.every((fault) => fault === 'status 429 before')) {
          expect(error).toBeUndefined();
        }
      }),
      { numRuns: 20 },
    );
  });

  it('an update_organization call that reports success has updated', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (sequence) => {
        reset(sequence);
        const { error } = await server.call('update_organization', { organization_id: 'org_1', name: mark });
        expectTruthful(error, state.updated.includes(mark), 'Check with get_organization ');
        expect(state.requests).toBeLessThanOrEqual(1 + RETRIES);
        if (sequence.length <= RETRIES) expect(error).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('a delete_organization call deletes at most once, and a 404 on a retry counts as success', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (sequence) => {
        reset(sequence);
        const { error } = await server.call('delete_organization', { organization_id: `org_${mark}` });
        expect(state.deleted).toBeLessThanOrEqual(1);
        expectTruthful(error, state.deleted === 1, 'Check with get_organization ');
        if (sequence.length <= RETRIES) expect(error).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('a create_audit_log_event call is retried with the same Idempotency-Key, so WorkOS records it once', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (sequence) => {
        reset(sequence);
        const { error } = await server.call('create_audit_log_event', event());
        expect(state.idempotencyKeys.size).toBeLessThanOrEqual(1);
        expectTruthful(error, state.events.size === 1, '');
        if (sequence.length <= RETRIES) expect(error).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('each row of a call_write_tool batch creates at most once, and its result is truthful', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (sequence) => {
        reset(sequence);
        const names = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => mark + name);
        const { value } = await server.call('call_write_tool', {
          tool: 'create_organization',
          arguments: names.map((name) => ({ name })),
        });
        // The documented shape of a batch result.
        const rows = value['rows'] as { index: number; error?: Explanation }[];
        expect(rows.map(({ index }) => index)).toEqual(names.map((_, index) => index));
        for (const { index, error } of rows) {
          const done = state.created.filter((name) => name === names[index]);
          expect(done.length).toBeLessThanOrEqual(1);
          expectTruthful(error, done.length === 1, 'Check with list_organizations ');
        }
        expect(new Set(state.created).size).toBe(state.created.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a creation', () => {
  it.each<[Fault, number, boolean]>([
    ['none', 1, false],
    ['status 429 before', 2, false],
    ['drop after', 1, true],
    ['truncated after', 1, true],
    ['status 503 after', 1, true],
    ['no response after', 1, true],
    ['reset before', 1, true],
    ['no response before', 1, true],
    ['status 500 before', 1, true],
  ])('with fault "%s" is sent %i times; its outcome is unknown: %s', async (fault, requests, uncertain) => {
    reset([fault]);
    const { error } = await server.call('create_organization', { name: mark });
    expect(state.requests).toBe(requests);
    expect(error?.hint.includes(`${UNCERTAIN}. Check with list_organizations before retrying.`) ?? false).toBe(
      uncertain,
    );
  });
});
