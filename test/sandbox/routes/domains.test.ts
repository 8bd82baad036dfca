import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('organization domains', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('can be added, verified and deleted', async () => {
    const organization_id = await client.idOf('/organizations', 'Papaya Learning');
    const body = { organization_id, domain: 'papaya.example' };
    const added = await client.call('POST /organization_domains', body);
    expect(added.body).toMatchObject({ state: 'pending', verification_strategy: 'dns' });
    expect((await client.call('POST /organization_domains', body)).body['code']).toBe('domain_already_exists');
    const path = `/organization_domains/${added.body.id}`;
    expect((await client.call(`POST ${path}/verify`)).body['state']).toBe('verified');
    expect((await client.call(`POST ${path}/verify`)).body['code']).toBe('domain_already_verified');
    expect((await client.call(`DELETE ${path}`)).status).toBe(204);
    expect((await client.call(`GET ${path}`)).status).toBe(404);
  });
});
