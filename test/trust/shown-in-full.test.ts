import { describe, expect, it } from 'vitest';
import type { Recorded, Replies } from '../harness.ts';
import { asSchema, type Input } from './examples.ts';
import { codeOf, connectLive, LIVE } from './fake-workos.ts';

const slugs = (count: number, of: string) => Array.from({ length: count }, (_, at) => `${of}:${at}`);

const assignment = (role: string, id: string) => ({
  id: `gra_${role}`,
  role: { slug: role },
  resource: { id, external_id: `ext-${id}`, resource_type_slug: 'project' },
});

const OBJECTS: Readonly<Record<string, unknown>> = {
  '/authorization/organizations/org_5/roles/org-auditor': {
    id: 'role_5',
    name: 'Auditor',
    permissions: ['reports:0', 'reports:1', 'billing:read', 'billing:export'],
  },
  '/authorization/roles/editor': { id: 'role_6', name: 'Editor', permissions: ['posts:3', 'posts:4', 'legacy:all'] },
  '/connect/applications/app_5': {
    id: 'app_5',
    name: 'Reports',
    scopes: ['openid', 'email'],
    redirect_uris: slugs(30, 'https').map((slug) => ({ uri: `${slug}.example/cb`, default: false })),
  },
  '/webhook_endpoints': {
    data: [{ id: 'we_5', endpoint_url: 'https://hooks.example/in', status: 'enabled', events: ['user.a', 'user.b'] }],
  },
  '/authorization/groups/group_5/role_assignments': {
    data: [assignment('viewer', 'res_1'), assignment('editor', 'res_2'), assignment('owner', 'res_3')],
  },
  '/organizations/org_5': {
    id: 'org_5',
    name: 'Whitfield',
    domains: [
      { id: 'd_1', domain: 'whitfield.example', state: 'verified', verification_token: 'tok' },
      { id: 'd_2', domain: 'whitfield.test', state: 'pending' },
    ],
    metadata: { plan: 'gold', region: 'eu' },
  },
  '/organizations/org_5/audit_logs_retention': { retention_period_in_days: 365 },
  '/user_management/jwt_template': { content: '{"team": {{ organization.metadata.team }}}' },
  '/user_management/users/user_5': { id: 'user_5', email: 'dana@whitfield.example', email_verified: false },
  '/user_management/redirect_uris': { data: [{ id: 'ru_5', uri: 'https://app.example/callback' }] },
  '/user_management/organization_memberships/om_5': {
    id: 'om_5',
    user_id: 'user_5',
    user: { email: 'dana@whitfield.example' },
    role: { slug: 'admin' },
  },
  '/authorization/organization_memberships/om_5/role_assignments': { data: [assignment('owner', 'res_9')] },
  '/authorization/groups/group_5/role_assignments/gra_owner': assignment('owner', 'res_3'),
};

const workos: Replies = ({ method, url }) => {
  if (method !== 'GET') return { status: 204, body: '' };
  const object = OBJECTS[url.split('?')[0] ?? ''];
  return object ? { body: object } : { status: 404, body: { message: 'Not found' } };
};
const writes = (requests: readonly Recorded[]) => requests.filter(({ method }) => method !== 'GET');

/** The question of a call, and its preview if nobody can be asked. */
async function shown(tool: string, input: Input, replies: Replies = workos) {
  let question = '';
  const elicit = (text: string) => {
    question = text;
    return 'decline' as const;
  };
  const asking = await connectLive({ replies, elicit });
  const refusal = await asking.call(tool, input);
  const previewing = await connectLive({ replies });
  const preview = await previewing.call(tool, input);
  expect(writes([...asking.api.requests, ...previewing.api.requests])).toEqual([]);
  return { question, refusal, preview };
}

const [removed, kept, added] = [/removes: (.*?)(?:;|\. |\.$)/, /keeps: (.*?)(?:;|\. |\.$)/, /adds: (.*?)(?:;|\. |\.$)/];
const listIn = (question: string, what: RegExp) => (what.exec(question)?.[1] ?? '').split(', ');

describe('a replacement shows', () => {
  it('every permission of a custom role: added, kept and removed', async () => {
    const permissions = slugs(55, 'reports');
    const input = { organization_id: 'org_5', role_slug: 'org-auditor', permissions };
    const { question, preview } = await shown('set_organization_role_permissions', input);
    expect(question).toContain('set_organization_role_permissions "Auditor" (organization_id "org_5", role_slug');
    expect(listIn(question, removed)).toEqual(['"billing:read"', '"billing:export"']);
    expect(listIn(question, kept)).toEqual(['"reports:0"', '"reports:1"']);
    expect(listIn(question, added)).toEqual(permissions.slice(2).map((slug) => `"${slug}"`));
    expect(preview.value['preview']).toMatchObject([
      {
        changes: {
          permissions: {
            removes: ['billing:read', 'billing:export'],
            adds: permissions.slice(2),
            keeps: ['reports:0', 'reports:1'],
          },
        },
      },
    ]);
  });

  it.each<[tool: string, input: Input, parts: readonly string[]]>([
    [
      'set_role_permissions',
      { role_slug: 'editor', permissions: [] },
      ['permissions removes: "posts:3", "posts:4", "legacy:all"; keeps: nothing.'],
    ],
    [
      'set_role_permissions',
      { role_slug: 'editor', permissions: ['legacy:all', 'posts:4', 'posts:3', 'posts:5'] },
      ['permissions removes: nothing; adds: "posts:5"; keeps: "posts:3", "posts:4", "legacy:all".'],
    ],
    [
      'replace_group_role_assignments',
      {
        group_id: 'group_5',
        role_assignments: [
          { role_slug: 'editor', resource_id: 'res_2' },
          { role_slug: 'viewer', resource_external_id: 'ext-res_1', resource_type_slug: 'project' },
          { role_slug: 'owner', resource_id: 'res_7' },
          { role_slug: 'owner' },
        ],
      },
      [
        'removes: {role_slug "owner", resource_id "res_3", resource_type_slug "project", resource_external_id "ext-res_3"}',
        'adds: {role_slug "owner", resource_id "res_7"}, {role_slug "owner"}',
        'keeps: {role_slug "viewer", resource_id "res_1"',
      ],
    ],
    [
      'update_webhook_endpoint',
      { webhook_endpoint_id: 'we_5', events: ['user.b', 'user.c'], status: 'disabled' },
      [
        'update_webhook_endpoint "https://hooks.example/in" (webhook_endpoint_id "we_5").',
        'status "disabled" (was "enabled").',
        'events removes: "user.a"; adds: "user.c"; keeps: "user.b".',
      ],
    ],
    [
      'update_organization',
      { organization_id: 'org_5', domain_data: [{ domain: 'whitfield.example', state: 'pending' }] },
      [
        'domain_data removes: {domain "whitfield.example", state "verified"}, {domain "whitfield.test", state "pending"};',
        'adds: {domain "whitfield.example", state "pending"}; keeps: nothing.',
      ],
    ],
    [
      'update_organization',
      { organization_id: 'org_5', metadata: { region: null, plan: 'silver' } },
      ['metadata {region null, plan "silver"} (was {plan "gold"}) removes: {region "eu"}.'],
    ],
    [
      'update_user',
      { user_id: 'user_5', email: 'dana@elsewhere.example', email_verified: true, metadata: { team: 'red' } },
      [
        'email "dana@elsewhere.example" (was "dana@whitfield.example").',
        'email_verified true (was false).',
        'team "red"',
      ],
    ],
    [
      'set_audit_log_retention',
      { organization_id: 'org_5', retention_period_in_days: 30 },
      ['retention_period_in_days 30 (was 365).'],
    ],
    [
      'update_jwt_template',
      { content: '{"plan": 1}' },
      [String.raw`content "{\"plan\": 1}" (was "{\"team\": {{ organization.metadata.team }}}").`],
    ],
  ])('what is removed and what is kept in the question of %s %j', async (tool, input, parts) => {
    const { question } = await shown(tool, input);
    for (const part of parts) expect(question).toContain(part);
  });

  it('every redirect URI, in the question and in the preview', async () => {
    const uris = slugs(30, 'https').map((slug) => ({ uri: `${slug}.example/cb` }));
    const more = slugs(20, 'http').map((slug) => ({ uri: `${slug}.example/cb` }));
    const input = { connect_application_id: 'app_5', redirect_uris: [...uris.slice(3), ...more] };
    const { question, preview } = await shown('update_connect_app', input);
    for (const { uri } of [...uris, ...more]) {
      expect(question).toContain(`"${uri}"`);
      expect(preview.text).toContain(`"${uri}"`);
    }
    for (const { uri } of uris.slice(0, 3)) expect(question.match(removed)?.[1]).toContain(`"${uri}"`);
  });

  it('the new values in full if the current ones cannot be read', async () => {
    const failing: Replies = (request, nth) =>
      request.method === 'GET' ? { status: 503, body: { message: 'Busy' } } : workos(request, nth);
    const permissions = slugs(60, 'posts');
    const { question, preview } = await shown('set_role_permissions', { role_slug: 'editor', permissions }, failing);
    for (const slug of permissions) expect(question).toContain(`"${slug}"`);
    for (const slug of permissions) expect(preview.text).toContain(slug);
    expect(question).toContain('It could not be read first: GET returned 503, "Busy".');
  });

  it('no previous template if none is set', async () => {
    const none: Replies = (request, nth) =>
      request.method === 'GET' ? { status: 404, body: {} } : workos(request, nth);
    const { question } = await shown('update_jwt_template', { content: '{"plan": 2}' }, none);
    expect(question).toContain(String.raw`(content "{\"plan\": 2}")`);
    expect(question).not.toContain('was');
  });
});

it.each([
  ['delete_redirect_uri', { redirect_uri_id: 'ru_5' }, '"https://app.example/callback"'],
  ['delete_webhook_endpoint', { webhook_endpoint_id: 'we_5' }, '"https://hooks.example/in"'],
  ['delete_organization_membership', { organization_membership_id: 'om_5' }, '"dana@whitfield.example"'],
  [
    'remove_membership_role_assignment',
    { organization_membership_id: 'om_5', role_assignment_id: 'gra_owner' },
    '"owner on ext-res_9"',
  ],
  ['remove_group_role_assignment', { group_id: 'group_5', role_assignment_id: 'gra_owner' }, '"owner on ext-res_3"'],
] as const)('%s %j names what is removed: %s', async (tool, input, name) => {
  const { question, preview } = await shown(tool, input);
  expect(question).toContain(`${tool} ${name} (`);
  expect(JSON.stringify(preview.value['preview'])).toContain(JSON.stringify(name).slice(1, -1));
});

describe('a batch', () => {
  it('shows row 34 like row 1', async () => {
    const { question, preview } = await shown(
      'call_destructive_tool',
      {
        tool: 'delete_fga_resource_by_external_id',
        arguments: Array.from({ length: 34 }, (_, at) => ({
          organization_id: 'org_5',
          resource_type_slug: 'doc',
          external_id: `doc-${at}`,
          cascade_delete: at % 2 === 0,
        })),
      },
      (request, nth) => (request.method === 'GET' ? { body: { id: 'r', name: 'Doc' } } : workos(request, nth)),
    );
    for (const at of [0, 19, 20, 33]) {
      const row = `"Doc" (organization_id "org_5", resource_type_slug "doc", external_id "doc-${at}", cascade_delete ${at % 2 === 0}).`;
      expect(question).toContain(row);
      expect(JSON.stringify(preview.value['preview'])).toContain(JSON.stringify(row.slice(0, -1)).slice(1, -1));
    }
  });

  it('says how many of its calls need consent', async () => {
    const { question } = await shown('call_write_tool', {
      tool: 'update_user',
      arguments: [
        { user_id: 'user_5', first_name: 'Dana' },
        { user_id: 'user_5', email: 'd@elsewhere.example' },
        { user_id: 'user_5', last_name: 'W' },
      ],
    });
    expect(question).toMatch(
      /^Update user \(live key\)\? 1 of 3 calls need consent: "dana@whitfield.example" \(user_id/,
    );
    expect(question).not.toContain('first_name');
  });
});

describe('what cannot be shown does not run', () => {
  const REFUSED = {
    kind: 'refused',
    message: expect.stringMatching(/would need \d+ characters; the limit is \d+; nothing was changed \(live key\)$/),
    hint: expect.stringContaining('Split it'),
  };
  const lists = (count: number): Input => ({
    role_slug: 'editor',
    permissions: slugs(count, 'a-long-permission-slug'),
  });
  const deletions = (count: number): Input => ({
    tool: 'revoke_session',
    arguments: Array.from({ length: count }, (_, at) => ({ session_id: `session_01J9ZK4Q8T6M3W5X7Y2${at}` })),
  });

  it.each<[string, Input, Input]>([
    ['set_role_permissions', lists(130), lists(200)],
    ['call_destructive_tool', deletions(80), deletions(100)],
    ['update_jwt_template', { content: 'x'.repeat(3_700) }, { content: 'x'.repeat(4_000) }],
    ['remove_radar_list_entry', radar(3_700), radar(4_000)],
  ])(
    '%s with a question of up to 4,000 characters is asked about, and with a longer one is refused',
    async (tool, fits, exceeds) => {
      const questions: string[] = [];
      const elicit = (question: string) => {
        questions.push(question);
        return 'accept' as const;
      };
      const { call, api } = await connectLive({ replies: workos, elicit });
      expect((await call(tool, exceeds)).error).toMatchObject(REFUSED);
      expect(questions).toEqual([]);
      expect(writes(api.requests)).toEqual([]);
      expect((await call(tool, fits)).error).toBeUndefined();
      expect(questions[0]?.length).toBeGreaterThan(3_500);
      expect(questions[0]?.length).toBeLessThanOrEqual(4_000);
    },
  );

  it.each<[string, Input, Input]>([
    ['set_role_permissions', lists(40), lists(90)],
    ['call_destructive_tool', deletions(10), deletions(40)],
    ['update_jwt_template', { content: 'x'.repeat(1_000) }, { content: 'y'.repeat(2_200) }],
  ])('%s beyond --max-result-chars gets no code', async (tool, fits, exceeds) => {
    const flags = ['--max-result-chars', '2500'];
    const { call, api } = await connectLive({ replies: workos, flags });
    const refused = await call(tool, exceeds);
    expect(refused.error).toMatchObject(REFUSED);
    expect(refused.text).not.toContain('"confirmation"');
    const preview = await call(tool, fits);
    expect(preview.text.length).toBeLessThanOrEqual(2_500);
    expect(preview.value).not.toHaveProperty('cut');
    expect(writes(api.requests)).toEqual([]);
    await call(tool, { ...fits, confirmation: codeOf(preview) });
    expect(writes(api.requests).length).toBeGreaterThan(0);
  });

  it('even if only the removed values do not fit', async () => {
    const many: Replies = (request, nth) =>
      request.method === 'GET' ? { body: { name: 'Editor', permissions: slugs(400, 'old') } } : workos(request, nth);
    const { call, api } = await connectLive({ replies: many, elicit: () => expect.fail('the user was asked') });
    const { error } = await call('set_role_permissions', { role_slug: 'editor', permissions: ['posts:1'] });
    expect(error).toMatchObject(REFUSED);
    expect(writes(api.requests)).toEqual([]);
  });

  it('but --ask code has room for longer values that cannot be split', async () => {
    const { call } = await connectLive({
      replies: workos,
      env: LIVE,
      flags: ['--ask', 'code'],
      elicit: () => 'decline',
    });
    const content = `{% comment %}${'z'.repeat(9_000)}{% endcomment %}`;
    const { value } = await call('update_jwt_template', { content });
    const [preview] = [value['preview']].flat();
    expect(asSchema(asSchema(asSchema(preview)['changes'])['content'])['now']).toBe(content);
  });
});

function radar(length: number): Input {
  return { type: 'user_agent', action: 'block', entry: 'u'.repeat(length) };
}
