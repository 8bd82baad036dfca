import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { diagnoseOrganization } from '../../src/tools/operators/organization-diagnosis.ts';
import type { OrganizationFacts } from '../../src/tools/operators/organization-facts.ts';
import {
  ago,
  ahead,
  certificate,
  connection,
  DAY,
  directory,
  directoryUser,
  event,
  failure,
  healthy as healthyPerson,
  invitation,
  list,
  membership,
  NOW,
  organization,
} from './sign-in-landscapes.ts';

const member = (name: string, fields: object = {}) =>
  membership({
    id: `om_${name}`,
    user_id: `user_${name}`,
    user: { id: `user_${name}`, email: `${name}@acme.example` },
    ...fields,
  });
const admin = (name: string, fields: object = {}) => member(name, { role: { slug: 'admin' }, roles: [], ...fields });
const inDirectory = (name: string, fields: object = {}) =>
  directoryUser({ id: `directory_user_${name}`, email: `${name}@acme.example`, ...fields });
const other = (fields: object) => ({ id: 'org_2', name: 'Other', domains: [], ...fields });

/** A healthy organization, of which everything was read. */
function healthy(): OrganizationFacts {
  return {
    now: NOW,
    organization: organization(),
    setup: { ...setup(), directories: list(directory()) },
    members: list(admin('ada'), admin('bea'), member('cem')),
    invitations: list(),
    directoryUsers: list(inDirectory('ada'), inDirectory('bea'), inDirectory('cem')),
    lastSync: list(event('dsync.user.updated', {})),
    failures: list(),
    others: [],
    unread: [],
  };
}

function setup() {
  const { setup: one } = healthyPerson();
  if (!one) throw new Error('the healthy landscape has a setup');
  return one;
}

const withSetup = (fields: object): OrganizationFacts => ({
  ...healthy(),
  setup: { ...setup(), directories: list(directory()), ...fields },
});
const people = (...members: ReturnType<typeof member>[]): OrganizationFacts => ({
  ...healthy(),
  members: list(...members),
  directoryUsers: undefined,
});

interface Landscape {
  cause: string;
  facts: OrganizationFacts;
  first: string;
  next?: string;
  second?: string;
  says?: string;
}

const landscapes: Landscape[] = [
  { cause: 'nothing is wrong', facts: healthy(), first: 'members ok', says: '3 active' },
  {
    cause: 'the connection is inactive',
    facts: withSetup({ connections: list(connection({ state: 'inactive' })) }),
    first: 'connection problem',
    next: 'generate_portal_link',
  },
  {
    cause: 'the connection was never finished',
    facts: withSetup({ connections: list(connection({ state: 'draft' })) }),
    first: 'connection warning',
    next: 'generate_portal_link',
  },
  {
    cause: 'the certificate expired',
    facts: withSetup({ certificates: new Map([['conn_acme', [certificate(ago(DAY))]]]) }),
    first: 'certificate problem',
    next: 'generate_portal_link',
    says: 'expired 1 day ago',
  },
  {
    cause: 'the certificate expires soon',
    facts: withSetup({ certificates: new Map([['conn_acme', [certificate(ahead(20 * DAY))]]]) }),
    first: 'certificate warning',
    next: 'generate_portal_link',
  },
  {
    cause: 'the directory is unlinked',
    facts: { ...withSetup({ directories: list(directory({ state: 'unlinked' })) }), directoryUsers: undefined },
    first: 'directory problem',
    next: 'generate_portal_link',
  },
  {
    cause: 'the directory has wrong credentials',
    facts: {
      ...withSetup({ directories: list(directory({ state: 'invalid_credentials' })) }),
      directoryUsers: undefined,
    },
    first: 'directory problem',
    next: 'generate_portal_link',
    says: 'is invalid_credentials',
  },
  {
    cause: 'the only domain of SSO is pending',
    facts: {
      ...healthy(),
      organization: organization({ domains: [{ id: 'org_domain_1', domain: 'acme.example', state: 'pending' }] }),
    },
    first: 'domains problem',
    next: 'verify_organization_domain',
  },
  {
    cause: 'another domain could not be verified',
    facts: {
      ...healthy(),
      organization: organization({
        domains: [
          { id: 'org_domain_1', domain: 'acme.example', state: 'verified' },
          { id: 'org_domain_2', domain: 'acme-labs.example', state: 'failed' },
        ],
      }),
    },
    first: 'domains warning',
    next: 'verify_organization_domain',
    says: '"acme-labs.example" is failed; verified: "acme.example"',
  },
  {
    cause: 'there is SSO but no domain',
    facts: { ...healthy(), organization: organization({ domains: [] }) },
    first: 'domains problem',
    says: 'its SSO accepts no address',
  },
  {
    cause: 'no admin is active',
    facts: people(admin('ada', { status: 'inactive' }), member('cem')),
    first: 'admins problem',
    next: 'reactivate_organization_membership',
  },
  {
    cause: 'no member has an admin role',
    facts: people(member('ada'), member('cem')),
    first: 'admins warning',
  },
  {
    cause: 'there is only one admin',
    facts: people(admin('ada'), member('cem')),
    first: 'admins warning',
    says: 'only one admin',
  },
  {
    cause: 'the directory suspended every admin',
    facts: {
      ...people(admin('ada'), member('cem')),
      directoryUsers: list(inDirectory('ada', { state: 'suspended' }), inDirectory('cem')),
    },
    first: 'admins problem',
    next: 'get_directory_user',
    second: 'directory_users problem',
    says: 'every admin is suspended',
  },
  {
    cause: 'a suspended user is still a member',
    facts: {
      ...healthy(),
      directoryUsers: list(inDirectory('ada'), inDirectory('bea'), inDirectory('cem', { state: 'inactive' })),
    },
    first: 'directory_users problem',
    next: 'deactivate_organization_membership',
    says: 'still active members: "cem@acme.example"',
  },
  {
    cause: 'a managed member left the directory',
    facts: {
      ...healthy(),
      members: list(admin('ada'), admin('bea'), member('cem', { directory_managed: true })),
      directoryUsers: list(inDirectory('ada'), inDirectory('bea')),
    },
    first: 'directory_users warning',
    next: 'get_organization_membership',
    says: 'no longer has them: "cem@acme.example"',
  },
  {
    cause: 'directory users are not members',
    facts: { ...healthy(), members: list(admin('ada'), admin('bea')) },
    first: 'directory_users warning',
    next: 'get_directory_user',
    says: '1 active in the directory without a membership: "cem@acme.example"',
  },
  { cause: 'there are no members', facts: people(), first: 'members warning' },
  {
    cause: 'no member is active',
    facts: people(member('ada', { status: 'pending' })),
    first: 'admins warning',
    second: 'members warning',
  },
  {
    cause: 'invitations expired',
    facts: {
      ...healthy(),
      invitations: list(invitation({ email: 'hal@acme.example', state: 'expired', expires_at: ago(9 * DAY) })),
    },
    first: 'invitations warning',
    next: 'send_invitation',
    says: '1 expired without being accepted: "hal@acme.example", the newest 9 days ago; none pending',
  },
  {
    cause: 'an expired invitee is already a member',
    facts: { ...healthy(), invitations: list(invitation({ state: 'expired' })) },
    first: 'members ok',
  },
  {
    cause: 'SSO fails for several users',
    facts: {
      ...healthy(),
      failures: list(
        ...['ada', 'bea', 'cem'].map((name) =>
          failure('sso_failed', 'saml_response_invalid', 5, { user_id: `user_${name}`, email: `${name}@acme.example` }),
        ),
      ),
    },
    first: 'failed_sign_ins problem',
    next: 'diagnose_sign_in',
    says: '3 by 3 people in 7 days: 3 × SSO failed',
  },
  {
    cause: 'one user mistypes a password',
    facts: {
      ...healthy(),
      failures: list(
        failure('password_failed', 'invalid_credentials'),
        failure('password_failed', 'invalid_credentials', 9 * 24 * 60),
        failure('password_failed', 'invalid_credentials', 5, { user_id: 'user_x', email: 'x@beta.example' }),
      ),
    },
    first: 'failed_sign_ins warning',
    next: 'diagnose_sign_in',
    says: '1 by 1 person in 7 days: 1 × wrong password, newest 5 minutes ago',
  },
  {
    cause: 'another organization has the same name',
    facts: { ...healthy(), others: [other({ name: 'ACME, Inc.' })] },
    first: 'duplicates warning',
    next: 'get_organization',
    says: '"ACME, Inc." (org_2) has the same name',
  },
  {
    cause: 'another organization shares a domain',
    facts: { ...healthy(), others: [other({ domains: [{ domain: 'Acme.example' }] })] },
    first: 'duplicates warning',
    next: 'get_organization',
    says: 'shares "Acme.example"',
  },
  {
    cause: 'other names are only similar',
    facts: { ...healthy(), others: [other({ name: 'Acme Bank' })] },
    first: 'members ok',
  },
  {
    cause: 'two things are wrong at once',
    facts: {
      ...withSetup({ connections: list(connection({ state: 'inactive' })) }),
      invitations: list(invitation({ email: 'hal@acme.example', state: 'expired' })),
    },
    first: 'connection problem',
    second: 'invitations warning',
    next: 'generate_portal_link',
  },
];

const tokensOf = (facts: OrganizationFacts) => {
  const { next, whole: _, ...report } = diagnoseOrganization(facts);
  return countTokens(JSON.stringify({ ...report, next: next[0] }));
};

describe('an organization is diagnosed when', () => {
  it.each(landscapes)('$cause: $first', ({ facts, first, second, next, says }) => {
    const { findings, next: steps } = diagnoseOrganization(facts);
    const shown = findings.map(({ check, status }) => `${check} ${status}`);
    expect(shown[0]).toBe(first);
    if (second !== undefined) expect(shown[1]).toBe(second);
    if (says !== undefined) expect(findings[0]?.detail).toContain(says);
    expect(steps[0]?.tool).toBe(next);
    expect(tokensOf(facts)).toBeLessThan(700);
    for (const { tool, arguments: input } of steps) {
      expect(tools.get(tool)?.input.safeParse(input).success, `${tool} ${JSON.stringify(input)}`).toBe(true);
    }
  });
});

describe('a large organization', () => {
  const large: OrganizationFacts = {
    ...healthy(),
    members: {
      items: Array.from({ length: 100 }, (_, index) => member(`m${index}`, { directory_managed: true })),
      more: true,
    },
    directoryUsers: { items: Array.from({ length: 100 }, (_, index) => inDirectory(`d${index}`)), more: true },
  };

  it('is judged only by what was read, and the findings say so', () => {
    const { findings } = diagnoseOrganization(large);
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(findings.find(({ check }) => check === 'members')?.detail).toBe('of the first 100 members: 100 active');
    expect(findings.find(({ check }) => check === 'admins')?.detail).toBe(
      'no one among the first 100 members has an active role named admin or owner',
    );
    // Neither list is complete, so neither can show who is missing from the other.
    expect(findings.find(({ check }) => check === 'directory_users')?.detail).toBe('the first 100 directory users');
  });
});

describe('what was not read of an organization', () => {
  const unread: OrganizationFacts = {
    ...healthy(),
    setup: undefined,
    members: undefined,
    invitations: undefined,
    directoryUsers: undefined,
    lastSync: undefined,
    failures: undefined,
    others: undefined,
    unread: [{ tool: 'list_events', why: 'WorkOS returned 403: "Forbidden"' }],
  };

  it('is never reported as a problem', () => {
    for (const facts of [unread, { ...unread, organization: undefined }]) {
      const statuses = diagnoseOrganization(facts).findings.map(({ status }) => status);
      expect(statuses).not.toContain('problem');
      expect(statuses).toContain('skipped');
    }
  });

  it.each(['setup', 'members', 'invitations', 'directoryUsers', 'lastSync', 'failures', 'others'] as const)(
    'does not become a problem of a healthy organization: %s',
    (part) => {
      const { findings } = diagnoseOrganization({ ...healthy(), [part]: undefined });
      expect(findings.map(({ status }) => status)).not.toContain('problem');
    },
  );
});

it('the diagnosis of an organization with every problem takes less than 700 tokens', () => {
  const long = '🦄ጸሓይ‮'.repeat(60);
  const facts: OrganizationFacts = {
    ...withSetup({
      connections: list(...Array.from({ length: 30 }, () => connection({ name: long, state: 'inactive' }))),
      directories: list(...Array.from({ length: 30 }, () => directory({ name: long, state: 'unlinked' }))),
    }),
    organization: organization({
      name: long,
      domains: Array.from({ length: 50 }, (_, index) => ({ id: long, domain: `${index}${long}`, state: 'pending' })),
    }),
    members: list(...Array.from({ length: 100 }, (_, index) => admin(`${index}${long}`))),
    directoryUsers: list(
      ...Array.from({ length: 100 }, (_, index) => inDirectory(`${index}${long}`, { state: 'suspended' })),
    ),
    invitations: list(
      ...Array.from({ length: 100 }, (_, index) => invitation({ email: `i${index}${long}@x`, state: 'expired' })),
    ),
    failures: list(...Array.from({ length: 100 }, (_, index) => failure(`kind${index}`, long, 5))),
    others: Array.from({ length: 50 }, () => other({ id: long, name: long })),
  };
  expect(tokensOf(facts)).toBeLessThan(700);
  expect(JSON.stringify(diagnoseOrganization(facts))).not.toMatch(/[\u200b-\u200f\u202a-\u202e]/);
});
