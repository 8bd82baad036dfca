import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, describeFilters, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('directories', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  describeFilters(
    () => client,
    [
      ['/directories?organization_id={Northwind Freight}', ['Northwind Entra ID']],
      ['/directories?search=okta', ['Acme Okta SCIM']],
      ['/directories?domain=acme-robotics.example', ['Acme Okta SCIM']],
      ['/directory_groups?directory={Northwind Entra ID}', ['IT', 'Warehouse', 'Operations', 'All Staff']],
      ['/directory_users?group={Platform Admins}', ['Amara Adeyemi']],
      ['/directory_users?directory={Acme Okta SCIM}&idp_id=2001', ['Björn Haddad']],
      ['/directory_users?directory={Acme Okta SCIM}&email=AMARA.adeyemi@acme-robotics.example', ['Amara Adeyemi']],
    ],
  );

  it('list the groups of a user', async () => {
    const group = await client.idOf('/directory_groups', 'Platform Admins');
    const [user] = (await client.call(`GET /directory_users?group=${group}`)).body.data;
    expect(namesIn(await client.call(`GET /directory_groups?user=${user?.id}&order=asc`))).toEqual([
      'Everyone',
      'Platform Admins',
      'Engineering',
    ]);
  });

  it('have the attributes of their users only in custom_attributes', async () => {
    const group = await client.idOf('/directory_groups', 'Platform Admins');
    const [user] = (await client.call(`GET /directory_users?group=${group}`)).body.data;
    expect(user).toMatchObject({ raw_attributes: {}, emails: [], job_title: null, username: null });
    expect(user?.['custom_attributes']).toMatchObject({ department: 'Engineering' });
  });

  it('are deleted with their users and groups', async () => {
    const directory = await client.idOf('/directories', 'Northwind Entra ID');
    const users = (await client.call('GET /_sandbox')).body['directory_users'];
    expect((await client.call(`DELETE /directories/${directory}`)).status).toBe(202);
    expect((await client.call(`GET /directories/${directory}`)).status).toBe(404);
    expect((await client.call('GET /directory_groups?limit=100')).body.data).toHaveLength(6);
    expect(Number((await client.call('GET /_sandbox')).body['directory_users'])).toBeLessThan(Number(users));
    expect((await client.call('DELETE /directories/directory_nope')).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      ['GET /directories/directory_nope', undefined, 404, { message: "Directory not found: 'directory_nope'." }],
      ['GET /directory_users?directory=directory_nope', undefined, 404, { code: 'entity_not_found' }],
      [
        'GET /directory_users?email=a@b.example',
        undefined,
        422,
        { errors: [{ code: 'required', field: 'directory' }] },
      ],
    ],
  );
});
