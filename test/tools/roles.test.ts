import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { roles } from '../../src/tools/roles.ts';
import { type Connected, connect, type Replies, sends } from '../harness.ts';

const custom = { organization_id: 'org_1', role_slug: 'org-auditor' };
const customPath = '/authorization/organizations/org_1/roles';
const role = { role_slug: 'admin' };
const permission = { permission_slug: 'posts:read' };
const permissionPath = '/authorization/permissions/posts%3Aread';

sends(roles, [
  [
    'create_organization_role',
    {
      organization_id: 'org_1',
      slug: 'org-auditor',
      name: 'Auditor',
      description: 'Reads all',
      resource_type_slug: 'project',
    },
    `POST ${customPath}`,
    { slug: 'org-auditor', name: 'Auditor', description: 'Reads all', resource_type_slug: 'project' },
  ],
  [
    'create_organization_role',
    { organization_id: 'org_1', name: 'Auditor', description: null },
    `POST ${customPath}`,
    { name: 'Auditor', description: null },
  ],
  ['list_organization_roles', { organization_id: 'org_1' }, `GET ${customPath}`],
  ['get_organization_role', custom, `GET ${customPath}/org-auditor`],
  [
    'update_organization_role',
    { ...custom, name: 'Reader', description: 'Reads' },
    `PATCH ${customPath}/org-auditor`,
    { name: 'Reader', description: 'Reads' },
  ],
  [
    'update_organization_role',
    { ...custom, description: null },
    `PATCH ${customPath}/org-auditor`,
    { description: null },
  ],
  ['delete_organization_role', custom, `DELETE ${customPath}/org-auditor`],
  [
    'set_organization_role_permissions',
    { ...custom, permissions: ['posts:read', 'posts:write'] },
    `PUT ${customPath}/org-auditor/permissions`,
    { permissions: ['posts:read', 'posts:write'] },
  ],
  [
    'set_organization_role_permissions',
    { ...custom, permissions: [] },
    `PUT ${customPath}/org-auditor/permissions`,
    { permissions: [] },
  ],
  [
    'add_organization_role_permission',
    { ...custom, slug: 'posts:read' },
    `POST ${customPath}/org-auditor/permissions`,
    { slug: 'posts:read' },
  ],
  [
    'remove_organization_role_permission',
    { ...custom, ...permission },
    `DELETE ${customPath}/org-auditor/permissions/posts%3Aread`,
  ],
  [
    'list_permissions',
    { limit: 5, before: 'perm_b', after: 'perm_a', order: 'asc' },
    'GET /authorization/permissions?order=asc&limit=5&before=perm_b&after=perm_a',
  ],
  ['list_permissions', {}, 'GET /authorization/permissions?order=desc'],
  [
    'create_permission',
    { slug: 'posts:read', name: 'Read posts', description: 'All of them', resource_type_slug: 'blog' },
    'POST /authorization/permissions',
    { slug: 'posts:read', name: 'Read posts', description: 'All of them', resource_type_slug: 'blog' },
  ],
  [
    'create_permission',
    { slug: 'posts:read', name: 'Read posts', description: null },
    'POST /authorization/permissions',
    { slug: 'posts:read', name: 'Read posts', description: null },
  ],
  ['get_permission', permission, `GET ${permissionPath}`],
  [
    'update_permission',
    { ...permission, name: 'See posts', description: 'All' },
    `PATCH ${permissionPath}`,
    { name: 'See posts', description: 'All' },
  ],
  ['update_permission', { ...permission, description: null }, `PATCH ${permissionPath}`, { description: null }],
  ['delete_permission', permission, `DELETE ${permissionPath}`],
  [
    'create_role',
    { slug: 'editor', name: 'Editor', description: 'Edits', resource_type_slug: 'project' },
    'POST /authorization/roles',
    { slug: 'editor', name: 'Editor', description: 'Edits', resource_type_slug: 'project' },
  ],
  [
    'create_role',
    { slug: 'editor', name: 'Editor', description: null },
    'POST /authorization/roles',
    { slug: 'editor', name: 'Editor', description: null },
  ],
  ['list_roles', {}, 'GET /authorization/roles'],
  ['get_role', role, 'GET /authorization/roles/admin'],
  [
    'update_role',
    { ...role, name: 'Owner', description: 'Owns' },
    'PATCH /authorization/roles/admin',
    { name: 'Owner', description: 'Owns' },
  ],
  ['update_role', { ...role, description: null }, 'PATCH /authorization/roles/admin', { description: null }],
  [
    'set_role_permissions',
    { ...role, permissions: ['posts:read'] },
    'PUT /authorization/roles/admin/permissions',
    { permissions: ['posts:read'] },
  ],
  [
    'add_role_permission',
    { ...role, slug: 'posts:read' },
    'POST /authorization/roles/admin/permissions',
    { slug: 'posts:read' },
  ],
]);

describe('the documented and the old path of roles', () => {
  let server: Connected;
  beforeEach(async () => {
    server = await connect();
  });
  afterEach(() => server.close());

  const admin = { id: 'role_1', slug: 'admin', name: 'Admin', permissions: ['posts:read'], added_later: [1] };
  const lookalike = { id: 'role_2', slug: 'role_1', name: 'A slug like an id' };
  const list = { object: 'list', data: [lookalike, admin] };
  const absent = { status: 404, body: { message: 'Cannot GET', code: 'first' } };
  const sent = () => server.api.requests.map(({ method, url }) => `${method} ${url}`);
  /** Replies by path; any other path is a 404 with its own code. */
  const paths =
    (known: Record<string, { status?: number; body?: unknown }>): Replies =>
    ({ url }) =>
      known[url] ?? { status: 404, body: { message: 'Not found', code: 'second' } };

  it('list_roles returns what /authorization/roles has and sends nothing else', async () => {
    server.api.respondWith(paths({ '/authorization/roles': { body: list } }));
    expect((await server.call('list_roles')).value).toEqual(list);
    expect(sent()).toEqual(['GET /authorization/roles']);
  });

  it('list_roles tries /roles once after a 404', async () => {
    server.api.respondWith(paths({ '/authorization/roles': absent, '/roles': { body: list } }));
    expect((await server.call('list_roles')).value).toEqual(list);
    expect(sent()).toEqual(['GET /authorization/roles', 'GET /roles']);
  });

  it('list_roles reports the first 404 if both paths are missing', async () => {
    server.api.respondWith(paths({ '/authorization/roles': absent }));
    expect((await server.call('list_roles')).error).toMatchObject({ kind: 'not_found', code: 'first' });
    expect(sent()).toEqual(['GET /authorization/roles', 'GET /roles']);
  });

  it.each([401, 403, 422])('list_roles does not try /roles after a %i', async (status) => {
    server.api.respondWith(
      paths({ '/authorization/roles': { status, body: { message: 'no' } }, '/roles': { body: list } }),
    );
    expect((await server.call('list_roles')).error).toMatchObject({ status });
    expect(sent()).toEqual(['GET /authorization/roles']);
  });

  it('list_roles reports the second error if it is not a 404', async () => {
    server.api.respondWith(
      paths({ '/authorization/roles': absent, '/roles': { status: 403, body: { message: 'no' } } }),
    );
    expect((await server.call('list_roles')).error).toMatchObject({ kind: 'permission', status: 403 });
  });

  it('list_roles applies a JMESPath expression without sending it', async () => {
    server.api.respondWith(paths({ '/authorization/roles': absent, '/roles': { body: list } }));
    expect((await server.call('list_roles', { query: 'data[].id' })).value).toEqual({ result: ['role_2', 'role_1'] });
    expect(sent()).toEqual(['GET /authorization/roles', 'GET /roles']);
  });

  it('get_role tries the documented path of a slug, then the old one', async () => {
    server.api.respondWith(paths({ '/roles/org%2Fa': { body: admin } }));
    expect((await server.call('get_role', { role_slug: 'org/a' })).value).toEqual(admin);
    expect(sent()).toEqual(['GET /authorization/roles/org%2Fa', 'GET /roles/org%2Fa']);
  });

  it('get_role reports the first 404 if both paths are missing', async () => {
    server.api.respondWith(paths({ '/authorization/roles/admin': absent }));
    const { error } = await server.call('get_role', { role_slug: 'admin' });
    expect(error).toMatchObject({ kind: 'not_found', code: 'first', hint: expect.stringContaining('list_roles') });
    expect(sent()).toEqual(['GET /authorization/roles/admin', 'GET /roles/admin']);
  });

  it('get_role runs a query over the role and does not send it', async () => {
    server.api.respondWith(() => ({ body: admin }));
    server.api.requests.length = 0;
    expect((await server.call('get_role', { role_slug: 'admin', query: 'slug' })).value).toEqual({ result: 'admin' });
    expect(server.api.requests.map(({ url }) => url)).toEqual(['/authorization/roles/admin']);
  });

  it('get_role finds an id in the list and returns the whole role', async () => {
    server.api.respondWith(paths({ '/authorization/roles': { body: list } }));
    expect((await server.call('get_role', { role_slug: 'role_1' })).value).toEqual(admin);
    expect(sent()).toEqual(['GET /authorization/roles']);
  });

  it('get_role finds an id in the list at the old path', async () => {
    server.api.respondWith(paths({ '/roles': { body: list } }));
    expect((await server.call('get_role', { role_slug: 'role_1' })).value).toEqual(admin);
    expect(sent()).toEqual(['GET /authorization/roles', 'GET /roles']);
  });

  it('get_role accepts a slug that starts like an id', async () => {
    server.api.respondWith(
      paths({ '/authorization/roles': { body: { data: [{ id: 'role_9', slug: 'role_model' }] } } }),
    );
    expect((await server.call('get_role', { role_slug: 'role_model' })).value).toMatchObject({ id: 'role_9' });
  });

  it('get_role says where to find ids if no role has the id', async () => {
    server.api.respondWith(
      paths({ '/authorization/roles': { body: { data: [{ id: 'role_9' }, { slug: 'member' }] } } }),
    );
    const { error } = await server.call('get_role', { role_slug: 'role_0' });
    expect(error).toMatchObject({ kind: 'input', message: 'No environment role has the id "role_0"' });
    expect(error?.hint).toContain('list_roles');
    expect(sent()).toEqual(['GET /authorization/roles']);
  });
});
