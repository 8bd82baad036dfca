import { rm } from 'node:fs/promises';
import * as z from 'zod';
import { ApiError, CancelledError, InputError, LinkExpiredError } from '../errors/errors.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { summarize } from './audit-export.ts';
import { endpoint, toolset, workflow } from './define.ts';
import { date, exactlyOne, id, page } from './schemas.ts';
import type { WorkflowContext } from './types.ts';

const ACTION = 'Such as user.signed_in';

const jsonSchema = () => z.record(z.string(), z.unknown());

const metadata = () =>
  z
    .record(z.string().regex(/^[a-zA-Z0-9_-]{0,40}$/), z.union([z.string().max(500), z.number(), z.boolean()]))
    .optional();

const party = () =>
  z.strictObject({ id: z.string(), type: z.string(), name: z.string().optional(), metadata: metadata() });

const RETENTION_PERIODS = [
  ...['1_MONTH', ...Array.from({ length: 10 }, (_, index) => `${index + 2}_MONTHS`)],
  ...['1_YEAR', ...Array.from({ length: 9 }, (_, index) => `${index + 2}_YEARS`)],
];

/** The API allows up to eleven months of 30 days, and up to ten years of 365 days. */
function isRetentionPeriod(days: number): boolean {
  return days >= 30 && days <= 3_650 && (days < 365 ? days % 30 === 0 : days % 365 === 0);
}

/** `actors` is the older name, which WorkOS's reference still shows. */
const exportAliases = { actors: 'actor_names' };

/** The range and filters of an export. A row must match every given filter, and any one of that filter's values. */
const exportFields = {
  organization_id: id(),
  range_start: date(),
  range_end: date(),
  actions: z.array(z.string()).optional().describe(`Only these, ${ACTION.toLowerCase()}`),
  actor_names: z.array(z.string()).optional().describe('Only by these actors'),
  actor_ids: z.array(z.string()).optional().describe('Only by these actors'),
  targets: z.array(z.string()).optional().describe('Only with these target types'),
};

const waitSeconds = (description: string) => z.int().min(0).max(600).optional().describe(description);

const ExportState = z.object({ id: z.string(), state: z.string(), url: z.string().nullish() });

/** Parses an export in a response. @throws {ApiError} if the response has none */
function exportIn(answer: unknown, method: 'GET' | 'POST', path: string): z.output<typeof ExportState> {
  const { success, data } = ExportState.safeParse(answer);
  if (success) return data;
  const request = { method, path, attempts: 1 };
  throw new ApiError('a response that does not describe an export', { request, status: 200, mayHaveSucceeded: true });
}

const pathOf = (id: string) => `/audit_logs/exports/${encodeURIComponent(id)}`;

export const auditLogs = toolset('audit_logs', 'Audit log events, their schemas, retention and exports', {
  start_audit_export: endpoint('POST /audit_logs/exports', {
    title: 'Start audit log export',
    description:
      "Start a CSV export of one organization's audit log events. Continue with poll_audit_export and download_audit_export; export_audit_logs does all three.",
    also: ['begin an audit trail export', 'CSV of a date range', 'background'],
    input: exportFields,
    aliases: exportAliases,
    core: true,
  }),

  poll_audit_export: workflow({
    title: 'Poll audit log export',
    description:
      'Get the state of an export: pending, ready, error or expired. Once ready, url is a link valid for 10 minutes; download_audit_export fetches it.',
    also: ['is the export finished', 'done yet, how far', 'export status', 'progress'],
    input: {
      audit_log_export_id: id(),
      wait_seconds: waitSeconds('How long to wait; default 0 checks once'),
    },
    effect: 'read',
    core: true,
    secrets: { out: ['url'], class: 'deliver' },
    routes: ['GET /audit_logs/exports/{audit_log_export_id}'],
    run: ({ audit_log_export_id, wait_seconds }, context) => poll(context, audit_log_export_id, wait_seconds ?? 0),
  }),

  download_audit_export: workflow({
    title: 'Download audit log export',
    description:
      'Download a ready export to a private CSV file. Returns its path, row count, columns, a row, and counts per action and actor; query runs over {rows: [{column: value}]}.',
    also: ['fetch the finished export', 'save the CSV', 'where is the exported file'],
    input: { audit_log_export_id: id() },
    effect: 'read',
    core: true,
    filterable: true,
    madeOf: ['poll_audit_export'],
    run: ({ audit_log_export_id, ...rest }, context) => fetchExport(context, audit_log_export_id, 'query' in rest),
  }),

  export_audit_logs: workflow({
    title: 'Export audit logs',
    description:
      'Find out what happened in an organization: start an audit log export, wait for it and download it in one call. Returns what download_audit_export returns. The API cannot list single events.',
    also: [
      'audit trail as CSV, history, log file',
      'who deleted, changed, opened, downloaded or logged in',
      'compliance report, evidence, security, auditor',
      'activity, everything somebody did',
      'log of a month',
    ],
    input: { ...exportFields, wait_seconds: waitSeconds('Default 120') },
    aliases: exportAliases,
    // An export changes nothing that is visible to anybody.
    effect: 'read',
    starts: 'POST /audit_logs/exports',
    core: true,
    filterable: true,
    reports: true,
    madeOf: ['start_audit_export', 'poll_audit_export', 'download_audit_export'],
    run: async ({ wait_seconds, ...input }, context) => {
      const { query, ...fields } = input as typeof input & { query?: string };
      const started = exportIn(
        await context.request('POST /audit_logs/exports', fields),
        'POST',
        '/audit_logs/exports',
      );
      const ended = await poll(context, started.id, wait_seconds ?? 120);
      if (ended.state === 'pending') return { audit_log_export_id: started.id, ...ended };
      const result = await fetchExport(context, started.id, query !== undefined);
      return context.withReport(result, async () => {
        const { auditReport } = await import('./audit-report.ts');
        return auditReport(result, fields, context.now(), context.signal);
      });
    },
  }),

  create_audit_log_event: endpoint('POST /audit_logs/events', {
    title: 'Create audit log event',
    description: 'Record an audit log event for an organization. The action needs a schema: create_audit_log_schema.',
    also: [
      'write an audit entry',
      'keep a record of an action',
      'emit to the audit trail',
      'track that somebody did or viewed something',
    ],
    input: {
      organization_id: id(),
      event: z
        .strictObject({
          action: z.string().describe(ACTION),
          occurred_at: date(),
          actor: party(),
          targets: z.array(party()),
          context: z.strictObject({ location: z.string().describe('IP address'), user_agent: z.string().optional() }),
          metadata: metadata(),
          version: z.int().optional().describe('Schema version'),
        })
        .describe('What happened'),
    },
    replayable: true,
  }),

  list_audit_log_actions: endpoint('GET /audit_logs/actions', {
    title: 'List audit log actions',
    description: 'List the audit log actions that have a schema and can be recorded.',
    also: ['which audit events are defined', 'event types we can log'],
    input: { ...page },
  }),

  list_audit_log_schemas: endpoint('GET /audit_logs/actions/{action_name}/schemas', {
    title: 'List audit log schemas',
    description: 'List the schema versions of an audit log action.',
    also: ['audit event definition', 'fields, metadata of an action', 'which versions'],
    input: { action_name: z.string().describe(ACTION), ...page },
  }),

  create_audit_log_schema: endpoint('POST /audit_logs/actions/{action_name}/schemas', {
    title: 'Create audit log schema',
    description: 'Add a schema version for an action, creating the action if it is new. Existing versions stay.',
    also: ['define a new audit action', 'register an event type', 'new field, metadata, target of an action'],
    input: {
      action_name: z.string().describe(ACTION),
      targets: z
        .array(z.strictObject({ type: z.string(), metadata: jsonSchema().optional() }))
        .min(1)
        .describe('Target types, each with a JSON Schema for its metadata'),
      actor: z.strictObject({ metadata: jsonSchema() }).optional().describe('JSON Schema for actor metadata'),
      metadata: jsonSchema().optional().describe('JSON Schema for event metadata'),
    },
  }),

  get_audit_log_configuration: endpoint('GET /organizations/{organization_id}/audit_log_configuration', {
    title: 'Get audit log configuration',
    description: "Get an organization's audit log retention and log streaming settings.",
    also: ['SIEM streaming', 'log streams, Splunk', 'where are logs sent', 'is streaming set up', 'S3, Sumo'],
    input: { organization_id: id() },
  }),

  get_audit_log_retention: endpoint('GET /organizations/{organization_id}/audit_logs_retention', {
    title: 'Get audit log retention',
    description: 'Get how many days audit log events are kept; null if never set.',
    also: ['how long are logs stored or kept, how far back', 'retention period', 'log lifetime'],
    input: { organization_id: id() },
  }),

  set_audit_log_retention: endpoint('PUT /organizations/{organization_id}/audit_logs_retention', {
    title: 'Set audit log retention',
    description: 'Set how long audit log events are kept. A shorter time permanently deletes older events.',
    also: ['store or keep logs for a year', 'keep only 30 days', 'shorten or extend retention', 'purge old logs'],
    input: {
      organization_id: id(),
      retention_period: z.enum(RETENTION_PERIODS).optional().describe('1_MONTH to 11_MONTHS or 1_YEAR to 10_YEARS'),
      retention_period_in_days: z
        .int()
        .refine(isRetentionPeriod, 'must be 30 to 330 in steps of 30, or 365 to 3650 in steps of 365')
        .optional()
        .describe('Deprecated. 30-330 by 30, 365-3650 by 365'),
    },
    effect: 'delete',
    // The OpenAPI document says "exactly one of the two".
    check: exactlyOne('retention_period', 'retention_period_in_days'),
    replaces: { retention_period: {}, retention_period_in_days: {} },
  }),
});

const END_STATES = new Set(['ready', 'error', 'expired']);

/** The name of a state, safe for a sentence. */
const nameOfState = (state: string) =>
  state === 'pending' || END_STATES.has(state) ? state : quoteUntrusted(state, 40);

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;

async function poll(context: WorkflowContext, audit_log_export_id: string, waitSeconds: number) {
  const started = context.now();
  const deadline = started + waitSeconds * 1000;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const answer = await context.request('GET /audit_logs/exports/{audit_log_export_id}', { audit_log_export_id });
    const { state } = exportIn({ id: audit_log_export_id, ...asRecord(answer) }, 'GET', pathOf(audit_log_export_id));
    const waited = Math.floor((context.now() - started) / 1000);
    const lasted = waitSeconds > 0 ? ` after ${waited} s of ${waitSeconds} s` : '';
    context.progress(waited, waitSeconds || undefined, `export is ${nameOfState(state)}${lasted}`);
    if (END_STATES.has(state)) return { ...asRecord(answer), state };
    const left = deadline - context.now();
    if (left <= 0) {
      return { ...asRecord(answer), state, note: 'Not ready yet. Call poll_audit_export again with wait_seconds.' };
    }
    await context.sleep(Math.min(wait, left));
  }
}

async function fetchExport(context: WorkflowContext, audit_log_export_id: string, allRows: boolean) {
  const download = async () => context.download(await linkOf(context, audit_log_export_id), 'audit_log_export');
  // A link is valid for ten minutes and every GET signs a new one, so one retry replaces an expired link.
  const { path, bytes } = await download().catch((error: unknown) => {
    if (error instanceof LinkExpiredError) return download();
    throw error;
  });
  try {
    return { path, bytes, ...(await summarize(path, { allRows, signal: context.signal })) };
  } catch (error) {
    // After a cancellation, the caller never learns of the file.
    if (error instanceof CancelledError) await rm(path, { force: true });
    throw error;
  }
}

async function linkOf(context: WorkflowContext, audit_log_export_id: string): Promise<string> {
  const answer = await context.request('GET /audit_logs/exports/{audit_log_export_id}', { audit_log_export_id });
  const { state, url } = exportIn(answer, 'GET', pathOf(audit_log_export_id));
  if (state === 'ready' && url) return url;
  if (state === 'pending') {
    throw new InputError('The export is not ready yet', [], 'Call poll_audit_export with wait_seconds 60 first.');
  }
  throw new ApiError(`the export ended in state ${nameOfState(state)}`, {
    request: { method: 'GET', path: pathOf(audit_log_export_id), attempts: 1 },
    status: 200,
  });
}

/** Narrows a response that a schema has already accepted as an object. */
function asRecord(answer: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(answer);
}
