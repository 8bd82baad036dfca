import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id, needs } from './schemas.ts';

const organization = { organization_id: id() };
const contact = { ...organization, it_contact_id: id() };
const token = { out: ['token'], class: 'value' } as const;

export const portal = toolset('portal', 'Admin Portal links, IT contacts, widget tokens and client tokens', {
  generate_portal_link: endpoint('POST /portal/generate_link', {
    title: 'Generate Admin Portal link',
    description:
      "Create a link where a customer's IT admin sets up SSO, directories or domains. It lasts 5 minutes: give it to someone online now. By email: invite_it_contact.",
    also: [
      'self-serve setup page, wizard',
      'onboarding URL',
      'customer configures SSO, SCIM or SIEM themselves, enters SAML data',
      'connect Okta, Workday or Azure AD on their own',
      'renew certificates alone',
    ],
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

  list_it_contacts: endpoint('GET /organizations/{organization_id}/it_contacts', {
    title: 'List IT contacts',
    description: "List an organization's IT contacts.",
    also: ['who is the IT admin', 'IT department, sysadmin of a customer', 'who gets mails about SSO', 'whom to ask'],
    input: organization,
    filterable: true,
  }),

  create_it_contact: endpoint('POST /organizations/{organization_id}/it_contacts', {
    title: 'Create IT contact',
    description:
      'Add an IT contact. Sends nothing yet: then invite_it_contact. Contacts are warned before certificates expire.',
    also: [
      'new IT admin, sysadmin',
      'certificate expiry notices, reminders',
      'register the IT department, contact person',
      'who should be told',
    ],
    input: { ...organization, email: email() },
  }),

  delete_it_contact: endpoint('DELETE /organizations/{organization_id}/it_contacts/{it_contact_id}', {
    title: 'Delete IT contact',
    description: "Remove an IT contact and revoke the contact's setup links.",
    also: ['drop an IT admin', 'IT admin, sysadmin left', 'contact person no longer there'],
    input: contact,
  }),

  invite_it_contact: endpoint('POST /organizations/{organization_id}/it_contacts/{it_contact_id}/invite', {
    title: 'Invite IT contact',
    description:
      'Email an IT contact an Admin Portal setup link. One active invitation per organization (409): revoke_it_contact_invitation first. For someone online now: generate_portal_link.',
    also: [
      'mail the IT admin, sysadmin',
      'send setup instructions',
      'let the customer configure SSO, SCIM or SIEM by email, themselves',
      'onboard IT department',
      'portal link by mail',
    ],
    input: {
      ...contact,
      intents: z
        .array(z.enum(['sso', 'directory_sync', 'domain_verification', 'log_streams', 'bring_your_own_key']))
        .min(1)
        .describe('What to set up'),
    },
  }),

  revoke_it_contact_invitation: endpoint('POST /organizations/{organization_id}/it_contacts/{it_contact_id}/revoke', {
    title: 'Revoke IT contact invitation',
    description: "Revoke an organization's active Admin Portal invitation; its link stops working.",
    also: ['cancel the setup mail', 'stop the setup link', 'wrong IT admin invited'],
    input: contact,
    effect: 'delete',
  }),

  create_widget_token: endpoint('POST /widgets/token', {
    title: 'Create widget token',
    description:
      'Create a short-lived token for WorkOS widgets. Without organization_id it works only for user widgets.',
    also: ['embed user management, user table', 'embedded React component', 'frontend widget, UI'],
    input: {
      organization_id: id().optional(),
      user_id: id().optional(),
      scopes: z.array(z.string()).optional().describe('Such as widgets:users-table:manage; needs organization_id'),
    },
    // The OpenAPI document says "Required when scopes are provided".
    check: needs('scopes', 'organization_id'),
    secrets: token,
  }),

  create_client_token: endpoint('POST /client/token', {
    title: 'Create client token',
    description: 'Create a short-lived token for the Client GraphQL API, acting as one user in one organization.',
    also: ['GraphQL queries', 'frontend API token, client side'],
    input: { organization_id: id(), user_id: id() },
    secrets: token,
  }),
});
