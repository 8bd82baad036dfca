import type { Kinds, Row } from './kind.ts';

export interface Directory extends Row {
  object: 'directory';
  organization_id: string;
  external_key: string;
  type: string;
  state: 'linked' | 'validating' | 'invalid_credentials' | 'unlinked' | 'deleting';
  name: string;
  domain: string;
}

export interface DirectoryGroup extends Row {
  object: 'directory_group';
  idp_id: string;
  directory_id: string;
  organization_id: string;
  name: string;
  raw_attributes: Record<string, never>;
}

/** Stored with `_group_ids`. The API returns the groups themselves as `groups`. */
export interface DirectoryUser extends Row {
  object: 'directory_user';
  directory_id: string;
  organization_id: string;
  idp_id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  emails: [];
  job_title: null;
  username: null;
  state: 'active' | 'suspended' | 'inactive';
  raw_attributes: Record<string, never>;
  custom_attributes: Record<string, string | null>;
  role: { slug: string };
  roles: { slug: string }[];
  _group_ids: string[];
}

export interface DirectoryTables {
  directories: Directory;
  directory_groups: DirectoryGroup;
  directory_users: DirectoryUser;
}

export const directoryKinds: Kinds<DirectoryTables> = {
  directories: {
    object: 'directory',
    ownerField: 'directory_id',
    prefix: 'directory',
    noun: 'Directory',
    events: 'dsync',
  },
  directory_groups: {
    object: 'directory_group',
    prefix: 'directory_group',
    noun: 'Directory Group',
    events: 'dsync.group',
  },
  directory_users: { object: 'directory_user', prefix: 'directory_user', noun: 'Directory User', events: 'dsync.user' },
};
