import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atMostOne, date, every, id, page } from './schemas.ts';
import type { Check } from './types.ts';

const endpointUrl = z.string().describe('https only');
const subscriptions = z.array(z.string()).describe('Types as in list_events');

/** The API takes a range's start or a cursor; behind the first page only the cursor is left to keep within the range. */
const oldestFirst: Check = ({ all_pages, range_start, order }) =>
  all_pages === true && range_start !== undefined && order !== 'asc'
    ? 'all_pages with range_start needs order asc'
    : undefined;

export const events = toolset('events', 'What happened in the environment, and webhooks that tell of it', {
  list_events: endpoint('GET /events', {
    title: 'List events',
    description: 'List changes and sign-ins of the last 30 days. Audit log records: export_audit_logs.',
    input: {
      ...page,
      // Optional in the OpenAPI document, but production and the official SDKs want it: https://workos.com/docs/reference/events/list
      events: z
        .array(z.string())
        .min(1)
        .describe('Such as user.created, dsync.user.updated, authentication.sso_failed'),
      range_start: date('ISO 8601; not with after').optional(),
      range_end: date().optional(),
      organization_id: id().optional(),
    },
    check: every(atMostOne('range_start', 'after'), oldestFirst),
  }),

  list_webhook_endpoints: endpoint('GET /webhook_endpoints', {
    title: 'List webhook endpoints',
    description: 'List webhook endpoints with URL, status and event types.',
    input: page,
    secrets: { out: ['data[].secret'], class: 'incidental' },
  }),

  create_webhook_endpoint: endpoint('POST /webhook_endpoints', {
    title: 'Create webhook endpoint',
    description: 'Have events posted to a URL. Answers, this one time, the secret that verifies their signature.',
    input: { endpoint_url: endpointUrl, events: subscriptions },
    secrets: { out: ['secret'], class: 'once' },
  }),

  update_webhook_endpoint: endpoint('PATCH /webhook_endpoints/{webhook_endpoint_id}', {
    title: 'Update webhook endpoint',
    description: 'Change an endpoint; fields left out stay, events replaces the list.',
    input: {
      webhook_endpoint_id: id(),
      endpoint_url: endpointUrl.optional(),
      status: z.enum(['enabled', 'disabled']).optional().describe('disabled: no deliveries'),
      events: subscriptions.optional(),
    },
    secrets: { out: ['secret'], class: 'incidental' },
  }),

  delete_webhook_endpoint: endpoint('DELETE /webhook_endpoints/{webhook_endpoint_id}', {
    title: 'Delete webhook endpoint',
    description: 'Delete a webhook endpoint for good. To pause it, use update_webhook_endpoint.',
    input: { webhook_endpoint_id: id() },
  }),
});
