import type { Kinds, Row } from './kind.ts';

export interface Group extends Row {
  object: 'group';
  organization_id: string;
  name: string;
  description: string | null;
}

/** Never sent: the API lists the memberships of a group and the groups of a membership. */
export interface GroupMember extends Row {
  group_id: string;
  organization_membership_id: string;
  organization_id: string;
  user_id: string;
}

export interface GroupTables {
  groups: Group;
  group_members: GroupMember;
}

export const groupKinds: Kinds<GroupTables> = {
  groups: { object: 'group', ownerField: 'group_id', prefix: 'group', noun: 'Group', events: 'group' },
  group_members: { prefix: 'group_member', noun: 'Group Member', deletedEvent: 'group.member_removed' },
};
