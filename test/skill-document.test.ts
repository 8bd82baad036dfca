import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Connected, connect, type Reply } from './harness.ts';

/** The curl calls of the skill document that this server replaces. */
const examples = z
  .array(
    z.strictObject({
      section: z.string(),
      method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
      path: z.string(),
      body: z.record(z.string(), z.unknown()).optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('fixtures/skill-document.json', import.meta.url), 'utf8')));

const ids = {
  organization_id: '<organization-id>',
  connection_id: '<connection-id>',
  directory_id: '<directory-id>',
  directory_user_id: '<directory-user-id>',
  directory_group_id: '<directory-group-id>',
  user_id: '<user-id>',
  organization_membership_id: '<membership-id>',
  audit_log_export_id: '<export-id>',
} as const;

/** Values for the document's placeholders. */
const placeholderValues: Readonly<Record<string, string>> = {
  '<organization-id>': 'org_01',
  '<your-organization-name>': 'Juniper Books',
  '<your-domain.com>': 'juniper.example',
  '<connection-id>': 'conn_01',
  '<directory-id>': 'directory_01',
  '<directory-user-id>': 'directory_user_01',
  '<directory-group-id>': 'directory_group_01',
  '<user-id>': 'user_01',
  '<user@example.com>': 'ada@juniper.example',
  '<First>': 'Ada',
  '<Last>': 'Nkemelu',
  '<Updated First>': 'Adaeze',
  '<Updated Last>': 'Nkemelu-Roth',
  '<membership-id>': 'om_01',
  '<export-id>': 'audit_log_export_01',
  '<role-id>': 'role_01',
  '<cursor>': 'org_20',
};

function fill<T>(value: T): T {
  // Strings are replaced by strings, so the type stays the same.
  return JSON.parse(
    JSON.stringify(value).replace(/<[^>"]+>/g, (placeholder) => placeholderValues[placeholder] ?? placeholder),
  ) as T;
}

const ORDERED = 'lists send their order, because an old default of the API swaps the cursors';

/** How the request differs from the document's, and why. */
interface Difference {
  path?: string;
  /** Additional query parameters. */
  adds?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
  why: string;
}

const ordered: Difference = { adds: { order: 'desc' }, why: ORDERED };

/** The document's call, the tool that replaces it, its arguments, and how the request differs, if it does. */
const replacements: readonly (readonly [
  call: string,
  tool: string,
  input: Readonly<Record<string, unknown>>,
  difference?: Difference,
])[] = [
  ['GET /organizations', 'list_organizations', {}, ordered],
  ['GET /organizations/<organization-id>', 'get_organization', { organization_id: ids.organization_id }],
  [
    'POST /organizations',
    'create_organization',
    { name: '<your-organization-name>', domains: ['<your-domain.com>'] },
    {
      body: { name: '<your-organization-name>', domain_data: [{ domain: '<your-domain.com>', state: 'pending' }] },
      why: 'domain_data replaces the deprecated domains; its state is pending because nobody has proved ownership',
    },
  ],
  ['DELETE /organizations/<organization-id>', 'delete_organization', { organization_id: ids.organization_id }],
  ['GET /connections', 'list_connections', {}, ordered],
  [
    'GET /connections?organization_id=<organization-id>',
    'list_connections',
    { organization_id: ids.organization_id },
    ordered,
  ],
  ['GET /connections/<connection-id>', 'get_connection', { connection_id: ids.connection_id }],
  ['DELETE /connections/<connection-id>', 'delete_connection', { connection_id: ids.connection_id }],
  ['GET /directories', 'list_directories', {}, ordered],
  [
    'GET /directories?organization_id=<organization-id>',
    'list_directories',
    { organization_id: ids.organization_id },
    ordered,
  ],
  ['GET /directories/<directory-id>', 'get_directory', { directory_id: ids.directory_id }],
  ['GET /directory_users?directory=<directory-id>', 'list_directory_users', { directory: ids.directory_id }, ordered],
  ['GET /directory_users/<directory-user-id>', 'get_directory_user', { directory_user_id: ids.directory_user_id }],
  ['GET /directory_groups?directory=<directory-id>', 'list_directory_groups', { directory: ids.directory_id }, ordered],
  ['GET /directory_groups/<directory-group-id>', 'get_directory_group', { directory_group_id: ids.directory_group_id }],
  ['GET /user_management/users', 'list_users', {}, ordered],
  ['GET /user_management/users/<user-id>', 'get_user', { user_id: ids.user_id }],
  [
    'POST /user_management/users',
    'create_user',
    { email: '<user@example.com>', first_name: '<First>', last_name: '<Last>', email_verified: true },
  ],
  [
    'PUT /user_management/users/<user-id>',
    'update_user',
    { user_id: ids.user_id, first_name: '<Updated First>', last_name: '<Updated Last>' },
  ],
  ['DELETE /user_management/users/<user-id>', 'delete_user', { user_id: ids.user_id }],
  [
    'GET /user_management/organization_memberships?organization_id=<organization-id>',
    'list_organization_memberships',
    { organization_id: ids.organization_id },
    ordered,
  ],
  [
    'POST /user_management/organization_memberships',
    'create_organization_membership',
    { user_id: ids.user_id, organization_id: ids.organization_id },
  ],
  [
    'DELETE /user_management/organization_memberships/<membership-id>',
    'delete_organization_membership',
    { organization_membership_id: ids.organization_membership_id },
  ],
  [
    'POST /audit_logs/exports',
    'start_audit_export',
    {
      organization_id: ids.organization_id,
      actions: ['user.signed_in', 'user.signed_out'],
      range_start: '2024-01-01T00:00:00.000Z',
      range_end: '2024-12-31T23:59:59.999Z',
    },
  ],
  ['GET /audit_logs/exports/<export-id>', 'poll_audit_export', { audit_log_export_id: ids.audit_log_export_id }],
  ['GET /roles', 'list_roles', {}, { path: '/authorization/roles', why: 'WorkOS does not document /roles' }],
  [
    'GET /roles/<role-id>',
    'get_role',
    { role_slug: '<role-id>' },
    { path: '/authorization/roles', why: 'WorkOS identifies roles by slug, so an id is looked up in the list' },
  ],
  ['GET /organizations?limit=20&after=<cursor>', 'list_organizations', { limit: 20, after: '<cursor>' }, ordered],
];

/** Responses for the tools that read theirs. */
function reply({ url }: { url: string }): Reply | undefined {
  if (url.startsWith('/audit_logs/exports/')) return { body: { id: 'audit_log_export_01', state: 'pending' } };
  if (url === '/authorization/roles') {
    return { body: { object: 'list', data: [{ id: 'role_01', slug: 'admin', name: 'Admin' }] } };
  }
  return undefined;
}

describe('the skill document', () => {
  let server: Connected;
  beforeAll(async () => {
    server = await connect({ replies: reply });
  });
  afterAll(() => server.close());

  it('has exactly the calls in this test’s table', () => {
    expect(replacements.map(([call]) => call)).toEqual(examples.map(({ method, path }) => `${method} ${path}`));
  });

  it('needs only tools that are listed by default', async () => {
    const listed = new Set((await server.list()).map(({ name }) => name));
    expect(replacements.map(([, tool]) => tool).filter((tool) => !listed.has(tool))).toEqual([]);
  });

  for (const { section, method, path, body } of examples) {
    const [, tool = '', input = {}, difference] = replacements.find(([call]) => call === `${method} ${path}`) ?? [];
    it(`${section}: ${tool} replaces ${method} ${path}${difference ? `; ${difference.why}` : ''}`, async () => {
      const { requests } = server.api;
      requests.length = 0;
      const { error } = await server.call(tool, fill(input));
      expect(error).toBeUndefined();
      expect(requests).toHaveLength(1);
      const [request] = requests;
      const actual = new URL(request?.url ?? '', 'http://api');
      const expected = new URL(fill(difference?.path ?? path), 'http://api');
      for (const [name, value] of Object.entries(difference?.adds ?? {})) expected.searchParams.append(name, value);
      actual.searchParams.sort();
      expected.searchParams.sort();
      expect(`${request?.method} ${actual.pathname}${actual.search}`).toBe(
        `${method} ${expected.pathname}${expected.search}`,
      );
      const expectedBody = difference?.body ?? body;
      expect(request?.body).toEqual(expectedBody && fill(expectedBody));
      expect(request?.headers.authorization).toBe('Bearer sk_test_harness');
    });
  }

  it('List Users: list_users accepts the filters and page parameters it mentions', async () => {
    server.api.requests.length = 0;
    await server.call('list_users', {
      email: 'ada@juniper.example',
      organization_id: 'org_01',
      limit: 100,
      after: 'user_9',
    });
    const { searchParams } = new URL(server.api.requests[0]?.url ?? '', 'http://seen');
    expect(Object.fromEntries(searchParams)).toEqual({
      email: 'ada@juniper.example',
      organization_id: 'org_01',
      limit: '100',
      after: 'user_9',
      order: 'desc',
    });
  });

  it('Get Role: get_role also accepts a slug, as the WorkOS API does', async () => {
    server.api.requests.length = 0;
    await server.call('get_role', { role_slug: 'admin' });
    expect(server.api.requests.map(({ url }) => url)).toEqual(['/authorization/roles/admin']);
  });

  it.each([
    ['--env-name WORKOS_TOKEN', { env_name: 'WORKOS_TOKEN' }, '/organizations?limit=1'],
    ['--url …/organizations --method GET', { url: '/organizations', method: 'GET' }, '/organizations'],
  ])('Troubleshooting: check_connector replaces check-connector %s', async (_, input, request) => {
    server.api.requests.length = 0;
    const { value } = await server.call('check_connector', input);
    expect(value['healthy']).toBe(true);
    expect(server.api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${request}`]);
  });
});

describe('if the documented role path is not found, the skill document’s path is tried once', () => {
  it.each([
    ['list_roles', {}, ['/authorization/roles', '/roles']],
    ['get_role', { role_slug: 'admin' }, ['/authorization/roles/admin', '/roles/admin']],
  ])('%s', async (tool, input, paths) => {
    const server = await connect({
      replies: ({ url }) =>
        url.startsWith('/authorization')
          ? { status: 404, body: { message: 'Not Found' } }
          : { body: { object: 'role', slug: 'admin' } },
    });
    const { value } = await server.call(tool, input);
    expect(value['slug']).toBe('admin');
    expect(server.api.requests.map(({ url }) => url)).toEqual(paths);
    await server.close();
  });
});

describe('the key is sent as a Bearer token', () => {
  it.each([
    ['from WORKOS_TOKEN', { WORKOS_TOKEN: 'sk_test_token' }, 'Bearer sk_test_token'],
    [
      'from WORKOS_API_KEY if WORKOS_TOKEN is empty',
      { WORKOS_TOKEN: '', WORKOS_API_KEY: 'sk_live_api' },
      'Bearer sk_live_api',
    ],
    [
      'from WORKOS_API_KEY if the client did not expand WORKOS_TOKEN',
      { WORKOS_TOKEN: '$\u007BWORKOS_TOKEN}', WORKOS_API_KEY: 'sk_live_api' },
      'Bearer sk_live_api',
    ],
    [
      'from WORKOS_TOKEN if both are set',
      { WORKOS_TOKEN: 'sk_test_token', WORKOS_API_KEY: 'sk_live_api' },
      'Bearer sk_test_token',
    ],
  ])('%s', async (_, env, authorization) => {
    const server = await connect({ env });
    await server.call('list_organizations');
    expect(server.api.requests.map(({ headers }) => headers.authorization)).toEqual([authorization]);
    await server.close();
  });
});

it('a 429 is retried after the time in Retry-After, as the skill document recommends', async () => {
  const waits: number[] = [];
  const server = await connect({
    replies: (_, nth) =>
      nth < 3 ? { status: 429, body: { message: 'slow' }, headers: { 'retry-after': '2' } } : undefined,
    runtime: { client: { sleep: async (ms) => void waits.push(ms) } },
  });
  const { error } = await server.call('list_organizations');
  expect(error).toBeUndefined();
  expect(waits).toEqual([2_000, 2_000]);
  expect(server.api.requests).toHaveLength(3);
  await server.close();
});
