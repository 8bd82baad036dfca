import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id, needs } from './schemas.ts';

const token = { out: ['token'], class: 'value' } as const;

export const portal = toolset('portal', 'Admin Portal links, widget tokens and client tokens', {
  generate_portal_link: endpoint('POST /portal/generate_link', {
    title: 'Generate Admin Portal link',
    description:
      "Create a link where a customer's IT admin sets up SSO, directories or domains. It lasts 5 minutes: give it to somebody online now, never email it.",
    input: {
      organization: z.string().describe('Organization id'),
      intent: z
        .string()
        .optional()
        .describe(
          'sso, dsync, domain_verification, audit_logs, log_streams, certificate_renewal or bring_your_own_key',
        ),
      return_url: z.string().optional().describe('Where your logo links to'),
      success_url: z.string().optional().describe('Where to go after setup'),
      it_contact_emails: z.array(email()).max(20).optional().describe('IT contacts to grant access'),
    },
    secrets: { out: ['link'], class: 'deliver' },
  }),

  create_widget_token: endpoint('POST /widgets/token', {
    title: 'Create widget token',
    description:
      'Create a short-lived token for WorkOS widgets. Without organization_id it works only for user widgets.',
    input: {
      organization_id: id().optional(),
      user_id: id().optional(),
      scopes: z
        .array(z.string())
        .optional()
        .describe('Such as widgets:users-table:manage, widgets:sso:manage; needs organization_id'),
    },
    check: needs('scopes', 'organization_id'),
    secrets: token,
  }),

  create_client_token: endpoint('POST /client/token', {
    title: 'Create client token',
    description: 'Create a short-lived token for the Client GraphQL API, acting as one user in one organization.',
    input: { organization_id: id(), user_id: id() },
    secrets: token,
  }),
});
