import { afterEach, describe, expect, it } from 'vitest';
import { DeletedObjects } from '../../src/call/deleted-objects.ts';
import { requestRoute } from '../../src/call/request.ts';
import { SentWrites } from '../../src/call/sent-writes.ts';
import type { OutgoingRequest, WorkOSClient } from '../../src/client/client.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Effect, Route } from '../../src/tools/types.ts';
import { type Connected, configured, connect, type Replies } from '../harness.ts';

let server: Connected;
afterEach(() => server.close());

/** How often a call is sent if this is its first reply and a success its second. */
async function requestsFor(tool: string, input: Record<string, unknown>, first: ReturnType<Replies>): Promise<number> {
  const replies: Replies = (_, nth) => (nth === 1 ? first : { body: { id: 'thing_1' } });
  server = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never'], replies });
  await server.call(tool, input);
  return server.api.requests.length;
}

const SERVER_ERROR = { status: 502, body: { message: 'oops' } };
const LIMITED = { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '0' } };

const ACCOUNT = { user_id: 'user_1', provider_slug: 'github' };
const PARTY = { id: 'user_1', type: 'user' };

/** One tool for each way in which its effect and its method disagree, and some that agree. */
const CALLS: readonly (readonly [tool: string, input: Record<string, unknown>, repeated: boolean, why: string])[] = [
  ['validate_api_key', { value: 'sk_x' }, true, 'reads by POST'],
  ['decrypt_vault_data_key', { keys: 'wrapped' }, true, 'reads by POST'],
  [
    'check_authorization',
    { organization_membership_id: 'om_1', permission_slug: 'read', resource_id: 'res_1' },
    true,
    'reads by POST',
  ],
  ['add_role_permission', { role_slug: 'admin', slug: 'read' }, true, 'updates by POST'],
  ['revoke_session', { session_id: 'session_1' }, true, 'deletes by POST'],
  [
    'link_agent_claim_to_user',
    {
      type: 'link_external_user',
      claim_attempt_token: 'token',
      user: { email: 'ada@example.com', external_id: 'ada' },
    },
    false,
    'creates by PATCH',
  ],
  ['update_vault_object', { vault_object_id: 'vo_1', value: 'new' }, false, 'overwrites by PUT'],
  ['create_role', { name: 'Admin', slug: 'admin' }, false, 'creates by POST'],
  ['create_organization', { name: 'Acme' }, false, 'creates by a workflow'],
  ['import_connected_account', ACCOUNT, false, 'creates by a workflow'],
  ['update_connected_account', ACCOUNT, true, 'updates by a workflow'],
  ['update_role', { role_slug: 'admin', name: 'Admin' }, true, 'updates by PATCH'],
  [
    'create_audit_log_event',
    {
      organization_id: 'org_1',
      event: {
        action: 'user.signed_in',
        occurred_at: '2026-01-01T00:00:00Z',
        actor: PARTY,
        targets: [PARTY],
        context: { location: '127.0.0.1' },
      },
    },
    true,
    'has an Idempotency-Key that the API honors',
  ],
];

describe('whether a call is repeated depends on its effect, not its method', () => {
  it.each(CALLS)('after a 502: %s %j: %s, because it %s', async (tool, input, repeated) => {
    expect(await requestsFor(tool, input, SERVER_ERROR)).toBe(repeated ? 2 : 1);
  });

  it.each(CALLS)('always after a 429, which means that nothing was done: %s %j', async (tool, input) => {
    expect(await requestsFor(tool, input, LIMITED)).toBe(2);
  });
});

describe('a code that may mean that another request is in progress', () => {
  it.each([
    [400, 'lock_timeout', 2],
    [409, 'resource_type_update_in_progress', 2],
    [500, 'lock_timeout', 1],
    [503, 'resource_type_update_in_progress', 1],
    [504, 'lock_timeout', 1],
    [408, 'resource_type_update_in_progress', 1],
    [409, 'lock_timeout', 1],
    [400, 'resource_type_update_in_progress', 1],
  ])('status %i and %s: a create is sent %i times', async (status, code, requests) => {
    const reply = { status, body: { code, message: 'busy' } };
    expect(await requestsFor('create_role', { name: 'Admin', slug: 'admin' }, reply)).toBe(requests);
  });
});

describe('the start of an export inside export_audit_logs', () => {
  const RANGE = { organization_id: 'org_1', range_start: '2026-01-01', range_end: '2026-01-31' };

  it('is not repeated after a 502, because each start creates an export', async () => {
    expect(await requestsFor('export_audit_logs', RANGE, SERVER_ERROR)).toBe(1);
  });
});

describe("a composite's own request", () => {
  it.each<[route: Route, effect: Effect, repeatable: boolean]>([
    ['GET /things', 'create', true],
    ['GET /things', 'overwrite', true],
    ['POST /things', 'create', false],
    ['PUT /things', 'overwrite', false],
    ['POST /things', 'update', true],
    ['DELETE /things', 'delete', true],
    // A composite that counts as reading may still start an export.
    ['POST /things', 'read', false],
  ])('%s of a tool with effect "%s" may be repeated: %s', async (route, effect, repeatable) => {
    server = await connect();
    const sent: OutgoingRequest[] = [];
    const client: WorkOSClient = {
      request: async (request) => {
        sent.push(request);
        return { status: 200, body: {}, requestId: undefined, attempts: 1 };
      },
      probe: () => Promise.reject(new Error('not used')),
      close: async () => {},
    };
    const tool = tools.get('export_audit_logs');
    if (!tool) throw new Error('export_audit_logs is gone');
    await requestRoute(
      { ...tool, effect },
      route,
      {},
      {
        config: configured(),
        client,
        signal: new AbortController().signal,
        writes: new SentWrites(),
        deleted: new DeletedObjects(),
        revealError: (error) => error,
        progress: () => {},
      },
    );
    expect(sent.map((request) => request.repeatable)).toEqual([repeatable]);
  });
});
