import { waitlists } from '../../src/tools/waitlists.ts';
import { sends } from '../harness.ts';

sends(waitlists, [
  ['list_waitlists', {}, 'GET /user_management/waitlists'],
  ['get_waitlist', { waitlist_id: 'default' }, 'GET /user_management/waitlists/default'],
  [
    'list_waitlist_entries',
    {
      limit: 5,
      before: 'b',
      after: 'a',
      order: 'asc',
      waitlist_id: 'default',
      state: 'pending',
      email: 'ada@acme.com',
    },
    'GET /user_management/waitlists/default/entries?order=asc&limit=5&before=b&after=a&state=pending&email=ada%40acme.com',
  ],
  [
    'create_waitlist_entry',
    { waitlist_id: 'wl_1', email: 'ada@acme.com', additional_fields: { team: 5 }, send_confirmation_email: false },
    'POST /user_management/waitlists/wl_1/entries',
    { email: 'ada@acme.com', additional_fields: { team: 5 }, send_confirmation_email: false },
  ],
  ['approve_waitlist_entry', { waitlist_entry_id: 'we_1' }, 'POST /user_management/waitlist_entries/we_1/approve'],
  ['deny_waitlist_entry', { waitlist_entry_id: 'we_1' }, 'POST /user_management/waitlist_entries/we_1/deny'],
  ['delete_waitlist_entry', { waitlist_entry_id: 'we_1' }, 'DELETE /user_management/waitlist_entries/we_1'],
]);
