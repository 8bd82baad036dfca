import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id, page } from './schemas.ts';

const invitation = { invitation_id: id() };
const locale = z.string().optional().describe('Email language, such as pt-BR');
const acceptance = { out: ['token', 'accept_invitation_url'], class: 'incidental' } as const;

export const invitations = toolset('invitations', 'Email invitations to sign up or to join an organization', {
  list_invitations: endpoint('GET /user_management/invitations', {
    title: 'List invitations',
    description: 'List invitations in any state (id, email, state, organization_id, expires_at, …).',
    also: [
      'pending invites',
      'who was invited, did he join',
      'who has not accepted or answered',
      'outstanding, open, expired',
      'already invited',
    ],
    input: { ...page, organization_id: id().optional(), email: email().optional() },
    secrets: { out: ['data[].token', 'data[].accept_invitation_url'], class: 'incidental' },
  }),

  send_invitation: endpoint('POST /user_management/invitations', {
    title: 'Send invitation',
    description:
      'Email someone an invitation to sign up and, with organization_id, to join that organization. Already invited (400): resend_invitation. Without an email: create_organization_membership.',
    also: [
      'invite people',
      'ask a colleague to join',
      'new starter needs a login, onboard employees',
      'mail a fresh invite',
      'bulk invite from a list',
    ],
    input: {
      email: email(),
      organization_id: id().optional(),
      role_slug: z.string().optional().describe('Role in the organization'),
      expires_in_days: z.int().min(1).max(30).optional().describe('Default 7'),
      inviter_user_id: id('Named in the email').optional(),
      locale,
    },
    grantsAccess: ['role_slug'],
    secrets: acceptance,
  }),

  get_invitation: endpoint('GET /user_management/invitations/{invitation_id}', {
    title: 'Get invitation',
    description: 'Get one invitation with its state and acceptance link.',
    also: ['has he accepted', 'invite status', 'is the link expired'],
    input: invitation,
    secrets: acceptance,
  }),

  get_invitation_by_token: endpoint('GET /user_management/invitations/by_token/{token}', {
    title: 'Get invitation by token',
    description: 'Find the invitation that an acceptance link belongs to.',
    also: ['whose invite is this', 'invite from a URL'],
    input: { token: z.string().describe('From the link') },
    secrets: { in: ['token'], ...acceptance },
  }),

  accept_invitation: endpoint('POST /user_management/invitations/{invitation_id}/accept', {
    title: 'Accept invitation',
    description:
      "Accept an invitation on the person's behalf, activating the membership. Normally they do it themselves.",
    also: ['on behalf of the invitee', 'say yes to an invite', 'join without the mail'],
    input: invitation,
    grantsAccess: 'always',
    secrets: acceptance,
  }),

  resend_invitation: endpoint('POST /user_management/invitations/{invitation_id}/resend', {
    title: 'Resend invitation',
    description: 'Email a pending invitation again.',
    also: [
      'never got or cannot find the invite',
      'send again',
      'lost or missing mail',
      'remind or chase somebody who did not sign up',
      'invite mail expired',
    ],
    input: { ...invitation, locale },
    secrets: acceptance,
  }),

  revoke_invitation: endpoint('POST /user_management/invitations/{invitation_id}/revoke', {
    title: 'Revoke invitation',
    description: 'Permanently withdraw a pending invitation. Its link stops working.',
    also: [
      'cancel an invite',
      'wrong person or address invited',
      'take it back',
      'withdraw, should not join after all',
    ],
    input: invitation,
    effect: 'delete',
    secrets: acceptance,
  }),
});
