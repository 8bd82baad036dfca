import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

interface Row {
  id: string;
  [field: string]: unknown;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Row & { data: Row[]; list_metadata: { before: string | null; after: string | null } };
}

let clock = Date.parse('2026-11-02T09:00:00.000Z');
let sandbox: Sandbox;

/** Each answer of the API is read as the widest shape: what is not there is undefined. */
async function ask(on: Sandbox, line: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const response = await fetch(on.url + path, {
    method,
    headers: { Authorization: `Bearer ${on.key}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) };
}

const call = (line: string, body?: unknown, headers?: Record<string, string>) => ask(sandbox, line, body, headers);
const tick = (milliseconds: number) => {
  clock += milliseconds;
};
const fresh = () => startSandbox({ now: () => clock });
const names = (answer: Answer) => answer.body.data.map((row) => row['name']);

async function idOf(path: string, name: string): Promise<string> {
  const found = (await call(`GET ${path}?limit=100`)).body.data.find((row) => row['name'] === name);
  if (!found) throw new Error(`no ${name} in ${path}`);
  return found.id;
}

/** Every page of a list, followed by its cursor. */
async function walk(path: string, cursor: 'after' | 'before', start = ''): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | null = start; next !== null; ) {
    const { body } = await call(`GET ${path}${next && `&${cursor}=${next}`}`);
    pages.push(body.data.map(({ id }) => id));
    next = body.list_metadata[cursor];
  }
  return pages;
}

describe('reading', () => {
  beforeAll(async () => {
    sandbox = await fresh();
  });
  afterAll(() => sandbox.close());
  // Lists of directory users are limited by the second.
  beforeEach(() => tick(1000));

  it('holds the same data at every start', async () => {
    const other = await fresh();
    for (const path of [
      '/organizations?limit=100',
      '/connections?limit=100',
      '/directories',
      '/directory_groups?limit=100',
      '/directory_users?limit=100',
      '/user_management/users?limit=100',
      '/user_management/invitations',
      '/authorization/roles',
      '/authorization/permissions',
      '/_sandbox',
    ]) {
      expect((await ask(other, `GET ${path}`)).text).toBe((await call(`GET ${path}`)).text);
    }
    await other.close();
  });

  it('is a landscape of some size', async () => {
    const { body } = await call('GET /_sandbox');
    expect(body).toMatchObject({ organizations: 8, directories: 2, users: 57, directory_users: 70 });
    expect(body['audit_log_events']).toBeGreaterThan(300);
  });

  it.each([
    ['no key', {}],
    ['another key', { Authorization: 'Bearer sk_test_other' }],
    ['another scheme', { Authorization: 'Basic sk_test_sandbox' }],
  ])('answers 401 to %s', async (_case, headers) => {
    const response = await fetch(`${sandbox.url}/organizations`, { headers });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives each answer its own request id', async () => {
    const ids = [await call('GET /organizations'), await call('GET /nowhere')].map(({ headers }) =>
      headers.get('x-request-id'),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['asc', 'desc'])(
    'pages through all users in order %s without loss or repeat, there and back',
    async (order) => {
      const whole = (await call(`GET /user_management/users?limit=100&order=${order}`)).body.data.map(({ id }) => id);
      expect(whole).toEqual(order === 'asc' ? [...whole].sort() : [...whole].sort().reverse());
      const pages = await walk(`/user_management/users?limit=7&order=${order}`, 'after');
      expect(pages.flat()).toEqual(whole);
      expect(pages).toHaveLength(Math.ceil(whole.length / 7));
      const back = await walk(`/user_management/users?limit=7&order=${order}`, 'before', whole.at(-1));
      expect(back.reverse().flat()).toEqual(whole.slice(0, -1));
    },
  );

  it('shows ten, newest first, and exchanges the cursors for order=normal', async () => {
    const plain = await call('GET /user_management/users');
    const normal = await call('GET /user_management/users?order=normal');
    expect(plain.body.data).toHaveLength(10);
    expect(plain.body.list_metadata).toEqual({ before: null, after: plain.body.data[9]?.id });
    expect(normal.body.list_metadata).toEqual({ before: plain.body.data[9]?.id, after: null });
  });

  it.each<[string, (string | null)[]]>([
    ['/organizations?search=ACME', ['Acme Robotics']],
    ['/organizations?domains=acme-labs.example,kestrel.example&order=asc', ['Acme Robotics', 'Kestrel Analytics']],
    ['/organizations?domains=blueharbor.example&domains=KESTREL.example', ['Kestrel Analytics', 'Blue Harbor Bank']],
    ['/organizations?domains=nobody.example', []],
    ['/connections?connection_type=OktaSAML', ['Acme Okta']],
    ['/connections?domain=kestrel.example', ['Kestrel Google Workspace']],
    ['/connections?search=adfs', ['Blue Harbor ADFS (old)']],
    ['/connections?organization_id={Acme Robotics}&order=asc', ['Acme Okta', 'Acme Labs OIDC trial']],
    ['/directories?organization_id={Northwind Freight}', ['Northwind Entra ID']],
    ['/directories?search=okta', ['Acme Okta SCIM']],
    ['/directories?domain=acme-robotics.example', ['Acme Okta SCIM']],
    ['/directory_groups?directory={Northwind Entra ID}', ['IT', 'Warehouse', 'Operations', 'All Staff']],
    ['/directory_users?group={Platform Admins}', ['Amara Adeyemi']],
    ['/directory_users?directory={Acme Okta SCIM}&idp_id=2001', ['Björn Haddad']],
    ['/directory_users?directory={Acme Okta SCIM}&email=AMARA.adeyemi@acme-robotics.example', ['Amara Adeyemi']],
    ['/user_management/users?email=DANA@whitfield-consulting.example', ['Dana Whitfield']],
    [
      '/user_management/users?organization_id={O\'Malley "Ink" & Paper, <Inc.>}',
      [`Robert "Bobby" O'Tables'); DROP TABLE users;--`],
    ],
  ])('filters %s', async (path, expected) => {
    const name = /\{(.+)\}/.exec(path)?.[1];
    const ids = name === undefined ? '' : await anyIdOf(name);
    expect(names(await call(`GET ${path.replace(/\{.+\}/, ids)}`))).toEqual(expected);
  });

  async function anyIdOf(name: string): Promise<string> {
    for (const path of ['/organizations', '/directories', '/directory_groups']) {
      const found = (await call(`GET ${path}?limit=100`)).body.data.find((row) => row['name'] === name);
      if (found) return found.id;
    }
    throw new Error(`nothing is called ${name}`);
  }

  it('lists the groups of a directory user', async () => {
    const group = await idOf('/directory_groups', 'Platform Admins');
    const [user] = (await call(`GET /directory_users?group=${group}`)).body.data;
    expect(names(await call(`GET /directory_groups?user=${user?.id}&order=asc`))).toEqual([
      'Everyone',
      'Platform Admins',
      'Engineering',
    ]);
    expect(user).toMatchObject({ raw_attributes: {}, emails: [], job_title: null, username: null });
    expect(user?.['custom_attributes']).toMatchObject({ department: 'Engineering' });
  });

  it('lists active memberships unless other statuses are asked for', async () => {
    const acme = await idOf('/organizations', 'Acme Robotics');
    const path = `/user_management/organization_memberships?limit=100&organization_id=${acme}`;
    const statuses = async (query: string) =>
      new Set((await call(`GET ${path}${query}`)).body.data.map((row) => row['status']));
    expect(await statuses('')).toEqual(new Set(['active']));
    expect(await statuses('&statuses=inactive,active')).toEqual(new Set(['active', 'inactive']));
    expect(await statuses('&statuses=inactive&statuses=pending')).toEqual(new Set(['inactive']));
    const [membership] = (await call(`GET ${path}`)).body.data;
    expect(membership).toMatchObject({ organization_name: 'Acme Robotics', user: { object: 'user' } });
  });

  it('lists roles in priority order without list_metadata, and permissions with it', async () => {
    const roles = await call('GET /authorization/roles');
    expect(roles.body.list_metadata).toBeUndefined();
    expect(roles.body.data.map((row) => row['slug'])).toEqual([
      ...['admin', 'member', 'billing-manager', 'auditor', 'support-agent'],
    ]);
    expect((await call('GET /authorization/roles/auditor')).body['name']).toBe('Auditor');
    expect((await call('GET /authorization/permissions?limit=2')).body.list_metadata.after).toMatch(/^perm_/);
  });

  it('finds an organization and a user by an external id with awkward characters', async () => {
    const path = `/organizations/external_id/${encodeURIComponent('kunde/2026#07')}`;
    expect((await call(`GET ${path}`)).body['name']).toMatch(/^Zürcher/);
    expect((await call('GET /user_management/users/external_id/emp-4000')).status).toBe(200);
  });

  const invalidLimit = { message: expect.stringContaining('limit'), errors: [{ code: 'invalid', field: 'limit' }] };
  it.each<[string, unknown, number, object]>([
    ['GET /organizations?limit=0', undefined, 422, invalidLimit],
    ['GET /organizations?limit=101', undefined, 422, invalidLimit],
    ['GET /organizations?limit=ten', undefined, 422, invalidLimit],
    ['GET /organizations?order=up', undefined, 422, { errors: [{ code: 'invalid', field: 'order' }] }],
    ['GET /organizations?after=org_nope', undefined, 422, { errors: [{ code: 'invalid', field: 'after' }] }],
    [
      'GET /organizations/org_nope',
      undefined,
      404,
      { message: "Organization not found: 'org_nope'.", code: 'entity_not_found', entity_id: 'org_nope' },
    ],
    ['GET /connections/conn_nope', undefined, 404, { message: "Connection not found: 'conn_nope'." }],
    ['DELETE /connections/conn_nope', undefined, 404, { code: 'entity_not_found' }],
    ['GET /directories/directory_nope', undefined, 404, { message: "Directory not found: 'directory_nope'." }],
    ['GET /directory_users?directory=directory_nope', undefined, 404, { code: 'entity_not_found' }],
    ['GET /directory_users?email=a@b.example', undefined, 422, { errors: [{ code: 'required', field: 'directory' }] }],
    ['DELETE /user_management/users/user_nope', undefined, 404, { message: "User not found: 'user_nope'." }],
    [
      'GET /user_management/organization_memberships',
      undefined,
      400,
      { code: 'missing_user_id_or_organization_id', message: expect.any(String) },
    ],
    ['GET /user_management/organization_memberships?user_id=user_nope', undefined, 404, { code: 'entity_not_found' }],
    ['GET /authorization/roles/nope', undefined, 404, { message: "Role not found: 'nope'." }],
    ['GET /roles', undefined, 404, { message: 'Cannot GET /roles', error: 'Not Found' }],
    ['POST /organizations', {}, 422, { errors: [{ code: 'required', field: 'name' }] }],
    ['POST /organizations', '{"name"', 400, { code: 'invalid_request_body' }],
    ['POST /organizations', '[1]', 400, { code: 'invalid_request_body' }],
    [
      'POST /organizations',
      { name: 'Thief', domain_data: [{ domain: 'Kestrel.example', state: 'pending' }] },
      409,
      { code: 'domain_already_exists' },
    ],
    ['POST /organizations', { name: 'Twin', external_id: 'crm-1001' }, 400, { code: 'external_id_already_used' }],
    ['POST /organizations', { name: 'Long', external_id: 'ü' }, 422, { errors: [{ field: 'external_id' }] }],
    ['POST /organizations', { name: 'Both', domains: [], domain_data: [] }, 422, { errors: [{ field: 'domains' }] }],
    ['POST /organizations', { name: 'Meta', metadata: { ['k'.repeat(41)]: 'v' } }, 400, { code: 'invalid_metadata' }],
    ['POST /organizations', { name: 'Meta', metadata: { key: 'ü' } }, 400, { code: 'invalid_metadata' }],
    ['POST /organizations', { name: 'Meta', metadata: { key: 1 } }, 400, { code: 'invalid_metadata' }],
    ['POST /organizations', ' '.repeat(1024 * 1024 + 1), 413, { code: 'payload_too_large' }],
    ['POST /user_management/users', {}, 422, { errors: [{ code: 'required', field: 'email' }] }],
    ['POST /user_management/users', { email: 'nobody' }, 422, { errors: [{ code: 'email_invalid', field: 'email' }] }],
    [
      'POST /user_management/users',
      { email: 'Dana@whitfield-consulting.example' },
      400,
      { code: 'user_creation_error', errors: [{ code: 'email_not_available', message: expect.any(String) }] },
    ],
    [
      'POST /user_management/users',
      { email: 'new@signup.example', password: 'short' },
      400,
      { code: 'password_strength_error', errors: [{ code: 'password_too_short', message: expect.any(String) }] },
    ],
    [
      'POST /user_management/invitations',
      { email: 'dana@whitfield-consulting.example' },
      400,
      { code: 'user_already_exists' },
    ],
    [
      'POST /audit_logs/exports',
      { organization_id: 'org_nope', range_start: 'yesterday' },
      400,
      {
        message: ['range_start must be a valid ISO 8601 date string', 'range_end must be a valid ISO 8601 date string'],
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
      { organization_id: 'org_nope', range_start: '2026-09-01', range_end: '2026-09-02' },
      404,
      { message: "Organization not found: 'org_nope'." },
    ],
    [
      'POST /audit_logs/events',
      { organization_id: 'org_nope', event: { action: 'a', targets: [] } },
      422,
      {
        errors: ['occurred_at', 'actor.id', 'actor.type', 'context.location'].map((field) => ({
          code: 'required',
          field: `event.${field}`,
        })),
      },
    ],
    ['GET /vault/v1/kv', undefined, 501, { code: 'not_simulated', message: expect.stringContaining('sk_test_') }],
    ['PATCH /organizations/org_nope', {}, 501, { code: 'not_simulated' }],
    ['POST /_sandbox/faults', { status: 200 }, 422, { errors: [{ field: 'status' }] }],
    ['GET /organizations/%E0%A4%A', undefined, 400, { code: 'bad_request' }],
  ])('refuses %s %j', async (line, body, status, expected) => {
    const answer = await call(line, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(expected);
  });

  it('says that keyless endpoints are missing rather than that the key is wrong', async () => {
    expect((await fetch(`${sandbox.url}/user_management/authenticate`, { method: 'POST', body: '{}' })).status).toBe(
      501,
    );
  });

  it('lets the users of a directory be listed four times a second', async () => {
    const acme = await idOf('/directories', 'Acme Okta SCIM');
    const northwind = await idOf('/directories', 'Northwind Entra ID');
    const list = (directory: string) => call(`GET /directory_users?directory=${directory}&limit=1`);
    for (let read = 0; read < 4; read++) expect((await list(acme)).status).toBe(200);
    const over = await list(acme);
    expect([over.status, over.body, over.headers.get('retry-after')]).toEqual([429, 'Ratelimited', '1']);
    expect((await list(northwind)).status).toBe(200);
    tick(999);
    expect((await list(acme)).status).toBe(429);
    tick(1);
    expect((await list(acme)).status).toBe(200);
  });
});

describe('writing', () => {
  beforeEach(async () => {
    sandbox = await fresh();
  });
  afterEach(() => sandbox.close());

  it.each([
    ['merges keys', { seats: '300', tier: 'gold' }, { plan: 'enterprise', region: 'us', seats: '300', tier: 'gold' }],
    ['deletes a key by null', { region: null }, { plan: 'enterprise', seats: '250' }],
    ['clears by {}', {}, {}],
    ['clears by null', null, {}],
    ['keeps what is left out', undefined, { plan: 'enterprise', region: 'us', seats: '250' }],
  ])('metadata: %s', async (_case, metadata, expected) => {
    const acme = await idOf('/organizations', 'Acme Robotics');
    const updated = await call(`PUT /organizations/${acme}`, { metadata });
    expect(updated.body['metadata']).toEqual(expected);
    expect(updated.body).toMatchObject({ name: 'Acme Robotics', external_id: 'crm-1001' });
  });

  it('changes nothing where a part of an update is refused', async () => {
    const acme = await idOf('/organizations', 'Acme Robotics');
    const before = (await call(`GET /organizations/${acme}`)).text;
    const body = { name: 'New', domain_data: [{ domain: 'kestrel.example', state: 'pending' }] };
    expect((await call(`PUT /organizations/${acme}`, body)).status).toBe(409);
    expect((await call(`GET /organizations/${acme}`)).text).toBe(before);
  });

  it('creates an organization from either form of domains, newest in the list, and deletes it at once', async () => {
    const plain = await call('POST /organizations', { name: 'Plain', domains: ['Plain.example'], unknown: 1 });
    const data = { name: 'Data', domain_data: [{ domain: 'data.example', state: 'verified' }] };
    const given = await call('POST /organizations', data);
    expect([plain.status, given.status]).toEqual([201, 201]);
    expect(plain.body['domains']).toMatchObject([{ domain: 'plain.example', state: 'pending' }]);
    expect(given.body['domains']).toMatchObject([{ object: 'organization_domain', state: 'verified' }]);
    expect(names(await call('GET /organizations?limit=2'))).toEqual(['Data', 'Plain']);
    const gone = await call(`DELETE /organizations/${given.body.id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await call(`GET /organizations/${given.body.id}`)).status).toBe(404);
    expect((await call(`GET /organizations?after=${given.body.id}&limit=1`)).body.data[0]?.id).toBe(plain.body.id);
  });

  it('deletes an organization with all that belongs to it after a 202', async () => {
    const acme = await idOf('/organizations', 'Acme Robotics');
    expect((await call(`DELETE /organizations/${acme}`)).status).toBe(202);
    expect((await call(`GET /organizations/${acme}`)).status).toBe(404);
    expect((await call('GET /_sandbox')).body).toMatchObject({
      organizations: 7,
      organization_domains: 7,
      connections: 6,
      directories: 1,
      directory_users: 28,
    });
  });

  it('adds, verifies and deletes a domain', async () => {
    const papaya = await idOf('/organizations', 'Papaya Learning');
    const body = { organization_id: papaya, domain: 'papaya.example' };
    const added = await call('POST /organization_domains', body);
    expect(added.body).toMatchObject({ state: 'pending', verification_strategy: 'dns' });
    expect((await call('POST /organization_domains', body)).body['code']).toBe('domain_already_exists');
    const path = `/organization_domains/${added.body.id}`;
    expect((await call(`POST ${path}/verify`)).body['state']).toBe('verified');
    expect((await call(`POST ${path}/verify`)).body['code']).toBe('domain_already_verified');
    expect((await call(`DELETE ${path}`)).status).toBe(204);
    expect((await call(`GET ${path}`)).status).toBe(404);
  });

  it('creates, updates and deletes a user and its membership', async () => {
    const created = await call('POST /user_management/users', { email: 'new@signup.example', first_name: 'Ada' });
    expect(created.body).toMatchObject({ name: 'Ada', email_verified: false, metadata: {}, external_id: null });
    const user = created.body.id;
    const path = `/user_management/users/${user}`;
    tick(60_000);
    const updated = await call(`PUT ${path}`, { last_name: 'Lovelace', external_id: 'ada' });
    expect(updated.body).toMatchObject({ first_name: 'Ada', name: 'Ada Lovelace', external_id: 'ada' });
    expect(updated.body['updated_at']).not.toBe(updated.body['created_at']);
    expect((await call(`PUT ${path}`, { external_id: null })).body['external_id']).toBeNull();
    expect((await call(`PUT ${path}`, { first_name: null })).status).toBe(422);
    expect((await call(`PUT ${path}`, { email: 'test+1@signup.example' })).body['code']).toBe('email_not_available');

    const acme = await idOf('/organizations', 'Acme Robotics');
    const root = '/user_management/organization_memberships';
    const join = { user_id: user, organization_id: acme, role_slug: 'admin' };
    const joined = await call(`POST ${root}`, join);
    expect(joined.body).toMatchObject({ status: 'active', role: { slug: 'admin' }, roles: [{ slug: 'admin' }] });
    expect((await call(`POST ${root}`, join)).status).toBe(409);
    expect((await call(`POST ${root}`, { ...join, role_slugs: ['member'] })).status).toBe(422);
    expect((await call(`POST ${root}`, { ...join, role_slug: 'king' })).body['code']).toBe('invalid_role');
    const own = `${root}/${joined.body.id}`;
    expect((await call(`PUT ${own}/deactivate`)).body['status']).toBe('inactive');
    const again = await call(`POST ${root}`, { ...join, role_slug: 'auditor' });
    expect(again.body).toMatchObject({ id: joined.body.id, status: 'active', role: { slug: 'auditor' } });
    expect((await call(`PUT ${own}`, { role_slugs: ['member', 'auditor'] })).body['roles']).toHaveLength(2);

    const gone = await call(`DELETE ${path}`);
    expect([gone.status, gone.text]).toEqual([200, '']);
    expect((await call(`GET ${own}`)).status).toBe(404);
  });

  it('leaves pending memberships to the invited person', async () => {
    const inks = await idOf('/organizations', `O'Malley "Ink" & Paper, <Inc.>`);
    const root = '/user_management/organization_memberships';
    const [pending] = (await call(`GET ${root}?organization_id=${inks}&statuses=pending`)).body.data;
    for (const verb of ['deactivate', 'reactivate']) {
      const refused = await call(`PUT ${root}/${pending?.id}/${verb}`);
      expect([refused.status, refused.body['code']]).toEqual([400, `cannot_${verb}_pending_organization_membership`]);
    }
    const gone = await call(`DELETE ${root}/${pending?.id}`);
    expect([gone.status, gone.text]).toEqual([200, '']);
  });

  it('sends and revokes an invitation', async () => {
    const acme = await idOf('/organizations', 'Acme Robotics');
    const body = { email: 'guest@signup.example', organization_id: acme, role_slug: 'member', expires_in_days: 3 };
    const sent = await call('POST /user_management/invitations', body);
    expect(sent.body).toMatchObject({ state: 'pending', organization_id: acme, role_slug: 'member' });
    const twice = await call('POST /user_management/invitations', body);
    expect(twice.body['code']).toBe('email_already_invited_to_organization');
    const path = `/user_management/invitations/${sent.body.id}`;
    expect((await call(`POST ${path}/revoke`)).body['state']).toBe('revoked');
    expect((await call(`POST ${path}/revoke`)).body['code']).toBe('invite_not_pending');
    expect((await call(`GET ${path}`)).body['revoked_at']).not.toBeNull();
  });

  it('deletes a connection', async () => {
    const connection = await idOf('/connections', 'Acme Okta');
    expect((await call(`DELETE /connections/${connection}`)).status).toBe(204);
    expect((await call(`GET /connections/${connection}`)).status).toBe(404);
  });

  it('fails as often as it was told to, and only where', async () => {
    const fault = { status: 429, times: 2, retry_after: 7, method: 'get', path: '/organizations' };
    expect((await call('POST /_sandbox/faults', fault)).status).toBe(201);
    expect((await call('GET /connections')).status).toBe(200);
    for (let time = 0; time < 2; time++) {
      const failed = await call('GET /organizations');
      expect([failed.status, failed.body, failed.headers.get('retry-after')]).toEqual([
        429,
        { message: 'Too many requests.', code: 'rate_limit_exceeded' },
        '7',
      ]);
    }
    expect((await call('GET /organizations')).status).toBe(200);
    await call('POST /_sandbox/faults', { status: 503 });
    expect((await call('DELETE /connections/conn_nope')).status).toBe(503);
  });
});

describe('audit logs', () => {
  const range = { range_start: '2026-08-01T00:00:00.000Z', range_end: '2026-11-30T00:00:00.000Z' };
  let acme: string;

  beforeEach(async () => {
    sandbox = await fresh();
    acme = await idOf('/organizations', 'Acme Robotics');
  });
  afterEach(() => sandbox.close());

  async function readyExport(filter: object = {}): Promise<{ path: string; url: string }> {
    const started = await call('POST /audit_logs/exports', { organization_id: acme, ...range, ...filter });
    expect(started.status).toBe(201);
    expect(started.body).toMatchObject({ object: 'audit_log_export', state: 'pending', url: null });
    const path = `/audit_logs/exports/${started.body.id}`;
    const states = [];
    for (let look = 0; look < 3; look++) states.push((await call(`GET ${path}`)).body['state']);
    expect(states).toEqual(['pending', 'pending', 'ready']);
    return { path, url: String((await call(`GET ${path}`)).body['url']) };
  }

  async function rowsOf(filter: object): Promise<Record<string, string>[]> {
    const { url } = await readyExport(filter);
    return parse(await (await fetch(url)).text(), { columns: true });
  }

  it('makes a file on a host of its own that never sees the key', async () => {
    const { path, url } = await readyExport();
    expect(new URL(url).host).not.toBe(new URL(sandbox.url).host);
    const withKey = await fetch(url, { headers: { Authorization: `Bearer ${sandbox.key}` } });
    expect([withKey.status, await withKey.text()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument')]);
    const forged = await fetch(url.replace(/expires=\d+/, 'expires=9999999999'));
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);

    tick(599_000);
    expect((await fetch(url)).status).toBe(200);
    const next = String((await call(`GET ${path}`)).body['url']);
    expect(next).not.toBe(url);
    tick(2000);
    const late = await fetch(url);
    expect([late.status, late.headers.get('content-type')]).toEqual([403, 'application/xml']);
    expect(await late.text()).toContain('<Code>AccessDenied</Code>');
    expect((await fetch(next)).status).toBe(200);
  });

  it('writes proper CSV, awkward cells and all', async () => {
    const rows = await rowsOf({});
    expect(Object.keys(rows[0] ?? {}).slice(0, 6)).toEqual([
      ...['id', 'action', 'occurred_at', 'actor_id', 'actor_name', 'actor_type'],
    ]);
    const actors = new Set(rows.map((row) => row['actor_name']));
    for (const awkward of ['=SUM(A1:A9)', 'Nightly\nsync job', '@backup, "weekly"']) expect(actors).toContain(awkward);
    expect(rows.some((row) => row['targets']?.includes('"Q3 \\"final\\", revised"'))).toBe(true);
  });

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
  ])('filters by %j', async (filter, holds, count) => {
    const rows = await rowsOf(filter);
    expect(rows.filter(holds)).toHaveLength(count);
    expect(rows).toHaveLength(count);
  });

  it('takes an event once per Idempotency-Key', async () => {
    const event = {
      action: 'robot.started',
      occurred_at: '2026-11-01T10:00:00+02:00',
      actor: { id: 'user_1', type: 'user', name: 'Ada' },
      targets: [{ id: 'robot_1', type: 'robot' }],
      context: { location: '192.0.2.1' },
      metadata: { speed: 3, loud: false },
    };
    const send = (key: string) =>
      call('POST /audit_logs/events', { organization_id: acme, event }, { 'Idempotency-Key': key });
    expect((await send('one')).body).toEqual({ success: true });
    expect((await send('one')).status).toBe(200);
    await send('two');
    const rows = await rowsOf({ actions: ['robot.started'] });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      occurred_at: '2026-11-01T08:00:00.000Z',
      metadata: '{"speed":3,"loud":false}',
      version: '1',
    });
    const nested = { organization_id: acme, event: { ...event, metadata: { deep: {} } } };
    expect((await call('POST /audit_logs/events', nested)).body).toMatchObject({
      code: 'invalid_audit_log_event',
      errors: [{ instancePath: '/metadata/deep' }],
    });
  });
});

describe('the server', () => {
  it('listens on the port that it is told, and stops listening when closed', async () => {
    const first = await startSandbox();
    await expect(startSandbox({ port: Number(new URL(first.url).port) })).rejects.toThrow('EADDRINUSE');
    await first.close();
    await expect(fetch(first.url)).rejects.toThrow();
  });

  it('has an export ready at the first look where exportPolls is 0', async () => {
    sandbox = await startSandbox({ exportPolls: 0 });
    const organization = await idOf('/organizations', 'Kestrel Analytics');
    const body = { organization_id: organization, range_start: '2026-08-01', range_end: '2026-11-01' };
    const { id } = (await call('POST /audit_logs/exports', body)).body;
    expect((await call(`GET /audit_logs/exports/${id}`)).body['state']).toBe('ready');
    await sandbox.close();
  });
});
