import { groups } from '../../src/tools/groups.ts';
import { sends } from '../harness.ts';

const group = { organization_id: 'org_1', group_id: 'group_1' };
const member = { ...group, organization_membership_id: 'om_1' };

sends(groups, [
  [
    'create_group',
    { organization_id: 'org_1', name: 'Engineering', description: 'Builds it' },
    'POST /organizations/org_1/groups',
    { name: 'Engineering', description: 'Builds it' },
  ],
  [
    'create_group',
    { organization_id: 'org_1', name: 'Engineering', description: null },
    'POST /organizations/org_1/groups',
    { name: 'Engineering', description: null },
  ],
  [
    'list_groups',
    { limit: 5, before: 'group_b', after: 'group_a', order: 'asc', organization_id: 'org_1', search: 'Eng' },
    'GET /organizations/org_1/groups?order=asc&limit=5&before=group_b&after=group_a&search=Eng',
  ],
  ['list_groups', { organization_id: 'org_1' }, 'GET /organizations/org_1/groups?order=desc'],
  ['get_group', group, 'GET /organizations/org_1/groups/group_1'],
  [
    'update_group',
    { ...group, name: 'Platform', description: 'Runs it' },
    'PATCH /organizations/org_1/groups/group_1',
    { name: 'Platform', description: 'Runs it' },
  ],
  ['update_group', { ...group, description: null }, 'PATCH /organizations/org_1/groups/group_1', { description: null }],
  ['delete_group', group, 'DELETE /organizations/org_1/groups/group_1'],
  [
    'add_group_member',
    member,
    'POST /organizations/org_1/groups/group_1/organization-memberships',
    { organization_membership_id: 'om_1' },
  ],
  [
    'list_group_members',
    { limit: 5, before: 'om_b', after: 'om_a', order: 'asc', ...group },
    'GET /organizations/org_1/groups/group_1/organization-memberships?order=asc&limit=5&before=om_b&after=om_a',
  ],
  ['remove_group_member', member, 'DELETE /organizations/org_1/groups/group_1/organization-memberships/om_1'],
]);
