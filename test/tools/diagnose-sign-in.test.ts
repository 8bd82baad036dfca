import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../harness.ts';
import { Diagnosis, type OperatorsSandbox, operatorsSandbox } from './operators-sandbox.ts';

const SEED = `
organizations:
  - { id: org_acme, name: Acme, domain_data: [{ domain: acme.example, state: verified }] }
  - { id: org_beta, name: Beta, domain_data: [{ domain: beta.example, state: pending }] }
  - { id: org_beta_2, name: Beta, domain_data: [] }
  - { id: org_old, name: Old SSO, domain_data: [{ domain: old.example, state: verified }] }
users:
  - { id: user_ada, email: ada@acme.example, email_verified: true, password: correct-horse-1 }
  - { id: user_bea, email: bea@acme.example, email_verified: true, password: correct-horse-1 }
  - { id: user_cem, email: cem@acme.example, email_verified: true }
  - { id: user_dan, email: dan@beta.example, email_verified: true }
  - { id: user_eve, email: eve@acme.example }
  - { id: user_fay, email: fay@old.example, email_verified: true }
  - { id: user_gus, email: gus@acme.example, email_verified: true }
organization_memberships:
  - { organization: org_acme, user: user_ada, role_slug: admin }
  - { organization: org_acme, user: user_bea }
  - { id: om_cem, organization: org_acme, user: user_cem, status: inactive }
  - { organization: org_beta, user: user_dan }
  - { organization: org_acme, user: user_eve }
  - { organization: org_old, user: user_fay }
  - { organization: org_acme, user: user_gus }
  - { organization: org_beta, user: user_gus }
invitations:
  - { id: invitation_old, organization: org_acme, email: hal@acme.example, state: expired, role_slug: admin }
  - { id: invitation_new, organization: org_acme, email: ivy@acme.example }
  - { id: invitation_gone, organization: org_acme, email: jim@acme.example, state: revoked }
connections:
  - { id: conn_acme, organization: org_acme, connection_type: OktaSAML, name: Acme Okta }
  - { id: conn_beta, organization: org_beta, connection_type: OktaSAML, name: Beta Okta }
  - { id: conn_old, organization: org_old, connection_type: AzureSAML, name: Old Entra, state: inactive, status: unlinked }
directories:
  - { id: directory_acme, organization: org_acme, name: Acme SCIM }
directory_groups:
  - { directory: directory_acme, name: Engineering }
directory_users:
  - { id: directory_user_bea, directory: directory_acme, email: bea@acme.example, groups: [Engineering] }
  - { id: directory_user_cem, directory: directory_acme, email: cem@acme.example, state: suspended }
`;

let sandbox: OperatorsSandbox;
beforeAll(async () => {
  sandbox = await operatorsSandbox({ seed: SEED });
});
afterAll(() => sandbox.close());

async function diagnosis(input: Record<string, unknown>, on: OperatorsSandbox = sandbox) {
  const { server, requests } = on;
  // The sandbox limits the requests for directory users per second.
  on.advance(1_000);
  requests.length = 0;
  const { value, error, text } = await server.call('diagnose_sign_in', input);
  expect(error).toBeUndefined();
  expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(12);
  expect(countTokens(text), text).toBeLessThan(700);
  return Diagnosis.parse(value);
}

const signIn = (email: string, password: string) =>
  sandbox.ask('POST /user_management/authenticate', {
    ...sandbox.credentials,
    grant_type: 'password',
    email,
    password,
  });

describe('diagnose_sign_in', () => {
  it.each([
    ['an expired invitation', { user: 'hal@acme.example' }, 'invitation problem', 'send_invitation'],
    [
      'an open invitation',
      { user: 'ivy@acme.example', organization: 'org_acme' },
      'invitation problem',
      'resend_invitation',
    ],
    ['a revoked invitation', { user: 'jim@acme.example' }, 'invitation problem', 'send_invitation'],
    ['a mistyped address', { user: 'aad@acme.example' }, 'similar_address problem', 'diagnose_sign_in'],
    ['an unknown address', { user: 'zacharias@acme.example' }, 'user problem', 'send_invitation'],
    ['an address in an unknown domain', { user: 'x@nowhere.example' }, 'user problem', 'send_invitation'],
    ['an unknown id', { user: 'user_nobody', organization: 'Acme' }, 'user problem', 'list_organization_memberships'],
    ['a suspended directory user', { user: 'cem@acme.example' }, 'directory_user problem', 'get_directory_user'],
    ['an unverified address', { user: 'eve@acme.example' }, 'email problem', 'send_email_verification'],
    ['an inactive connection', { user: 'fay@old.example' }, 'connection problem', 'generate_portal_link'],
    [
      'a pending domain',
      { user: 'dan@beta.example', organization: 'org_beta' },
      'domain problem',
      'verify_organization_domain',
    ],
    [
      'a user who is not a member',
      { user: 'dan@beta.example', organization: 'acme.example' },
      'membership problem',
      'create_organization_membership',
    ],
    ['two organizations', { user: 'gus@acme.example' }, 'sign_in warning', 'diagnose_sign_in'],
    ['no cause', { user: 'user_bea', organization: 'acme' }, 'sign_in warning', 'diagnose_sign_in'],
  ])('finds %s', async (_, input, first, next) => {
    const found = await diagnosis(input);
    expect(`${found.findings[0]?.check} ${found.findings[0]?.status}`).toBe(first);
    const step = found.next;
    expect(step?.arguments['tool'] ?? step?.tool).toBe(next);
  });

  it('suggests a call that works as it is', async () => {
    const { next } = await diagnosis({ user: 'ivy@acme.example' });
    if (!next) throw new Error('there is no next call');
    const { value, error } = await sandbox.server.call(next.tool, next.arguments);
    expect(error).toBeUndefined();
    expect(value).toMatchObject({ id: 'invitation_new', state: 'pending' });
  });

  it('finds wrong passwords, and says after a sign-in that it worked', async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await signIn('ada@acme.example', 'wrong')).status).toBe(400);
      sandbox.advance(60_000);
    }
    const before = await diagnosis({ user: 'ada@acme.example' });
    expect(before.findings[0]).toEqual({
      check: 'password',
      status: 'problem',
      detail: '3 × wrong password, newest 1 minute ago, oldest 3 minutes ago',
      fix: 'They can reset it.',
    });
    expect(before.next).toEqual({
      tool: 'call_write_tool',
      arguments: { tool: 'create_password_reset', arguments: { email: 'ada@acme.example' } },
      why: 'let them choose a new password',
    });
    expect((await signIn('ada@acme.example', 'correct-horse-1')).status).toBe(200);
    sandbox.advance(180_000);
    const after = await diagnosis({ user: 'ada@acme.example', organization: 'Acme' });
    expect(after.summary).toBe('They got in: last sign-in 3 minutes ago');
    expect(after.findings[0]?.detail).toBe(
      'last sign-in 3 minutes ago (password), no failed attempt since; 3 failed before it',
    );
  });

  it('finds that a user was deleted', async () => {
    await sandbox.ask('POST /user_management/users', { email: 'kim@acme.example' });
    const created = await sandbox.ask('POST /user_management/users', { email: 'lea@acme.example' });
    await sandbox.ask(`DELETE /user_management/users/${created.body['id']}`);
    const deleted = await diagnosis({ user: 'Lea@acme.example' });
    expect(deleted.findings[0]).toMatchObject({ check: 'user', detail: 'the user was deleted just now' });
  });

  it('names the user and the organization in its answer', async () => {
    expect(await diagnosis({ user: 'bea@acme.example', organization: 'acme.example' })).toMatchObject({
      user: { id: 'user_bea', email: 'bea@acme.example' },
      organization: { id: 'org_acme', name: 'Acme' },
    });
  });

  it('runs a query over its answer', async () => {
    const { value } = await sandbox.server.call('diagnose_sign_in', {
      user: 'hal@acme.example',
      query: 'findings[0].check',
    });
    expect(value).toEqual({ result: 'invitation' });
  });
});

describe('diagnose_sign_in without access to everything', () => {
  it('reports what the key may not read as skipped', async () => {
    await sandbox.ask('POST /_sandbox/faults', { status: 403, times: 1, path: '/connections' });
    const { findings } = await diagnosis({ user: 'fay@old.example' });
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(findings.at(-1)).toEqual({
      check: 'list_connections',
      status: 'skipped',
      detail: 'not checked: WorkOS returned 403: "Forbidden"',
    });
  });

  it('reports no problem if the key may read nothing', async () => {
    await sandbox.ask('POST /_sandbox/faults', { status: 403, times: 100 });
    const { findings, summary } = await diagnosis({ user: 'hal@acme.example', organization: 'org_acme' });
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['skipped']));
    expect(summary).toContain('could not be read');
    await fetchAway();
  });

  it('reports what needs an excluded tool as skipped', async () => {
    const other = await operatorsSandbox({ seed: SEED, flags: ['--exclude-tools', 'list_users,list_directories'] });
    const { findings } = await diagnosis({ user: 'cem@acme.example' }, other);
    expect(findings.at(-1)).toMatchObject({
      check: 'list_users, list_directories',
      detail: "not checked: excluded by this server's settings",
    });
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(other.requests.filter((one) => one.startsWith('GET /directories'))).toEqual([]);
    await other.close();
  });

  it('never suggests a call that a read-only server refuses', async () => {
    const other = await operatorsSandbox({ seed: SEED, flags: ['--read-only'] });
    const { next, findings } = await diagnosis({ user: 'user_cem', organization: 'org_acme' }, other);
    expect(findings[0]?.check).toBe('directory_user');
    expect(next?.tool).toBe('get_directory_user');
    expect((await diagnosis({ user: 'hal@acme.example' }, other)).next?.tool).toBe('list_directory_users');
    await other.close();
  });

  it('never suggests a tool that the settings exclude', async () => {
    const flags = ['--exclude-tools', 'send_invitation'];
    const other = await operatorsSandbox({ seed: SEED, flags });
    const { next } = await diagnosis({ user: 'hal@acme.example' }, other);
    expect(JSON.stringify(next)).not.toContain('send_invitation');
    await other.close();
  });

  /** Uses up the remaining faults. */
  async function fetchAway() {
    while ((await sandbox.ask('GET /organizations?limit=1')).status === 403);
  }
});

it('diagnose_sign_in takes at most five rounds of requests', async () => {
  const slow = await operatorsSandbox({ seed: SEED, latency: 80 });
  for (const input of [{ user: 'bea@acme.example' }, { user: 'aad@acme.example', organization: 'acme.example' }]) {
    slow.rounds.reset();
    await diagnosis(input, slow);
    expect(slow.rounds.count).toBeLessThanOrEqual(5);
  }
  await slow.close();
});

describe('diagnose_sign_in with odd input', () => {
  it.each([
    ['a blank user', { user: '  ' }, 'user is empty'],
    ['a name', { user: 'Ada Okafor' }, 'user is neither an email address nor an id'],
    ['half an address', { user: 'ada@' }, 'user is neither an email address nor an id'],
    ['an overlong address', { user: `${'a'.repeat(5_000)}@acme.example` }, 'user is longer than 254 characters'],
    ['an empty organization', { user: 'ada@acme.example', organization: '' }, 'organization is empty'],
    [
      'a name of two organizations',
      { user: 'ada@acme.example', organization: 'Beta' },
      'More than one organization matches "Beta"',
    ],
    [
      'an organization that does not exist',
      { user: 'ada@acme.example', organization: 'org_nobody' },
      'There is no organization',
    ],
    ['a path', { user: '../organizations' }, ''],
  ])('says what is wrong with %s', async (_, input, message) => {
    const { error, value } = await sandbox.server.call('diagnose_sign_in', input);
    if (message === '') expect(value['findings']).toMatchObject([{ check: 'user', detail: 'no user has this id' }]);
    else expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(message) });
  });

  it('finds an address in any case, with spaces around it', async () => {
    const { user } = await diagnosis({ user: '  BEA@Acme.Example ' });
    expect(user).toMatchObject({ id: 'user_bea' });
  });

  it('accepts an address in any script', async () => {
    const { findings } = await diagnosis({ user: 'użytkownik‮@acme.example', organization: 'Acme' });
    expect(findings.map(({ check }) => check)).toContain('user');
  });
});

describe('an API that ignores filters, as emulators do,', () => {
  const events = [
    { event: 'user.created', created_at: '2026-11-02T08:59:00Z', data: { email: 'ada@acme.example' } },
    { event: 'connection.deleted', created_at: '2026-11-02T08:59:00Z', data: { organization_id: 'org_2', name: 'B' } },
  ];
  const users = [{ id: 'user_bea', email: 'bea@acme.example', last_sign_in_at: '2026-11-02T08:00:00Z' }];

  it('does not add other people, events or organizations to the diagnosis', async () => {
    const server = await connect({
      replies: ({ url }) => {
        if (url.startsWith('/organizations/')) return { body: { id: 'org_1', name: 'Acme', domains: [] } };
        if (url.startsWith('/user_management/users?')) return { body: { data: users } };
        return url.startsWith('/events') ? { body: { data: events } } : undefined;
      },
    });
    const { value } = await server.call('diagnose_sign_in', { user: 'ada@acme.example', organization: 'org_1' });
    const { findings, user } = Diagnosis.parse(value);
    expect(user).toEqual({ email: 'ada@acme.example' });
    expect(findings.filter(({ status }) => status === 'problem').map(({ check }) => check)).toEqual(['user']);
    await server.close();
  });

  it('costs at most 12 requests, and the diagnosis says what it left out', async () => {
    const id = { id: 'x_1', name: 'Other', state: 'active', connection_type: 'OktaSAML', domains: [] };
    const more = { before: null, after: 'x_1' };
    const server = await connect({
      replies: ({ url }) => {
        if (url.includes('domains=')) return { body: { data: [] } };
        if (url.startsWith('/organizations')) return { body: { data: [{ ...id, name: 'acme.example' }] } };
        if (url.startsWith('/user_management/users?'))
          return { body: { data: [{ ...id, email: 'ada@beta.example' }] } };
        return { body: { data: [id, { ...id, id: 'x_2' }], list_metadata: more } };
      },
    });
    const input = { user: 'ada@beta.example', organization: 'acme.example' };
    const { value } = await server.call('diagnose_sign_in', input);
    expect(server.api.requests).toHaveLength(12);
    expect(Diagnosis.parse(value).findings.at(-1)).toMatchObject({
      status: 'skipped',
      detail: 'not checked: the limit of 12 requests was reached',
    });
    await server.close();
  });
});

it.each([
  ['diagnose_sign_in', { user: 'ada@acme.example' }],
  ['diagnose_organization', { organization: 'Acme' }],
])('%s fails if WorkOS cannot be reached, instead of returning an empty diagnosis', async (tool, input) => {
  const server = await connect({ baseUrl: 'http://127.0.0.1:9' });
  const { error } = await server.call(tool, input);
  expect(error).toMatchObject({ kind: 'network', hint: expect.stringContaining('check_connector') });
  await server.close();
});

describe('unusual responses', () => {
  it.each([
    ['nulls in every field', { id: 'x', email: 'ada@acme.example', created_at: null, state: null, data: null }],
    ['numbers instead of strings', { id: 'x', email: 'ada@acme.example', name: 7, state: 7, status: 7, event: 'e' }],
    ['only ids', { id: 'x' }],
    ['dates without a zone', { id: 'x', email: 'ada@acme.example', last_sign_in_at: '2026-11-01 10:00:00.123' }],
  ])('with %s do not make diagnose_sign_in fail', async (_, row) => {
    const server = await connect({
      replies: () => ({ body: { object: 'list', data: [row, row], list_metadata: { after: null } } }),
      runtime: { now: () => Date.parse('2026-11-02T09:00:00.000Z') },
    });
    const { error, value } = await server.call('diagnose_sign_in', { user: 'ada@acme.example', organization: 'org_1' });
    expect(error).toBeUndefined();
    expect(Diagnosis.parse(value).findings.length).toBeGreaterThan(0);
    await server.close();
  });
});
