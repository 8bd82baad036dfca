import type { Kinds, Metadata, Row } from './kind.ts';

export interface User extends Row {
  object: 'user';
  email: string;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  profile_picture_url: string | null;
  email_verified: boolean;
  external_id: string | null;
  metadata: Metadata;
  last_sign_in_at: string | null;
  locale: string | null;
  _password?: StoredPassword;
}

/** A password's salted hash. */
export interface StoredPassword {
  /** The API's `password_hash_type`. */
  type: string;
  hash: string;
  /** Whether the salt comes before the password, for types that allow both orders. */
  salt_first: boolean;
}

export type MembershipStatus = 'active' | 'inactive' | 'pending';

/** The API also returns the `user` and the `organization_name`. */
export interface Membership extends Row {
  object: 'organization_membership';
  user_id: string;
  organization_id: string;
  status: MembershipStatus;
  directory_managed: boolean;
  custom_attributes: Record<string, string | null>;
  role: { slug: string };
  roles: { slug: string }[];
}

export interface Invitation extends Row {
  object: 'invitation';
  email: string;
  state: 'pending' | 'accepted' | 'expired' | 'revoked';
  accepted_at: string | null;
  revoked_at: string | null;
  expires_at: string;
  organization_id: string | null;
  inviter_user_id: string | null;
  accepted_user_id: string | null;
  role_slug: string | null;
  token: string;
  accept_invitation_url: string;
}

export interface UserTables {
  users: User;
  organization_memberships: Membership;
  invitations: Invitation;
}

export const userKinds: Kinds<UserTables> = {
  users: { object: 'user', ownerField: 'user_id', prefix: 'user', noun: 'User', events: 'user' },
  organization_memberships: {
    object: 'organization_membership',
    ownerField: 'organization_membership_id',
    prefix: 'om',
    noun: 'Organization Membership',
    events: 'organization_membership',
  },
  invitations: { object: 'invitation', prefix: 'invitation', noun: 'Invitation', events: 'invitation' },
};
