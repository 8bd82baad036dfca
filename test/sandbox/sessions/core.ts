import { expect } from 'vitest';
import type { SandboxClient } from '../sandbox-client.ts';

/** Organizations, domains, users, memberships and invitations. */
export async function coreSession({ call, idOf, advance }: SandboxClient): Promise<void> {
  const organization = (await call('POST /organizations', { name: 'Juniper Books', external_id: 'juniper/1' })).body;
  await call('GET /organizations/external_id/juniper%2F1');
  await call(`GET /organizations/${organization.id}`);
  await call(`PUT /organizations/${organization.id}`, { name: 'Juniper & Sons' });
  await call('GET /organizations?limit=2');

  const domain = await call('POST /organization_domains', {
    organization_id: organization.id,
    domain: 'juniper.example',
  });
  await call(`GET /organization_domains/${domain.body.id}`);
  await call(`POST /organization_domains/${domain.body.id}/verify`);
  await call(`DELETE /organization_domains/${domain.body.id}`);

  const user = (await call('POST /user_management/users', { email: 'ada@juniper.example', external_id: 'ada' })).body;
  await call('GET /user_management/users/external_id/ada');
  await call(`GET /user_management/users/${user.id}`);
  await call(`PUT /user_management/users/${user.id}`, { first_name: 'Ada' });
  await call('GET /user_management/users');

  const memberships = '/user_management/organization_memberships';
  const member = (await call(`POST ${memberships}`, { user_id: user.id, organization_id: organization.id })).body;
  await call(`GET ${memberships}?organization_id=${organization.id}`);
  await call(`GET ${memberships}/${member.id}`);
  await call(`PUT ${memberships}/${member.id}`, { role_slug: 'admin' });
  await call(`PUT ${memberships}/${member.id}/deactivate`);
  await call(`PUT ${memberships}/${member.id}/reactivate`);
  await call(`DELETE ${memberships}/${member.id}`);

  const invitation = (await call('POST /user_management/invitations', { email: 'ben@juniper.example' })).body;
  await call('GET /user_management/invitations');
  await call(`GET /user_management/invitations/${invitation.id}`);
  await call(`POST /user_management/invitations/${invitation.id}/revoke`);

  await call(`DELETE /user_management/users/${user.id}`);
  await call(`DELETE /organizations/${organization.id}`);

  for (const path of ['/connections', '/directories', '/directory_groups', '/directory_users']) {
    const { data } = (await call(`GET ${path}`)).body;
    await call(`GET ${path}/${data[0]?.id}`);
    advance(1_000);
  }
  await call(`DELETE /connections/${await idOf('/connections', 'Blue Harbor Ping')}`);

  await call('GET /authorization/roles');
  await call('GET /authorization/roles/admin');
  await call('GET /authorization/permissions');
  const event = {
    action: 'user.signed_in',
    occurred_at: '2026-11-01T10:00:00Z',
    actor: { id: 'user_1', type: 'user' },
    targets: [{ id: 'session_1', type: 'session' }],
    context: { location: '192.0.2.1' },
  };
  const organization_id = await idOf('/organizations', 'Acme Robotics');
  const range = { range_start: '2026-10-01', range_end: '2026-11-02' };
  await call('POST /audit_logs/events', { organization_id, event });
  const exported = await call('POST /audit_logs/exports', { organization_id, ...range });
  expect((await call(`GET /audit_logs/exports/${exported.body.id}`)).body['state']).toBe('pending');
}
