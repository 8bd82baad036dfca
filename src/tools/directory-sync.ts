import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, every, id, needs, page } from './schemas.ts';

const directory = z.string().optional().describe('Directory id');

export const directorySync = toolset('directory_sync', 'SCIM and HRIS directories, their users and groups', {
  list_directories: endpoint('GET /directories', {
    title: 'List directories',
    description:
      "List directories. Filter by organization_id. To create one, a customer's IT admin uses generate_portal_link.",
    also: [
      'SCIM, dsync',
      'Okta, Entra or Google provisioning',
      'Workday, HRIS, BambooHR, HR system',
      'directory sync status, stuck or broken',
      'which customers sync users',
    ],
    input: {
      ...page,
      organization_id: id().optional(),
      search: z.string().optional().describe('Part of the name'),
      domain: z.string().optional().describe('Deprecated'),
    },
    core: true,
  }),

  get_directory: endpoint('GET /directories/{directory_id}', {
    title: 'Get directory',
    description: 'Get one directory with its type, state, and user and group counts.',
    also: [
      'SCIM directory details',
      'Okta or Entra provisioning status',
      'is the sync linked, stuck or failing',
      'how many people are synced',
    ],
    input: { directory_id: id() },
    core: true,
  }),

  delete_directory: endpoint('DELETE /directories/{directory_id}', {
    title: 'Delete directory',
    description: 'Permanently delete a directory with its users and groups. May finish later (202).',
    also: ['drop SCIM', 'stop syncing users', 'remove or unlink provisioning', 'disconnect Okta or Workday'],
    input: { directory_id: id() },
    dependents: [
      { label: 'directory_users', list: 'list_directory_users', argument: 'directory', from: 'directory_id' },
      { label: 'directory_groups', list: 'list_directory_groups', argument: 'directory', from: 'directory_id' },
    ],
  }),

  list_directory_users: endpoint('GET /directory_users', {
    title: 'List directory users',
    description:
      'List the people synced from a directory (id, email, first_name, last_name, state, custom_attributes, groups[].name, …), or those in one of its groups. Give directory or group. For AuthKit users: list_users.',
    also: [
      'SCIM users',
      'employees synced or imported from Okta or Entra',
      'provisioned by HR, Workday, BambooHR',
      'members of an IdP group',
      'deprovisioned, missing or still active people',
    ],
    input: {
      ...page,
      directory,
      group: z.string().optional().describe('Directory group id'),
      idp_id: id('Id at the identity provider; needs directory').optional(),
      email: email().optional().describe('Needs directory'),
    },
    core: true,
    // The OpenAPI document says that both require "the directory parameter to also be provided".
    check: every(needs('idp_id', 'directory'), needs('email', 'directory')),
  }),

  get_directory_user: endpoint('GET /directory_users/{directory_user_id}', {
    title: 'Get directory user',
    description: 'Get one person synced from a directory, with state, roles and custom_attributes.',
    also: [
      'one employee from HR, what does Workday or BambooHR say',
      'SCIM user details',
      'job title, manager, department, cost center',
      'Okta or Entra profile, attributes',
    ],
    input: { directory_user_id: id() },
    filterable: true,
    core: true,
  }),

  list_directory_groups: endpoint('GET /directory_groups', {
    title: 'List directory groups',
    description: 'List the groups of a directory, or those of one directory user. Give directory or user.',
    also: [
      'SCIM groups',
      'groups pushed, provisioned or synced from Okta',
      'came over from Entra or Azure AD',
      'IdP groups of an employee',
    ],
    input: { ...page, directory, user: z.string().optional().describe('Directory user id') },
    core: true,
  }),

  get_directory_group: endpoint('GET /directory_groups/{directory_group_id}', {
    title: 'Get directory group',
    description: 'Get one group synced from a directory. For its members: list_directory_users with group.',
    also: ['SCIM group details', 'group pushed from Okta', 'IdP group', 'group synced from Entra'],
    input: { directory_group_id: id() },
    core: true,
  }),
});
