import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('agents', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('that registered themselves can be claimed by a user of the app', async () => {
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

  describeErrors(
    () => client,
    [
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
