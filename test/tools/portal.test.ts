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
]);
