import * as z from 'zod';
import { ApiError, InputError, LinkExpiredError } from '../errors/errors.ts';
import { summarize } from './audit-export.ts';
import { endpoint, toolset, workflow } from './define.ts';
import { date, id, page } from './schemas.ts';
import type { WorkflowContext } from './types.ts';

const ACTION = 'Such as user.signed_in';

const jsonSchema = () => z.record(z.string(), z.unknown());

const metadata = () =>
  z
    .record(z.string().regex(/^[a-zA-Z0-9_-]{0,40}$/), z.union([z.string().max(500), z.number(), z.boolean()]))
    .optional();

const party = () =>
  z.strictObject({ id: z.string(), type: z.string(), name: z.string().optional(), metadata: metadata() });

/** What an export holds; the API takes the filters together, each list meaning any of its values. */
const exportFields = {
  organization_id: id(),
  range_start: date('ISO 8601; three months back at most'),
  range_end: date(),
  actions: z.array(z.string()).optional().describe(`Only these, ${ACTION.toLowerCase()}`),
  actor_names: z.array(z.string()).optional().describe('Only by these'),
  actor_ids: z.array(z.string()).optional().describe('Only by these'),
  targets: z.array(z.string()).optional().describe('Only on these target types'),
};

const waitSeconds = (description: string) => z.int().min(0).max(600).optional().describe(description);

const ExportState = z.object({ id: z.string(), state: z.string(), url: z.string().nullish() });

export const auditLogs = toolset('audit_logs', 'Audit log events, their schemas, retention and exports', {
  start_audit_export: endpoint('POST /audit_logs/exports', {
    title: 'Start audit log export',
    description:
      'Start a CSV export of one organization’s audit log events. Then poll_audit_export and download_audit_export; export_audit_logs does all three.',
    input: exportFields,
    core: true,
  }),

  poll_audit_export: workflow({
    title: 'Poll audit log export',
    description:
      'Get the state of an export: pending, ready, error or expired. When ready, url is a link good for ten minutes; download_audit_export fetches it.',
    input: {
      audit_log_export_id: id(),
      wait_seconds: waitSeconds('Wait so long for an end state; 0, the default, looks once'),
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
      'Fetch a ready export into a private CSV file. Returns path, row count, columns, first rows, and counts per action and actor; query runs over {rows: [{column: value}]}.',
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
      'Answer questions about what happened in an organization: start an export, wait and download it in one call. Returns what download_audit_export returns; the API has no way to list events one by one.',
    input: { ...exportFields, wait_seconds: waitSeconds('Default 120') },
    effect: 'create',
    core: true,
    filterable: true,
    madeOf: ['start_audit_export', 'poll_audit_export', 'download_audit_export'],
    run: async ({ wait_seconds, ...input }, context) => {
      const { query, ...fields } = input as typeof input & { query?: string };
      const started = ExportState.parse(await context.call('start_audit_export', fields));
      const ended = await poll(context, started.id, wait_seconds ?? 120);
      if (ended.state === 'pending') return { audit_log_export_id: started.id, ...ended };
      return fetchExport(context, started.id, query !== undefined);
    },
  }),

  create_audit_log_event: endpoint('POST /audit_logs/events', {
    title: 'Create audit log event',
    description: 'Record one event for an organization. Its action must have a schema, see create_audit_log_schema.',
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
    description: 'List the actions that have a schema, and so can be recorded.',
    input: { ...page },
  }),

  list_audit_log_schemas: endpoint('GET /audit_logs/actions/{action_name}/schemas', {
    title: 'List audit log schemas',
    description: 'List the schema versions of one action.',
    input: { action_name: z.string().describe(ACTION), ...page },
  }),

  create_audit_log_schema: endpoint('POST /audit_logs/actions/{action_name}/schemas', {
    title: 'Create audit log schema',
    description: 'Add a new schema version for an action, and the action itself where it is new. Old versions stay.',
    input: {
      action_name: z.string().describe(ACTION),
      targets: z
        .array(z.strictObject({ type: z.string(), metadata: jsonSchema().optional() }))
        .min(1)
        .describe('Target types, each with a JSON Schema of its metadata'),
      actor: z.strictObject({ metadata: jsonSchema() }).optional().describe('JSON Schema of actor metadata'),
      metadata: jsonSchema().optional().describe('JSON Schema of event metadata'),
    },
  }),

  get_audit_log_configuration: endpoint('GET /organizations/{organization_id}/audit_log_configuration', {
    title: 'Get audit log configuration',
    description: 'Get retention and log streaming of one organization.',
    input: { organization_id: id() },
  }),

  get_audit_log_retention: endpoint('GET /organizations/{organization_id}/audit_logs_retention', {
    title: 'Get audit log retention',
    description: 'Get how many days events are kept; null where never set.',
    input: { organization_id: id() },
  }),

  set_audit_log_retention: endpoint('PUT /organizations/{organization_id}/audit_logs_retention', {
    title: 'Set audit log retention',
    description: 'Set how many days events are kept. Going from 365 to 30 deletes older events for good.',
    input: {
      organization_id: id(),
      retention_period_in_days: z.literal([30, 365]).describe('30 or 365'),
    },
    effect: 'delete',
  }),
});

const END_STATES = new Set(['ready', 'error', 'expired']);
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;

async function poll(context: WorkflowContext, audit_log_export_id: string, waitSeconds: number) {
  const deadline = context.now() + waitSeconds * 1000;
  for (let wait = FIRST_WAIT_MS, looks = 1; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS), looks++) {
    const answer = await context.request('GET /audit_logs/exports/{audit_log_export_id}', { audit_log_export_id });
    const { state } = ExportState.partial({ id: true }).parse(answer);
    context.progress(looks, undefined, `export is ${state}`);
    if (END_STATES.has(state)) return { ...asRecord(answer), state };
    const left = deadline - context.now();
    if (left <= 0) {
      return { ...asRecord(answer), state, note: 'Not ready yet: call poll_audit_export again with wait_seconds.' };
    }
    await context.sleep(Math.min(wait, left));
  }
}

async function fetchExport(context: WorkflowContext, audit_log_export_id: string, allRows: boolean) {
  const download = async () => context.download(await linkOf(context, audit_log_export_id), 'audit_log_export');
  // A link lives ten minutes and every look signs a new one, so one more look is all that an expired one needs.
  const { path, bytes } = await download().catch((error: unknown) => {
    if (error instanceof LinkExpiredError) return download();
    throw error;
  });
  return { path, bytes, ...(await summarize(path, allRows)) };
}

async function linkOf(context: WorkflowContext, audit_log_export_id: string): Promise<string> {
  const { state, url } = ExportState.parse(
    await context.request('GET /audit_logs/exports/{audit_log_export_id}', { audit_log_export_id }),
  );
  if (state === 'ready' && url) return url;
  if (state === 'pending') {
    throw new InputError('The export is not ready', [], 'Call poll_audit_export with wait_seconds 60 first.');
  }
  throw new ApiError(`the export ended in state ${state}`, {
    request: { method: 'GET', path: `/audit_logs/exports/${encodeURIComponent(audit_log_export_id)}`, attempts: 1 },
    status: 200,
  });
}

/** An answer that zod has found to be an object. */
function asRecord(answer: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(answer);
}
