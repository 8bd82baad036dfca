import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, type SandboxResponse, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const NORTHWIND = 'org_01KG56M5XTG1JB7F752N5GR4AP';
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const ROOT = '/agents/blueprints';

describe('agents', () => {
  let client: SandboxClient;
  let blueprint: string;
  beforeEach(async () => {
    client = await startSandboxClient();
    const { body } = await client.call(`POST ${ROOT}`, {
      name: 'Librarian',
      permissions: ['documents:read'],
      invocable_by: { organization_ids: [ACME] },
    });
    blueprint = body.id;
  });
  afterEach(() => client.close());

  const createToken = (body: object) => client.call(`POST ${ROOT}/${blueprint}/tokens`, body);
  const autonomous = () => createToken({ type: 'autonomous', organization_id: ACME, intent: 'sort' });
  const validate = ({ body }: SandboxResponse) =>
    client.call(`POST ${ROOT}/${blueprint}/tokens/validate`, { agent_access_token: body['access_token'] });
  const session = async ({ body }: SandboxResponse) =>
    (await client.call(`GET /agents/sessions/${body['agent_instance_session_id']}`)).body;

  it('get tokens that validate until they expire', async () => {
    const token = await autonomous();
    expect((await validate(token)).body['permissions']).toEqual(['documents:read']);
    client.advance(300_000);
    expect((await validate(token)).body['code']).toBe('invalid_agent_access_token');
    expect(await session(token)).toMatchObject({ status: 'active', intent: 'sort' });
    client.advance(3_300_000);
    expect((await validate(token)).body['code']).toBe('session_expired');
    expect(await session(token)).toMatchObject({ status: 'expired' });
  });

  it('use a refresh token once', async () => {
    const first = await autonomous();
    const refresh = { type: 'refresh', refresh_token: first.body['refresh_token'] };
    const second = await createToken(refresh);
    expect((await validate(second)).status).toBe(200);
    expect((await session(second)).id).toBe(first.body['agent_instance_session_id']);
    expect((await createToken(refresh)).body['code']).toBe('invalid_refresh_token');
  });

  it('lose all tokens of a session that is revoked', async () => {
    const token = await autonomous();
    const path = `/agents/sessions/${token.body['agent_instance_session_id']}/revoke`;
    expect((await client.call(`POST ${path}`)).body['status']).toBe('revoked');
    client.advance(1_000);
    expect((await client.call(`POST ${path}`)).body['revoked_at']).toBe('2026-11-02T09:00:00.000Z');
    expect((await validate(token)).body['code']).toBe('session_revoked');
    const refresh = { type: 'refresh', refresh_token: token.body['refresh_token'] };
    expect((await createToken(refresh)).body['code']).toBe('session_revoked');
  });

  it('share one instance in an organization, which goes with its sessions', async () => {
    const [first, second] = [await autonomous(), await autonomous()];
    expect(second.body['agent_instance_id']).toBe(first.body['agent_instance_id']);
    await client.call(`DELETE /agents/instances/${first.body['agent_instance_id']}`);
    expect((await client.call('GET /agents/sessions')).body.data).toEqual([]);
    await autonomous();
    await client.call(`DELETE ${ROOT}/${blueprint}`);
    expect((await client.call('GET /agents/instances')).body.data).toEqual([]);
  });

  it('act for a user with the permissions that both have', async () => {
    const claims = Buffer.from(JSON.stringify({ sub: AMARA, org_id: ACME, exp: 1_900_000_000 })).toString('base64url');
    const token = await createToken({ type: 'user_delegated', user_access_token: `e30.${claims}.signature` });
    expect((await validate(token)).body['agent_instance']).toMatchObject({ type: 'delegated', user_id: AMARA });
    const own = await createToken({ type: 'agent_delegated', agent_access_token: token.body['access_token'] });
    expect((await session(own))['user_id']).toBe(AMARA);
  });

  it('that have registered themselves are claimed by a user of the own app', async () => {
    const user = { email: 'olga@tideline.example', external_id: 'own-1' };
    const claim = { type: 'link_external_user', claim_attempt_token: 'cla_tkn_sandbox', user };
    expect((await client.call('PATCH /agents/claims/attempts', claim)).body['user_code']).toMatch(/^.{4}-.{4}$/);
    const created = await client.call('GET /user_management/users/external_id/own-1');
    const credential = { type: 'access_token', credential: 'agent_access_token_sandbox' };
    const { body } = await client.call('POST /agents/credentials/validate', credential);
    const registration = await client.call(`GET /agents/registrations/${body['registration_id']}`);
    expect(registration.body['agent_identity']).toMatchObject({ userland_user_id: created.body.id });
    expect(registration.text).not.toContain('sandbox');
    client.advance(8 * 24 * 3_600_000);
    expect((await client.call('PATCH /agents/claims/attempts', claim)).status).toBe(410);
    expect((await client.call('POST /agents/credentials/validate', credential)).body['valid']).toBe(false);
  });

  it('are refused where their blueprint may not be invoked', async () => {
    const { status, body } = await createToken({ type: 'autonomous', organization_id: NORTHWIND });
    expect([status, body['code']]).toEqual([403, 'organization_not_invocable']);
  });

  describeErrors(
    () => client,
    [
      [`POST ${ROOT}`, { name: 'Librarian' }, 409, { code: 'name_already_in_use' }],
      [`POST ${ROOT}`, { name: 'Two', permissions: ['fly'] }, 422, { code: 'permission_not_found' }],
      [`POST ${ROOT}`, { name: 'Two', invocable_by: { role_slugs: ['pilot'] } }, 422, { code: 'role_not_found' }],
      [`GET ${ROOT}/agent_blueprint_nope`, undefined, 404, { entity_id: 'agent_blueprint_nope' }],
      ['POST /agents/credentials/validate', { type: 'password', credential: 'x' }, 400, {}],
      [
        'PATCH /agents/claims/attempts',
        { type: 'link_external_user', claim_attempt_token: 'nope', user: { email: 'a@b.example', external_id: '1' } },
        400,
        { code: 'invalid_claim' },
      ],
      [
        'PATCH /agents/claims/attempts',
        {
          type: 'link_external_user',
          claim_attempt_token: 'cla_tkn_sandbox',
          user: { email: 'amara.adeyemi@acme-robotics.example', external_id: 'own-1' },
        },
        409,
        { code: 'email_already_in_use' },
      ],
    ],
  );
});
