import type { Kinds, Row } from './kind.ts';

export interface ItContact extends Row {
  object: 'it_contact';
  organization_id: string;
  email: string;
  /** When the last setup link sent to the contact expires. Null if there is none or it was revoked. */
  _invited_until: string | null;
}

/** A link to the Admin Portal. Never sent: the API returns its URL only. */
export interface PortalLink extends Row {
  organization_id: string;
  intent: string | null;
  return_url: string | null;
  expires_at: string;
  _token: string;
}

export interface Team extends Row {
  object: 'team';
  name: string;
  production_state: 'Active' | 'Inactive' | 'Suspended' | 'Deleting';
  _admin_email: string;
}

export interface PortalTables {
  it_contacts: ItContact;
  portal_links: PortalLink;
  teams: Team;
}

export const portalKinds: Kinds<PortalTables> = {
  it_contacts: { object: 'it_contact', prefix: 'it_contact', noun: 'IT Contact' },
  portal_links: { prefix: 'portal_link', noun: 'Portal Link' },
  teams: { object: 'team', prefix: 'team', noun: 'Team' },
};
