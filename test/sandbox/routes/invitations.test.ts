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

  describeErrors(
    () => client,
    [
      [
        'POST /user_management/invitations',
        { email: 'dana@whitfield-consulting.example' },
        400,
        { code: 'user_already_exists' },
      ],
      [
        'POST /user_management/invitations',
        { email: 'guest@signup.example', role_slug: 'org-fleet-operator' },
        400,
        { code: 'invalid_role' },
      ],
    ],
  );
});
