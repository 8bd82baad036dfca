import * as z from 'zod';
import { workflow } from '../define.ts';
import { named } from './diagnose-sign-in.ts';
import { failureTimeline } from './failure-timeline.ts';
import { nextCall } from './findings.ts';
import { gatherOrganization } from './gather-organization.ts';
import { diagnoseOrganization, recentFailures } from './organization-diagnosis.ts';
import { withResultReport } from './with-result-report.ts';

/** The tool diagnose_organization. */
export const diagnose_organization = workflow({
  title: 'Diagnose organization',
  description:
    "Is a customer's setup healthy? Checks domains, SSO and certificates, directories, admins, members, invitations, failed sign-ins and duplicates: problems first, and the next call.",
  also: [
    'health check of a customer, company or tenant',
    'is everything all right, review before a renewal',
    'nobody at the company can log in, several people',
    'what is wrong, broken or misconfigured at a client',
    'audit an account, go-live checklist',
  ],
  input: { organization: z.string().describe('Id, name or domain') },
  effect: 'read',
  core: true,
  filterable: true,
  reports: true,
  run: async ({ organization }, context) => {
    const facts = await gatherOrganization(context, named(organization, 'organization'));
    const { next, whole, ...shown } = diagnoseOrganization(facts);
    const step = nextCall(next, context);
    const result = { ...shown, ...(step && { next: step }) };
    const describe = () => ({
      title: `Setup of ${shown.organization?.['name'] ?? organization}`,
      sections: failureTimeline(recentFailures(facts), undefined),
    });
    return withResultReport(context, result, describe, whole && { ...result, findings: whole });
  },
});
