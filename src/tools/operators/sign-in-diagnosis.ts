import { accountFindings, similarFinding } from './account-findings.ts';
import { attemptFindings } from './attempt-findings.ts';
import { type Attempts, attemptsOf } from './attempts.ts';
import { type DiagnosisResult, diagnosisResult, printable } from './diagnosis-result.ts';
import { type Assessed, type NextStep, quoted, word } from './findings.ts';
import { membershipFindings, membershipOf } from './membership-findings.ts';
import { personSetupFindings } from './person-setup-findings.ts';
import type { SignInFacts } from './sign-in-facts.ts';
import { ago } from './times.ts';

const POLICY = 'which sign-in methods are enabled, and whether the organization requires SSO';

/**
 * Finds out why a person cannot sign in or get into an organization, most likely cause first. Pure. Draws no conclusions from
 * what was not read.
 */
export function diagnoseSignIn(facts: SignInFacts): DiagnosisResult {
  const { user, organization, email, unread } = facts;
  const attempts = attemptsOf(facts);
  const findings = [
    ...accountFindings(facts, attempts),
    ...membershipFindings(facts),
    ...personSetupFindings(facts, attempts),
    ...attemptFindings(facts, attempts),
    ...sessionFindings(facts, attempts),
    ...factorFindings(facts),
  ];
  // Similar addresses do not matter for a person who belongs to the organization.
  const isStranger = user && facts.memberships?.more === false && !membershipOf(facts);
  const name = user && [user.first_name, user.last_name].flatMap((one) => one ?? []).join(' ');
  return diagnosisResult(
    {
      ...(user && { user: { id: user.id, email: printable(user.email), ...(name && { name: printable(name, 60) }) } }),
      ...(!user && email !== undefined && { user: { email: printable(email) } }),
      ...(organization && { organization: { id: organization.id, name: printable(organization.name, 60) } }),
    },
    [...findings, ...(user === null || isStranger ? similarFinding(facts) : [])],
    unread,
    {
      lead: 'Most likely cause',
      fine: {
        summary: fine(facts, attempts),
        next: [tryAgain(facts)],
        notVisible: user === undefined ? [] : [POLICY, 'what your application does after the sign-in'],
      },
    },
  );
}

function fine({ user, now, email }: SignInFacts, { last, isIn }: Attempts): string {
  if (user === undefined) {
    return `Whether ${email === undefined ? 'this user exists' : 'this address has an account'} could not be read`;
  }
  if (!last)
    return `Nothing was found that keeps them out${user?.last_sign_in_at === null ? ', but they have never signed in' : ''}`;
  const when = ago(last.time, now);
  return isIn ? `They got in: last sign-in ${when}` : `Nothing was found that keeps them out; last sign-in ${when}`;
}

function tryAgain({ asked, user, organization }: SignInFacts): NextStep {
  return {
    tool: 'diagnose_sign_in',
    arguments: { user: user?.id ?? asked.user, ...(organization && { organization: organization.id }) },
    why: 'after they have tried again',
  };
}

function sessionFindings(facts: SignInFacts, { last }: Attempts): Assessed[] {
  const { user, organization, organizationFrom, memberships, now, sessions } = facts;
  const [newest] = sessions?.items ?? [];
  if (!user || !newest) return [];
  const next = [{ tool: 'list_user_sessions', arguments: { user_id: user.id }, why: 'see their sessions' }];
  const other = last?.organizationId;
  const isMember = membershipOf(facts)?.status === 'active';
  if (organizationFrom === 'asked' && organization && other !== undefined && other !== organization.id && isMember) {
    const name = memberships?.items.find((one) => one.organization_id === other)?.organization_name;
    const where = other === null ? 'without an organization' : `to ${quoted(name ?? other, 60)}`;
    return [
      {
        check: 'session',
        status: 'problem',
        detail: `the last sign-in, ${ago(last?.time ?? now, now)}, was ${where}, not to ${quoted(organization.name, 60)}`,
        fix: 'They have to switch, or the application has to start the sign-in with organization_id.',
        weight: 72,
        next,
        notVisible: ['which organization your application asks for'],
      },
    ];
  }
  const isActive = sessions?.items.some(({ status }) => status === 'active');
  if (isActive || newest.status !== 'revoked') return [];
  return [
    {
      check: 'session',
      status: 'warning',
      detail: 'their last session was revoked, so they have to sign in again',
      weight: 35,
      next,
    },
  ];
}

function factorFindings({ factors }: SignInFacts): Assessed[] {
  const types = factors?.items.map(({ type }) => word(type)) ?? [];
  if (types.length === 0) return [];
  return [
    { check: 'mfa', status: 'ok', detail: `enrolled: ${[...new Set(types)].slice(0, 3).join(', ')}`, weight: 15 },
  ];
}
