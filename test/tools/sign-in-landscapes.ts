import { User } from '../../src/tools/operators/lookup.ts';
import {
  Certificate,
  Connection,
  Directory,
  DirectoryUser,
  Event,
  Factor,
  Invitation,
  Membership,
  Session,
} from '../../src/tools/operators/records.ts';
import type { SignInFacts } from '../../src/tools/operators/sign-in-facts.ts';

export const NOW = Date.parse('2026-11-02T09:00:00.000Z');

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A time before now, or after it. */
export const ago = (ms: number) => new Date(NOW - ms).toISOString();
export const ahead = (ms: number) => ago(-ms);

export const list = <T = never>(...items: T[]) => ({ items, more: false });

export const user = (fields: object = {}) =>
  User.parse({
    id: 'user_ada',
    email: 'ada@acme.example',
    first_name: 'Ada',
    last_name: 'Okafor',
    email_verified: true,
    last_sign_in_at: ago(5 * DAY),
    created_at: ago(200 * DAY),
    ...fields,
  });

export const organization = (fields: object = {}) => ({
  id: 'org_acme',
  name: 'Acme',
  domains: [{ id: 'org_domain_acme', domain: 'acme.example', state: 'verified' }],
  allow_profiles_outside_organization: false,
  ...fields,
});

export const membership = (fields: object = {}) =>
  Membership.parse({
    id: 'om_ada',
    user_id: 'user_ada',
    organization_id: 'org_acme',
    organization_name: 'Acme',
    status: 'active',
    directory_managed: false,
    role: { slug: 'member' },
    roles: [{ slug: 'member' }],
    ...fields,
  });

export const invitation = (fields: object = {}) =>
  Invitation.parse({
    id: 'invitation_ada',
    email: 'ada@acme.example',
    state: 'pending',
    organization_id: 'org_acme',
    accepted_user_id: null,
    role_slug: 'member',
    created_at: ago(3 * DAY),
    expires_at: ahead(4 * DAY),
    ...fields,
  });

export const connection = (fields: object = {}) =>
  Connection.parse({
    id: 'conn_acme',
    name: 'Acme Okta',
    connection_type: 'OktaSAML',
    state: 'active',
    ...fields,
  });

export const directory = (fields: object = {}) =>
  Directory.parse({ id: 'directory_acme', name: 'Acme SCIM', state: 'linked', ...fields });

export const directoryUser = (fields: object = {}) =>
  DirectoryUser.parse({
    id: 'directory_user_ada',
    directory_id: 'directory_acme',
    email: 'ada@acme.example',
    state: 'active',
    role: { slug: 'member' },
    groups: [{ name: 'Engineering' }],
    ...fields,
  });

export const session = (fields: object = {}) =>
  Session.parse({
    id: 'session_ada',
    organization_id: 'org_acme',
    auth_method: 'sso',
    status: 'active',
    created_at: ago(5 * DAY),
    ...fields,
  });

export const certificate = (not_after: string) => Certificate.parse({ id: 'cert_1', not_after });

export const factor = () => Factor.parse({ id: 'auth_factor_ada', type: 'totp' });

/** A failed sign-in of Ada, some minutes ago. */
export const failure = (kind: string, code: string | undefined, minutes = 5, data: object = {}) =>
  Event.parse({
    event: kind.includes('.') ? kind : `authentication.${kind}`,
    created_at: ago(minutes * MINUTE),
    data: {
      user_id: 'user_ada',
      email: 'ada@acme.example',
      ...(code !== undefined && { error: { code, message: 'It failed.' } }),
      ...data,
    },
  });

export const event = (name: string, data: object, days = 2, context: object = {}) =>
  Event.parse({ event: name, created_at: ago(days * DAY), data, context });

/** A user who can sign in: everything was read, and nothing is wrong. */
export function healthy(): SignInFacts {
  return {
    now: NOW,
    asked: { user: 'ada@acme.example', organization: 'Acme' },
    email: 'ada@acme.example',
    user: user(),
    doubles: [],
    organization: organization(),
    organizationFrom: 'asked',
    memberships: list(membership()),
    invitations: undefined,
    owners: undefined,
    setup: {
      connections: list(connection()),
      directories: list(),
      certificates: new Map([['conn_acme', [certificate(ahead(400 * DAY))]]]),
      events: list(),
    },
    directoryUsers: undefined,
    people: undefined,
    userEvents: undefined,
    failures: list(),
    sessions: list(session()),
    factors: list(),
    unread: [],
  };
}

/** The same for an address without a user. */
export function nobody(): SignInFacts {
  return {
    ...healthy(),
    user: null,
    memberships: undefined,
    invitations: list(),
    people: list({ email: 'grace@acme.example', known: 'active member' }),
    userEvents: list(),
    sessions: undefined,
    factors: undefined,
  };
}

/** Nothing could be read. */
export function unreadable(): SignInFacts {
  const why = "excluded by this server's settings";
  return {
    ...healthy(),
    user: undefined,
    organization: undefined,
    organizationFrom: undefined,
    memberships: undefined,
    setup: undefined,
    failures: undefined,
    sessions: undefined,
    factors: undefined,
    unread: ['list_users', 'list_events', 'list_organizations'].map((tool) => ({ tool, why: `${tool} is ${why}` })),
  };
}

/** The facts with another setup. */
export function withSetup(facts: SignInFacts, setup: Partial<NonNullable<SignInFacts['setup']>>): SignInFacts {
  const { setup: before } = healthy();
  if (!before) throw new Error('the healthy landscape has a setup');
  return { ...facts, setup: { ...before, ...facts.setup, ...setup } };
}
