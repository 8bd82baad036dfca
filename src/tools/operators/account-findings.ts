import type { Attempts } from './attempts.ts';
import { printable } from './diagnosis-result.ts';
import { type Assessed, counted, listed, type NextStep, quoted } from './findings.ts';
import { type Event, textAt } from './records.ts';
import type { Person, SignInFacts } from './sign-in-facts.ts';
import { type Likeness, likeness } from './similar-address.ts';
import { ago, timeOf } from './times.ts';

/** Whether the account exists, and whether it is the one that the person means. */
export function accountFindings(facts: SignInFacts, { last, since, isIn }: Attempts): Assessed[] {
  const { user } = facts;
  if (user === undefined) return [];
  if (user === null) return noAccount(facts);
  const findings = facts.doubles.length > 0 ? [doubled(facts)] : [];
  if (user.email_verified === false) {
    // Every sign-in with a code or through SSO verifies the address, so a person who is signed in does not need this.
    const isCause = !isIn && (last === undefined || (since ?? []).length > 0);
    findings.push({
      check: 'email',
      status: isCause ? 'problem' : 'warning',
      detail: 'the email address is not verified, which password sign-in requires',
      fix: 'They have to enter the code from the verification email.',
      weight: 50,
      next: [{ tool: 'send_email_verification', arguments: { user_id: user.id }, why: 'send the code again' }],
      notVisible: ['whether emails to this address arrive: bounces and suppressed addresses'],
    });
  } else {
    const verified = user.email_verified ? ', address verified' : '';
    const created = timeOf(user.created_at);
    const age = created === undefined ? '' : `, created ${ago(created, facts.now)}`;
    findings.push({ check: 'user', status: 'ok', detail: `exists${verified}${age}`, weight: 80 });
  }
  return findings;
}

/** Reports people with a similar address, whom the caller may mean. Used only if the given address has no access. */
export function similarFinding(facts: SignInFacts): Assessed[] {
  const { email, people, organization, user } = facts;
  if (email === undefined || !people) return [];
  const found = new Map<string, Likeness & { person: Person }>();
  for (const person of people.items) {
    const like = likeness(email, person.email);
    // If the address has an account, another one that differs by a letter belongs to a colleague.
    if (like && (like.samePerson || !user)) found.set(person.email.toLowerCase(), { ...like, person });
  }
  const alike = [...found.values()].sort((a, b) => Number(b.samePerson) - Number(a.samePerson));
  const [first] = alike;
  if (!first) return [];
  const named = alike.map(({ person }) => `${quoted(person.email, 60)} (${person.known})`);
  return [
    {
      check: 'similar_address',
      status: 'problem',
      detail: `${listed(named, 2)} ${named.length === 1 ? `differs ${first.how}` : 'look alike'}`,
      fix: 'Ask which address they use; one of them may be mistyped.',
      // An invitation to exactly this address is stronger evidence than a colleague with a similar one.
      weight: first.samePerson ? 94 : 91,
      next: [
        {
          tool: 'diagnose_sign_in',
          arguments: { user: first.person.email, ...(organization && { organization: organization.id }) },
          why: 'look at the similar address',
        },
      ],
    },
  ];
}

function noAccount(facts: SignInFacts): Assessed[] {
  const { email, asked, now, organization, people } = facts;
  const changed = userEvent(facts, 'user.updated', (event) => previousEmail(event) === email && email !== undefined);
  if (changed) {
    const id = textAt(changed.data, 'id');
    const address = textAt(changed.data, 'email');
    return [
      {
        check: 'user',
        status: 'problem',
        detail: `the address was changed${address === undefined ? '' : ` to ${quoted(address, 60)}`} ${when(changed, now)}`,
        fix: 'They have to sign in with the new address.',
        weight: 100,
        next: id ? [diagnose(id, facts, 'look at the account under its new address')] : [],
      },
    ];
  }
  const deleted = userEvent(facts, 'user.deleted', ({ data }) => {
    return textAt(data, 'id') === asked.user || (email !== undefined && textAt(data, 'email')?.toLowerCase() === email);
  });
  if (!deleted && facts.directoryUsers?.items.some(({ state }) => state === 'active')) return [notYet(facts)];
  const address = email ?? textAt(deleted?.data, 'email');
  const among = people && email !== undefined ? `; no similar address among ${counted(people, 'member')}` : '';
  const similar = similarFinding(facts).length > 0;
  const what = email === undefined ? 'no user has this id' : `no user has this address${similar ? '' : among}`;
  return [
    {
      check: 'user',
      status: 'problem',
      detail: deleted ? `the user was deleted ${when(deleted, now)}` : what,
      fix:
        address === undefined
          ? 'Give the email address, or the id of a user.'
          : 'If they should have an account, invite them.',
      weight: deleted ? 98 : 70,
      next: address === undefined ? nobody(organization) : [invitationTo(address, facts)],
    },
  ];
}

/** The person is in the directory, so their first sign-in through SSO will create the user. */
function notYet(facts: SignInFacts): Assessed {
  return {
    check: 'user',
    status: 'problem',
    detail: 'no user has this address yet, but the directory has them: a first sign-in through SSO creates the user',
    fix: 'They have to sign in through SSO.',
    // If SSO does not work, that is the more likely cause.
    weight: 59,
    next: [diagnose(facts.asked.user, facts, 'after they have tried SSO')],
    notVisible: ["the identity provider's own log, and whether the app is assigned to them there"],
  };
}

/** An invitation to the organization that the diagnosis is about. */
export function invitationTo(email: string, { organization }: SignInFacts, role_slug?: string | null): NextStep {
  return {
    tool: 'send_invitation',
    arguments: { email, ...(organization && { organization_id: organization.id }), ...(role_slug && { role_slug }) },
    why: 'invite them, if they should have access',
  };
}

function nobody(organization: SignInFacts['organization']): NextStep[] {
  if (!organization) return [{ tool: 'list_users', arguments: {}, why: 'find the person' }];
  const input = { organization_id: organization.id };
  return [{ tool: 'list_organization_memberships', arguments: input, why: 'find the person among the members' }];
}

function doubled({ doubles, user }: SignInFacts): Assessed {
  const ids = doubles.map(({ id }) => printable(id, 60));
  return {
    check: 'user',
    status: 'warning',
    detail: `other users have the same address: ${listed(ids)}; these findings are about the one that signed in last`,
    fix: 'Find out which of them is in use.',
    weight: 60,
    next: user && ids[0] ? [{ tool: 'get_user', arguments: { user_id: ids[0] }, why: 'compare the other user' }] : [],
  };
}

function diagnose(user: string, { organization }: SignInFacts, why: string): NextStep {
  return { tool: 'diagnose_sign_in', arguments: { user, ...(organization && { organization: organization.id }) }, why };
}

function userEvent({ userEvents }: SignInFacts, name: string, fits: (event: Event) => boolean): Event | undefined {
  return userEvents?.items.find((event) => event.event === name && fits(event));
}

/** The address that a user had before an update. */
function previousEmail({ data, context }: Event): string | undefined {
  const before = textAt(context, 'previous_attributes.email') ?? textAt(data, 'previous_attributes.email');
  return before?.toLowerCase();
}

function when({ created_at }: Event, now: number): string {
  const time = timeOf(created_at);
  return time === undefined ? 'within the last 30 days' : ago(time, now);
}
