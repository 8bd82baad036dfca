import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { connect, type Reply } from '../harness.ts';
import { ACME, type Importing, importing } from './import-server.ts';

const DAY_MS = 24 * 3_600_000;

let time: number;
let sandbox: Sandbox;
let server: Importing;
beforeEach(async () => {
  time = Date.parse('2030-03-01T12:00:00Z');
  const now = () => (time += 10);
  sandbox = await startSandbox({ now });
  // The sample data has events up to the day on which the sandbox starts.
  time += 5 * DAY_MS;
  server = await importing({ sandbox, runtime: { now } });
});
afterEach(async () => {
  await server.close();
  await sandbox.close();
});

let created = 0;
const createUsers = async (count: number) => {
  for (let number = 0; number < count; number++) {
    await server.direct('POST', '/user_management/users', { email: `follow.${created++}@new.example` });
  }
};

const follow = (more: Record<string, unknown> = {}) =>
  server.call('follow_events', { events: ['user.*'], name: 'daily', ...more });
const emails = (value: Record<string, unknown>) =>
  (value['data'] as { data: { email: string } }[]).map(({ data }) => data.email);

describe('follow_events', () => {
  it('starts 24 hours back, and says so', async () => {
    await createUsers(1);
    time += 2 * DAY_MS;
    await createUsers(1);
    const { value } = await follow();
    expect(value).toMatchObject({ events: 1, more: false, note: expect.stringContaining('24 hours back') });
    expect(Date.parse(String(value['since']))).toBeGreaterThan(time - DAY_MS - 1_000);
  });

  it('shows each event once, oldest first, with a summary by type', async () => {
    const user = await server.direct('POST', '/user_management/users', { email: 'follow@new.example' });
    await createUsers(1);
    await server.direct('DELETE', `/user_management/users/${user['id']}`);
    const { value } = await follow();
    expect(value).toMatchObject({
      events: 3,
      by_type: { 'user.created': 2, 'user.deleted': 1 },
      data: [{ event: 'user.created' }, { event: 'user.created' }, { event: 'user.deleted' }],
    });
    expect((await follow()).value).toMatchObject({ events: 0, by_type: {}, data: [] });
    await createUsers(2);
    const next = await follow();
    expect(next.value).toMatchObject({ events: 2, batch: 2 });
    expect(new Set(emails(next.value)).size).toBe(2);
  });

  it('misses no event after an empty first call, even if the clocks differ', async () => {
    expect((await follow()).value).toMatchObject({ events: 0 });
    time -= 60_000;
    await createUsers(1);
    time += 60_000;
    expect((await follow()).value).toMatchObject({ events: 1 });
    expect((await follow()).value).toMatchObject({ events: 0 });
  });

  it('repeats the last batch exactly, even if there are newer events', async () => {
    await createUsers(2);
    const first = await follow();
    await createUsers(1);
    const again = await follow({ again: true });
    expect(again.value).toMatchObject({ again: true, batch: 1, data: first.value['data'] });
    expect((await follow()).value).toMatchObject({ events: 1 });
    // An empty batch does not replace it.
    expect((await follow()).value).toMatchObject({ events: 0 });
    expect((await follow({ again: true })).value).toMatchObject({ events: 1, batch: 2 });
  });

  it('follows events separately for each name', async () => {
    await createUsers(1);
    expect((await follow()).value).toMatchObject({ events: 1 });
    expect((await follow({ name: 'other' })).value).toMatchObject({ events: 1 });
    expect((await follow()).value).toMatchObject({ events: 0 });
  });

  it('writes all events to a file, and returns the first 20', async () => {
    await createUsers(990);
    const first = await follow();
    expect(first.value).toMatchObject({ events: 990, more: false });
    expect(first.value['data']).toHaveLength(20);
    const lines = readFileSync(String(first.value['path']), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(990);
    expect((await follow({ again: true, query: 'length(data)' })).value).toMatchObject({ result: 990 });
  });

  it('follows one organization', async () => {
    const members = { events: ['organization_membership.*'], name: 'members' };
    const { data } = await server.direct('GET', '/organizations?limit=100');
    const organizations = data as { id: string; name: string }[];
    await createUsers(1);
    const { data: users } = await server.direct('GET', '/user_management/users?limit=1');
    const [user] = users as { id: string }[];
    for (const { id } of organizations.slice(0, 5)) {
      await server.direct('POST', '/user_management/organization_memberships', {
        user_id: user?.id,
        organization_id: id,
      });
    }
    const { value } = await server.call('follow_events', { ...members, organization: organizations[1]?.name });
    expect(value).toMatchObject({ events: 1, data: [{ data: { organization_id: organizations[1]?.id } }] });
    expect(value['note']).not.toContain('user.*');
  });

  it('says that events of users belong to no organization', async () => {
    const { value } = await follow({ organization: ACME });
    expect(value['note']).toContain('user.* events are not shown: they belong to no organization');
  });

  it('continues with a group of events after the server learns of new events in it', async () => {
    await follow();
    const [file = ''] = readdirSync(server.outputDir).map((name) => join(server.outputDir, name));
    const state = JSON.parse(readFileSync(file, 'utf8'));
    const older = (types: string[]) => types.filter((type) => type !== 'user.updated');
    const { events, known } = state.follows;
    writeFileSync(
      file,
      JSON.stringify({ ...state, follows: { ...state.follows, events: older(events), known: older(known) } }),
    );
    expect((await follow()).isError).toBe(false);
    writeFileSync(file, JSON.stringify({ ...state, follows: { ...state.follows, events: older(events) } }));
    expect((await follow()).error?.message).toContain('follows other events');
  });

  it('says how far the name was followed with another key', async () => {
    await follow();
    const [name = ''] = readdirSync(server.outputDir);
    writeFileSync(
      join(server.outputDir, name.replace(/^follow-.{8}/, 'follow-00000000')),
      readFileSync(join(server.outputDir, name)),
    );
    rmSync(join(server.outputDir, name));
    const { value } = await follow();
    expect(value['note']).toMatch(
      /With another key, this name has shown events up to 2030-03-06T.*list_events with range_start/,
    );
  });

  it('refuses other events under the same name, so that none are skipped', async () => {
    await follow();
    const { error } = await follow({ events: ['user.created'] });
    expect(error).toMatchObject({
      kind: 'input',
      message: 'daily follows other events, or those of another organization',
    });
    expect((await follow({ organization: ACME })).isError).toBe(true);
  });

  it('says which events are gone after more than 30 days', async () => {
    await createUsers(1);
    await follow();
    time += 40 * DAY_MS;
    await createUsers(1);
    const { value } = await follow();
    expect(value).toMatchObject({
      events: 1,
      note: expect.stringMatching(/keeps events for 30 days.*2030-03-06.*are no longer available/),
    });
    expect((await follow()).value).not.toHaveProperty('note');
  });

  it('has no gap if it was called in the meantime', async () => {
    await createUsers(1);
    await follow();
    time += 28 * DAY_MS;
    await follow();
    time += 20 * DAY_MS;
    await createUsers(1);
    const { value } = await follow();
    expect(value).toMatchObject({ events: 1 });
    expect(value).not.toHaveProperty('note');
  });

  it('ignores the case of a name, as some file systems do', async () => {
    await createUsers(1);
    await follow({ name: 'daily' });
    const { value } = await follow({ name: 'DAILY' });
    expect(value).toMatchObject({ events: 0 });
  });

  it.each(['../x', 'a/b', '', 'x'.repeat(41), '.hidden', 'é'])(
    'refuses a name that could not be a plain file name: %j',
    async (name) => {
      const { error } = await follow({ name });
      expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('name') });
      expect(server.api.requests).toEqual([]);
    },
  );

  it('keeps only its position and the last batch in the output folder', async () => {
    await createUsers(1);
    await follow();
    await createUsers(1);
    await follow();
    const names = readdirSync(server.outputDir).map((name) => name.replace(/-[0-9a-f]{8}-/, '-'));
    expect(names.sort()).toEqual(['follow-daily-2.jsonl', 'follow-daily.json']);
  });

  it('suggests another name if the file of a name is damaged', async () => {
    await follow();
    const [file = ''] = readdirSync(server.outputDir);
    writeFileSync(join(server.outputDir, file), '{');
    expect((await follow()).error).toMatchObject({
      kind: 'input',
      hint: expect.stringContaining('Choose another name'),
    });
  });
});

/** An event this many seconds after noon. */
const event = (number: number) => ({
  object: 'event',
  id: `event_${number}`,
  event: 'user.created',
  created_at: new Date(Date.parse('2030-03-01T12:00:00Z') + number * 1_000).toISOString(),
  data: {},
});
const list = (events: object[]): Reply => ({
  body: { object: 'list', data: events, list_metadata: { after: null } },
});

it('follow_events reads a thousand events per call, and says if there are more, even with a query', async () => {
  const events = Array.from({ length: 1_050 }, (_, at) => event(at));
  const api = await connect({
    flags: ['--toolsets', 'imports'],
    runtime: { now: () => Date.parse('2030-03-01T16:30:00Z') },
    replies: ({ url }) => {
      const query = new URL(url, 'http://x').searchParams;
      const from = events.findIndex(({ id }) => id === query.get('after')) + 1;
      const data = events.slice(from, from + 100);
      const after = from + 100 < events.length ? data.at(-1)?.id : null;
      return { body: { object: 'list', data, list_metadata: { after } } };
    },
  });
  const call = (more: object) => api.call('follow_events', { events: ['user.created'], name: 'many', ...more });
  expect((await call({ query: 'events' })).value).toMatchObject({
    result: 1_000,
    path: expect.stringContaining('follow-'),
    note: expect.stringContaining('There are more events. Call again immediately.'),
  });
  const { value } = await call({});
  expect(value).toMatchObject({ events: 50, more: false, data: expect.arrayContaining([events[1_000]]) });
  expect(value).not.toHaveProperty('note');
  await api.close();
});

describe('a position in the events that WorkOS no longer knows', () => {
  it.each<[what: string, unknown: (events: ReturnType<typeof event>[]) => Reply]>([
    ['is refused', () => ({ status: 422, body: { message: 'Invalid cursor', code: 'invalid_events_request' } })],
    ['is treated as the beginning', list],
  ])('loses and repeats no event if it %s', async (_, unknown) => {
    const events = [3_600, 7_200, 10_800].map(event);
    const api = await connect({
      flags: ['--toolsets', 'imports'],
      runtime: { now: () => Date.parse('2030-03-01T16:30:00Z') },
      replies: ({ url }) => {
        const query = new URL(url, 'http://x').searchParams;
        if (query.has('after')) return unknown(events);
        return list(events.filter(({ created_at }) => created_at >= (query.get('range_start') ?? '')));
      },
    });
    const call = () => api.call('follow_events', { events: ['user.created'], name: 'lost' });
    expect((await call()).value).toMatchObject({ events: 3 });
    events.push(event(14_400));
    expect((await call()).value).toMatchObject({ events: 1, data: [{ id: 'event_14400' }] });
    await api.close();
  });
});
