import { invitationTo } from './account-findings.ts';
import { type Assessed, listed, type NextStep, quoted, word } from './findings.ts';
import { type Invitation, type Membership, rolesOf, textAt } from './records.ts';
import type { SignInFacts } from './sign-in-facts.ts';
import { ago, fromNow, timeOf } from './times.ts';

const MAIL = 'whether the invitation email arrived: bounces and suppressed addresses';

/** Whether the person belongs to the organization, and the state of their invitation. */
export function membershipFindings(facts: SignInFacts): Assessed[] {
  return [...ofMemberships(facts), ...ofInvitations(facts)];
}

/** The membership in the organization that the diagnosis is about, preferably an active one. */
export function membershipOf({ memberships, organization }: SignInFacts): Membership | undefined {
  const there = memberships?.items.filter((one) => one.organization_id === organization?.id && organization);
  return there?.find(({ status }) => status === 'active') ?? there?.[0];
}

function ofMemberships(facts: SignInFacts): Assessed[] {
  const { user, memberships, organization, organizationFrom } = facts;
  if (!user || !memberships) return [];
  if (!organization) return withoutOrganization(facts, memberships.items);
  const membership = membershipOf(facts);
  const name = quoted(organization.name, 60);
  if (!membership) return memberships.more ? [] : [notMember(facts, name)];
  const check = 'membership';
  const roles = rolesOf(membership).map((slug) => quoted(slug, 30));
  const as = roles.length > 0 ? ` as ${listed(roles)}` : '';
  if (membership.status === 'active') {
    const others = memberships.items.length - 1;
    const among = organizationFrom !== 'asked' && others > 0 ? `; one of ${others + 1} memberships` : '';
    return [{ check, status: 'ok', detail: `active in ${name}${as}${among}`, weight: 85 }];
  }
  const input = { organization_membership_id: membership.id };
  if (membership.status === 'inactive') {
    const managed = membership.directory_managed ? '; a directory manages it and may undo a change' : '';
    return [
      {
        check,
        status: 'problem',
        detail: `inactive in ${name}${managed}`,
        fix: 'Reactivate it, if they should have access.',
        weight: 90,
        next: [
          { tool: 'reactivate_organization_membership', arguments: input, why: 'if they should have access' },
          { tool: 'get_organization_membership', arguments: input, why: 'see the membership' },
        ],
      },
    ];
  }
  if (membership.status !== 'pending') {
    return [{ check, status: 'warning', detail: `in ${name} with status ${word(membership.status)}`, weight: 80 }];
  }
  return [
    {
      check,
      status: 'problem',
      detail: `pending in ${name}: the invitation has not been accepted`,
      fix: 'They have to accept the invitation.',
      weight: 88,
      next: [
        ...openInvitation(facts),
        { tool: 'get_organization_membership', arguments: input, why: 'see the membership' },
      ],
      notVisible: [MAIL],
    },
  ];
}

function notMember(facts: SignInFacts, name: string): Assessed {
  const { user, memberships, organization, setup, organizationFrom, now } = facts;
  const others = memberships?.items.filter(({ status }) => status === 'active') ?? [];
  const elsewhere = others.map((one) => quoted(one.organization_name ?? one.organization_id ?? '', 40));
  const removed = setup?.events?.items.find(
    ({ event, data }) => event === 'organization_membership.deleted' && textAt(data, 'user_id') === user?.id,
  );
  const time = timeOf(removed?.created_at);
  const since = removed ? `; removed${time === undefined ? '' : ` ${ago(time, now)}`}` : '';
  const only = elsewhere.length > 0 ? `; active in ${listed(elsewhere)} only` : '';
  const owner = organizationFrom === 'domain' ? ', which has their domain' : '';
  return {
    check: 'membership',
    status: 'problem',
    detail: `not a member of ${name}${owner}${since}${only}`,
    fix: 'Add them, if they should have access.',
    weight: 86,
    next:
      user && organization
        ? [
            {
              tool: 'create_organization_membership',
              arguments: { user_id: user.id, organization_id: organization.id },
              why: 'if they should have access',
            },
          ]
        : [],
  };
}

function withoutOrganization({ user, asked }: SignInFacts, memberships: readonly Membership[]): Assessed[] {
  const check = 'membership';
  if (memberships.length === 0) {
    return [
      {
        check,
        status: 'warning',
        detail: 'not a member of any organization',
        fix: 'Call again with the organization they should get into.',
        weight: 60,
      },
    ];
  }
  const active = memberships.filter(({ status }) => status === 'active');
  const names = active.map((one) => quoted(one.organization_name ?? one.organization_id ?? '', 40));
  const first = active[0]?.organization_id ?? memberships[0]?.organization_id;
  return [
    {
      check: 'organization',
      status: 'warning',
      detail:
        names.length > 0
          ? `active in ${names.length} organizations (${listed(names)}), and none was named; a sign-in has to choose one`
          : `${memberships.length} memberships, none of them active`,
      fix: 'Call again with the organization they cannot get into.',
      weight: 65,
      next: first
        ? [
            {
              tool: 'diagnose_sign_in',
              arguments: { user: user?.id ?? asked.user, organization: first },
              why: 'look at the first of them',
            },
          ]
        : [],
    },
  ];
}

/** Reports on the newest invitation to the organization or, for a person without an account, to anywhere. */
function ofInvitations(facts: SignInFacts): Assessed[] {
  const { invitations, organization, user, email, now } = facts;
  if (!invitations || user === undefined || membershipOf(facts)?.status === 'active') return [];
  const there = invitations.items.filter((one) => !organization || one.organization_id === organization.id);
  const invitation = there[0] ?? (user === null ? invitations.items[0] : undefined);
  const address = invitation?.email ?? user?.email ?? email;
  if (!invitation || address === undefined) return [];
  const check = 'invitation';
  const anew = { fix: 'Invite them again, if they should have access.', next: [again(address, facts, invitation)] };
  const elsewhere =
    organization && invitation.organization_id && invitation.organization_id !== organization.id
      ? ` (to another organization, ${quoted(invitation.organization_id, 40)})`
      : '';
  const expires = timeOf(invitation.expires_at);
  const state = invitation.state === 'pending' && expires !== undefined && expires < now ? 'expired' : invitation.state;
  if (state === 'expired') {
    const time = expires === undefined ? '' : ` ${ago(expires, now)}`;
    return [{ check, status: 'problem', detail: `the invitation expired${time}${elsewhere}`, weight: 92, ...anew }];
  }
  if (state === 'revoked') {
    const revoked = timeOf(invitation.revoked_at);
    const time = revoked === undefined ? '' : ` ${ago(revoked, now)}`;
    return [{ check, status: 'problem', detail: `the invitation was revoked${time}${elsewhere}`, weight: 92, ...anew }];
  }
  if (state === 'pending') {
    const sent = timeOf(invitation.created_at);
    const ends = expires === undefined ? '' : `, expires ${fromNow(expires, now)}`;
    return [
      {
        check,
        status: 'problem',
        detail: `invited${sent === undefined ? '' : ` ${ago(sent, now)}`}${elsewhere}, not accepted yet${ends}`,
        fix: 'They have to accept it with the link in the email.',
        weight: 92,
        next: openInvitation(facts),
        notVisible: [MAIL],
      },
    ];
  }
  return state === 'accepted' ? ofAccepted(facts, invitation) : [];
}

function ofAccepted({ user, organization }: SignInFacts, { accepted_user_id: by }: Invitation): Assessed[] {
  if (!by || by === user?.id) return [];
  return [
    {
      check: 'invitation',
      status: 'problem',
      detail: `the invitation to this address was accepted by another user, ${quoted(by, 60)}`,
      fix: 'They have to sign in with the address of that user.',
      weight: 96,
      next: [
        {
          tool: 'diagnose_sign_in',
          arguments: { user: by, ...(organization && { organization: organization.id }) },
          why: 'look at the user who accepted it',
        },
      ],
    },
  ];
}

function again(email: string, facts: SignInFacts, { role_slug, organization_id }: Invitation): NextStep {
  // A role may exist only in the organization of its invitation.
  return invitationTo(email, facts, organization_id === facts.organization?.id ? role_slug : undefined);
}

function openInvitation({ invitations, organization, now }: SignInFacts): NextStep[] {
  const open = invitations?.items.find(
    ({ state, expires_at, organization_id }) =>
      state === 'pending' &&
      (timeOf(expires_at) ?? now) >= now &&
      (!organization || !organization_id || organization_id === organization.id),
  );
  return open
    ? [{ tool: 'resend_invitation', arguments: { invitation_id: open.id }, why: 'send the email again' }]
    : [];
}
