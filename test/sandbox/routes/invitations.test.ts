import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('invitations', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('can be sent once and revoked once', async () => {
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    const body = { email: 'guest@signup.example', organization_id, role_slug: 'member', expires_in_days: 3 };
    const sent = await client.call('POST /user_management/invitations', body);
    expect(sent.body).toMatchObject({ state: 'pending', organization_id, role_slug: 'member' });
    const duplicate = await client.call('POST /user_management/invitations', body);
    expect(duplicate.body['code']).toBe('email_already_invited_to_organization');
    const path = `/user_management/invitations/${sent.body.id}`;
    expect((await client.call(`POST ${path}/revoke`)).body['state']).toBe('revoked');
    expect((await client.call(`POST ${path}/revoke`)).body['code']).toBe('invite_not_pending');
    expect((await client.call(`GET ${path}`)).body['revoked_at']).not.toBeNull();
  });

  it('give the default role if theirs has since been deleted', async () => {
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    const roles = `/authorization/organizations/${organization_id}/roles`;
    await client.call(`POST ${roles}`, { slug: 'org-guest', name: 'Guest' });
    const email = 'guest@signup.example';
    const body = { email, organization_id, role_slug: 'org-guest' };
    const { id } = (await client.call('POST /user_management/invitations', body)).body;
    await client.call(`DELETE ${roles}/org-guest`);
    const user_id = (await client.call('POST /user_management/users', { email })).body.id;
    await client.call(`POST /user_management/invitations/${id}/accept`);
    const memberships = `/user_management/organization_memberships?user_id=${user_id}`;
    expect((await client.call(`GET ${memberships}`)).body.data).toMatchObject([{ roles: [{ slug: 'member' }] }]);
  });

  it('can be accepted by a user with the address while they are pending', async () => {
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    const email = 'guest@signup.example';
    const sent = (await client.call('POST /user_management/invitations', { email, organization_id })).body;
    const path = `/user_management/invitations/${sent.id}`;
    expect((await client.call(`POST ${path}/accept`)).body['code']).toBe('invalid_invite');
    const user_id = (await client.call('POST /user_management/users', { email })).body.id;
    expect((await client.call(`POST ${path}/accept`)).body).toMatchObject({
      state: 'accepted',
      accepted_user_id: user_id,
    });
    const memberships = await client.call(`GET /user_management/organization_memberships?user_id=${user_id}`);
    expect(memberships.body.data).toMatchObject([{ organization_id, status: 'active', role: { slug: 'member' } }]);
    expect((await client.call(`POST ${path}/resend`, {})).body['code']).toBe('invite_accepted');
  });

  it('cannot be resent, accepted or revoked once expired', async () => {
    const sent = await client.call('POST /user_management/invitations', {
      email: 'guest@signup.example',
      expires_in_days: 1,
    });
    const path = `/user_management/invitations/${sent.body.id}`;
    expect((await client.call(`POST ${path}/resend`, {})).status).toBe(200);
    client.advance(86_400_000);
    const byToken = await client.call(`GET /user_management/invitations/by_token/${sent.body['token']}`);
    expect(byToken.body).toMatchObject({ id: sent.body.id, state: 'expired' });
    expect((await client.call(`POST ${path}/resend`, {})).body['code']).toBe('invite_expired');
    expect((await client.call(`POST ${path}/accept`)).body['code']).toBe('invite_not_pending');
    expect((await client.call(`POST ${path}/revoke`)).body['code']).toBe('invite_not_pending');
  });

  describeErrors(
    () => client,
    [
      [
        'POST /user_management/invitations',
        { email: 'dana@whitfield-consulting.example' },
        400,
        { code: 'user_already_exists' },
      ],
      ['GET /user_management/invitations/by_token/nope', undefined, 404, { code: 'entity_not_found' }],
      [
        'POST /user_management/invitations',
        { email: 'guest@signup.example', role_slug: 'org-fleet-operator' },
        400,
        { code: 'invalid_role' },
      ],
    ],
  );
});
