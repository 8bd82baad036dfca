import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { events } from '../../src/tools/events.ts';
import { sends } from '../harness.ts';

sends(events, [
  [
    'list_events',
    {
      limit: 5,
      before: 'event_b',
      order: 'asc',
      events: ['user.created', 'dsync.user.updated'],
      range_start: '2026-01-01T00:00:00Z',
      range_end: '2026-01-31',
      organization_id: 'org_1',
    },
    'GET /events?order=asc&limit=5&before=event_b&events=user.created,dsync.user.updated&range_start=2026-01-01T00%3A00%3A00Z&range_end=2026-01-31&organization_id=org_1',
  ],
  [
    'list_events',
    { after: 'event_a', events: ['user.created'] },
    'GET /events?order=desc&after=event_a&events=user.created',
  ],
  [
    'list_webhook_endpoints',
    { limit: 5, before: 'we_b', after: 'we_a', order: 'asc' },
    'GET /webhook_endpoints?order=asc&limit=5&before=we_b&after=we_a',
  ],
  ['list_webhook_endpoints', {}, 'GET /webhook_endpoints?order=desc'],
  [
    'create_webhook_endpoint',
    { endpoint_url: 'https://example.com/hook', events: ['user.created', 'session.revoked'] },
    'POST /webhook_endpoints',
    { endpoint_url: 'https://example.com/hook', events: ['user.created', 'session.revoked'] },
  ],
  [
    'update_webhook_endpoint',
    {
      webhook_endpoint_id: 'we_1',
      endpoint_url: 'https://example.com/hook',
      status: 'disabled',
      events: ['user.created'],
    },
    'PATCH /webhook_endpoints/we_1',
    { endpoint_url: 'https://example.com/hook', status: 'disabled', events: ['user.created'] },
  ],
  ['delete_webhook_endpoint', { webhook_endpoint_id: 'we_1' }, 'DELETE /webhook_endpoints/we_1'],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  ['list_events', {}, /events is required/],
  ['list_events', { events: [] }, /events/],
  ['list_events', { events: ['user.created'], range_start: '2026-01-01', after: 'event_a' }, /range_start or after/],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = events.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
