import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memberships } from '../../src/tools/memberships.ts';
import { type Connected, connect, sends } from '../harness.ts';

const membership = { organization_membership_id: 'om_1' };
const path = '/user_management/organization_memberships';

sends(memberships, [
  [
    'list_organization_memberships',
    {
      limit: 100,
      before: 'om_b',
      after: 'om_a',
      order: 'asc',
      organization_id: 'org_1',
      statuses: ['active', 'inactive', 'pending'],
      user_id: 'user_1',
    },
    `GET ${path}?order=asc&limit=100&before=om_b&after=om_a&organization_id=org_1&statuses=active,inactive,pending&user_id=user_1`,
  ],
  ['list_organization_memberships', { user_id: 'user_1' }, `GET ${path}?order=desc&user_id=user_1`],
  [
    'list_organization_memberships',
    { organization_id: 'org_1', statuses: ['inactive'] },
    `GET ${path}?order=desc&organization_id=org_1&statuses=inactive`,
  ],
  [
    'create_organization_membership',
    { user_id: 'user_1', organization_id: 'org_1', role_slug: 'admin' },
    `POST ${path}`,
    { user_id: 'user_1', organization_id: 'org_1', role_slug: 'admin' },
  ],
  [
    'create_organization_membership',
    { user_id: 'user_1', organization_id: 'org_1', role_slugs: ['admin', 'billing'] },
    `POST ${path}`,
    { user_id: 'user_1', organization_id: 'org_1', role_slugs: ['admin', 'billing'] },
  ],
  [
    'create_organization_membership',
    { user_id: 'user_1', organization_id: 'org_1' },
    `POST ${path}`,
    { user_id: 'user_1', organization_id: 'org_1' },
  ],
  ['get_organization_membership', membership, `GET ${path}/om_1`],
  ['delete_organization_membership', membership, `DELETE ${path}/om_1`],
  ['update_organization_membership', { ...membership, role_slug: 'admin' }, `PUT ${path}/om_1`, { role_slug: 'admin' }],
  [
    'update_organization_membership',
    { ...membership, role_slugs: ['admin', 'billing'] },
    `PUT ${path}/om_1`,
    { role_slugs: ['admin', 'billing'] },
  ],
  ['deactivate_organization_membership', membership, `PUT ${path}/om_1/deactivate`],
  ['reactivate_organization_membership', membership, `PUT ${path}/om_1/reactivate`],
  [
    'list_organization_membership_groups',
    { limit: 5, before: 'group_b', after: 'group_a', order: 'asc', ...membership },
    `GET ${path}/om_1/groups?order=asc&limit=5&before=group_b&after=group_a`,
  ],
]);

describe('memberships refuses', () => {
  let server: Connected;
  beforeAll(async () => {
    server = await connect({ flags: ['--toolsets', 'memberships', '--confirm', 'never'] });
  });
  afterAll(() => server.close());

  const twoWays = { role_slug: 'admin', role_slugs: ['admin'] };
  const refused: [string, Record<string, unknown>, string][] = [
    ['list_organization_memberships', {}, 'organization_id or user_id'],
    ['list_organization_memberships', { user_id: 'user_1', statuses: ['gone'] }, 'statuses'],
    ['create_organization_membership', { user_id: 'user_1', organization_id: 'org_1', ...twoWays }, 'role_slugs'],
    ['update_organization_membership', { ...membership, ...twoWays }, 'role_slugs'],
  ];
  it.each(refused)('%s %j', async (tool, input, field) => {
    server.api.requests.length = 0;
    const { error } = await server.call(tool, input);
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(field) });
    expect(server.api.requests).toEqual([]);
  });
});
