import * as z from 'zod';
import { toolset, workflow } from './define.ts';
import { EVENTS, eventTypes } from './event-names.ts';
import { MATCHES, MODES } from './imports/columns.ts';
import { KINDS } from './imports/export-pages.ts';
import { exportUsers, FORMATS } from './imports/export-users.ts';
import { followEvents } from './imports/follow-events.ts';
import { importUsers } from './imports/import-users.ts';
import { planImport } from './imports/plan-import.ts';

const ORGANIZATION = 'Id, name or domain';

/** Names of files, on any system. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

export const imports = toolset('imports', 'Import and export users and memberships as files, and follow events', {
  import_users: workflow({
    title: 'Import users',
    description:
      "Create, invite or update the people of a CSV or JSON Lines file, up to 100,000. Columns: create_user's arguments, locale, metadata.KEY, organization_id, role_slug. The file is checked whole first; called again, it goes on where it stopped.",
    also: [
      'bulk import from a CSV, spreadsheet',
      'migrate from Auth0, Cognito, Firebase with password hashes',
      'onboard hundreds of employees',
      'invite everybody on a list',
      'resume or continue an interrupted import',
    ],
    input: {
      path: z.string().describe('In the working directory or output folder'),
      organization: z.string().optional().describe(`${ORGANIZATION}; for rows without organization_id`),
      role_slug: z.string().optional().describe('For rows without a role'),
      mode: z.enum(MODES).optional().describe('Default create: who exists stays unchanged, but is added'),
      match: z.enum(MATCHES).optional().describe('What people are found by, default email'),
      dry_run: z.boolean().optional().describe('Only look up and count'),
    },
    effect: 'create',
    plan: planImport,
    run: importUsers,
  }),

  export_users: workflow({
    title: 'Export users',
    description:
      'Write all users, memberships or organizations to a file, users and memberships as import_users takes them. Called again after an interruption, it goes on.',
    also: ['dump, back up everybody', 'download the user base as a spreadsheet', 'move to another environment'],
    input: {
      kind: z.enum(KINDS).describe('What to write'),
      path: z.string().optional().describe('A new file; default in the output folder'),
      format: z.enum(FORMATS).optional().describe('Default csv'),
    },
    effect: 'read',
    run: exportUsers,
  }),

  follow_events: workflow({
    title: 'Follow events',
    description:
      'Get the events since the last call with this name, oldest first, with counts by type. The first call begins 24 hours ago. The answer shows 20, the file all.',
    also: ['what is new since yesterday', 'poll for changes', 'daily report of changes', 'catch up, watch, monitor'],
    input: {
      events: eventTypes(EVENTS)
        .refine((types) => types.length > 0, 'name at least one event type')
        .describe('Such as user.*'),
      organization: z.string().optional().describe(ORGANIZATION),
      name: z
        .string()
        .refine((name) => NAME.test(name), 'use lower-case letters, digits, - and _, 40 at most')
        .describe('Yours to choose'),
      again: z.boolean().optional().describe('Repeat the last batch'),
    },
    effect: 'read',
    filterable: true,
    madeOf: ['list_events'],
    run: (input, context) => followEvents(input, context, 'query' in input),
  }),
});
