import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { EVENTS, eventTypes, WEBHOOK_EVENTS } from './event-names.ts';
import { atMostOne, date, every, id, page } from './schemas.ts';
import type { Check } from './types.ts';

const endpointUrl = z.string().describe('HTTPS only');
const subscriptions = eventTypes(WEBHOOK_EVENTS);

/** The API takes range_start or a cursor, not both, so from page two on only ascending order stays in the range. */
const oldestFirst: Check = ({ all_pages, range_start, order }) =>
  all_pages === true && range_start !== undefined && order === 'desc'
    ? 'all_pages with range_start needs order asc, which is its default'
    : undefined;

export const events = toolset('events', 'Events in the environment, and the webhooks that deliver them', {
  list_events: endpoint('GET /events', {
    title: 'List events',
    description:
      'List changes and sign-ins of the last 30 days (id, event, created_at, data, the object it is about). For audit log events: export_audit_logs.',
    also: [
      'what happened, what did WorkOS or a user do',
      'recent activity, stream, timeline, changes',
      'failed or blocked logins',
      'login history',
      'user created or deleted since',
    ],
    input: {
      ...page,
      // Optional in the OpenAPI document, but production and the official SDKs require it:
      // https://workos.com/docs/reference/events/list
      events: eventTypes(EVENTS)
        .refine((types) => types.length > 0, 'name at least one event type')
        .describe('Such as user.created, dsync.user.updated, organization_membership.*'),
      range_start: date('ISO 8601; not with after').optional(),
      range_end: date().optional(),
      organization_id: id('Excludes user.* events, which have none').optional(),
    },
    // They exclude each other: https://workos.com/docs/reference/events/list
    check: every(atMostOne('range_start', 'after'), oldestFirst),
  }),

  list_webhook_endpoints: endpoint('GET /webhook_endpoints', {
    title: 'List webhook endpoints',
    description: 'List webhook endpoints with URL, status, event types and secret.',
    also: [
      'which hooks, listeners are registered',
      'signing secret',
      'callback URLs, where events go',
      'are we notified, deliveries stopped',
    ],
    input: page,
    secrets: { out: ['data[].secret'], class: 'incidental' },
  }),

  create_webhook_endpoint: endpoint('POST /webhook_endpoints', {
    title: 'Create webhook endpoint',
    description:
      'Send events to a URL. Returns the secret that verifies their signatures; list_webhook_endpoints shows it again.',
    also: [
      'subscribe to events, call us back',
      'notify or tell our server, service when users change',
      'register a hook, listener',
      'POST, push or forward callbacks to our backend, CRM, Zapier',
    ],
    input: { endpoint_url: endpointUrl, events: subscriptions.describe('Event types or groups, such as dsync.*') },
    secrets: { out: ['secret'], class: 'incidental' },
  }),

  update_webhook_endpoint: endpoint('PATCH /webhook_endpoints/{webhook_endpoint_id}', {
    title: 'Update webhook endpoint',
    description: 'Change a webhook endpoint. Omitted fields stay unchanged.',
    also: [
      'pause or mute a hook',
      'endpoint moved, change the callback URL',
      'subscribe to or deliver more event types',
      'stop deliveries for now',
    ],
    input: {
      webhook_endpoint_id: id(),
      endpoint_url: endpointUrl.optional(),
      status: z.enum(['enabled', 'disabled']).optional().describe('disabled stops deliveries'),
      events: subscriptions.optional().describe('Event types or groups; the new full list'),
    },
    secrets: { out: ['secret'], class: 'incidental' },
    readBack: 'list_webhook_endpoints',
    consentFor: { endpoint_url: 'always', status: 'equals:disabled', events: 'removes' },
  }),

  delete_webhook_endpoint: endpoint('DELETE /webhook_endpoints/{webhook_endpoint_id}', {
    title: 'Delete webhook endpoint',
    description: 'Permanently delete a webhook endpoint. To pause it: update_webhook_endpoint.',
    also: ['unsubscribe', 'remove a hook, listener', 'stop sending, notifying'],
    input: { webhook_endpoint_id: id() },
    readBack: 'list_webhook_endpoints',
  }),
});
