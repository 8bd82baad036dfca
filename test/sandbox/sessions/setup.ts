import type { SandboxClient } from '../sandbox-client.ts';

const URLS = { idp_entity_id: 'https://idp.example', idp_sso_url: 'https://idp.example/sso' };

/** How customers set themselves up: connections, certificates, directories, IT contacts, the Admin Portal and widgets. */
export async function setupSession({ call, idOf }: SandboxClient): Promise<void> {
  const organization_id = await idOf('/organizations', 'Acme Robotics');
  const okta = await idOf('/connections', 'Acme Okta');
  const [known] = (await call(`GET /connections/${okta}/saml_idp_signing_certs`)).body.data;
  const saml_options = { ...URLS, idp_signing_certs: [known?.['value']] };
  const { id } = (await call('POST /connections', { organization_id, connection_type: 'OktaSAML', saml_options })).body;
  await call(`PATCH /connections/${id}`, { saml_options: { idp_sso_url: 'https://idp.example/sso2' } });
  const added = await call(`POST /connections/${id}/saml_idp_signing_certs`, { value: known?.['value'] });
  await call(`DELETE /connections/${id}/saml_idp_signing_certs/${added.body.id}`);
  const encryption = await call(`POST /connections/${id}/saml_sp_encryption_certs`);
  await call(`GET /connections/${id}/saml_sp_encryption_certs`);
  await call(`DELETE /connections/${id}/saml_sp_encryption_certs/${encryption.body.id}`);
  const signing = await call(`GET /connections/${id}/saml_sp_signing_cert`);
  await call(`DELETE /connections/${id}/saml_sp_signing_cert/${signing.body.id}`);
  await call(`POST /connections/${id}/saml_sp_signing_cert`);
  await call(`DELETE /directories/${await idOf('/directories', 'Acme Okta SCIM')}`);

  const contacts = `/organizations/${organization_id}/it_contacts`;
  const contact = (await call(`POST ${contacts}`, { email: 'it@acme-robotics.example' })).body;
  await call(`GET ${contacts}`);
  await call(`POST ${contacts}/${contact.id}/invite`, { intents: ['sso'] });
  await call(`POST ${contacts}/${contact.id}/revoke`);
  await call(`DELETE ${contacts}/${contact.id}`);
  await call('POST /portal/generate_link', { organization: organization_id, intent: 'sso' });

  const [member] = (await call(`GET /user_management/users?organization_id=${organization_id}`)).body.data;
  const user_id = member?.id;
  await call('POST /widgets/token', { organization_id, user_id, scopes: ['widgets:sso:manage'] });
  await call('POST /client/token', { organization_id, user_id });
  const team = await call('POST /platform/teams', { name: 'Tideline', admin_email: 'ada@tideline.example' });
  await call(`GET /platform/teams/${team.body.id}`);
}
