import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id, page } from './schemas.ts';

const waitlist = { waitlist_id: id('Or default, which exists after its first entry') };
const entry = { waitlist_entry_id: id() };

export const waitlists = toolset('waitlists', 'Waitlists: people who asked to sign up', {
  list_waitlists: endpoint('GET /user_management/waitlists', {
    title: 'List waitlists',
    description: 'List all waitlists of the environment.',
    also: ['early access lists', 'sign-up queues'],
    input: {},
    filterable: true,
  }),

  get_waitlist: endpoint('GET /user_management/waitlists/{waitlist_id}', {
    title: 'Get waitlist',
    description: 'Get one waitlist by its id.',
    also: ['early access list details', 'one queue'],
    input: waitlist,
  }),

  list_waitlist_entries: endpoint('GET /user_management/waitlists/{waitlist_id}/entries', {
    title: 'List waitlist entries',
    description: 'List the people on a waitlist. Their additional_fields were typed by strangers.',
    also: [
      'who is waiting, in line, queued',
      'queue for early access',
      'who asked to join, beta program, applicants',
      'sign-up requests, launch',
    ],
    input: {
      ...page,
      ...waitlist,
      state: z.enum(['pending', 'approved', 'denied']).optional().describe('Only these'),
      email: email().optional(),
    },
  }),

  create_waitlist_entry: endpoint('POST /user_management/waitlists/{waitlist_id}/entries', {
    title: 'Create waitlist entry',
    description:
      'Put an email address on a waitlist. A repeat returns the existing entry. Fails if a user has the address.',
    also: ['queue somebody', 'join the line', 'request or apply for early access'],
    input: {
      ...waitlist,
      email: email(),
      additional_fields: z.record(z.string(), z.unknown()).optional().describe('Extra data'),
      send_confirmation_email: z.boolean().optional().describe('Email the person'),
    },
  }),

  approve_waitlist_entry: endpoint('POST /user_management/waitlist_entries/{waitlist_entry_id}/approve', {
    title: 'Approve waitlist entry',
    description:
      'Approve an entry, also a denied one, and email an invitation. Do not repeat it: without an invitation in the response use send_invitation; on invitation_email_not_sent, resend_invitation.',
    also: [
      'admit or accept from the queue',
      'accept a sign-up request, applicant',
      'grant early access',
      'give access to somebody waiting',
    ],
    input: entry,
  }),

  deny_waitlist_entry: endpoint('POST /user_management/waitlist_entries/{waitlist_entry_id}/deny', {
    title: 'Deny waitlist entry',
    description: 'Deny a pending entry. approve_waitlist_entry undoes it.',
    also: ['reject a sign-up request, applicant', 'turn somebody down', 'refuse, decline', 'say no'],
    input: entry,
  }),

  delete_waitlist_entry: endpoint('DELETE /user_management/waitlist_entries/{waitlist_entry_id}', {
    title: 'Delete waitlist entry',
    description:
      'Remove an entry, so the address can join again. An invitation from its approval stays valid: revoke_invitation.',
    also: ['take somebody off the wait list', 'remove from the queue', 'no longer interested'],
    input: entry,
  }),
});
