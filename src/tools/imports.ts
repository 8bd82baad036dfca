import * as z from 'zod';
import { toolset, workflow } from './define.ts';
import { EVENTS, eventTypes } from './event-names.ts';
import { MATCHES, MODES } from './imports/columns.ts';
import { KINDS } from './imports/export-pages.ts';
import { exportUsers, FORMATS } from './imports/export-users.ts';
import { followEvents } from './imports/follow-events.ts';
import { importUsers } from './imports/import-users.ts';
import { MAX_INLINE_ROWS } from './imports/inline-rows.ts';
import { planImport } from './imports/plan-import.ts';

/** The name becomes part of a file name, in lower case, so it must be valid on every system. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/i;

export const imports = toolset('imports', 'Import and export users and memberships as files, and follow events', {
  import_users: workflow({
    title: 'Import users',
    description:
      "Create, invite or update the people of a CSV or JSON Lines file. Columns: create_user's arguments, locale, metadata.KEY, organization_id, role_slug. Called again, it resumes where it stopped.",
    also: [
      'bulk import from a CSV, spreadsheet',
      'migrate existing accounts from Auth0, Cognito, Firebase with hashed passwords',
      'onboard hundreds of employees',
      'invite everybody on a list',
      'resume or continue an interrupted import',
    ],
    input: {
      path: z.string().describe('In the working directory'),
      organization: z.string().optional().describe('Id, name or domain, for rows without'),
      role_slug: z.string().optional().describe('For rows without'),
      mode: z.enum(MODES).optional().describe('Default create; existing people are only added'),
      match: z.enum(MATCHES).optional().describe('Default email'),
      dry_run: z.boolean().optional().describe('Only count'),
    },
    localArguments: ['path'],
    remoteArguments: {
      rows: z
        .array(z.record(z.string(), z.unknown()))
        .min(1)
        .max(MAX_INLINE_ROWS)
        .describe(`Objects by column, at most ${MAX_INLINE_ROWS.toLocaleString('en')}`),
    },
    grantsAccess: ['role_slug'],
    remoteSecrets: ['rows[].password', 'rows[].password_hash'],
    effect: 'create',
    plan: planImport,
    run: importUsers,
  }),

  export_users: workflow({
    title: 'Export users',
    description:
      'Write all users, memberships (both for import_users) or organizations to a new file. Called again, it resumes where it stopped.',
    also: [
      'dump or backup of everybody, who is a member',
      'download the user base as a spreadsheet',
      'move to another environment',
    ],
    input: {
      kind: z.enum(KINDS).describe('What to write'),
      path: z.string().optional().describe('Default: in the output folder'),
      format: z.enum(FORMATS).optional().describe('Default csv'),
    },
    localArguments: ['path'],
    effect: 'read',
    run: exportUsers,
  }),

  follow_events: workflow({
    title: 'Follow events',
    description:
      'Get what happened since the previous call with this name, oldest first. The first call goes back a day.',
    also: [
      'new or changed since I asked before',
      'poll for changes',
      'daily report of changes',
      'catch up, watch, monitor',
    ],
    input: {
      events: eventTypes(EVENTS)
        .refine((types) => types.length > 0, 'name at least one event type')
        .describe('Such as user.*'),
      organization: z.string().optional().describe('Excludes user.*'),
      name: z
        .string()
        .refine((name) => NAME.test(name), 'use letters, digits, - and _, 40 at most')
        .describe('Yours to choose'),
      again: z.boolean().optional().describe('The last batch once more'),
    },
    effect: 'read',
    filterable: true,
    madeOf: ['list_events'],
    run: (input, context) => followEvents(input, context, 'query' in input),
  }),
});
