import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { diagnoseSignIn } from '../../src/tools/operators/sign-in-diagnosis.ts';
import type { SignInFacts } from '../../src/tools/operators/sign-in-facts.ts';
import {
  ago,
  ahead,
  certificate,
  connection,
  DAY,
  directory,
  directoryUser,
  event,
  factor,
  failure,
  HOUR,
  healthy,
  invitation,
  list,
  membership,
  nobody,
  organization,
  session,
  unreadable,
  user,
  withSetup,
} from './sign-in-landscapes.ts';

interface Landscape {
  cause: string;
  facts: SignInFacts;
  /** Check and status of the first finding. */
  first: string;
  /** The tool of the next call. */
  next: string | undefined;
  /** Check and status of the second finding, if there are two causes. */
  second?: string;
  /** A part of the first finding's detail. */
  says?: string;
}

const never = { last_sign_in_at: null };
const noUser = nobody();
const unused = { ...healthy(), user: user(never), sessions: undefined };
const notMember = { ...healthy(), memberships: list(), invitations: list() };
const inactive = { ...healthy(), memberships: list(membership({ status: 'inactive' })), invitations: list() };
const failed = (...failures: ReturnType<typeof failure>[]) => ({ ...healthy(), failures: list(...failures) });
const inDirectory = (facts: SignInFacts, ...people: ReturnType<typeof directoryUser>[]) => ({
  ...withSetup(facts, { directories: list(directory()) }),
  directoryUsers: list(...people),
});
const other = membership({ id: 'om_2', organization_id: 'org_beta', organization_name: 'Beta' });
const pendingDomain = organization({ domains: [{ id: 'org_domain_acme', domain: 'acme.example', state: 'pending' }] });

const landscapes: Landscape[] = [
  {
    cause: 'there is neither a user nor an invitation',
    facts: noUser,
    first: 'user problem',
    next: 'send_invitation',
    says: 'no similar address among 1 member',
  },
  {
    cause: 'the address is mistyped',
    facts: { ...noUser, people: list({ email: 'adam@acme.example', known: 'active member' }) },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    second: 'user problem',
    says: 'differs by 1 letter before the @',
  },
  {
    cause: 'two letters of the address are swapped',
    facts: {
      ...noUser,
      email: 'gracehopper@acme.example',
      people: list({ email: 'grcaehopper@acme.example', known: 'active member' }),
    },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    says: 'differs by 1 letter',
  },
  {
    cause: 'the address has another domain',
    facts: { ...noUser, people: list({ email: 'ada@acme-labs.example', known: 'active member' }) },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    says: 'differs in its domain',
  },
  {
    cause: 'the address has a plus tag',
    facts: { ...noUser, email: 'ada+test@acme.example', people: list({ email: 'ada@acme.example', known: 'a user' }) },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    says: 'differs only after the +',
  },
  {
    cause: 'the names in the address are swapped',
    facts: {
      ...noUser,
      email: 'okafor.ada@acme.example',
      people: list({ email: 'ada.okafor@acme.example', known: 'a user' }),
    },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    says: 'in the order of the names',
  },
  {
    cause: 'the user was deleted',
    facts: { ...noUser, userEvents: list(event('user.deleted', { id: 'user_ada', email: 'ADA@acme.example' })) },
    first: 'user problem',
    next: 'send_invitation',
    says: 'deleted 2 days ago',
  },
  {
    cause: 'a deleted user is given by id',
    facts: {
      ...noUser,
      asked: { user: 'user_ada', organization: undefined },
      email: undefined,
      userEvents: list(event('user.deleted', { id: 'user_ada', email: 'ada@acme.example' })),
    },
    first: 'user problem',
    next: 'send_invitation',
    says: 'deleted 2 days ago',
  },
  {
    cause: 'no user has the id',
    facts: { ...noUser, asked: { user: 'user_x', organization: 'Acme' }, email: undefined, invitations: undefined },
    first: 'user problem',
    next: 'list_organization_memberships',
    says: 'no user has this id',
  },
  {
    cause: 'no user has the id, and no organization is known',
    facts: {
      ...noUser,
      asked: { user: 'user_x', organization: undefined },
      email: undefined,
      invitations: undefined,
      organization: undefined,
    },
    first: 'user problem',
    next: 'list_users',
    says: 'no user has this id',
  },
  {
    cause: 'the address was changed',
    facts: {
      ...noUser,
      userEvents: list(
        event('user.updated', { id: 'user_ada', email: 'ada.o@acme.example' }, 2, {
          previous_attributes: { email: 'ada@acme.example' },
        }),
      ),
    },
    first: 'user problem',
    next: 'diagnose_sign_in',
    says: 'changed to "ada.o@acme.example" 2 days ago',
  },
  {
    cause: 'the invitation was not accepted',
    facts: { ...noUser, invitations: list(invitation()) },
    first: 'invitation problem',
    next: 'resend_invitation',
    second: 'user problem',
    says: 'invited 3 days ago, not accepted yet, expires in 4 days',
  },
  {
    cause: 'a pending invitation has expired',
    facts: { ...noUser, invitations: list(invitation({ expires_at: ago(3 * DAY) })) },
    first: 'invitation problem',
    next: 'send_invitation',
    says: 'expired 3 days ago',
  },
  {
    cause: 'the invitation expired',
    facts: { ...noUser, invitations: list(invitation({ state: 'expired', expires_at: null })) },
    first: 'invitation problem',
    next: 'send_invitation',
    says: 'expired',
  },
  {
    cause: 'the invitation was revoked',
    facts: { ...noUser, invitations: list(invitation({ state: 'revoked', revoked_at: ago(DAY) })) },
    first: 'invitation problem',
    next: 'send_invitation',
    says: 'revoked 1 day ago',
  },
  {
    cause: 'another user accepted the invitation',
    facts: { ...noUser, invitations: list(invitation({ state: 'accepted', accepted_user_id: 'user_private' })) },
    first: 'invitation problem',
    next: 'diagnose_sign_in',
    says: 'accepted by another user, "user_private"',
  },
  {
    cause: 'another organization invited them',
    facts: { ...noUser, invitations: list(invitation({ organization_id: 'org_beta' })) },
    first: 'invitation problem',
    next: 'send_invitation',
    says: 'to another organization',
  },
  {
    cause: 'a directory user has not used SSO yet',
    facts: inDirectory(noUser, directoryUser()),
    first: 'user problem',
    next: 'diagnose_sign_in',
    says: 'a first sign-in through SSO creates the user',
  },
  {
    cause: 'a directory user has no active SSO',
    facts: withSetup(inDirectory(noUser, directoryUser()), { connections: list(connection({ state: 'inactive' })) }),
    first: 'connection problem',
    next: 'generate_portal_link',
    second: 'user problem',
  },
  {
    cause: 'they were suspended before signing in',
    facts: inDirectory(noUser, directoryUser({ state: 'suspended' })),
    first: 'directory_user problem',
    next: 'get_directory_user',
    second: 'user problem',
  },
  {
    cause: 'they belong to another organization',
    facts: { ...notMember, memberships: list(other) },
    first: 'membership problem',
    next: 'create_organization_membership',
    says: 'not a member of "Acme"; active in "Beta" only',
  },
  {
    cause: 'the membership was removed',
    facts: withSetup(notMember, {
      events: list(event('organization_membership.deleted', { user_id: 'user_ada' }, 3)),
    }),
    first: 'membership problem',
    next: 'create_organization_membership',
    says: 'removed 3 days ago',
  },
  {
    cause: 'a similar account is the member',
    facts: { ...notMember, people: list({ email: 'ada@acme-labs.example', known: 'active member' }) },
    first: 'similar_address problem',
    next: 'diagnose_sign_in',
    second: 'membership problem',
  },
  {
    cause: 'a user has not accepted the invitation',
    facts: { ...notMember, invitations: list(invitation()) },
    first: 'invitation problem',
    next: 'resend_invitation',
    second: 'membership problem',
  },
  {
    cause: 'an invitee resembles a colleague',
    facts: {
      ...noUser,
      invitations: list(invitation()),
      people: list({ email: 'adam@acme.example', known: 'active member' }),
    },
    first: 'invitation problem',
    next: 'resend_invitation',
    second: 'similar_address problem',
  },
  {
    cause: 'a non-member resembles a colleague',
    facts: { ...notMember, people: list({ email: 'adam@acme.example', known: 'active member' }) },
    first: 'membership problem',
    next: 'create_organization_membership',
    second: 'sign_in ok',
  },
  {
    cause: 'the membership has an unknown status',
    facts: { ...healthy(), memberships: list(membership({ status: 'frozen' })) },
    first: 'membership warning',
    next: 'diagnose_sign_in',
    says: 'in "Acme" with status frozen',
  },
  {
    cause: 'the membership is inactive',
    facts: inactive,
    first: 'membership problem',
    next: 'reactivate_organization_membership',
  },
  {
    cause: 'the directory deactivated the member',
    facts: inDirectory(inactive, directoryUser({ state: 'suspended' })),
    first: 'directory_user problem',
    next: 'get_directory_user',
    second: 'membership problem',
  },
  {
    cause: 'a pending membership has an invitation',
    facts: {
      ...unused,
      memberships: list(membership({ status: 'pending' })),
      invitations: list(invitation()),
    },
    first: 'invitation problem',
    next: 'resend_invitation',
    second: 'membership problem',
  },
  {
    cause: 'only the pending membership is known',
    facts: { ...unused, memberships: list(membership({ status: 'pending' })) },
    first: 'membership problem',
    next: 'get_organization_membership',
  },
  {
    cause: 'another organization has the domain',
    facts: {
      ...notMember,
      organization: organization({ domains: [] }),
      owners: list(organization({ id: 'org_beta', name: 'Beta' })),
    },
    first: 'membership problem',
    next: 'create_organization_membership',
    second: 'domain warning',
  },
  {
    cause: 'they are in several organizations',
    facts: {
      ...healthy(),
      organization: undefined,
      organizationFrom: undefined,
      setup: undefined,
      memberships: list(membership(), other),
    },
    first: 'organization warning',
    next: 'diagnose_sign_in',
    says: 'active in 2 organizations ("Acme", "Beta")',
  },
  {
    cause: 'they are in no organization',
    facts: { ...notMember, organization: undefined, organizationFrom: undefined, setup: undefined },
    first: 'membership warning',
    next: 'diagnose_sign_in',
    says: 'not a member of any organization',
  },
  {
    cause: 'they signed in to another organization',
    facts: {
      ...healthy(),
      user: user({ last_sign_in_at: ago(HOUR) }),
      sessions: list(session({ organization_id: 'org_beta', created_at: ago(HOUR) })),
      memberships: list(membership(), other),
    },
    first: 'session problem',
    next: 'list_user_sessions',
    says: 'was to "Beta", not to "Acme"',
  },
  {
    cause: 'the last session was revoked',
    facts: { ...healthy(), sessions: list(session({ status: 'revoked' })) },
    first: 'session warning',
    next: 'list_user_sessions',
  },
  {
    cause: 'the email address is not verified',
    facts: { ...unused, user: user({ ...never, email_verified: false }) },
    first: 'email problem',
    next: 'send_email_verification',
  },
  {
    cause: 'the verification code was wrong',
    facts: { ...failed(failure('email_verification_failed', 'email_verification_code_incorrect')) },
    first: 'email problem',
    next: 'send_email_verification',
  },
  {
    cause: 'the only connection is inactive',
    facts: withSetup(healthy(), { connections: list(connection({ state: 'inactive' })) }),
    first: 'connection problem',
    next: 'generate_portal_link',
    says: '"Acme Okta" is inactive',
  },
  {
    cause: 'the connection was deactivated',
    facts: withSetup(healthy(), {
      connections: list(connection({ state: 'inactive' })),
      events: list(event('connection.deactivated', { id: 'conn_acme' })),
    }),
    first: 'connection problem',
    next: 'generate_portal_link',
    says: 'deactivated 2 days ago',
  },
  {
    cause: 'the connection is a draft',
    facts: withSetup(unused, { connections: list(connection({ state: 'draft' })) }),
    first: 'connection problem',
    next: 'generate_portal_link',
    says: 'is draft',
  },
  {
    cause: 'the connection is being validated',
    facts: withSetup(unused, { connections: list(connection({ state: 'validating' })) }),
    first: 'connection problem',
    next: 'generate_portal_link',
  },
  {
    cause: 'a draft connection is not the cause',
    facts: withSetup(failed(failure('password_failed', 'invalid_credentials')), {
      connections: list(connection({ state: 'draft' })),
    }),
    first: 'password problem',
    next: 'create_password_reset',
    second: 'connection warning',
  },
  {
    cause: 'the connection was deleted',
    facts: withSetup(failed(failure('sso_failed', 'connection_invalid')), {
      connections: list(),
      events: list(event('connection.deleted', { id: 'conn_acme', name: 'Acme Okta' })),
    }),
    first: 'connection problem',
    next: 'generate_portal_link',
    says: 'was deleted 2 days ago',
  },
  {
    cause: 'SSO was required without a connection',
    facts: withSetup(failed(failure('sso_failed', 'organization_invalid')), { connections: list() }),
    first: 'connection problem',
    next: 'generate_portal_link',
    second: 'sso problem',
  },
  {
    cause: 'the certificate expired',
    facts: withSetup(failed(failure('sso_failed', 'saml_response_invalid')), {
      certificates: new Map([['conn_acme', [certificate(ago(3 * DAY))]]]),
    }),
    first: 'certificate problem',
    next: 'generate_portal_link',
    second: 'sso problem',
    says: 'expired 3 days ago',
  },
  {
    cause: 'an event says the certificate expired',
    facts: withSetup(healthy(), {
      certificates: new Map(),
      events: list(
        event('connection.saml_certificate_renewal_required', {
          connection: { id: 'conn_acme' },
          certificate: { certificate_type: 'ResponseSigning', expiry_date: ago(DAY) },
        }),
      ),
    }),
    first: 'certificate problem',
    next: 'generate_portal_link',
    says: 'expired 1 day ago',
  },
  {
    cause: 'the certificate expires soon',
    facts: withSetup(healthy(), { certificates: new Map([['conn_acme', [certificate(ahead(9 * DAY))]]]) }),
    first: 'certificate warning',
    next: 'generate_portal_link',
    says: 'expires in 9 days',
  },
  {
    cause: 'an expired certificate has a successor',
    facts: withSetup(healthy(), {
      certificates: new Map([['conn_acme', [certificate(ago(DAY)), certificate(ahead(300 * DAY))]]]),
    }),
    first: 'sign_in ok',
    next: 'diagnose_sign_in',
  },
  {
    cause: 'the domain is pending',
    facts: { ...healthy(), organization: pendingDomain },
    first: 'domain problem',
    next: 'verify_organization_domain',
    says: 'is pending, so SSO does not accept its addresses',
  },
  {
    cause: 'SSO does not accept a consumer domain',
    facts: { ...unused, email: 'ada@gmail.com', user: user({ ...never, email: 'ada@gmail.com' }) },
    first: 'domain warning',
    next: 'get_organization',
    says: 'a consumer domain',
  },
  {
    cause: 'the provider sends another domain',
    facts: failed(failure('sso_failed', 'profile_not_allowed_outside_organization')),
    first: 'domain problem',
    next: 'get_connection',
  },
  {
    cause: 'a suspended user is an active member',
    facts: inDirectory(healthy(), directoryUser({ state: 'suspended' })),
    first: 'directory_user problem',
    next: 'get_directory_user',
    says: 'the membership is still active',
  },
  {
    cause: 'the directory removed them',
    facts: withSetup(inDirectory(inactive), {
      events: list(event('dsync.user.deleted', { email: 'ada@acme.example' })),
    }),
    first: 'directory_user problem',
    next: 'list_directory_users',
    second: 'membership problem',
    says: 'removed from the directory "Acme SCIM" 2 days ago',
  },
  {
    cause: 'the directory never synced them',
    facts: withSetup(inDirectory(noUser), {
      directories: list(directory({ state: 'invalid_credentials' })),
    }),
    first: 'user problem',
    next: 'send_invitation',
    second: 'directory problem',
  },
  {
    cause: 'the directory of a member is unlinked',
    facts: withSetup(healthy(), { directories: list(directory({ state: 'unlinked' })) }),
    first: 'directory warning',
    next: 'generate_portal_link',
  },
  {
    cause: 'their directory groups give no role',
    facts: inDirectory(healthy(), directoryUser({ role: null })),
    first: 'role warning',
    next: 'get_directory_user',
    says: 'the directory groups "Engineering" give no role',
  },
  {
    cause: 'the directory gives another role',
    facts: {
      ...inDirectory(healthy(), directoryUser({ role: { slug: 'admin' } })),
      memberships: list(membership({ directory_managed: true })),
    },
    first: 'role warning',
    next: 'get_directory_user',
    says: 'the directory gives "admin", the membership has "member"',
  },
  {
    cause: 'the password was wrong several times',
    facts: failed(...[5, 6, 90].map((minutes) => failure('password_failed', 'invalid_credentials', minutes))),
    first: 'password problem',
    next: 'create_password_reset',
    says: '3 × wrong password, newest 5 minutes ago, oldest 1 hour ago',
  },
  {
    cause: 'a sign-in code expired',
    facts: failed(failure('magic_auth_failed', 'one_time_code_expired')),
    first: 'code problem',
    next: 'create_magic_auth',
  },
  {
    cause: 'the second factor fails',
    facts: { ...failed(failure('mfa_failed', 'mfa_challenge_failed')), factors: list(factor()) },
    first: 'mfa problem',
    next: 'delete_auth_factor',
  },
  {
    cause: 'the second factor could not be read',
    facts: { ...failed(failure('mfa_failed', 'mfa_challenge_failed')), factors: undefined },
    first: 'mfa problem',
    next: 'list_user_auth_factors',
  },
  {
    cause: 'social login fails',
    facts: failed(failure('oauth_failed', 'oauth_failed')),
    first: 'oauth problem',
    next: 'list_user_identities',
  },
  {
    cause: 'the passkey fails',
    facts: failed(failure('passkey_failed', 'passkey_challenge_failed')),
    first: 'passkey problem',
    next: 'list_user_auth_factors',
  },
  {
    cause: 'Radar blocked wrong passwords',
    facts: failed(
      failure('radar_risk_detected', undefined, 5, { control: 'block', blocklist_type: 'ip_address' }),
      failure('password_failed', 'invalid_credentials', 6),
    ),
    first: 'risk problem',
    next: 'list_user_sessions',
    second: 'password problem',
    says: 'blocked by Radar (block list: ip_address)',
  },
  {
    cause: 'an Actions endpoint denied the sign-in',
    facts: failed(failure('action.authentication.denied', undefined)),
    first: 'action problem',
    next: 'diagnose_sign_in',
  },
  {
    cause: 'they tried a password instead of SSO',
    facts: failed(failure('password_failed', 'sso_required')),
    first: 'policy problem',
    next: 'get_connection',
  },
  {
    cause: 'the required connection is inactive',
    facts: withSetup(failed(failure('password_failed', 'sso_required')), {
      connections: list(connection({ state: 'inactive' })),
    }),
    first: 'connection problem',
    next: 'generate_portal_link',
    second: 'policy problem',
  },
  {
    cause: 'they started at the identity provider',
    facts: failed(failure('sso_failed', 'idp_initiated_sso_disabled')),
    first: 'sso problem',
    next: 'get_connection',
    says: 'started at the identity provider',
  },
  {
    cause: 'the identity provider never came back',
    facts: failed(failure('sso_timed_out', undefined, 5, { sso: { connection_id: 'conn_acme' } })),
    first: 'sso problem',
    next: 'get_connection',
    says: 'never responded',
  },
  {
    cause: 'SSO fails for an unknown reason',
    facts: failed(failure('sso_failed', 'something_new')),
    first: 'sso problem',
    next: 'get_connection',
    says: 'SSO failed (something_new: "It failed.")',
  },
  {
    cause: 'there were too many attempts',
    facts: failed(failure('password_failed', 'too_many_attempts')),
    first: 'lockout problem',
    next: 'list_user_sessions',
  },
  {
    cause: 'they had to choose an organization',
    facts: failed(failure('password_failed', 'organization_selection_required')),
    first: 'organization problem',
    next: 'diagnose_sign_in',
  },
  {
    cause: 'two users have the same address',
    facts: { ...healthy(), doubles: [user({ id: 'user_ada_2' })] },
    first: 'user warning',
    next: 'get_user',
  },
  {
    cause: 'they never tried',
    facts: unused,
    first: 'sign_in warning',
    next: 'diagnose_sign_in',
    says: 'has never signed in, and no failed attempt was found',
  },
  {
    cause: 'nothing is wrong: they are signed in',
    facts: { ...healthy(), user: user({ last_sign_in_at: ago(3 * 60_000) }) },
    first: 'sign_in ok',
    next: 'diagnose_sign_in',
    says: 'last sign-in 3 minutes ago',
  },
  {
    cause: 'the failures are older than a sign-in',
    facts: failed(failure('password_failed', 'invalid_credentials', 10 * 24 * 60)),
    first: 'sign_in ok',
    next: 'diagnose_sign_in',
    says: '1 failed before it',
  },
];

describe('a sign-in is diagnosed when', () => {
  it.each(landscapes)('$cause: $first, then $next', ({ facts, first, next, second, says }) => {
    const { findings, next: steps } = diagnoseSignIn(facts);
    const shown = findings.map(({ check, status }) => `${check} ${status}`);
    expect(shown[0]).toBe(first);
    if (second !== undefined) expect(shown[1]).toBe(second);
    if (says !== undefined) expect(findings[0]?.detail).toContain(says);
    expect(steps[0]?.tool).toBe(next);
  });

  it('one of more than forty causes applies', () => {
    expect(landscapes.length).toBeGreaterThan(40);
  });
});

describe('each diagnosis', () => {
  it.each(landscapes)('suggests calls that can be made as they are when $cause', ({ facts }) => {
    for (const { tool, arguments: input, why } of diagnoseSignIn(facts).next) {
      const { success, error } = tools.get(tool)?.input.safeParse(input) ?? {};
      expect(success, `${tool} ${JSON.stringify(input)}: ${error?.message}`).toBe(true);
      expect(why).not.toBe('');
    }
  });

  it.each(landscapes)('takes less than 700 tokens when $cause', ({ facts }) => {
    expect(tokensOf(facts)).toBeLessThan(700);
  });
});

const tokensOf = (facts: SignInFacts) => {
  const { next, whole: _, ...report } = diagnoseSignIn(facts);
  return countTokens(JSON.stringify({ ...report, next: next[0] }));
};

/** The parts that a landscape can lack. */
const PARTS = [
  'user',
  'organization',
  'memberships',
  'setup',
  'failures',
  'sessions',
  'factors',
  'directoryUsers',
  'owners',
] as const;

describe('what was not read', () => {
  it('is never reported as a problem', () => {
    const facts = unreadable();
    const { findings, summary } = diagnoseSignIn(facts);
    expect(findings.map(({ status }) => status)).toEqual(['skipped']);
    expect(findings[0]).toMatchObject({
      check: 'list_users, list_events, list_organizations',
      detail: "not checked: excluded by this server's settings",
    });
    expect(summary).toBe('Whether this address has an account could not be read; 3 things could not be read');
  });
  it('is not taken for a missing membership if the list of memberships has more pages', () => {
    const { findings } = diagnoseSignIn({ ...healthy(), memberships: { items: [other], more: true } });
    expect(findings.map(({ check }) => check)).not.toContain('membership');
  });

  it.each(PARTS)('does not become a problem of a healthy user: %s', (part) => {
    const { findings } = diagnoseSignIn({ ...healthy(), [part]: undefined });
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
  });

  it.each(PARTS)('is not guessed from the only part that was read: %s', (part) => {
    const { findings } = diagnoseSignIn({ ...unreadable(), [part]: worst()[part] });
    for (const { status, check } of findings) {
      if (status === 'problem') expect([part, check].join(' ')).toMatch(EVIDENCE);
    }
  });
});

describe('a diagnosis without one part of what was read', () => {
  const optional = [...PARTS, 'invitations', 'people', 'userEvents'] as const;
  it.each(landscapes)('finds no additional problem when $cause', ({ facts }) => {
    const known = new Set(diagnoseSignIn(facts).findings.map(({ check }) => check));
    for (const part of optional) {
      const { findings } = diagnoseSignIn({ ...facts, [part]: undefined });
      const unknown = findings.filter(({ check, status }) => status === 'problem' && !known.has(check));
      expect(unknown, part).toEqual([]);
    }
  });
});

/** The facts that can show a problem alone. */
const EVIDENCE = /^(user email|failures (password|sso|mfa|code|risk|action|email|oauth))$/;

/** Everything wrong at once, with long names in a script that costs many tokens. */
function worst(): SignInFacts {
  const long = '🦄ጸሓይ‮'.repeat(60);
  const facts = inDirectory(
    {
      ...failed(
        ...['password', 'mfa', 'sso', 'magic_auth', 'oauth', 'passkey', 'email_verification'].flatMap((kind, index) =>
          [1, 2, 3].map((minute) =>
            failure(`${kind}_failed`, `${long}${index}`, minute, { error: { code: long, message: long } }),
          ),
        ),
        failure('radar_risk_detected', undefined, 5, { control: 'block', blocklist_type: long }),
      ),
      user: user({ ...never, email_verified: false, first_name: long, last_name: long }),
      doubles: Array.from({ length: 9 }, (_, index) => user({ id: `user_01KHZQMEZGXTXNVR0DWKGA57${index}0` })),
      organization: organization({
        name: long,
        domains: [{ id: 'org_domain_1', domain: 'acme.example', state: 'pending' }],
      }),
      memberships: list(membership({ status: 'pending' }), ...Array.from({ length: 60 }, () => other)),
      invitations: list(invitation({ state: 'accepted', accepted_user_id: long })),
      people: list(
        ...Array.from({ length: 90 }, (_, index) => ({ email: `ada@${index}${long}.example`, known: 'active member' })),
      ),
      sessions: list(session({ status: 'revoked', auth_method: long })),
      factors: list(factor(), factor()),
      unread: ['list_users', 'list_events', 'list_directories', 'list_connections', 'get_user'].map((tool) => ({
        tool,
        why: `WorkOS returned 403: ${tool} ${'ጸ'.repeat(60)}`,
      })),
    },
    directoryUser({ state: 'suspended' }),
    directoryUser({ groups: Array.from({ length: 40 }, () => ({ name: long })), role: null }),
  );
  return withSetup(facts, {
    connections: list(...Array.from({ length: 30 }, () => connection({ name: long, state: 'draft' }))),
    directories: list(...Array.from({ length: 30 }, () => directory({ name: long, state: 'unlinked' }))),
  });
}

describe('the diagnosis of a user with every problem', () => {
  it('takes less than 700 tokens, keeps the likeliest cause, and says how much was left out', () => {
    const report = diagnoseSignIn(worst());
    expect(tokensOf(worst())).toBeLessThan(700);
    expect(report.findings[0]).toMatchObject({ check: 'invitation', status: 'problem' });
    expect(report.omitted).toBeGreaterThan(0);
  });

  it('shows no invisible or direction-changing character', () => {
    expect(JSON.stringify(diagnoseSignIn(worst()))).not.toMatch(/[\u200b-\u200f\u202a-\u202e]/);
  });
});
