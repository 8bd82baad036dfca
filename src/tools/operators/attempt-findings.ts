import { type Attempt, type Attempts, SSO_ONLY } from './attempts.ts';
import { type Assessed, type NextStep, quoted, word } from './findings.ts';
import { textAt } from './records.ts';
import type { SignInFacts } from './sign-in-facts.ts';
import { ago, timeOf } from './times.ts';

/** What a kind of failure means, and how to fix it. */
export interface Meaning {
  check: string;
  /** What happened, as in `3 × wrong password`. */
  what: string;
  fix: string;
  step?: Step;
  notVisible?: string;
}

type Step = 'password_reset' | 'magic_auth' | 'verification' | 'factor' | 'connection' | 'identities' | 'sessions';

const MAIL = 'whether emails to this address arrive: bounces and suppressed addresses';
const IDP = "the identity provider's own log, and whether the app is assigned to them there";

const EMAIL_VERIFICATION: Meaning = {
  check: 'email',
  what: 'email verification not passed',
  fix: 'They have to enter the newest code from the verification email.',
  step: 'verification',
  notVisible: MAIL,
};
const PASSWORD: Meaning = {
  check: 'password',
  what: 'wrong password',
  fix: 'They can reset it.',
  step: 'password_reset',
};
const CODE: Meaning = {
  check: 'code',
  what: 'wrong or expired sign-in code',
  fix: 'A code lasts 10 minutes, and only the newest one works.',
  step: 'magic_auth',
  notVisible: MAIL,
};
const MFA: Meaning = {
  check: 'mfa',
  what: 'second factor failed',
  fix: 'Check the clock of their phone. If it is lost, delete the factor once you know it is them; they enroll again.',
  step: 'factor',
};
const SSO: Meaning = {
  check: 'sso',
  what: 'SSO failed',
  fix: "Compare the connection's settings with those at the identity provider.",
  step: 'connection',
  notVisible: IDP,
};
const SSO_POLICY: Meaning = {
  check: 'policy',
  what: 'signed in another way, but the organization only allows SSO',
  fix: "They have to start with their work address, or with the organization's SSO link.",
  step: 'connection',
};
const LOCKOUT: Meaning = {
  check: 'lockout',
  what: 'too many attempts',
  fix: 'It clears on its own: the limit is 10 attempts per address per minute.',
  step: 'sessions',
};

/** Meanings by error code, which is more specific than the event. */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(SSO_ONLY.map((code) => [code, SSO_POLICY])),
  invalid_credentials: PASSWORD,
  email_verification_required: EMAIL_VERIFICATION,
  mfa_enrollment: { ...MFA, what: 'second factor required, none enrolled', fix: 'They have to enroll one when asked.' },
  mfa_challenge_failed: MFA,
  too_many_attempts: LOCKOUT,
  too_many_requests: LOCKOUT,
  rate_limit_exceeded: LOCKOUT,
  daily_quota_exceeded: { ...LOCKOUT, what: 'daily limit reached', fix: 'It clears on its own within a day.' },
  organization_selection_required: {
    check: 'organization',
    what: 'an organization had to be chosen',
    fix: 'The application has to let them choose, or to start the sign-in with organization_id.',
  },
  profile_not_allowed_outside_organization: {
    ...SSO,
    check: 'domain',
    what: "address from the identity provider is not in the organization's verified domains",
    fix: 'Verify the domain for the organization, or correct the email attribute at the identity provider.',
  },
  idp_initiated_sso_disabled: {
    ...SSO,
    what: 'started at the identity provider, which is not allowed',
    fix: 'They have to start from the application, not from its tile at the identity provider.',
  },
  connection_invalid: { ...SSO, check: 'connection', what: 'the connection cannot be used' },
  connection_unlinked: { ...SSO, check: 'connection', what: 'the connection is not linked' },
  access_denied: { ...SSO, what: 'refused by the identity provider', fix: 'Assign the app to them there.' },
  signin_consent_denied: { ...SSO, what: 'they declined to give consent', fix: 'They have to give it.' },
};

const BY_EVENT: Readonly<Record<string, Meaning>> = {
  'authentication.password_failed': { ...PASSWORD, what: 'password sign-in failed' },
  'authentication.magic_auth_failed': CODE,
  'authentication.mfa_failed': MFA,
  'authentication.email_verification_failed': EMAIL_VERIFICATION,
  'authentication.sso_failed': SSO,
  'authentication.sso_timed_out': {
    ...SSO,
    what: 'SSO started, but the identity provider never responded',
    fix: 'Ask what they saw there: an error page, or an app that is not assigned to them.',
  },
  'authentication.oauth_failed': {
    check: 'oauth',
    what: 'social login failed',
    fix: 'They have to use the account that they signed up with.',
    step: 'identities',
  },
  'authentication.passkey_failed': {
    check: 'passkey',
    what: 'passkey failed',
    fix: 'They can sign in another way and register the passkey again.',
    step: 'factor',
  },
  'authentication.radar_risk_detected': {
    check: 'risk',
    what: 'Radar detected a risk',
    fix: 'Confirm that it is really them before you allow anything.',
    step: 'sessions',
    notVisible: "Radar's block and allow lists",
  },
  'action.authentication.denied': {
    check: 'action',
    what: 'denied by your Actions endpoint',
    fix: 'Check the log of the endpoint.',
    notVisible: 'why your Actions endpoint denied it',
  },
  'action.user_registration.denied': {
    check: 'action',
    what: 'sign-up denied by your Actions endpoint',
    fix: 'Check the log of the endpoint.',
    notVisible: 'why your Actions endpoint denied it',
  },
};

/** What the failed attempts since the last sign-in mean, and when the person last signed in. */
export function attemptFindings(facts: SignInFacts, attempts: Attempts): Assessed[] {
  const { since, before, last } = attempts;
  if (facts.user === undefined && (since ?? []).length === 0) return [];
  const groups = groupsOf(since ?? []);
  const findings = groups.map(([first, ...others], index) => groupFinding(facts, [first, ...others], index));
  const looked = since && lookedAt(facts);
  if (last) {
    const seen = since === undefined || since.length > 0 ? '' : `, no failed attempt since${looked}`;
    const old = before > 0 ? `; ${before} failed before it` : '';
    const how = last.method === undefined ? '' : ` (${word(last.method)})`;
    findings.push({
      check: 'sign_in',
      status: 'ok',
      detail: `last sign-in ${ago(last.time, facts.now)}${how}${seen}${old}`,
      weight: 90,
    });
  } else if (isNew(facts) && since?.length === 0) {
    findings.push({
      check: 'sign_in',
      status: 'warning',
      detail: `has never signed in, and no failed attempt was found${looked}`,
      weight: 20,
      fix: 'Ask which page and which address they use, and what they see there.',
    });
  }
  return findings;
}

/** Whether the facts show that the person has never signed in. */
function isNew({ user, sessions }: SignInFacts): boolean {
  return user?.last_sign_in_at === null || (user !== null && sessions?.items.length === 0);
}

/** Groups attempts by meaning, ordered by the newest attempt of each group. */
function groupsOf(since: readonly Attempt[]): [Attempt, ...Attempt[]][] {
  const groups = new Map<string, [Attempt, ...Attempt[]]>();
  for (const attempt of since) {
    const { check, what } = meaningOf(attempt);
    const key = `${check} ${what}`;
    const known = groups.get(key);
    groups.set(key, known ? [...known, attempt] : [attempt]);
  }
  return [...groups.values()];
}

/** What a failed attempt means. */
export function meaningOf({ event, code }: Attempt): Meaning {
  return (code !== undefined && Object.hasOwn(BY_CODE, code) && BY_CODE[code]) || BY_EVENT[event] || SSO;
}

function groupFinding(facts: SignInFacts, group: readonly [Attempt, ...Attempt[]], index: number): Assessed {
  const [newest] = group;
  const oldest = group.at(-1) ?? newest;
  const { check, what, fix, step, notVisible } = meaningOf(newest);
  const isBlock = check === 'risk' && textAt(newest.data, 'control') === 'block';
  const [ended, begun] = [ago(newest.time, facts.now), ago(oldest.time, facts.now)];
  const started = begun === ended ? '' : `, oldest ${begun}`;
  const times = group.length > 1 ? `${group.length} × ` : '';
  return {
    check,
    // A risk that was only recorded did not stop anybody.
    status: check === 'risk' && !isBlock ? 'warning' : 'problem',
    detail: `${times}${isBlock ? 'blocked by Radar' : what}${reasonOf(newest, check)}, newest ${ended}${started}`,
    fix,
    // The latest failure says most, and a block explains the failures before it.
    weight: (isBlock ? 79 : 75) - index,
    next: step === undefined ? [] : stepsFor(step, facts, newest),
    ...(notVisible !== undefined && { notVisible: [notVisible] }),
  };
}

/** The reason that WorkOS gave, unless our own text already says it. */
function reasonOf({ code, message, data }: Attempt, check: string): string {
  if (check === 'risk') {
    const list = textAt(data, 'blocklist_type');
    return list === undefined ? '' : ` (block list: ${word(list)})`;
  }
  if (code !== undefined && Object.hasOwn(BY_CODE, code)) return '';
  const said = [code === undefined ? [] : word(code), message === undefined ? [] : quoted(message, 60)].flat();
  return said.length > 0 ? ` (${said.join(': ')})` : '';
}

function stepsFor(step: Step, { user, email, factors, setup }: SignInFacts, attempt: Attempt): NextStep[] {
  const user_id = user?.id ?? textAt(attempt.data, 'user_id');
  const address = user?.email ?? email;
  const sessions: NextStep[] = user_id
    ? [{ tool: 'list_user_sessions', arguments: { user_id }, why: 'see where they are signed in' }]
    : [];
  if (step === 'password_reset' && address && user) {
    return [{ tool: 'create_password_reset', arguments: { email: address }, why: 'let them choose a new password' }];
  }
  if (step === 'magic_auth' && address && user) {
    return [{ tool: 'create_magic_auth', arguments: { email: address }, why: 'send a new code' }];
  }
  if (step === 'verification' && user_id) {
    return [{ tool: 'send_email_verification', arguments: { user_id }, why: 'send a new verification code' }];
  }
  if (step === 'identities' && user_id) {
    return [{ tool: 'list_user_identities', arguments: { user_id }, why: 'see which accounts are linked' }];
  }
  if (step === 'factor' && user_id) {
    const [factor, ...more] = factors?.items ?? [];
    const look = { tool: 'list_user_auth_factors', arguments: { user_id }, why: 'see their second factors' };
    if (!factor || more.length > 0) return [look];
    const input = { authentication_factor_id: factor.id };
    return [
      { tool: 'delete_auth_factor', arguments: input, why: 'only if you know it is them and their device is lost' },
      look,
    ];
  }
  const connection_id = textAt(attempt.data, 'sso.connection_id') ?? setup?.connections?.items[0]?.id;
  if (step === 'connection' && connection_id) {
    return [{ tool: 'get_connection', arguments: { connection_id }, why: 'see the connection that was tried' }];
  }
  return sessions;
}

/** How far back the failures reach, if not all of them were read. */
function lookedAt({ failures, now }: SignInFacts): string {
  if (!failures?.more) return '';
  const times = failures.items.flatMap(({ created_at }) => timeOf(created_at) ?? []);
  const oldest = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const back = Number.isFinite(oldest) ? `, back to ${ago(oldest, now)}` : '';
  return ` among the newest ${failures.items.length} in the environment${back}`;
}
