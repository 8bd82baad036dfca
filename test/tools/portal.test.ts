import { portal } from '../../src/tools/portal.ts';
import { sends } from '../harness.ts';

sends(portal, [
  [
    'generate_portal_link',
    {
      organization: 'org_1',
      intent: 'sso',
      return_url: 'https://app.acme.com/settings',
      success_url: 'https://app.acme.com/done',
      it_contact_emails: ['it@acme.com', 'ops@acme.com'],
    },
    'POST /portal/generate_link',
    {
      organization: 'org_1',
      intent: 'sso',
      return_url: 'https://app.acme.com/settings',
      success_url: 'https://app.acme.com/done',
      it_contact_emails: ['it@acme.com', 'ops@acme.com'],
    },
  ],
  [
    'create_widget_token',
    { organization_id: 'org_1', user_id: 'user_1', scopes: ['widgets:sso:manage', 'widgets:users-table:manage'] },
    'POST /widgets/token',
    { organization_id: 'org_1', user_id: 'user_1', scopes: ['widgets:sso:manage', 'widgets:users-table:manage'] },
  ],
  ['create_widget_token', { user_id: 'user_1' }, 'POST /widgets/token', { user_id: 'user_1' }],
  [
    'create_client_token',
    { organization_id: 'org_1', user_id: 'user_1' },
    'POST /client/token',
    { organization_id: 'org_1', user_id: 'user_1' },
  ],
  ['list_it_contacts', { organization_id: 'org_1' }, 'GET /organizations/org_1/it_contacts'],
  [
    'create_it_contact',
    { organization_id: 'org_1', email: 'it@acme.com' },
    'POST /organizations/org_1/it_contacts',
    { email: 'it@acme.com' },
  ],
  [
    'delete_it_contact',
    { organization_id: 'org_1', it_contact_id: 'itc_1' },
    'DELETE /organizations/org_1/it_contacts/itc_1',
  ],
  [
    'invite_it_contact',
    { organization_id: 'org_1', it_contact_id: 'itc_1', intents: ['sso', 'directory_sync'] },
    'POST /organizations/org_1/it_contacts/itc_1/invite',
    { intents: ['sso', 'directory_sync'] },
  ],
  [
    'revoke_it_contact_invitation',
    { organization_id: 'org_1', it_contact_id: 'itc_1' },
    'POST /organizations/org_1/it_contacts/itc_1/revoke',
  ],
]);
