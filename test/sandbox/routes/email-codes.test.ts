import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';
import { createUser, messages } from '../sign-ins.ts';

const ROOT = '/user_management';
const AMARA = `${ROOT}/users/user_01KHZQMEZGXTXNVR0DWKGA5733`;

describe('codes by email', () => {
  let client: SandboxClient;
  let path: string;
  beforeEach(async () => {
    client = await startSandboxClient();
    path = `${ROOT}/users/${await createUser(client, 'lin@signup.example', { email_verified: false })}`;
  });
  afterEach(() => client.close());

  it('verify an address once', async () => {
    await client.call(`POST ${path}/email_verification/send`);
    const [{ to, kind, code } = {}] = await messages(client);
    expect([to, kind]).toEqual(['lin@signup.example', 'email_verification']);
    const wrong = await client.call(`POST ${path}/email_verification/confirm`, { code: 'wrong' });
    expect(wrong.body['code']).toBe('email_verification_code_incorrect');
    const done = await client.call(`POST ${path}/email_verification/confirm`, { code });
    expect(done.body['user']).toMatchObject({ email_verified: true });
    const again = await client.call(`POST ${path}/email_verification/confirm`, { code });
    expect(again.body['code']).toBe('email_previously_verified');
    expect((await client.call(`POST ${path}/email_verification/send`)).body['code']).toBe('email_already_verified');
  });

  it('change an address within ten minutes', async () => {
    const body = { new_email: 'lin@new.example' };
    const sent = await client.call(`POST ${path}/email_change/send`, body);
    expect(sent.body).toMatchObject({ ...body, expires_at: '2026-11-02T09:10:00.000Z' });
    const [{ to, code } = {}] = await messages(client);
    expect(to).toBe('lin@new.example');
    const changed = await client.call(`POST ${path}/email_change/confirm`, { code });
    expect(changed.body['user']).toMatchObject({ email: 'lin@new.example', email_verified: true });
    const again = await client.call(`POST ${path}/email_change/confirm`, { code });
    expect([again.status, again.body['code']]).toEqual([409, 'email_change_code_previously_used']);
    await client.call(`POST ${path}/email_change/send`, { new_email: 'lin@late.example' });
    client.advance(600_000);
    const [late] = await messages(client);
    const expired = await client.call(`POST ${path}/email_change/confirm`, { code: late?.['code'] });
    expect(expired.body['code']).toBe('email_change_code_expired');
  });

  it('stop working after ten wrong attempts', async () => {
    await client.call(`POST ${path}/email_change/send`, { new_email: 'lin@new.example' });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const wrong = await client.call(`POST ${path}/email_change/confirm`, { code: 'wrong' });
      expect(wrong.body['code']).toBe('email_change_code_incorrect');
    }
    const [message] = await messages(client);
    const late = await client.call(`POST ${path}/email_change/confirm`, { code: message?.['code'] });
    expect([late.status, late.body['code']]).toEqual([429, 'email_change_too_many_attempts']);
  });

  describeErrors(
    () => client,
    [
      [`POST ${AMARA}/email_change/confirm`, { code: '1' }, 409, { code: 'no_pending_email_change' }],
      [`POST ${AMARA}/email_change/send`, { new_email: 'nonsense' }, 422, { code: 'invalid_email' }],
      [
        `POST ${AMARA}/email_change/send`,
        { new_email: 'AMARA.adeyemi@acme-robotics.example' },
        409,
        { code: 'email_change_not_needed' },
      ],
      [`POST ${AMARA}/email_change/send`, { new_email: 'lin@signup.example' }, 409, { code: 'email_not_available' }],
      [`POST ${ROOT}/password_reset`, { email: 'nobody@signup.example' }, 404, { code: 'entity_not_found' }],
      [`POST ${ROOT}/password_reset/confirm`, { token: 'nope', new_password: 'a new password' }, 404, {}],
      [`POST ${ROOT}/magic_auth`, { email: 'nonsense' }, 422, { code: 'invalid_request_parameters' }],
      [
        `POST ${ROOT}/magic_auth`,
        { email: 'a@b.example', invitation_token: 'x' },
        400,
        { error: 'invitation_invalid' },
      ],
    ],
  );
});
