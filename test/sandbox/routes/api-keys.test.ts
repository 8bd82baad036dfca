import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const SAM = 'user_01KYC15PC064ZDG4F4MZ47AE79';

describe('API keys', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const create = async (fields: object = {}) =>
    (await client.call(`POST /organizations/${ACME}/api_keys`, { name: 'CI', ...fields })).body;
  const validate = async (value: unknown) =>
    (await client.call('POST /api_keys/validations', { value })).body['api_key'];

  it('are revoked when their organization is deleted', async () => {
    const { id } = await create();
    await client.call(`DELETE /organizations/${ACME}`);
    const revoked = (await client.call('GET /events?events=api_key.revoked&limit=100')).body.data;
    expect(revoked.map(({ data }) => data)).toContainEqual(expect.objectContaining({ id }));
  });

  it('show their value only once, and validate with it', async () => {
    const key = await create();
    expect(key['value']).toMatch(/^sk_/);
    const listed = await client.call(`GET /organizations/${ACME}/api_keys`);
    expect(listed.body.data[0]).toMatchObject({ id: key.id, last_used_at: null });
    expect(listed.text).not.toContain(key['value']);
    client.advance(60_000);
    expect(await validate(key['value'])).toMatchObject({ id: key.id, last_used_at: '2026-11-02T09:01:00.000Z' });
    expect(await validate('sk_guessed')).toBeNull();
  });

  it('do not validate once they have expired', async () => {
    const key = await create({ expires_at: '2026-11-02T10:00:00Z' });
    client.advance(3_600_000);
    expect(await validate(key['value'])).toBeNull();
    const { status, body } = await client.call(`POST /api_keys/${key.id}/expire`);
    expect([status, body['code']]).toEqual([409, 'api_key_already_expired']);
  });

  it('can expire now, later or never', async () => {
    const key = await create();
    const expire = async (body?: object) =>
      (await client.call(`POST /api_keys/${key.id}/expire`, body)).body['expires_at'];
    expect(await expire({ expires_at: '2026-12-01T00:00:00Z' })).toBe('2026-12-01T00:00:00.000Z');
    expect(await expire({ expires_at: null })).toBeNull();
    expect(await expire()).toBe('2026-11-02T09:00:00.000Z');
    expect(await validate(key['value'])).toBeNull();
  });

  it('are deleted with their user', async () => {
    const path = `/user_management/users/${AMARA}/api_keys`;
    const { body } = await client.call(`POST ${path}`, { name: 'Laptop', organization_id: ACME });
    expect(body['owner']).toEqual({ type: 'user', id: AMARA, organization_id: ACME });
    await client.call(`DELETE /user_management/users/${AMARA}`);
    expect(await validate(body['value'])).toBeNull();
  });

  describeErrors(
    () => client,
    [
      ['DELETE /api_keys/api_key_nope', undefined, 404, { message: "API Key not found: 'api_key_nope'." }],
      ['GET /organizations/org_nope/api_keys', undefined, 404, { entity_id: 'org_nope' }],
      [`POST /organizations/${ACME}/api_keys`, {}, 422, { errors: [{ field: 'name', code: 'required' }] }],
      [
        `POST /organizations/${ACME}/api_keys`,
        { name: 'CI', permissions: ['fly'] },
        422,
        { errors: [{ field: 'permissions' }] },
      ],
      [
        `POST /organizations/${ACME}/api_keys`,
        { name: 'CI', expires_at: '2020-01-01T00:00:00Z' },
        422,
        { errors: [{ field: 'expires_at' }] },
      ],
      [
        `POST /user_management/users/${SAM}/api_keys`,
        { name: 'Laptop', organization_id: ACME },
        422,
        { errors: [{ field: 'organization_id' }] },
      ],
    ],
  );
});
