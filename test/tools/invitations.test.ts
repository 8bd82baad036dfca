import { invitations } from '../../src/tools/invitations.ts';
import { sends } from '../harness.ts';

sends(invitations, [
  [
    'list_invitations',
    {
      limit: 5,
      before: 'invitation_b',
      after: 'invitation_a',
      order: 'asc',
      organization_id: 'org_1',
      email: 'ann@acme.com',
    },
    'GET /user_management/invitations?order=asc&limit=5&before=invitation_b&after=invitation_a&organization_id=org_1&email=ann%40acme.com',
  ],
  ['list_invitations', {}, 'GET /user_management/invitations?order=desc'],
  [
    'send_invitation',
    {
      email: 'ann@acme.com',
      organization_id: 'org_1',
      role_slug: 'admin',
      expires_in_days: 30,
      inviter_user_id: 'user_1',
      locale: 'de',
    },
    'POST /user_management/invitations',
    {
      email: 'ann@acme.com',
      organization_id: 'org_1',
      role_slug: 'admin',
      expires_in_days: 30,
      inviter_user_id: 'user_1',
      locale: 'de',
    },
  ],
  ['send_invitation', { email: 'ann@acme.com' }, 'POST /user_management/invitations', { email: 'ann@acme.com' }],
  ['get_invitation', { invitation_id: 'invitation_1' }, 'GET /user_management/invitations/invitation_1'],
  ['get_invitation_by_token', { token: 'a/b c' }, 'GET /user_management/invitations/by_token/a%2Fb%20c'],
  ['accept_invitation', { invitation_id: 'invitation_1' }, 'POST /user_management/invitations/invitation_1/accept'],
  [
    'resend_invitation',
    { invitation_id: 'invitation_1', locale: 'de' },
    'POST /user_management/invitations/invitation_1/resend',
    { locale: 'de' },
  ],
  ['resend_invitation', { invitation_id: 'invitation_1' }, 'POST /user_management/invitations/invitation_1/resend', {}],
  ['revoke_invitation', { invitation_id: 'invitation_1' }, 'POST /user_management/invitations/invitation_1/revoke'],
]);
