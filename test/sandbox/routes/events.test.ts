import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const MEMBERSHIPS = '/user_management/organization_memberships';
const INVITATIONS = '/user_management/invitations';
const DAY_MS = 86_400_000;

/** Requests, each with the events that it causes. `{1}` stands for the id in the response to the first row. */
const CHANGES: [request: string, body: object | undefined, events: string[]][] = [
  [
    'POST /organizations',
    { name: 'Juniper', domain_data: [{ domain: 'juniper.example', state: 'verified' }] },
    ['organization.created', 'organization_domain.created'],
  ],
  ['PUT /organizations/{1}', { name: 'Juniper Books' }, ['organization.updated']],
  [
    'POST /organization_domains',
    { organization_id: '{1}', domain: 'juniper-books.example' },
    ['organization_domain.created'],
  ],
  ['POST /organization_domains/{3}/verify', undefined, ['organization_domain.updated', 'organization_domain.verified']],
  ['POST /user_management/users', { email: 'ada@juniper.example' }, ['user.created']],
  ['PUT /user_management/users/{5}', { first_name: 'Ada' }, ['user.updated']],
  [`POST ${MEMBERSHIPS}`, { user_id: '{5}', organization_id: '{1}' }, ['organization_membership.created']],
  [`PUT ${MEMBERSHIPS}/{7}`, { role_slug: 'admin' }, ['organization_membership.updated']],
  [`PUT ${MEMBERSHIPS}/{7}/deactivate`, undefined, ['organization_membership.updated']],
  [`PUT ${MEMBERSHIPS}/{7}/deactivate`, undefined, []],
  [`POST ${INVITATIONS}`, { email: 'ben@juniper.example', organization_id: '{1}' }, ['invitation.created']],
  [`POST ${INVITATIONS}/{11}/revoke`, undefined, ['invitation.revoked']],
  [
    'POST /vault/v1/kv',
    { name: 'k', value: 'v', key_context: { a: '1' } },
    ['vault.kek.created', 'vault.data.created'],
  ],
  ['GET /vault/v1/kv/{13}', undefined, ['vault.data.read']],
  ['GET /vault/v1/kv/{13}/metadata', undefined, ['vault.metadata.read']],
  ['GET /vault/v1/kv', undefined, ['vault.names.listed']],
  ['PUT /vault/v1/kv/{13}', { value: 'w' }, ['vault.data.updated']],
  ['DELETE /vault/v1/kv/{13}', undefined, ['vault.data.deleted']],
  ['POST /vault/v1/keys/data-key', { context: { a: '1' } }, ['vault.dek.read']],
  ['PUT /organizations/{1}/audit_logs_retention', { retention_period: '1_YEAR' }, []],
  ['POST /organizations', { name: '' }, []],
  ['DELETE /organization_domains/{3}', undefined, ['organization_domain.deleted']],
  ['DELETE /user_management/users/{5}', undefined, ['organization_membership.deleted', 'user.deleted']],
  ['DELETE /organizations/{1}', undefined, ['organization_domain.deleted', 'organization.deleted']],
];

describe('events', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const list = async (query: string) => (await client.call(`GET /events?limit=100&${query}`)).body;
  const since = async (after: string) => (await list(`order=asc&after=${after}`)).data;
  const latestId = async () => (await client.call('GET /events?limit=1')).body.data[0]?.id ?? '';

  it('follow changes, with the documented names', async () => {
    const ids: string[] = [];
    const filled = (text: string) => text.replace(/\{(\d+)\}/g, (_, row) => ids[Number(row) - 1] ?? '');
    for (const [request, body, expected] of CHANGES) {
      const before = await latestId();
      const response = await client.call(filled(request), body && filled(JSON.stringify(body)));
      ids.push(response.body.id ?? '');
      expect([request, (await since(before)).map(({ event }) => event)]).toEqual([request, expected]);
    }
  });

  it('follow the deletion of an organization and everything in it, even if the next request fails', async () => {
    const before = await latestId();
    expect(
      (await client.call(`DELETE /organizations/${await client.idOf('/organizations', 'Kestrel Analytics')}`)).status,
    ).toBe(202);
    expect((await client.call('GET /organizations/org_nope')).status).toBe(404);
    const names = (await since(before)).map(({ event }) => event);
    expect(names).toContain('connection.deleted');
    expect(names.filter((name) => name === 'organization_membership.deleted')).toHaveLength(6);
    expect(names.filter((name) => name === 'organization.deleted')).toHaveLength(1);
    expect(names).not.toContain('organization.updated');
  });

  it('follow the deletion of a directory, but not of the users and groups deleted with it', async () => {
    await client.call(`DELETE /organizations/${await client.idOf('/organizations', 'Acme Robotics')}`);
    const [deleted] = (await list('events=dsync.deleted')).data;
    expect(deleted?.['data']).toMatchObject({ name: 'Acme Okta SCIM', state: 'active' });
    const { data } = await list('events=dsync.user.deleted,dsync.group.deleted&range_start=2026-11-02');
    expect(data).toEqual([]);
  });

  it('keep the state at their time', async () => {
    const { id } = (await client.call('POST /organizations', { name: 'Then' })).body;
    await client.call(`PUT /organizations/${id}`, { name: 'Now' });
    const { data } = await list(`organization_id=${id}&order=asc`);
    expect(data.map((event) => event['data'])).toMatchObject([{ name: 'Then' }, { name: 'Now' }]);
  });

  it('do not show the token of an invitation', async () => {
    const { token } = (await client.call(`POST ${INVITATIONS}`, { email: 'ada@juniper.example' })).body;
    expect(JSON.stringify(await list('events=invitation.created'))).not.toContain(token);
  });

  it('show who fails to sign in', async () => {
    const organization = await client.idOf('/organizations', 'Blue Harbor Bank');
    const members = (await client.call(`GET ${MEMBERSHIPS}?organization_id=${organization}&limit=100`)).body.data;
    const { data } = await list('events=authentication.password_failed,authentication.password_succeeded&order=asc');
    const lastSuccess = new Map<unknown, string>();
    const failures = new Map<unknown, number>();
    for (const { event, data: details, created_at } of data) {
      const { user_id: user, email } = details as { user_id: string; email: string };
      if (!members.some((member) => member['user_id'] === user)) continue;
      const succeeded = event === 'authentication.password_succeeded';
      failures.set(email, succeeded ? 0 : (failures.get(email) ?? 0) + 1);
      if (succeeded) lastSuccess.set(email, String(created_at));
    }
    expect(Object.fromEntries([...failures].filter(([, count]) => count > 1))).toEqual({
      'rosa.xu@blueharbor.example': 6,
    });
    expect(lastSuccess.get('rosa.xu@blueharbor.example')).toBe('2026-10-14T04:21:58.245Z');
  });

  it('are found by name, in every way to write a list', async () => {
    const names = ['user.created', 'user.deleted'];
    for (const query of [
      'events=user.created,user.deleted',
      'events=user.created&events=user.deleted',
      'events[]=user.created&events[]=user.deleted',
    ]) {
      expect((await list(`order=asc&${query}`)).data.map(({ event }) => event)).toEqual(names);
    }
  });

  it('are found by organization, except those of users', async () => {
    const northwind = await client.idOf('/organizations', 'Northwind Freight');
    const names = new Set((await list(`organization_id=${northwind}`)).data.map(({ event }) => event));
    expect([...names].sort()).toEqual(
      'authentication.sso_failed authentication.sso_started authentication.sso_succeeded connection.activated connection.deactivated connection.saml_certificate_renewal_required connection.saml_certificate_renewed dsync.group.user_added dsync.user.updated invitation.created invitation.revoked organization_membership.created organization_membership.deleted session.created'.split(
        ' ',
      ),
    );
    expect((await list('organization_id=org_nope')).data).toEqual([]);
  });

  it('are found by time', async () => {
    const { data } = await list('order=asc&range_start=2026-10-26T08:10:02.731Z&range_end=2026-10-26T08:14:00Z');
    expect(data.map(({ event }) => event)).toEqual(['connection.deactivated', 'connection.saml_certificate_renewed']);
  });

  it('come in pages with only an after cursor', async () => {
    const first = (await client.call('GET /events?order=asc&limit=2')).body;
    expect(first.list_metadata).toEqual({ after: first.data[1]?.id });
    const second = (await client.call(`GET /events?order=asc&limit=1&after=${first.list_metadata.after}`)).body;
    expect(second.data[0]?.id).toBe((await client.call('GET /events?order=asc&limit=3')).body.data[2]?.id);
  });

  it('are kept for 30 days', async () => {
    client.advance(20 * DAY_MS);
    const { data } = await list('order=asc');
    expect(String(data[0]?.['created_at']) >= '2026-10-23T09:00').toBe(true);
    client.advance(20 * DAY_MS);
    expect((await list('')).data).toEqual([]);
    await client.call('POST /organizations', { name: 'Juniper Books' });
    expect((await client.call('GET /_sandbox')).body['events']).toBe(1);
  });

  const invalid = { code: 'invalid_events_request' };
  describeErrors(
    () => client,
    [
      [
        'GET /events?events=user.born',
        undefined,
        400,
        { ...invalid, message: "'user.born' is not the name of an event." },
      ],
      ['GET /events?range_start=2026-10-01&after=event_1', undefined, 400, invalid],
      ['GET /events?range_end=yesterday', undefined, 400, invalid],
      ['GET /events?order=asc,desc', undefined, 422, { errors: [{ field: 'order' }] }],
      ['GET /events?order=up', undefined, 422, { errors: [{ field: 'order' }] }],
      ['GET /events?limit=101', undefined, 422, { errors: [{ field: 'limit' }] }],
    ],
  );
});
