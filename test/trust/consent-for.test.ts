import { describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import type { Recorded, Replies } from '../harness.ts';
import { asSchema, type Input } from './examples.ts';
import { codeOf, connectLive, LIVE } from './fake-workos.ts';

/** What WorkOS has before any of these updates. */
const OBJECTS: Readonly<Record<string, unknown>> = {
  '/organizations/org_5': {
    id: 'org_5',
    name: 'Whitfield',
    domains: [
      { id: 'org_domain_1', domain: 'whitfield.example', state: 'verified' },
      { id: 'org_domain_2', domain: 'whitfield.test', state: 'pending' },
    ],
    metadata: { plan: 'gold', region: 'eu' },
  },
  '/organizations/org_6': { id: 'org_6', name: 'Empty', domains: [], metadata: {} },
  '/user_management/users/user_5': { id: 'user_5', email: 'dana@whitfield.example', email_verified: true },
  '/user_management/users/user_6': { id: 'user_6', email: 'kim@whitfield.example', email_verified: false },
  '/connect/applications/app_5': {
    id: 'app_5',
    name: 'Reports',
    scopes: ['openid', 'email', 'reports:read'],
    redirect_uris: [
      { uri: 'https://one.example/cb', default: true },
      { uri: 'https://two.example/cb', default: false },
    ],
  },
  '/webhook_endpoints': {
    object: 'list',
    data: [
      { id: 'we_4', endpoint_url: 'https://other.example/hook', status: 'enabled', events: ['user.created'] },
      {
        id: 'we_5',
        endpoint_url: 'https://hooks.example/workos',
        status: 'enabled',
        events: ['user.updated', 'connection.activated', 'dsync.deleted'],
      },
    ],
    list_metadata: { before: null, after: null },
  },
  '/agents/blueprints/ab_1': { id: 'ab_1', name: 'Support', permissions: ['tickets:read', 'tickets:write'] },
  '/connections/conn_1': { id: 'conn_1', name: 'Whitfield Okta', state: 'active' },
  '/organizations/org_5/connected_accounts/github': { id: 'ca_6', state: 'connected' },
  '/data-integrations/github/organization': { id: 'di_6', slug: 'github', enabled: true },
  '/data-integrations/slack': { id: 'di_5', slug: 'slack', enabled: true, credentials: { type: 'custom' } },
  '/organizations/org_5/data_integration_configurations': { data: [{ slug: 'slack', name: 'Slack', enabled: true }] },
  '/user_management/users/user_5/connected_accounts/slack': { id: 'ca_5', state: 'connected', scopes: ['chat:write'] },
};

const workos: Replies = ({ method, url }) => {
  if (method !== 'GET') return { body: { id: 'changed' } };
  const object = OBJECTS[url.split('?')[0] ?? ''];
  return object ? { body: object } : { status: 404, body: { message: 'Not found' } };
};
const writes = (requests: readonly Recorded[]) => requests.filter(({ method }) => method !== 'GET');

const org = { organization_id: 'org_5' };
const user = { user_id: 'user_5' };
const app = { connect_application_id: 'app_5' };
const webhook = { webhook_endpoint_id: 'we_5' };
const slack = { provider_slug: 'slack' };
const both = [
  { domain: 'whitfield.example', state: 'verified' },
  { domain: 'whitfield.test', state: 'pending' },
];
const uris = [{ uri: 'https://two.example/cb' }, { uri: 'https://one.example/cb' }];

const ASKS: readonly [tool: string, input: Input][] = [
  ['update_user', { ...user, password_hash: '$2b$12$q8Z', password_hash_type: 'bcrypt' }],
  ['update_user', { ...user, first_name: 'Dana', email: 'dana@elsewhere.example' }],
  ['update_user', { ...user, email_verified: true }],
  ['update_connected_account', { ...user, ...slack, refresh_token: 'xoxe-1' }],
  ['update_connected_account', { ...user, ...slack, state: 'needs_reauthorization' }],
  ['update_webhook_endpoint', { ...webhook, endpoint_url: 'https://elsewhere.example/hook' }],
  ['update_webhook_endpoint', { ...webhook, events: ['user.updated', 'dsync.deleted', 'user.created'] }],
  ['update_connect_app', { ...app, scopes: ['openid', 'email'] }],
  ['update_connect_app', { ...app, scopes: null }],
  ['update_connect_app', { ...app, redirect_uris: [{ uri: 'https://three.example/cb' }, ...uris.slice(1)] }],
  ['update_connect_app', { ...app, redirect_uris: null }],
  ['update_organization', { ...org, domain_data: both.slice(1) }],
  ['update_organization', { ...org, domain_data: both.map(({ domain }) => ({ domain, state: 'pending' })) }],
  ['update_agent_blueprint', { agent_blueprint_id: 'ab_1', permissions: ['tickets:read'] }],
  ['update_connection', { connection_id: 'conn_1', saml_options: { idp_sso_url: 'https://elsewhere.example' } }],
  ['update_connection', { connection_id: 'conn_1', oidc_options: { client_id: 'another' } }],
  ['update_org_connected_account', { ...org, provider_slug: 'github', access_token: 'gho_2' }],
  ['update_org_owned_data_integration', { provider_slug: 'github', enabled: false }],
  ['update_organization', { ...org, metadata: null }],
  ['update_organization', { ...org, metadata: {} }],
  ['update_organization', { ...org, metadata: { plan: 'silver', region: null } }],
  ['update_data_integration', { ...slack, credentials: { type: 'organization' } }],
  ['update_data_integration', { ...slack, enabled: false, description: 'Off for now' }],
  ['configure_org_data_integration', { ...org, ...slack, enabled: false }],
  ['configure_org_data_integration', { ...org, ...slack, client_id: 'c_1', client_secret: 'hush-hush' }],
];

const RUNS: readonly [tool: string, input: Input][] = [
  ['update_user', { ...user, first_name: 'Dana', metadata: { team: null } }],
  ['update_connected_account', { ...user, ...slack, scopes: ['chat:write', 'users:read'] }],
  ['update_webhook_endpoint', { ...webhook, status: 'enabled' }],
  [
    'update_webhook_endpoint',
    { ...webhook, events: ['user.created', 'dsync.deleted', 'connection.activated', 'user.updated'] },
  ],
  ['update_connect_app', { ...app, name: 'Reports 2', description: null }],
  ['update_connect_app', { ...app, redirect_uris: [...uris, { uri: 'https://three.example/cb' }] }],
  ['update_connect_app', { ...app, scopes: ['reports:read', 'email', 'openid'] }],
  ['update_organization', { ...org, name: 'Whitfield & Co', external_id: null }],
  ['update_organization', { ...org, domain_data: [...both, { domain: 'whitfield.dev', state: 'pending' }] }],
  ['update_organization', { ...org, metadata: { plan: 'silver', seats: '40' } }],
  ['update_organization', { ...org, metadata: { unheard_of: null } }],
  ['update_organization', { organization_id: 'org_6', domain_data: [], metadata: {} }],
  ['update_data_integration', { ...slack, enabled: true, scopes: null }],
  ['configure_org_data_integration', { ...org, ...slack, enabled: true }],
];

/** The ways to make a call: by name, through a dispatcher, in a batch, and as JSON text. */
const ways = (tool: string, input: Input): readonly [string, Input][] => [
  [tool, input],
  ['call_write_tool', { tool, arguments: input }],
  ['call_write_tool', { tool, arguments: [input] }],
  ['call_write_tool', { tool, arguments: JSON.stringify([input, input]) }],
];

describe('an update that takes over, removes or disables something', () => {
  it.each(ASKS)('%s %j runs only on accept, however it is called', async (tool, input) => {
    const answers: ('accept' | 'decline')[] = [];
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return answers.shift() ?? 'decline';
    };
    const { call, api } = await connectLive({ replies: workos, elicit });
    for (const [name, given] of ways(tool, input)) {
      api.requests.length = 0;
      questions.length = 0;
      expect((await call(name, given)).error?.kind).toBe('refused');
      expect(writes(api.requests)).toEqual([]);
      answers.push('accept');
      expect((await call(name, given)).error).toBeUndefined();
      expect(writes(api.requests).length).toBeGreaterThan(0);
      expect(questions).toHaveLength(2);
    }
  });

  it.each(ASKS)(
    '%s %j returns a preview if nobody can be asked, and never sends its code to WorkOS',
    async (tool, input) => {
      const { call, api } = await connectLive({ replies: workos });
      for (const [name, given] of ways(tool, input)) {
        api.requests.length = 0;
        const preview = await call(name, given);
        expect(preview.value).toMatchObject({ changed: false, preview: expect.any(Array) });
        expect(writes(api.requests)).toEqual([]);
        expect((await call(name, { ...given, confirmation: codeOf(preview) })).error).toBeUndefined();
        expect(writes(api.requests).length).toBeGreaterThan(0);
        for (const { body } of writes(api.requests)) expect(asSchema(body)).not.toHaveProperty('confirmation');
      }
    },
  );

  it.each<[string, string[]]>([
    ['sk_test_x', []],
    ['sk_live_x', ['--confirm', 'never']],
  ])('needs no consent with %s %j, and reads nothing for it', async (key, flags) => {
    const { call, api } = await connectLive({ replies: workos, env: { WORKOS_TOKEN: key }, flags });
    for (const [tool, input] of ASKS) expect((await call(tool, input)).value).toMatchObject({ id: 'changed' });
    expect(api.requests.filter(({ method }) => method === 'GET')).toEqual([]);
  });
});

describe('any other update', () => {
  it.each(RUNS)('%s %j runs without asking', async (tool, input) => {
    const { call, api } = await connectLive({ replies: workos, elicit: () => expect.fail('the user was asked') });
    for (const [name, given] of ways(tool, input)) {
      api.requests.length = 0;
      expect((await call(name, given)).error).toBeUndefined();
      expect(writes(api.requests).length).toBeGreaterThan(0);
    }
  });

  it('reads nothing first if its arguments cannot remove anything', async () => {
    const { call, api } = await connectLive({ replies: workos });
    await call('update_organization', { ...org, name: 'Whitfield & Co', metadata: { plan: 'silver' } });
    await call('update_user', { ...user, first_name: 'Dana' });
    expect(api.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });
});

describe('if the current values cannot be read', () => {
  const withSecretInput = ASKS.filter(([tool]) =>
    Object.values(tools.get(tool)?.consentFor ?? {}).some((rule) => rule === 'removes' || rule === 'clears'),
  );
  const harmless: readonly [string, Input][] = [
    ['update_webhook_endpoint', { ...webhook, events: ['user.updated', 'connection.activated', 'dsync.deleted'] }],
    ['update_connect_app', { ...app, redirect_uris: uris }],
    ['update_organization', { ...org, domain_data: both }],
    ['update_organization', { ...org, metadata: { unheard_of: null } }],
  ];

  it.each([...withSecretInput, ...harmless])('%s %j needs consent', async (tool, input) => {
    const failing: Replies = (request, nth) =>
      request.method === 'GET' ? { status: 500, body: { message: 'Oops' } } : workos(request, nth);
    const { call, api } = await connectLive({ replies: failing });
    const { value } = await call(tool, input);
    expect(value['preview']).toMatchObject([{ unread: 'GET returned 500, "Oops"' }]);
    expect(writes(api.requests)).toEqual([]);
  });

  it.each(harmless)('%s %j needs consent if the response lacks them', async (tool, input) => {
    const bare: Replies = (request, nth) =>
      request.method === 'GET'
        ? { body: { id: 'x', data: [{ id: 'we_5' }], list_metadata: {} } }
        : workos(request, nth);
    const { call, api } = await connectLive({ replies: bare });
    expect((await call(tool, input)).value['changed']).toBe(false);
    expect(writes(api.requests)).toEqual([]);
  });

  it.each([
    ['get_organization', 'update_organization', { ...org, domain_data: both }],
    ['list_webhook_endpoints', 'update_webhook_endpoint', { ...webhook, events: ['user.updated'] }],
  ] as const)('because %s is excluded, %s needs consent', async (excluded, tool, input) => {
    const { call, api } = await connectLive({ replies: workos, flags: ['--exclude-tools', excluded] });
    expect((await call(tool, input)).value['preview']).toMatchObject([{ unread: expect.stringContaining('excluded') }]);
    expect(api.requests).toEqual([]);
  });
});

describe('a batch of updates', () => {
  const rows: Input[] = [
    { user_id: 'user_5', email: 'dana@elsewhere.example' },
    { user_id: 'user_6', last_name: 'Okafor' },
    { user_id: 'user_6', password: 'correct horse' },
  ];
  const batch = { tool: 'update_user', arguments: rows };

  it('asks once, shows each row that needs consent, and runs them all on accept', async () => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'accept' as const;
    };
    const { call, api } = await connectLive({ replies: workos, elicit });
    expect((await call('call_write_tool', batch)).value).toMatchObject({ count: 3, succeeded: 3 });
    expect(questions).toHaveLength(1);
    for (const shown of ['user_5', 'dana@elsewhere.example', 'user_6', '[secret]'])
      expect(questions[0]).toContain(shown);
    expect(writes(api.requests)).toHaveLength(3);
  });

  it('runs no row without consent, not even rows that need none', async () => {
    const { call, api } = await connectLive({ replies: workos, elicit: () => 'decline' });
    expect((await call('call_write_tool', batch)).error?.kind).toBe('refused');
    expect(writes(api.requests)).toEqual([]);
  });

  it('has one code for all rows', async () => {
    const { call, api } = await connectLive({ replies: workos });
    const preview = await call('call_write_tool', batch);
    expect(preview.value['preview']).toHaveLength(2);
    const confirmation = codeOf(preview);
    const fewer = await call('call_write_tool', { ...batch, arguments: rows.slice(1), confirmation });
    expect(fewer.error?.kind).toBe('refused');
    expect(writes(api.requests)).toEqual([]);
    expect((await call('call_write_tool', { ...batch, confirmation })).value).toMatchObject({ succeeded: 3 });
  });

  it('reports an invalid row before asking, or as a failed row if nothing needs consent', async () => {
    const { call, api } = await connectLive({ replies: workos, elicit: () => expect.fail('the user was asked') });
    const wrong = { user: 'user_6' };
    const { error } = await call('call_write_tool', { ...batch, arguments: [wrong, ...rows] });
    expect(error).toMatchObject({
      kind: 'input',
      message: expect.stringMatching(/^arguments\[0\]: user_id is required/),
    });
    expect(writes(api.requests)).toEqual([]);
    const { value } = await call('call_write_tool', { ...batch, arguments: [wrong, rows[1]] });
    expect(value).toMatchObject({ succeeded: 1, failed: 1, rows: [{ ok: false }, { ok: true }] });
  });

  it('is not asked about by call_destructive_tool, which cannot run it', async () => {
    const { call, api } = await connectLive({ replies: workos, elicit: () => expect.fail('the user was asked') });
    const { error } = await call('call_destructive_tool', batch);
    expect(error).toMatchObject({ kind: 'input', hint: 'Use call_write_tool.' });
    expect(api.requests).toEqual([]);
  });
});

it('a webhook endpoint is found on any page of the list', async () => {
  const pages: Replies = (request, nth) => {
    if (request.method !== 'GET') return workos(request, nth);
    const { data } = asSchema(OBJECTS['/webhook_endpoints']);
    const [first, second] = [data].flat();
    const last = request.url.includes('after=we_4');
    return { body: { data: [last ? second : first], list_metadata: { before: null, after: last ? null : 'we_4' } } };
  };
  const { call, api } = await connectLive({ replies: pages });
  const kept = { ...webhook, events: ['user.updated', 'connection.activated', 'dsync.deleted'] };
  expect((await call('update_webhook_endpoint', kept)).value).toMatchObject({ id: 'changed' });
  const { value } = await call('update_webhook_endpoint', { ...kept, events: kept.events.slice(1) });
  expect(value['changed']).toBe(false);
  expect(writes(api.requests)).toHaveLength(1);
});

it('a tool whose updates can need consent is listed as destructive and accepts a confirmation', async () => {
  const { list } = await connectLive({ env: LIVE });
  const listed = new Map((await list()).map((tool) => [tool.name, tool]));
  for (const name of [...new Set(ASKS.map(([tool]) => tool)), 'call_write_tool']) {
    expect(listed.get(name)?.annotations?.destructiveHint, name).toBe(true);
    expect(listed.get(name)?.inputSchema.properties, name).toHaveProperty('confirmation');
  }
  const asking = [...tools.values()].filter((tool) => Object.keys(tool.consentFor).length > 0);
  expect(asking.map(({ name }) => name).sort()).toEqual([...new Set(ASKS.map(([tool]) => tool))].sort());
});
