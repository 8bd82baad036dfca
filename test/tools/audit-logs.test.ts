import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { auditLogs } from '../../src/tools/audit-logs.ts';
import { type Connected, type ConnectOptions, connect, rawServer, sends } from '../harness.ts';
import { expectMode } from '../platform.ts';

const range = { range_start: '2026-10-01T00:00:00Z', range_end: '2026-10-31T00:00:00Z' };
const filters = { actions: ['user.signed_in'], actor_names: ['Ada'], actor_ids: ['user_1'], targets: ['team'] };
const event = {
  action: 'user.signed_in',
  occurred_at: '2026-10-01T00:00:00Z',
  actor: { id: 'user_1', type: 'user', name: 'Ada', metadata: { tries: 2 } },
  targets: [{ id: 'team_1', type: 'team' }],
  context: { location: '203.0.113.7', user_agent: 'curl' },
  metadata: { ok: true },
  version: 1,
};

sends(
  auditLogs,
  [
    [
      'start_audit_export',
      { organization_id: 'org_1', ...range, ...filters },
      'POST /audit_logs/exports',
      { organization_id: 'org_1', ...range, ...filters },
    ],
    // The recording server's response has no state, so polling is tested below.
    [
      'create_audit_log_event',
      { organization_id: 'org_1', event },
      'POST /audit_logs/events',
      { organization_id: 'org_1', event },
    ],
    [
      'list_audit_log_actions',
      { limit: 5, before: 'b', after: 'a', order: 'asc' },
      'GET /audit_logs/actions?order=asc&limit=5&before=b&after=a',
    ],
    [
      'list_audit_log_schemas',
      { action_name: 'user.signed_in', limit: 5, before: 'b', after: 'a', order: 'asc' },
      'GET /audit_logs/actions/user.signed_in/schemas?order=asc&limit=5&before=b&after=a',
    ],
    [
      'create_audit_log_schema',
      {
        action_name: 'a/b',
        targets: [{ type: 'team', metadata: { type: 'object' } }],
        actor: { metadata: { type: 'object' } },
        metadata: { type: 'object' },
      },
      'POST /audit_logs/actions/a%2Fb/schemas',
      {
        targets: [{ type: 'team', metadata: { type: 'object' } }],
        actor: { metadata: { type: 'object' } },
        metadata: { type: 'object' },
      },
    ],
    ['get_audit_log_configuration', { organization_id: 'org_1' }, 'GET /organizations/org_1/audit_log_configuration'],
    ['get_audit_log_retention', { organization_id: 'org_1' }, 'GET /organizations/org_1/audit_logs_retention'],
    [
      'set_audit_log_retention',
      { organization_id: 'org_1', retention_period_in_days: 30 },
      'PUT /organizations/org_1/audit_logs_retention',
      { retention_period_in_days: 30 },
    ],
    [
      'set_audit_log_retention',
      { organization_id: 'org_1', retention_period: '2_YEARS' },
      'PUT /organizations/org_1/audit_logs_retention',
      { retention_period: '2_YEARS' },
    ],
    [
      'start_audit_export',
      {
        organization_id: 'org_1',
        range_start: '2026-10-01T00:00:00Z',
        range_end: '2026-10-02T00:00:00Z',
        actors: ['Ada'],
      },
      'POST /audit_logs/exports',
      {
        organization_id: 'org_1',
        range_start: '2026-10-01T00:00:00Z',
        range_end: '2026-10-02T00:00:00Z',
        actor_names: ['Ada'],
      },
    ],
  ],
  ['poll_audit_export'],
);

const csv = [
  'id,action,occurred_at,actor_id,actor_name,note',
  'e1,user.signed_in,2026-10-01,user_1,Ada,"a, b"',
  'e2,user.signed_in,2026-10-02,user_1,Ada,"two\nlines"',
  'e3,user.deleted,2026-10-03,user_2,,=SUM(A1)',
  '',
].join('\n');

describe('an audit log export', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  it.each([{ url: { a: 1 } }, { url: 12 }, { state: ['ready'] }, { id: null }])(
    'that WorkOS describes as %j is an API error',
    async (odd) => {
      const body = { id: 'exp_1', state: 'ready', url: 'https://storage.example/x', ...odd };
      const server = await connect({ replies: () => ({ body }) });
      open.push(server);
      const started = await server.call('export_audit_logs', {
        organization_id: 'org_1',
        range_start: '2026-10-01T00:00:00Z',
        range_end: '2026-10-02T00:00:00Z',
      });
      const fetched = await server.call('download_audit_export', { audit_log_export_id: 'exp_1' });
      for (const { error } of [started, fetched]) {
        expect(error).toMatchObject({ kind: 'api', status: 200 });
        expect(error?.message).toContain('a response that does not describe an export');
      }
    },
  );

  /** A client whose export goes through these states, with links to its own storage server. */
  async function exporting(
    states: string[],
    options: ConnectOptions & { links?: number[] } = {},
  ): Promise<Connected & { storage: string[] }> {
    const seen: string[] = [];
    const { links = [] } = options;
    const storage = await rawServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization ?? 'no key'}`);
      response.writeHead(links[seen.length - 1] ?? 200, { 'content-type': 'text/csv' });
      response.end(csv);
    });
    let looks = 0;
    let now = Date.parse('2026-11-01T00:00:00Z');
    const connected = await connect({
      replies: ({ method }) => {
        if (method === 'POST')
          return { status: 201, body: { object: 'audit_log_export', id: 'exp_1', state: 'pending', url: null } };
        const state = states[Math.min(looks++, states.length - 1)] ?? 'pending';
        return {
          body: {
            object: 'audit_log_export',
            id: 'exp_1',
            state,
            url: state === 'ready' ? `${storage.url}/exp_1.csv?sig=${looks}` : null,
          },
        };
      },
      ...options,
      runtime: {
        now: () => now,
        client: {
          sleep: async (ms) => {
            now += ms;
          },
        },
      },
    });
    open.push(connected, storage);
    return { ...connected, storage: seen };
  }

  it('is checked once by default', async () => {
    const { call, api } = await exporting(['pending', 'ready']);
    const { value } = await call('poll_audit_export', { audit_log_export_id: 'exp_1' });
    expect(value['state']).toBe('pending');
    expect(value['note']).toContain('wait_seconds');
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /audit_logs/exports/exp_1']);
  });

  it('is polled with progress until it is ready', async () => {
    const { call, api } = await exporting(['pending', 'pending', 'ready']);
    const seen: [progress: number, total: number | undefined, message: string | undefined][] = [];
    const { value } = await call(
      'poll_audit_export',
      { audit_log_export_id: 'exp_1', wait_seconds: 60 },
      { onprogress: ({ progress, total, message }) => seen.push([progress, total, message]) },
    );
    expect(value['state']).toBe('ready');
    expect(value['url']).toContain('sig=3');
    expect(api.requests).toHaveLength(3);
    expect(seen).toEqual([
      [0, 60, 'export is pending after 0 s of 60 s'],
      [1, 60, 'export is pending after 1 s of 60 s'],
      [2, 60, 'export is ready after 2 s of 60 s'],
    ]);
  });

  it.each(['error', 'expired'])('stops being polled in state %s', async (state) => {
    const { call, api } = await exporting(['pending', state, 'ready']);
    const { value } = await call('poll_audit_export', { audit_log_export_id: 'exp_1', wait_seconds: 60 });
    expect(value['state']).toBe(state);
    expect(api.requests).toHaveLength(2);
  });

  it('stops being polled after wait_seconds', async () => {
    const { call, api } = await exporting(['pending']);
    const { value } = await call('poll_audit_export', { audit_log_export_id: 'exp_1', wait_seconds: 5 });
    expect(value['state']).toBe('pending');
    expect(api.requests.length).toBeGreaterThan(2);
    expect(api.requests.length).toBeLessThan(7);
  });

  it('is downloaded to a private file without sending the key, and summarized', async () => {
    const { call, storage } = await exporting(['ready']);
    const { value } = await call('download_audit_export', { audit_log_export_id: 'exp_1' });
    expect(storage).toEqual(['/exp_1.csv?sig=1 no key']);
    expect(value).toMatchObject({
      bytes: Buffer.byteLength(csv),
      rows: 3,
      columns: ['id', 'action', 'occurred_at', 'actor_id', 'actor_name', 'note'],
      by_action: { 'user.signed_in': 2, 'user.deleted': 1 },
      by_actor: [
        { id: 'user_1', name: 'Ada', count: 2 },
        { id: 'user_2', count: 1 },
      ],
    });
    expect(value['first_rows']).toHaveLength(1);
    expect(value['notes']).toEqual([expect.stringContaining('spreadsheet formula (= + - @): 1')]);
    const path = String(value['path']);
    expect(readFileSync(path, 'utf8')).toBe(csv);
    expectMode(path, 0o600);
  });

  it('can be filtered by a JMESPath expression over its rows', async () => {
    const { call } = await exporting(['ready']);
    const { value } = await call('download_audit_export', {
      audit_log_export_id: 'exp_1',
      query: "rows[?action=='user.deleted'].actor_id",
    });
    expect(value['result']).toEqual(['user_2']);
    expect(value['path']).toMatch(/\.csv$/);
  });

  it('gets a new link once when the link has expired', async () => {
    const lucky = await exporting(['ready'], { links: [403, 200] });
    expect((await lucky.call('download_audit_export', { audit_log_export_id: 'exp_1' })).value['rows']).toBe(3);
    expect(lucky.storage).toEqual(['/exp_1.csv?sig=1 no key', '/exp_1.csv?sig=2 no key']);
    const unlucky = await exporting(['ready'], { links: [403, 403, 200] });
    const { error } = await unlucky.call('download_audit_export', { audit_log_export_id: 'exp_1' });
    expect(error?.message).toContain('rejected');
    expect(error?.message).not.toContain('sig=');
    expect(unlucky.storage).toHaveLength(2);
  });

  it('that is not ready cannot be downloaded; the hint names the tool that waits', async () => {
    const { call } = await exporting(['pending']);
    const { error } = await call('download_audit_export', { audit_log_export_id: 'exp_1' });
    expect(error).toMatchObject({ kind: 'input', hint: expect.stringContaining('poll_audit_export') });
  });

  it('is started, polled and downloaded in one call', async () => {
    const { call, api } = await exporting(['pending', 'ready']);
    const { value } = await call('export_audit_logs', {
      organization_id: 'org_1',
      ...range,
      actions: ['user.signed_in'],
    });
    expect(value['rows']).toBe(3);
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /audit_logs/exports',
      'GET /audit_logs/exports/exp_1',
      'GET /audit_logs/exports/exp_1',
      'GET /audit_logs/exports/exp_1',
    ]);
    expect(api.requests[0]?.body).toEqual({ organization_id: 'org_1', ...range, actions: ['user.signed_in'] });
  });

  it('is kept if the JMESPath expression fails', async () => {
    const { call } = await exporting(['ready']);
    const { value } = await call('export_audit_logs', { organization_id: 'org_1', ...range, query: 'sum(rows)' });
    expect(value).toMatchObject({ path: expect.stringMatching(/\.csv$/), query_error: expect.any(String) });
  });

  it('is started on a read-only server, but only through call_read_tool', async () => {
    const { call, api } = await exporting(['ready'], { flags: ['--read-only'] });
    const input = { tool: 'export_audit_logs', arguments: { organization_id: 'org_1', ...range } };
    expect((await call('call_read_tool', input)).value['rows']).toBe(3);
    expect(api.requests[0]?.method).toBe('POST');
    expect((await call('call_write_tool', input)).error).toMatchObject({ kind: 'refused' });
  });

  it('that takes too long in one call can be continued with poll_audit_export', async () => {
    const { call } = await exporting(['pending']);
    const { value } = await call('export_audit_logs', { organization_id: 'org_1', ...range, wait_seconds: 2 });
    expect(value).toMatchObject({
      audit_log_export_id: 'exp_1',
      state: 'pending',
      note: expect.stringContaining('poll_audit_export'),
    });
  });

  it('stops being polled immediately when the call is cancelled', async () => {
    let polls = 0;
    const cancel = new AbortController();
    const server = await connect({
      replies: () => {
        polls++;
        if (polls === 2) cancel.abort();
        return { body: { id: 'exp_1', state: 'pending' } };
      },
    });
    open.push(server);
    const waiting = server.call(
      'poll_audit_export',
      { audit_log_export_id: 'exp_1', wait_seconds: 600 },
      { signal: cancel.signal },
    );
    await expect(waiting).rejects.toThrow();
    const after = polls;
    await server.call('list_roles');
    expect(polls - after).toBeLessThanOrEqual(2);
  });

  it('is refused if start_audit_export is excluded', async () => {
    const { call, api } = await exporting(['ready'], { flags: ['--exclude-tools', 'start_audit_export'] });
    const { error } = await call('export_audit_logs', { organization_id: 'org_1', ...range });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('start_audit_export') });
    expect(api.requests).toEqual([]);
  });
});
