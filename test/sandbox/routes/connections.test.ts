import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, describeFilters, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('connections', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  describeFilters(
    () => client,
    [
      ['/connections?connection_type=OktaSAML', ['Acme Okta']],
      ['/connections?domain=kestrel.example', ['Kestrel Google Workspace']],
      ['/connections?search=adfs', ['Blue Harbor ADFS (old)']],
      ['/connections?organization_id={Acme Robotics}&order=asc', ['Acme Okta', 'Acme Labs OIDC trial']],
    ],
  );

  it('can be deleted', async () => {
    const connection = await client.idOf('/connections', 'Acme Okta');
    expect((await client.call(`DELETE /connections/${connection}`)).status).toBe(204);
    expect((await client.call(`GET /connections/${connection}`)).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      ['GET /connections/conn_nope', undefined, 404, { message: "Connection not found: 'conn_nope'." }],
      [
        'GET /connections?connection_type=OktaSML',
        undefined,
        422,
        { message: expect.stringContaining("'OktaSML'"), errors: [{ field: 'connection_type' }] },
      ],
      ['DELETE /connections/conn_nope', undefined, 404, { code: 'entity_not_found' }],
    ],
  );
});
