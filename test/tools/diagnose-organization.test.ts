import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { connect } from '../harness.ts';
import { Diagnosis, type OperatorsSandbox, operatorsSandbox } from './operators-sandbox.ts';

const MEMBERS = 130;
const SEED = JSON.stringify({
  organizations: [
    { id: 'org_acme', name: 'Acme', domain_data: [{ domain: 'acme.example', state: 'verified' }] },
    { id: 'org_acme_2', name: 'Acme Inc.' },
    { id: 'org_large', name: 'Large Works', domain_data: [{ domain: 'large.example', state: 'pending' }] },
  ],
  users: [
    { id: 'user_ada', email: 'ada@acme.example', email_verified: true, password: 'correct-horse-1' },
    { id: 'user_cem', email: 'cem@acme.example', email_verified: true },
    ...Array.from({ length: MEMBERS }, (_, index) => ({ id: `user_${index}`, email: `p${index}@large.example` })),
  ],
  organization_memberships: [
    { organization: 'org_acme', user: 'user_ada', role_slug: 'admin' },
    { id: 'om_cem', organization: 'org_acme', user: 'user_cem' },
    ...Array.from({ length: MEMBERS }, (_, index) => ({ organization: 'org_large', user: `user_${index}` })),
  ],
  invitations: [{ id: 'invitation_1', organization: 'org_acme', email: 'hal@acme.example', state: 'expired' }],
  connections: [
    { id: 'conn_acme', organization: 'org_acme', connection_type: 'OktaSAML', name: 'Acme Okta', state: 'inactive' },
  ],
  directories: [{ id: 'directory_acme', organization: 'org_acme', name: 'Acme SCIM' }],
  directory_users: [
    { directory: 'directory_acme', email: 'ada@acme.example' },
    { directory: 'directory_acme', email: 'cem@acme.example', state: 'suspended' },
    { directory: 'directory_acme', email: 'dan@acme.example' },
  ],
});

let sandbox: OperatorsSandbox;
beforeAll(async () => {
  sandbox = await operatorsSandbox({ seed: SEED });
});
afterAll(() => sandbox.close());

async function diagnosis(organization: string, on: OperatorsSandbox = sandbox) {
  on.requests.length = 0;
  // The sandbox limits the requests for directory users per second.
  on.advance(1_000);
  const { value, error, text } = await on.server.call('diagnose_organization', { organization });
  expect(error).toBeUndefined();
  expect(on.requests.length, on.requests.join('\n')).toBeLessThanOrEqual(12);
  expect(countTokens(text), text).toBeLessThan(700);
  return Diagnosis.parse(value);
}

const shown = ({ findings }: z.output<typeof Diagnosis>) => findings.map(({ check, status }) => `${check} ${status}`);

describe('diagnose_organization', () => {
  it.each(['org_acme', 'ACME', 'acme.example'])('finds everything that is wrong with %s', async (name) => {
    const found = await diagnosis(name);
    expect(found.organization).toEqual({ id: 'org_acme', name: 'Acme' });
    expect(shown(found)).toEqual(
      expect.arrayContaining([
        'connection problem',
        'directory_users problem',
        'admins warning',
        'invitations warning',
        'duplicates warning',
      ]),
    );
    expect(found.summary).toBe(
      'First problem (connection): no active SSO connection: "Acme Okta" is inactive (1 more problem below)',
    );
    expect(found.next).toEqual({
      tool: 'call_write_tool',
      arguments: { tool: 'generate_portal_link', arguments: { organization: 'org_acme', intent: 'sso' } },
      why: 'for an IT admin who is online now',
    });
  });

  it('reads the first page of a large organization, and says so', async () => {
    const { findings } = await diagnosis('Large Works');
    expect(findings.find(({ check }) => check === 'members')?.detail).toBe('of the first 100 members: 100 active');
  });

  it('counts failed sign-ins of members', async () => {
    const attempt = { ...sandbox.credentials, grant_type: 'password', email: 'ada@acme.example', password: 'wrong' };
    await sandbox.ask('POST /user_management/authenticate', attempt);
    const { findings } = await diagnosis('org_acme');
    expect(findings.find(({ check }) => check === 'failed_sign_ins')?.detail).toBe(
      '1 by 1 person in 7 days: 1 × wrong password, newest just now',
    );
  });

  it('finds no problem in the sample data', async () => {
    const other = await operatorsSandbox({});
    expect((await diagnosis('Kestrel Analytics', other)).summary).toBe('No problem was found, 1 warning');
    await other.close();
  });
});

describe('diagnose_organization without access to everything', () => {
  it('reports what the key may not read as skipped', async () => {
    await sandbox.ask('POST /_sandbox/faults', {
      status: 403,
      times: 1,
      path: '/user_management/organization_memberships',
    });
    const found = await diagnosis('org_acme');
    expect(shown(found)).not.toContain('members warning');
    expect(found.findings.at(-1)).toMatchObject({ check: 'list_organization_memberships', status: 'skipped' });
  });

  it('reports no problem if the key may read nothing', async () => {
    await sandbox.ask('POST /_sandbox/faults', { status: 403, times: 40 });
    expect(new Set((await diagnosis('org_acme')).findings.map(({ status }) => status))).toEqual(new Set(['skipped']));
    while ((await sandbox.ask('GET /organizations?limit=1')).status === 403);
  });

  it('names the tools that the settings exclude', async () => {
    const flags = ['--exclude-tools', 'list_connections,list_events,get_organization', '--read-only'];
    const other = await operatorsSandbox({ seed: SEED, flags });
    const found = await diagnosis('org_acme', other);
    expect(found.findings.at(-1)?.check).toBe('get_organization, list_connections, list_events');
    expect(found.next?.tool).toBe('call_read_tool');
    await other.close();
  });
});

it('diagnose_organization takes at most five rounds of requests', async () => {
  const slow = await operatorsSandbox({ seed: SEED, latency: 80 });
  await diagnosis('acme.example', slow);
  expect(slow.rounds.count).toBeLessThanOrEqual(5);
  await slow.close();
});

describe('diagnose_organization with odd input', () => {
  it.each([
    ['a blank name', ' ', 'organization is empty'],
    ['a very long name', 'x'.repeat(5_000), 'longer than 254 characters'],
    ['another kind of id', 'user_ada', 'There is no organization'],
    ['an unknown id', 'org_nobody', 'There is no organization'],
    ['an unknown domain', 'nowhere.example', 'There is no organization'],
    ['dots', '..', 'There is no organization'],
    ['a direction-changing character', 'Acme‮', 'There is no organization'],
  ])('says what is wrong with %s', async (_, organization, message) => {
    const { error } = await sandbox.server.call('diagnose_organization', { organization });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(message) });
  });
});

it.each([
  ['nulls', { id: 'org_1', name: 'Acme', domains: null, state: null, status: null, email: null, event: 'e' }],
  ['numbers', { id: 'org_1', name: 'Acme', domains: [], state: 7, status: 7, email: 7, role: 7, event: 'e', data: 7 }],
])('diagnose_organization tolerates %s in responses', async (_, row) => {
  const list = { object: 'list', data: [row, row], list_metadata: { after: null } };
  const server = await connect({
    replies: ({ url }) => ({ body: url.startsWith('/organizations/') ? { ...row, domains: [] } : list }),
  });
  const { error, value } = await server.call('diagnose_organization', { organization: 'org_1' });
  expect(error).toBeUndefined();
  expect(Diagnosis.parse(value).findings.length).toBeGreaterThan(0);
  await server.close();
});
