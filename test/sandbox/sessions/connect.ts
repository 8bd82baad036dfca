import type { SandboxClient } from '../sandbox-client.ts';

/** Connect applications, API keys and agents. */
export async function connectSession({ call, idOf }: SandboxClient): Promise<void> {
  const organization_id = await idOf('/organizations', 'Acme Robotics');
  await applications({ call, organization_id });
  await apiKeys({ call, organization_id });
  await agents({ call, organization_id });
}

interface Scene {
  call: SandboxClient['call'];
  organization_id: string;
}

async function applications({ call, organization_id }: Scene): Promise<void> {
  const root = '/connect/applications';
  const m2m = { name: 'Nightly sync', application_type: 'm2m', organization_id };
  const application = (await call(`POST ${root}`, m2m)).body;
  const oauth = { name: 'Partner app', application_type: 'oauth', is_first_party: false, organization_id };
  await call(`POST ${root}`, { ...oauth, redirect_uris: [{ uri: 'https://partner.example/callback' }] });
  await call(`GET ${root}?registration_types=authenticated`);
  await call(`GET ${root}/${application['client_id']}`);
  await call(`PUT ${root}/${application.id}`, { description: 'Runs at two', scopes: ['documents:read'] });
  const secret = (await call(`POST ${root}/${application.id}/client_secrets`, {})).body;
  await call(`GET ${root}/${application.id}/client_secrets`);
  await call(`DELETE /connect/client_secrets/${secret.id}`);
  await call(`DELETE ${root}/${application.id}`);

  const authorized = await call(`GET /organizations/${organization_id}/authorized_applications`);
  const user = authorized.body.data[0]?.['user_id'];
  const ofUser = `/user_management/users/${user}/authorized_applications`;
  await call(`GET ${ofUser}`);
  await call(`DELETE ${ofUser}/${(await call(`GET ${root}?order=asc`)).body.data[0]?.id}`);
  await call('POST /authkit/oauth2/complete', {
    external_auth_id: 'ext_auth_01M6BXDM00C3D6F9G2H5J8K1MN',
    user: { id: 'own-1', email: 'own@tideline.example', first_name: 'Olga' },
  });
}

async function apiKeys({ call, organization_id }: Scene): Promise<void> {
  const ofOrganization = `/organizations/${organization_id}/api_keys`;
  const key = (await call(`POST ${ofOrganization}`, { name: 'CI', permissions: ['documents:read'] })).body;
  await call(`GET ${ofOrganization}`);
  await call('POST /api_keys/validations', { value: key['value'] });
  await call('POST /api_keys/validations', { value: 'sk_nope' });
  await call(`POST /api_keys/${key.id}/expire`);
  await call(`DELETE /api_keys/${key.id}`);
  const [member] = (await call(`GET /user_management/users?organization_id=${organization_id}`)).body.data;
  const ofUser = `/user_management/users/${member?.id}/api_keys`;
  await call(`POST ${ofUser}`, { name: 'Laptop', organization_id });
  await call(`GET ${ofUser}?organization_id=${organization_id}`);
}

async function agents({ call, organization_id }: Scene): Promise<void> {
  const root = '/agents/blueprints';
  const blueprint = (await call(`POST ${root}`, { name: 'Librarian', permissions: ['documents:read'] })).body;
  await call(`GET ${root}`);
  await call(`GET ${root}/${blueprint.id}`);
  await call(`PATCH ${root}/${blueprint.id}`, { description: 'Sorts documents' });
  const token = (await call(`POST ${root}/${blueprint.id}/tokens`, { type: 'autonomous', organization_id })).body;
  await call(`POST ${root}/${blueprint.id}/tokens/validate`, { agent_access_token: token['access_token'] });
  await call(`GET /agents/instances?agent_blueprint_id=${blueprint.id}`);
  await call(`GET /agents/instances/${token['agent_instance_id']}`);
  await call(`GET /agents/sessions?organization_id=${organization_id}`);
  await call(`GET /agents/sessions/${token['agent_instance_session_id']}`);
  await call(`POST /agents/sessions/${token['agent_instance_session_id']}/revoke`);
  await call(`DELETE /agents/instances/${token['agent_instance_id']}`);
  await call(`DELETE ${root}/${blueprint.id}`);

  const credential = { type: 'api_key', credential: 'sk_sandbox_agent' };
  const registration = (await call('POST /agents/credentials/validate', credential)).body['registration_id'];
  await call(`GET /agents/registrations/${registration}`);
  await call('PATCH /agents/claims/attempts', {
    type: 'link_external_user',
    claim_attempt_token: 'cla_tkn_sandbox',
    user: { email: 'new@tideline.example', external_id: 'own-2' },
  });
}
