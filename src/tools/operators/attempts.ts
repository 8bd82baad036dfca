import { type Event, textAt } from './records.ts';
import type { SignInFacts } from './sign-in-facts.ts';
import { timeOf } from './times.ts';

/** A failed sign-in. */
export interface Attempt {
  /** The name of its event. */
  event: string;
  code: string | undefined;
  message: string | undefined;
  time: number;
  data: Event['data'];
}

/** What is known about one person's sign-ins. */
export interface Attempts {
  /** Failures since the last success, newest first. Undefined if failures were not read. */
  since: readonly Attempt[] | undefined;
  /** How many of the failures that were read came before the last success. */
  before: number;
  last: { time: number; method: string | undefined; organizationId: string | null | undefined } | undefined;
  /** Whether they signed in within the last day, with no failed attempt since. */
  isIn: boolean;
  /** Whether they sign in through SSO. Undefined if nothing shows it. */
  usesSso: boolean | undefined;
}

const RECENT_MS = 86_400_000;

/** Error codes that mean that only SSO is allowed. */
export const SSO_ONLY: readonly string[] = [
  'sso_required',
  'organization_authentication_methods_required',
  'authentication_method_not_allowed',
];

export function attemptsOf(facts: SignInFacts): Attempts {
  const { user, sessions, now } = facts;
  const theirs = failuresOf(facts);
  const last = lastSignIn(user, sessions?.items ?? []);
  const since = theirs?.filter(({ time }) => time > (last?.time ?? 0));
  return {
    since,
    before: (theirs?.length ?? 0) - (since?.length ?? 0),
    last,
    isIn: last !== undefined && now - last.time < RECENT_MS && (since ?? []).length === 0,
    usesSso: usesSso(since ?? [], last?.method),
  };
}

/** The failed sign-ins of one person, newest first. Undefined if failures were not read. */
export function failuresOf({ user, email, failures, asked }: SignInFacts): Attempt[] | undefined {
  const id = user?.id ?? asked.user;
  return failures?.items
    .filter(({ data }) => textAt(data, 'user_id') === id || (email && textAt(data, 'email')?.toLowerCase() === email))
    .flatMap(attemptOf)
    .sort((a, b) => b.time - a.time);
}

/** The attempt that an event describes, or nothing if the event has no valid time. */
export function attemptOf({ event, created_at, data }: Event): Attempt[] {
  const time = timeOf(created_at);
  if (time === undefined) return [];
  return [{ event, code: textAt(data, 'error.code'), message: textAt(data, 'error.message'), time, data }];
}

function lastSignIn(user: SignInFacts['user'], sessions: readonly Session[]): Attempts['last'] {
  const started = sessions
    .flatMap((session) => ({ session, time: timeOf(session.created_at) ?? 0 }))
    .filter(({ session, time }) => time > 0 && session.auth_method !== 'impersonation')
    .sort((a, b) => b.time - a.time)[0];
  const time = Math.max(timeOf(user?.last_sign_in_at) ?? 0, started?.time ?? 0);
  if (time === 0) return undefined;
  return {
    time,
    method: started?.session.auth_method ?? undefined,
    organizationId: started && (started.session.organization_id ?? null),
  };
}

type Session = NonNullable<SignInFacts['sessions']>['items'][number];

function usesSso(since: readonly Attempt[], method: string | undefined): boolean | undefined {
  const [newest] = since;
  if (since.some(({ event, code }) => event.startsWith('authentication.sso_') || SSO_ONLY.includes(code ?? ''))) {
    return true;
  }
  if (newest?.event.startsWith('authentication.') && newest.event !== 'authentication.radar_risk_detected')
    return false;
  return method === undefined ? undefined : method === 'sso';
}
