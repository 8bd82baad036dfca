import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id, needs } from './schemas.ts';

const token = { out: ['token'], class: 'value' } as const;

export const portal = toolset('portal', 'Admin Portal links, widget and client tokens', {
  generate_portal_link: endpoint('POST /portal/generate_link', {
    title: 'Generate Admin Portal link',
    description:
      "Make a link, valid 5 minutes, where a customer's IT admin sets up SSO, directories or domains. Nothing is e-mailed: hand it over.",
    input: {
      organization: z.string().describe('Organization id'),
      intent: z
        .string()
        .optional()
        .describe(
          'sso, dsync, domain_verification, audit_logs, log_streams, certificate_renewal or bring_your_own_key',
        ),
      return_url: z.string().optional().describe('Where the logo leads'),
      success_url: z.string().optional().describe('Where to go after setup'),
      it_contact_emails: z.array(email()).max(20).optional().describe('Admins to let in, 20 at most'),
    },
    secrets: { out: ['link'], class: 'deliver' },
  }),

  create_widget_token: endpoint('POST /widgets/token', {
    title: 'Create widget token',
    description: 'Make a short-lived token for WorkOS widgets; without organization_id for user widgets only.',
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
    description: 'Make a short-lived token for the Client GraphQL API, as one user in one organization.',
    input: { organization_id: id(), user_id: id() },
    secrets: token,
  }),
});
