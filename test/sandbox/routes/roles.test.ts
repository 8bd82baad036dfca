import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('roles and permissions', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  it('list all roles in priority order, without pagination', async () => {
    const roles = await client.call('GET /authorization/roles');
    expect(roles.body.list_metadata).toBeUndefined();
    expect(roles.body.data.map((row) => row['slug'])).toEqual([
      ...['admin', 'member', 'billing-manager', 'auditor', 'support-agent'],
    ]);
  });

  it('return a role by its slug', async () => {
    expect((await client.call('GET /authorization/roles/auditor')).body['name']).toBe('Auditor');
  });

  it('paginate permissions', async () => {
    const { body } = await client.call('GET /authorization/permissions?limit=2');
    expect(body.list_metadata.after).toMatch(/^perm_/);
  });

  describeErrors(
    () => client,
    [
      ['GET /authorization/roles/nope', undefined, 404, { message: "Role not found: 'nope'." }],
      ['GET /roles', undefined, 404, { message: 'Cannot GET /roles', error: 'Not Found' }],
    ],
  );
});
