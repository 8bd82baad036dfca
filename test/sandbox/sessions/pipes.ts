import type { SandboxClient } from '../sandbox-client.ts';

/** Data integrations, what organizations set for them, and connected accounts. */
export async function pipesSession({ call, idOf }: SandboxClient): Promise<void> {
  const organization_id = await idOf('/organizations', 'Acme Robotics');
  const [member] = (await call(`GET /user_management/users?organization_id=${organization_id}`)).body.data;
  const user_id = member?.id;
  const root = '/data-integrations';
  const credentials = { type: 'custom', client_id: 'gh', client_secret: 's3cret' };
  await call(`POST ${root}`, { provider: 'github', scopes: ['repo'], credentials });
  await call(`POST ${root}`, { provider: 'github', ownership: 'organization', credentials: { type: 'organization' } });
  const methods = { auth_methods: ['api_key', 'client_credentials'] };
  await call(`POST ${root}`, { provider: 'weather', ...methods, custom_provider: { name: 'Weather Co' } });
  await call(`GET ${root}?ownership=user`);
  await call(`GET ${root}/github`);
  await call(`PUT ${root}/github`, { description: 'Code' });
  await call(`GET ${root}/github/organization`);
  await call(`PUT ${root}/github/organization`, { enabled: true });

  const configurations = `/organizations/${organization_id}/data_integration_configurations`;
  await call(`PUT ${configurations}/github`, { scopes: ['repo'], enabled: true });
  await call(`GET ${configurations}`);

  const owners = [`/user_management/users/${user_id}`, `/organizations/${organization_id}`];
  for (const owner of owners) {
    await call(`POST ${owner}/connected_accounts/github`, { access_token: 'gho_1', scopes: ['repo'] });
    await call(`GET ${owner}/connected_accounts/github`);
    await call(`PUT ${owner}/connected_accounts/github`, { refresh_token: 'ghr_1' });
    await call(`GET ${owner}/data_providers`);
  }
  await call(`POST ${root}/github/authorize`, { user_id });
  await call(`POST ${root}/github/token`, { user_id });
  await call(`POST ${root}/github/credentials`, { user_id });
  await call(`PUT ${root}/weather/api-key`, { user_id, secret: 'w3ather' });
  await call(`POST ${root}/weather/credentials`, { user_id });
  const client = { client_id: 'me', client_secret: 'mine!' };
  await call(`PUT ${root}/weather/client-credentials`, { user_id, organization_id, ...client });
  await call(`POST ${root}/weather/credentials`, { user_id, organization_id });
  await call(`GET ${root}/weather`);
  for (const owner of owners) await call(`DELETE ${owner}/connected_accounts/github`);
  await call(`DELETE ${root}/github/organization`);
  await call(`DELETE ${root}/github`);
}
