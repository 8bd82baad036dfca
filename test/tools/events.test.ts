import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { EVENTS, WEBHOOK_EVENTS } from '../../src/tools/event-names.ts';
import { events } from '../../src/tools/events.ts';
import { connect, sends } from '../harness.ts';
import { operations } from '../operations.ts';

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

const list = events.tools.find(({ name }) => name === 'list_events') ?? expect.fail();
const create = events.tools.find(({ name }) => name === 'create_webhook_endpoint') ?? expect.fail();
const sent = (tool: typeof list, types: string[]) =>
  parseArguments(tool, { ...(tool === create && { endpoint_url: 'https://a.example' }), events: types })['events'];

describe('event types', () => {
  it('can be groups, which stand for all events in them', () => {
    expect(sent(list, ['organization_membership.*', 'user.created', 'user.*'])).toEqual([
      'organization_membership.created',
      'organization_membership.deleted',
      'organization_membership.updated',
      'user.created',
      'user.deleted',
      'user.updated',
    ]);
    expect(sent(list, ['vault.*'])).toContain('vault.data.read');
  });

  it('of a webhook endpoint leave out events that are never delivered', () => {
    expect(sent(create, ['authentication.*'])).not.toContain('authentication.mfa_failed');
    expect(() => sent(create, ['user.created', 'vault.data.created'])).toThrow(
      'webhooks do not deliver vault.data.created; list_events shows it',
    );
    expect(() => sent(create, ['vault.*'])).toThrow(/no event matches "vault\.\*"; groups: .*user\.\*/);
  });

  it('that are close to a known one are refused with a suggestion', () => {
    expect(() => sent(list, ['user.create'])).toThrow('"user.create" is not an event; did you mean user.created?');
    expect(() => sent(list, ['session.revokd', 'user.created'])).toThrow('did you mean session.revoked?');
    expect(() => sent(list, ['usr.*'])).toThrow('no event matches "usr.*"');
    expect(() => sent(list, ['*'])).toThrow('no event matches "*"');
  });

  it('that this server does not know are sent, because the API keeps adding new ones', () => {
    expect(sent(list, ['billing.invoice.paid'])).toEqual(['billing.invoice.paid']);
  });

  it('match the OpenAPI document', () => {
    const documented = operations['POST /webhook_endpoints']?.body?.['events']?.items?.enum;
    expect([...WEBHOOK_EVENTS].sort()).toEqual(documented);
    expect(EVENTS.length).toBeGreaterThan(WEBHOOK_EVENTS.length);
    expect(new Set(EVENTS).size).toBe(EVENTS.length);
  });
});

it('all_pages with range_start reads the range in ascending order by default', async () => {
  const pages = ['event_1', 'event_2'].map((id, index) => ({
    object: 'list',
    data: [{ id }],
    list_metadata: { after: index === 0 ? id : null },
  }));
  const server = await connect({
    flags: ['--toolsets', 'events'],
    replies: (_, nth) => ({ body: pages[nth - 1] }),
  });
  const input = { events: ['user.created'], range_start: '2026-11-01', all_pages: true };
  expect((await server.call('list_events', input)).value).toMatchObject({ items: 2, stopped: 'end' });
  expect(server.api.requests.map(({ url }) => url)).toEqual([
    '/events?order=asc&limit=100&events=user.created&range_start=2026-11-01',
    '/events?order=asc&limit=100&after=event_1&events=user.created',
  ]);
  await server.close();
});

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  ['list_events', {}, /events is required/],
  ['list_events', { events: [] }, /events/],
  ['list_events', { events: ['user.created'], range_start: '2026-01-01', after: 'event_a' }, /range_start or after/],
  [
    'list_events',
    { events: ['user.created'], range_start: '2026-01-01', all_pages: true, order: 'desc' },
    /needs order asc/,
  ],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = events.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
