import { directorySync } from '../../src/tools/directory-sync.ts';
import { sends } from '../harness.ts';

sends(directorySync, [
  [
    'list_directories',
    {
      limit: 5,
      before: 'directory_b',
      after: 'directory_a',
      order: 'asc',
      organization_id: 'org_1',
      search: 'Acme Corp',
    },
    'GET /directories?order=asc&limit=5&before=directory_b&after=directory_a&organization_id=org_1&search=Acme%20Corp',
  ],
  ['list_directories', { domain: 'acme.com' }, 'GET /directories?order=desc&domain=acme.com'],
  ['list_directories', {}, 'GET /directories?order=desc'],
  ['get_directory', { directory_id: 'directory_1' }, 'GET /directories/directory_1'],
  ['delete_directory', { directory_id: 'directory_1' }, 'DELETE /directories/directory_1'],
  [
    'list_directory_users',
    {
      limit: 5,
      before: 'directory_user_b',
      after: 'directory_user_a',
      order: 'asc',
      directory: 'directory_1',
      group: 'directory_group_1',
      idp_id: '8931',
      email: 'ann@acme.com',
    },
    'GET /directory_users?order=asc&limit=5&before=directory_user_b&after=directory_user_a&directory=directory_1&group=directory_group_1&idp_id=8931&email=ann%40acme.com',
  ],
  ['list_directory_users', { group: 'directory_group_1' }, 'GET /directory_users?order=desc&group=directory_group_1'],
  ['get_directory_user', { directory_user_id: 'directory_user_1' }, 'GET /directory_users/directory_user_1'],
  [
    'list_directory_groups',
    {
      limit: 5,
      before: 'directory_group_b',
      after: 'directory_group_a',
      order: 'asc',
      directory: 'directory_1',
      user: 'directory_user_1',
    },
    'GET /directory_groups?order=asc&limit=5&before=directory_group_b&after=directory_group_a&directory=directory_1&user=directory_user_1',
  ],
  ['list_directory_groups', { user: 'directory_user_1' }, 'GET /directory_groups?order=desc&user=directory_user_1'],
  ['get_directory_group', { directory_group_id: 'directory_group_1' }, 'GET /directory_groups/directory_group_1'],
]);
