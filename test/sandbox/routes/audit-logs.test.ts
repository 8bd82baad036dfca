import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportedRows } from '../audit-log-exports.ts';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('audit logs', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it.each<[object, (row: Record<string, string>) => boolean, number]>([
    [{ actions: ['api_key.created'] }, (row) => row['action'] === 'api_key.created', 1],
    [{ actor_names: ['=SUM(A1:A9)'] }, (row) => row['actor_name'] === '=SUM(A1:A9)', 1],
    [{ actors: ['=SUM(A1:A9)'] }, (row) => row['actor_name'] === '=SUM(A1:A9)', 1],
    [{ actor_ids: ['api_key_JOB1'] }, (row) => row['actor_id'] === 'api_key_JOB1', 1],
    [{ targets: ['report'] }, (row) => row['targets']?.includes('"type":"report"') ?? false, 3],
    [
      { actions: ['user.login_failed'], range_start: '2026-10-17T02:00:00Z', range_end: '2026-10-17T03:30:00Z' },
      (row) => row['context_location'] === '203.0.113.66',
      24,
    ],
  ])('are exported with the filter %j', async (filter, matches, count) => {
    const rows = await exportedRows(client, filter);
    expect(rows.filter(matches)).toHaveLength(count);
    expect(rows).toHaveLength(count);
  });

  it('are exported at once if exportPolls is 0', async () => {
    const impatient = await startSandboxClient({ exportPolls: 0 });
    const organization_id = await impatient.idOf('/organizations', 'Kestrel Analytics');
    const body = { organization_id, range_start: '2026-08-02', range_end: '2026-11-01' };
    const { id } = (await impatient.call('POST /audit_logs/exports', body)).body;
    expect((await impatient.call(`GET /audit_logs/exports/${id}`)).body['state']).toBe('ready');
    await impatient.close();
  });

  const event = {
    action: 'robot.started',
    occurred_at: '2026-11-01T10:00:00+02:00',
    actor: { id: 'user_1', type: 'user', name: 'Ada' },
    targets: [{ id: 'robot_1', type: 'robot' }],
    context: { location: '192.0.2.1' },
    metadata: { speed: 3, loud: false },
  };

  it('store an event once per Idempotency-Key', async () => {
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    await client.call('POST /audit_logs/actions/robot.started/schemas', { targets: [{ type: 'robot' }] });
    const send = (key: string) =>
      client.call('POST /audit_logs/events', { organization_id, event }, { 'Idempotency-Key': key });
    expect((await send('one')).body).toEqual({ success: true });
    expect((await send('one')).status).toBe(200);
    await send('two');
    const rows = await exportedRows(client, { actions: ['robot.started'] });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      occurred_at: '2026-11-01T08:00:00.000Z',
      metadata: '{"speed":3,"loud":false}',
      version: '1',
    });
  });

  describeErrors(
    () => client,
    [
      [
        'POST /audit_logs/exports',
        { organization_id: 'org_nope', range_start: 'yesterday' },
        400,
        {
          message: ['range_end is required', 'range_start has the wrong format'],
          error: 'Bad Request',
        },
      ],
      [
        'POST /audit_logs/exports',
        { organization_id: 'org_nope', range_start: '2026-09-02', range_end: '2026-09-01' },
        400,
        { message: ['Invalid date range'] },
      ],
      [
        'POST /audit_logs/exports',
        { organization_id: 'org_nope', range_start: '2026-08-01', range_end: '2026-11-02' },
        400,
        { message: ['range_start must be within the last three months'], error: 'Bad Request' },
      ],
      [
        'POST /audit_logs/exports',
        { organization_id: 'org_nope', range_start: '2026-09-32', range_end: '2026-10-01' },
        400,
        { message: ['Invalid date range'] },
      ],
      [
        'POST /audit_logs/exports',
        { organization_id: 'org_nope', range_start: '2026-09-01', range_end: '2026-09-02' },
        404,
        { message: "Organization not found: 'org_nope'." },
      ],
      [
        'POST /audit_logs/events',
        { organization_id: 'org_nope', event: { action: 'a', targets: [] } },
        422,
        {
          errors: ['occurred_at', 'actor', 'context'].map((field) => ({
            code: 'required',
            field: `event.${field}`,
          })),
        },
      ],
      [
        'POST /audit_logs/events',
        { organization_id: 'org_nope', event: { ...event, metadata: { deep: {} } } },
        400,
        { code: 'invalid_audit_log_event', errors: [{ instancePath: '/action' }, { instancePath: '/metadata/deep' }] },
      ],
    ],
  );
});
