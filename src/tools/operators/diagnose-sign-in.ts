import * as z from 'zod';
import { InputError } from '../../errors/errors.ts';
import { workflow } from '../define.ts';
import { attemptsOf, failuresOf } from './attempts.ts';
import { failureTimeline } from './failure-timeline.ts';
import { nextCall } from './findings.ts';
import { gatherSignIn } from './gather-sign-in.ts';
import { diagnoseSignIn } from './sign-in-diagnosis.ts';
import { withResultReport } from './with-result-report.ts';

/** In characters. An email address has at most 254. */
const LONGEST = 254;

/** The tool diagnose_sign_in. */
export const diagnose_sign_in = workflow({
  title: 'Diagnose sign-in',
  description:
    'Why can a person not sign in, or not get into an organization? Checks account, membership, invitation, domain, SSO, directory, MFA and failed attempts: likeliest cause first, and the next call.',
  also: [
    'cannot log in, locked out, no access',
    'login problem, login fails, troubleshoot a user',
    'error when somebody signs in, support ticket',
    'why was he thrown out or rejected',
    'says access denied, invitation link does not work',
  ],
  input: {
    user: z.string().describe('Email or id'),
    organization: z.string().optional().describe('Id, name or domain'),
  },
  effect: 'read',
  core: true,
  filterable: true,
  reports: true,
  run: async ({ user, organization }, context) => {
    const who = person(user);
    const where = organization === undefined ? undefined : named(organization, 'organization');
    const facts = await gatherSignIn(context, who, where);
    const { next, whole, ...shown } = diagnoseSignIn(facts);
    const step = nextCall(next, context);
    const result = { ...shown, ...(step && { next: step }) };
    const describe = () => ({
      title: `Sign-in of ${shown.user?.['email'] ?? who}`,
      ...(shown.organization && { subtitle: shown.organization['name'] ?? '' }),
      sections: failureTimeline(failuresOf(facts), attemptsOf(facts).last?.time),
    });
    return withResultReport(context, result, describe, whole && { ...result, findings: whole });
  },
});

/** @throws {InputError} if the text is neither an email address nor an id */
function person(text: string): string {
  const user = named(text, 'user');
  if (user.includes('@') ? /^[^\s@]+@[^\s@]+$/.test(user) : /^\S+$/.test(user)) return user;
  throw new InputError(
    'user is neither an email address nor an id',
    ['user'],
    'Find the person by name first: list_members searches one organization.',
  );
}

/** Trims an argument. @throws {InputError} if it is empty or too long */
export function named(text: string, argument: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new InputError(`${argument} is empty`, [argument]);
  if (trimmed.length > LONGEST) throw new InputError(`${argument} is longer than ${LONGEST} characters`, [argument]);
  return trimmed;
}
