import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportedRows } from '../audit-log-exports.ts';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const SCHEMAS = '/audit_logs/actions/robot.started/schemas';

const SCHEMA = {
  actor: { metadata: { type: 'object', properties: { shift: { type: 'string' } } } },
  targets: [
    { type: 'robot', metadata: { type: 'object', properties: { weight: { type: 'number' } } } },
    { type: 'hall' },
  ],
  metadata: { type: 'object', properties: { speed: { type: 'number' } }, required: ['speed'] },
};

const EVENT = {
  action: 'robot.started',
  occurred_at: '2026-11-01T10:00:00Z',
  actor: { id: 'user_1', type: 'user', metadata: { shift: 'night' } },
  targets: [
    { id: 'robot_1', type: 'robot', metadata: { weight: 12.5 } },
    { id: 'hall_1', type: 'hall' },
  ],
  context: { location: '192.0.2.1' },
  metadata: { speed: 3 },
};

describe('audit log schemas', () => {
  let client: SandboxClient;
  let organization_id: string;
  beforeEach(async () => {
    client = await startSandboxClient();
    organization_id = await client.idOf('/organizations', 'Acme Robotics');
  });
  afterEach(() => client.close());

  const send = (changes: object) =>
    client.call('POST /audit_logs/events', { organization_id, event: { ...EVENT, ...changes } });

  it.each([
    { properties: { speed: { pattern: '(' } } },
    { required: 5 },
    { enum: 5 },
    { allOf: 'x' },
    { anyOf: [{ type: 'speed' }] },
  ])('with the metadata %j are refused', async (metadata) => {
    const refused = await client.call(`POST ${SCHEMAS}`, { ...SCHEMA, metadata });
    expect([refused.status, refused.body['message']]).toEqual([422, expect.stringContaining('must be a JSON Schema')]);
  });

  it('with a broken reference reject every event', async () => {
    await client.call(`POST ${SCHEMAS}`, { ...SCHEMA, metadata: { $ref: '#/nowhere' } });
    const refused = await send({});
    expect([refused.status, refused.body['errors']]).toEqual([400, [{ instancePath: '/metadata' }]]);
  });

  it('exist for every action of the sample data', async () => {
    expect(namesIn(await client.call('GET /audit_logs/actions?order=asc'))).toEqual(
      'user.signed_in user.signed_out user.login_failed role.changed api_key.created document.viewed document.updated document.deleted invoice.downloaded export.requested'.split(
        ' ',
      ),
    );
  });

  it('have numbered versions, and an action shows the latest', async () => {
    expect((await client.call(`POST ${SCHEMAS}`, SCHEMA)).body).toMatchObject({ ...SCHEMA, version: 1 });
    client.advance(1_000);
    await client.call(`POST ${SCHEMAS}`, { targets: [{ type: 'arm' }] });
    const versions = (await client.call(`GET ${SCHEMAS}`)).body.data.map((schema) => schema['version']);
    expect(versions).toEqual([2, 1]);
    const [action] = (await client.call('GET /audit_logs/actions?limit=1')).body.data;
    expect(action).toMatchObject({ name: 'robot.started', schema: { version: 2, targets: [{ type: 'arm' }] } });
  });

  it('accept events that fit the version that they name', async () => {
    await client.call(`POST ${SCHEMAS}`, SCHEMA);
    await client.call(`POST ${SCHEMAS}`, { targets: [{ type: 'arm' }] });
    expect((await send({})).status).toBe(200);
    expect((await send({ version: 2, targets: [{ id: 'arm_1', type: 'arm' }] })).status).toBe(200);
    expect(await exportedRows(client, { actions: ['robot.started'] })).toHaveLength(2);
  });

  it.each<[object, string[]]>([
    [{ action: 'robot.stopped' }, ['/action']],
    [{ version: 2 }, ['/version']],
    [{ occurred_at: '2026-99-01' }, ['/occurred_at']],
    [{ targets: [] }, ['/targets']],
    [{ targets: [{ id: 'door_1', type: 'door' }] }, ['/targets/0/type']],
    [{ targets: [{ id: 'robot_1', type: 'robot', metadata: { weight: 'heavy' } }] }, ['/targets/0/metadata/weight']],
    [{ actor: { id: 'user_1', type: 'user', metadata: { shift: 2 } } }, ['/actor/metadata/shift']],
    [{ metadata: {} }, ['/metadata/speed']],
    [{ metadata: undefined }, ['/metadata/speed']],
    [{ metadata: { speed: 'fast' } }, ['/metadata/speed']],
    [{ metadata: { speed: 3, 'not ok': 1 } }, ['/metadata/not ok']],
    [{ metadata: [3] }, ['/metadata']],
  ])('reject an event with %j', async (changes, paths) => {
    await client.call(`POST ${SCHEMAS}`, SCHEMA);
    const { status, body } = await send(changes);
    expect([status, body]).toEqual([
      400,
      {
        message: 'Invalid Audit Log event.',
        code: 'invalid_audit_log_event',
        errors: paths.map((instancePath) => ({ instancePath })),
      },
    ]);
    expect(await exportedRows(client, { actions: ['robot.started'] })).toEqual([]);
  });

  it('leave events in the log only for the retention period of the organization', async () => {
    const path = `/organizations/${organization_id}/audit_logs_retention`;
    expect((await client.call(`GET ${path}`)).body).toEqual({ retention_period_in_days: null });
    const all = (await exportedRows(client)).length;
    for (const [body, days] of [
      [{ retention_period: '1_MONTH' }, 30],
      [{ retention_period: '2_YEARS' }, 730],
      [{ retention_period_in_days: 30 }, 30],
    ] as const) {
      expect((await client.call(`PUT ${path}`, body)).body).toEqual({ retention_period_in_days: days });
    }
    const rows = await exportedRows(client);
    expect(rows.length).toBeLessThan(all);
    expect(rows.every((row) => (row['occurred_at'] ?? '') >= '2026-10-03T09:00:00.000Z')).toBe(true);
  });

  it('leave a new organization without an audit log', async () => {
    const { id } = (await client.call('POST /organizations', { name: 'Juniper Books' })).body;
    const configuration = await client.call(`GET /organizations/${id}/audit_log_configuration`);
    expect(configuration.body).toEqual({ organization_id: id, retention_period_in_days: 365, state: 'inactive' });
  });

  const RETENTION = 'PUT /organizations/org_01KERQQPZG8ZH2W6ZP21YTE99Q/audit_logs_retention';
  describeErrors(
    () => client,
    [
      [
        'GET /audit_logs/actions/robot.flew/schemas',
        undefined,
        404,
        { message: expect.stringContaining('robot.flew') },
      ],
      [`POST ${SCHEMAS}`, {}, 422, { errors: [{ code: 'required', field: 'targets' }] }],
      [`POST ${SCHEMAS}`, { targets: [] }, 422, { errors: [{ field: 'targets' }] }],
      [
        `POST ${SCHEMAS}`,
        { targets: [{ type: 'robot', metadata: 'any' }] },
        422,
        { errors: [{ field: 'targets.0.metadata' }] },
      ],
      [
        `POST ${SCHEMAS}`,
        { targets: [{ type: 'robot' }], metadata: { type: 'money' } },
        422,
        { errors: [{ field: 'metadata' }] },
      ],
      [RETENTION, {}, 422, { errors: [{ code: 'required', field: 'retention_period' }] }],
      [RETENTION, { retention_period: '1_YEAR', retention_period_in_days: 365 }, 422, { message: expect.any(String) }],
      [RETENTION, { retention_period: '13_MONTHS' }, 422, { message: expect.stringContaining('retention_period') }],
      [RETENTION, { retention_period_in_days: 31 }, 422, { message: expect.stringContaining('multiple of 30') }],
      [
        'PUT /organizations/org_nope/audit_logs_retention',
        { retention_period: '1_YEAR' },
        404,
        { message: "Organization not found: 'org_nope'." },
      ],
      [
        'GET /organizations/org_nope/audit_log_configuration',
        undefined,
        404,
        { message: "Organization not found: 'org_nope'." },
      ],
    ],
  );
});
