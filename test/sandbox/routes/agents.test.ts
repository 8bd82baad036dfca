import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';
import { claimsOf, createUser, join, signIn } from '../sign-ins.ts';

const ROOT = '/agents/blueprints';
const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const HOUR_MS = 3_600_000;

let client: SandboxClient;
beforeEach(async () => {
  client = await startSandboxClient();
});
afterEach(() => client.close());

async function createBlueprint(fields: object = {}): Promise<string> {
  const permissions = ['documents:read', 'billing:manage'];
  return `${ROOT}/${(await client.call(`POST ${ROOT}`, { name: 'Librarian', permissions, ...fields })).body.id}`;
}

const mint = (path: string, body: object) => client.call(`POST ${path}/tokens`, body);
const autonomous = (path: string) => mint(path, { type: 'autonomous', organization_id: ACME });
const refresh = (path: string, refresh_token: unknown) => mint(path, { type: 'refresh', refresh_token });
const validate = (path: string, agent_access_token: unknown) =>
  client.call(`POST ${path}/tokens/validate`, { agent_access_token });

/** Signs in a new member of Acme. */
async function member(role_slug = 'member') {
  const id = await createUser(client, 'reader@books.example');
  await join(client, id, 'Acme Robotics');
  const memberships = '/user_management/organization_memberships';
  const [membership] = (await client.call(`GET ${memberships}?user_id=${id}`)).body.data;
  await client.call(`PUT ${memberships}/${membership?.id}`, { role_slug });
  const session = await signIn(client, 'reader@books.example');
  return {
    id,
    membership: `${memberships}/${membership?.id}`,
    session_id: claimsOf(session)['sid'],
    user_access_token: session.body['access_token'],
  };
}

describe('an agent blueprint', () => {
  it('keeps what an update leaves out', async () => {
    const path = await createBlueprint({ invocable_by: { role_slugs: ['admin'], organization_ids: [ACME] } });
    const changes = { invocable_by: { role_slugs: [] }, session_settings: { max_age_seconds: 60 } };
    expect((await client.call(`PATCH ${path}`, changes)).body).toMatchObject({
      object: 'agent_blueprint',
      name: 'Librarian',
      description: null,
      permissions: ['documents:read', 'billing:manage'],
      invocable_by: { role_slugs: [], organization_ids: [ACME] },
      session_settings: { max_age_seconds: 60, access_token_ttl_seconds: 300, refresh_token_ttl_seconds: 3600 },
    });
  });

  it('is deleted with its instances and their sessions', async () => {
    const path = await createBlueprint();
    const { body } = await autonomous(path);
    expect((await client.call(`DELETE ${path}`)).status).toBe(204);
    expect((await client.call(`GET /agents/instances/${body['agent_instance_id']}`)).status).toBe(404);
    expect((await client.call(`GET /agents/sessions/${body['agent_instance_session_id']}`)).status).toBe(404);
  });
});

describe('an agent token', () => {
  it('says who the agent acts for and what it may do', async () => {
    const path = await createBlueprint();
    const token = await mint(path, { type: 'autonomous', organization_id: ACME, intent: 'Sort the books' });
    const { agent_instance_id, agent_instance_session_id } = token.body;
    expect(token.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, new_instance: true });
    expect(claimsOf(token)).toMatchObject({ sub: agent_instance_id, sid: agent_instance_session_id, org_id: ACME });
    expect((await validate(path, token.body['access_token'])).body).toEqual({
      valid: true,
      agent_instance_id,
      agent_instance_session_id,
      organization_id: ACME,
      permissions: ['documents:read', 'billing:manage'],
      intent: 'Sort the books',
      acting_user_id: null,
      session_expires_at: '2026-11-02T10:00:00.000Z',
    });
    expect((await autonomous(path)).body).toMatchObject({ agent_instance_id, new_instance: false });
  });

  it('for a user has only the permissions that the user has too', async () => {
    const path = await createBlueprint();
    const { id, user_access_token } = await member();
    const token = (await mint(path, { type: 'user_delegated', user_access_token })).body;
    expect(token['permissions']).toEqual(['documents:read']);
    expect((await validate(path, token['access_token'])).body['acting_user_id']).toBe(id);
    const instance = await client.call(`GET /agents/instances/${token['agent_instance_id']}`);
    expect(instance.body).toMatchObject({ type: 'delegated', organization_id: ACME });
    const chained = await mint(path, { type: 'agent_delegated', agent_access_token: token['access_token'] });
    expect(chained.body).toMatchObject({ agent_instance_id: instance.body.id, new_instance: false });
    expect(chained.body['agent_instance_session_id']).not.toBe(token['agent_instance_session_id']);
  });

  it('for a user ends with the session and the membership of the user', async () => {
    const path = await createBlueprint();
    const { membership, session_id, user_access_token } = await member();
    const token = (await mint(path, { type: 'user_delegated', user_access_token })).body;
    const { sid } = claimsOf(await refresh(path, token['refresh_token']));
    expect(sid).toBe(token['agent_instance_session_id']);
    await client.call('POST /user_management/sessions/revoke', { session_id });
    expect((await validate(path, token['access_token'])).body['code']).toBe('user_session_ended');
    expect((await mint(path, { type: 'user_delegated', user_access_token })).body['code']).toBe('user_session_ended');
    await client.call(`DELETE ${membership}`);
    expect((await client.call(`GET /agents/instances/${token['agent_instance_id']}`)).status).toBe(404);
  });

  it('is issued only to organizations and roles that may invoke the blueprint', async () => {
    const northwind = await client.idOf('/organizations', 'Northwind Freight');
    const elsewhere = await createBlueprint({ invocable_by: { organization_ids: [northwind] } });
    expect(await autonomous(elsewhere)).toMatchObject({ status: 403, body: { code: 'organization_not_invocable' } });
    const admins = await createBlueprint({ name: 'Admins', invocable_by: { role_slugs: ['admin'] } });
    const { membership, user_access_token } = await member();
    const body = { type: 'user_delegated', user_access_token };
    expect(await mint(admins, body)).toMatchObject({ status: 403, body: { code: 'role_not_invocable' } });
    await client.call(`PUT ${membership}/deactivate`);
    expect((await mint(admins, body)).body['code']).toBe('user_not_member_of_organization');
    expect((await autonomous(admins)).status).toBe(200);
  });

  it('is invalid after five minutes and for other blueprints; a refresh token is invalid once used', async () => {
    const [path, other] = [await createBlueprint(), await createBlueprint({ name: 'Other' })];
    const { access_token, refresh_token } = (await autonomous(path)).body;
    expect((await validate(other, access_token)).body['code']).toBe('invalid_agent_access_token');
    expect((await refresh(other, refresh_token)).body['code']).toBe('invalid_refresh_token');
    client.advance(300_000);
    expect((await validate(path, access_token)).body['code']).toBe('invalid_agent_access_token');
    const renewed = (await refresh(path, refresh_token)).body;
    expect((await validate(path, renewed['access_token'])).body['valid']).toBe(true);
    expect((await refresh(path, refresh_token)).body['code']).toBe('invalid_refresh_token');
    client.advance(HOUR_MS);
    expect((await refresh(path, renewed['refresh_token'])).body['code']).toBe('max_age_exceeded');
  });

  it('is invalid once its session is revoked; revoking again changes nothing', async () => {
    const path = await createBlueprint();
    const { access_token, refresh_token, agent_instance_session_id } = (await autonomous(path)).body;
    const session = `/agents/sessions/${agent_instance_session_id}`;
    const revoked = (await client.call(`POST ${session}/revoke`)).body;
    expect(revoked).toMatchObject({ status: 'revoked', revoked_at: '2026-11-02T09:00:00.000Z' });
    expect((await validate(path, access_token)).body['code']).toBe('session_revoked');
    expect((await refresh(path, refresh_token)).body['code']).toBe('session_revoked');
    client.advance(HOUR_MS);
    expect((await client.call(`POST ${session}/revoke`)).body).toEqual(revoked);
  });

  it('whose session has expired is not changed by a revocation', async () => {
    const { agent_instance_session_id } = (await autonomous(await createBlueprint())).body;
    client.advance(HOUR_MS);
    const { body } = await client.call(`POST /agents/sessions/${agent_instance_session_id}/revoke`);
    expect(body).toMatchObject({ status: 'expired', revoked_at: null });
  });
});

const invalid = { code: 'invalid_request' };

describeErrors(
  () => client,
  [
    [`POST ${ROOT}`, {}, 400, invalid],
    [`POST ${ROOT}`, { name: 'A', permissions: ['no:such'] }, 422, { code: 'permission_not_found' }],
    [`POST ${ROOT}`, { name: 'A', invocable_by: { role_slugs: ['king'] } }, 422, { code: 'role_not_found' }],
    [`POST ${ROOT}`, { name: 'A', invocable_by: { organization_ids: ['x'] } }, 422, { code: 'organization_not_found' }],
    [`GET ${ROOT}/x`, undefined, 404, { message: "Agent Blueprint not found: 'x'." }],
    [`POST ${ROOT}/x/tokens`, { type: 'autonomous', organization_id: ACME }, 404, {}],
    [`POST ${ROOT}/x/tokens`, { type: 'autonomous' }, 400, invalid],
    ['GET /agents/instances/x', undefined, 404, { message: "Agent Instance not found: 'x'." }],
    ['POST /agents/sessions/x/revoke', undefined, 404, { message: "Agent Instance Session not found: 'x'." }],
  ],
);

it('a blueprint has a unique name', async () => {
  const path = await createBlueprint();
  const taken = await client.call(`POST ${ROOT}`, { name: 'Librarian' });
  expect(taken).toMatchObject({ status: 409, body: { code: 'name_already_in_use' } });
  expect((await client.call(`PATCH ${path}`, { name: 'Librarian' })).status).toBe(200);
});

it.each(['nonsense', 'a.b.c'])('the access token %s is invalid for users and agents', async (token) => {
  const path = await createBlueprint();
  await autonomous(path);
  const { body } = await mint(path, { type: 'user_delegated', user_access_token: token });
  expect(body['code']).toBe('invalid_user_access_token');
  expect((await validate(path, token)).body['code']).toBe('invalid_agent_access_token');
});
