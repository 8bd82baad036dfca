import * as z from 'zod';
import { workflow } from '../define.ts';
import { filled } from '../schemas.ts';
import type { Check, WorkflowContext } from '../types.ts';
import { answerAccess } from './access-answer.ts';
import { gatherAccess } from './access-facts.ts';
import { type NextStep, nextCall } from './findings.ts';
import { answerHolders, gatherHolders } from './permission-holders.ts';
import { readsOf } from './reads.ts';
import { withResultReport } from './with-result-report.ts';

/** The most requests for one answer. */
const MAX_REQUESTS = 12;

/** If no user is given, the question is who has the permission. */
const askable: Check = ({ user, permission }) =>
  user === undefined && permission === undefined ? 'Give user, or permission to see who has it' : undefined;

export const explain_access = workflow({
  title: 'Explain access',
  description:
    "Explain a person's access in an organization: their roles and where each comes from, the permissions that follow, whether one does and which roles would give it. Without user: who has the permission.",
  also: [
    'why can or cannot somebody do, see, open or edit this',
    'where does this access, right or privilege come from',
    'who is able or allowed to delete, export, approve',
    'which role is missing, inherited through a group or directory',
    'effective permissions, entitlements of a member, access review',
  ],
  input: {
    organization: z.string().describe('Id, name or domain'),
    user: filled().optional().describe('Email or id'),
    permission: filled().optional().describe('Slug'),
    resource: filled().optional().describe('Id or type/external_id'),
  },
  effect: 'read',
  core: true,
  filterable: true,
  reports: true,
  check: askable,
  run: async ({ organization, user, permission, resource }, context) => {
    const reads = readsOf(context, MAX_REQUESTS);
    const slug = permission?.trim();
    const what = [slug, resource].filter(Boolean).join(' on ');
    const answer =
      user === undefined
        ? answerHolders(await gatherHolders({ organization, permission: slug ?? '', resource }, reads))
        : answerAccess(await gatherAccess({ organization, user, permission: slug, resource }, reads));
    return withResultReport(context, allowed(answer, context), () => ({
      title: user === undefined ? `Who has ${what}` : `Access of ${user}`,
      subtitle: [organization, user !== undefined && what].filter(Boolean).join(': '),
    }));
  },
});

/** The answer, with the next call in a form that this server allows and lists. */
function allowed({ next, ...answer }: { next?: NextStep }, context: WorkflowContext): object {
  const call = next && nextCall([next], context);
  return call ? { ...answer, next: call } : answer;
}
