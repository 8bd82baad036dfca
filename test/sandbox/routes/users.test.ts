import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, describeFilters, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ROOT = '/user_management/users';

describe('users', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  describeFilters(
    () => client,
    [
      [`${ROOT}?email=DANA@whitfield-consulting.example`, ['Dana Whitfield']],
      [`${ROOT}?organization_id={O'Malley "Ink" & Paper, <Inc.>}`, [`Robert "Bobby" O'Tables'); DROP TABLE users;--`]],
    ],
  );

  it('are found by their external id', async () => {
    expect((await client.call(`GET ${ROOT}/external_id/emp-4000`)).status).toBe(200);
  });

  it('can be created and updated', async () => {
    const created = await client.call(`POST ${ROOT}`, { email: 'new@signup.example', first_name: 'Ada' });
    expect(created.body).toMatchObject({ name: 'Ada', email_verified: false, metadata: {}, external_id: null });
    const path = `${ROOT}/${created.body.id}`;
    client.advance(60_000);
    const updated = await client.call(`PUT ${path}`, { last_name: 'Lovelace', external_id: 'ada' });
    expect(updated.body).toMatchObject({ first_name: 'Ada', name: 'Ada Lovelace', external_id: 'ada' });
    expect(updated.body['updated_at']).not.toBe(updated.body['created_at']);
    expect((await client.call(`PUT ${path}`, { external_id: null })).body['external_id']).toBeNull();
    expect((await client.call(`PUT ${path}`, { first_name: null })).status).toBe(422);
    const takenEmail = await client.call(`PUT ${path}`, { email: 'test+1@signup.example' });
    expect(takenEmail.body['code']).toBe('email_not_available');
  });

  it('reject an email address of 60,000 characters without delay', async () => {
    const start = performance.now();
    expect((await client.call(`POST ${ROOT}`, { email: `a@${'.'.repeat(60_000)} ` })).status).toBe(422);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('accept only known locales', async () => {
    const path = `${ROOT}/${(await client.call(`POST ${ROOT}`, { email: 'new@signup.example' })).body.id}`;
    expect((await client.call(`PUT ${path}`, { locale: 'xx-nowhere' })).body['code']).toBe('invalid_locale');
    expect((await client.call(`PUT ${path}`, { locale: 'pt-BR' })).body['locale']).toBe('pt-BR');
  });

  it('are deleted with their memberships', async () => {
    const user_id = (await client.call(`POST ${ROOT}`, { email: 'new@signup.example' })).body.id;
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    const memberships = '/user_management/organization_memberships';
    const membership = (await client.call(`POST ${memberships}`, { user_id, organization_id })).body.id;
    const deleted = await client.call(`DELETE ${ROOT}/${user_id}`);
    expect([deleted.status, deleted.text]).toEqual([200, '']);
    expect((await client.call(`GET ${memberships}/${membership}`)).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      [`DELETE ${ROOT}/user_nope`, undefined, 404, { message: "User not found: 'user_nope'." }],
      [`POST ${ROOT}`, {}, 422, { errors: [{ code: 'required', field: 'email' }] }],
      [`POST ${ROOT}`, { email: 'nobody' }, 422, { errors: [{ code: 'email_invalid', field: 'email' }] }],
      [
        `POST ${ROOT}`,
        { email: 'Dana@whitfield-consulting.example' },
        400,
        {
          code: 'user_creation_error',
          errors: [{ code: 'email_not_available', message: expect.any(String) }],
        },
      ],
      [
        `POST ${ROOT}`,
        { email: 'new@signup.example', password: 'short' },
        400,
        {
          code: 'password_strength_error',
          errors: [{ code: 'password_too_short', message: expect.any(String) }],
        },
      ],
    ],
  );
});
