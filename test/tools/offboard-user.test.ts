import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterEach, describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { isAdminRole } from '../../src/tools/operators/admin-roles.ts';
import type { OffboardFacts } from '../../src/tools/operators/offboard-facts.ts';
import { countsOf, offboardingOf, planOf } from '../../src/tools/operators/offboarding.ts';
import { type Connected, type ConnectOptions, connect } from '../harness.ts';
import { FakePerson } from '../trust/fake-person.ts';

describe('a role slug', () => {
  it.each([
    'admin',
    'Owner',
    'org-admin',
    'organization_owner',
    'super-admin',
    'workspace:administrator',
    'superuser',
    'admins',
  ])('%s means an admin', (slug) => expect(isAdminRole(slug)).toBe(true));
  it.each(['member', 'billing-admin', 'admin-readonly', 'product-owner', 'org-member', 'administration', 'team', ''])(
    '%j does not mean an admin',
    (slug) => expect(isAdminRole(slug)).toBe(false),
  );
});

const membership = (at: number, status: string, roles = ['member'], managed = false) => ({
  id: `om_${at}`,
  user_id: 'user_1',
  organization_id: `org_${at}`,
  organization: `Org ${at}`,
  status,
  directory_managed: managed,
  roles,
});

const NOTHING: OffboardFacts = {
  user: { id: 'user_1', email: 'dana@acme.example' },
  memberships: [],
  sessions: [],
  invitations: [],
  otherAdmin: new Map(),
  directoryUsers: [],
  apiKeys: [],
  apps: [],
  nothingIn: [],
  cut: [],
  unread: [],
};

describe('the off-boarding plan for', () => {
  const admin = [membership(1, 'active', ['admin'])];
  const rows: [what: string, facts: Partial<OffboardFacts>, keep: boolean, steps: string[], checks: string[]][] = [
    ['a user without access', {}, false, [], []],
    ['an active membership', { memberships: [membership(1, 'active')] }, false, ['deactivate_membership'], []],
    ['a pending membership', { memberships: [membership(1, 'pending')] }, false, ['delete_pending_membership'], []],
    ['an inactive membership', { memberships: [membership(1, 'inactive')] }, false, [], []],
    [
      'an invitation',
      { invitations: [{ id: 'i', email: 'dana@acme.example', state: 'pending' }] },
      false,
      ['revoke_invitation'],
      [],
    ],
    ['a session', { sessions: [{ id: 's' }] }, false, ['revoke_session'], []],
    [
      'one of several admins',
      { memberships: admin, otherAdmin: new Map([['org_1', 'yes']]) },
      true,
      ['deactivate_membership'],
      [],
    ],
    [
      'the only admin',
      { memberships: admin, otherAdmin: new Map([['org_1', 'no']]) },
      false,
      ['deactivate_membership'],
      ['only_admin'],
    ],
    [
      'the only admin, to be kept',
      { memberships: admin, otherAdmin: new Map([['org_1', 'no']]), sessions: [{ id: 's' }] },
      true,
      ['revoke_session'],
      ['only_admin'],
    ],
    [
      'a user who may be the only admin, to be kept',
      { memberships: admin, otherAdmin: new Map([['org_1', 'unknown']]) },
      true,
      [],
      ['only_admin'],
    ],
    [
      'a user who is active in a directory',
      { memberships: [membership(1, 'active', [], true)], directoryUsers: [{ id: 'du_1', organization_id: 'org_1' }] },
      false,
      ['deactivate_membership'],
      ['directory'],
    ],
    [
      'a membership managed by a directory that lacks the address',
      { memberships: [membership(1, 'active', [], true)] },
      false,
      ['deactivate_membership'],
      ['directory_managed'],
    ],
    ['API keys', { apiKeys: ['api_key_1'] }, false, [], ['api_keys']],
    ['authorized applications', { apps: ['app_1'] }, false, [], ['authorized_apps']],
    ['an organization without access', { nothingIn: ['Hooli'] }, false, [], ['organizations']],
    [
      'a list that could not be read',
      { unread: [{ tool: 'list_directories', why: '403' }] },
      false,
      [],
      ['list_directories'],
    ],
    ['a list that is too long', { cut: ['list_user_sessions'] }, false, [], ['list_user_sessions']],
  ];
  it.each(rows)('%s', (_, facts, keep, steps, checks) => {
    const found = offboardingOf({ ...NOTHING, ...facts }, keep);
    expect(found.steps.map(({ step }) => step)).toEqual(steps);
    expect(found.findings.map(({ check }) => check)).toEqual(checks);
    const plan = planOf({ ...NOTHING, ...facts }, found);
    expect(plan?.steps).toEqual(steps.length > 0 ? found.steps : undefined);
  });

  it('everything: ways to get back in come first, and sessions last', () => {
    const { steps } = offboardingOf(
      {
        ...NOTHING,
        sessions: [{ id: 's' }],
        memberships: [membership(1, 'active'), membership(2, 'pending')],
        invitations: [{ id: 'i', email: 'dana@acme.example', state: 'pending', organization_id: 'org_2' }],
      },
      false,
    );
    expect(steps.map(({ step }) => step)).toEqual([
      'revoke_invitation',
      'delete_pending_membership',
      'deactivate_membership',
      'revoke_session',
    ]);
    expect(steps[0]).toMatchObject({ organization: 'Org 2' });
    expect(countsOf(steps)).toBe(
      '1 invitation to withdraw, 1 pending membership to delete, 1 membership to deactivate, 1 session to revoke',
    );
  });

  it('an unreadable list leaves out the reason, which can differ each time', () => {
    const facts = { ...NOTHING, sessions: [{ id: 's' }], unread: [{ tool: 'list_directories', why: 'request_id 7' }] };
    const plan = planOf(facts, offboardingOf(facts, false));
    expect(plan?.findings).toMatchObject([{ check: 'list_directories', status: 'warning' }]);
    expect(JSON.stringify(plan)).not.toContain('request_id');
  });
});

const open: Connected[] = [];
afterEach(async () => {
  for (const connected of open.splice(0)) await connected.close();
});

async function connectPerson(options: ConnectOptions = {}) {
  const person = new FakePerson();
  const flags = ['--toolsets', 'all', '--max-retries', '0', ...(options.flags ?? [])];
  const connected = await connect({ ...options, flags, replies: person.reply });
  open.push(connected);
  return { ...connected, person };
}

const DANA = 'dana@acme.example';

describe('offboard_user', () => {
  it('returns the plan, with what is already inactive and the call that applies it', async () => {
    const { call, person } = await connectPerson();
    person.apiKeys.push({ id: 'api_key_1' });
    const { value, text } = await call('offboard_user', { user: DANA, keep_only_admin: true });
    expect(value).toMatchObject({
      summary:
        '1 invitation to withdraw, 1 pending membership to delete, 1 membership to deactivate, 1 session to revoke; nothing was changed',
      user: { id: 'user_7', email: DANA },
      kept: [{ organization: 'Acme', organization_membership_id: 'om_user_7_1' }],
      already_inactive: ['Hooli'],
      next: { tool: 'offboard_user', arguments: { user: DANA, keep_only_admin: true, apply: true } },
    });
    expect(value['findings']).toMatchObject([{ check: 'only_admin' }, { check: 'api_keys' }, { check: 'remains' }]);
    expect(countTokens(text)).toBeLessThan(700);
    expect(person.writes).toEqual([]);
  });

  it('reports the result of each step, and does nothing when run again', async () => {
    const { call, person } = await connectPerson();
    const first = await call('offboard_user', { user: 'user_7', apply: true });
    expect(first.value).toMatchObject({ summary: '5 of 5 steps done', succeeded: 5, failed: 0 });
    expect(countTokens(first.text)).toBeLessThan(700);
    const { length } = person.writes;
    const again = await call('offboard_user', { user: 'user_7', apply: true });
    expect(again.value).toMatchObject({ summary: 'nothing to do', steps: [] });
    expect(again.value['next']).toBeUndefined();
    expect(person.writes).toHaveLength(length);
  });

  it('continues after a failed step, and shows it first', async () => {
    const { call, person } = await connectPerson();
    person.overrides.set('PUT /user_management/organization_memberships/om_user_7_1/deactivate', {
      status: 403,
      body: { message: 'not allowed' },
    });
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ summary: '4 of 5 steps done, 1 failed', failed: 1 });
    expect(Object(value['rows'])[0]).toMatchObject({
      step: 'deactivate_membership',
      organization: 'Acme',
      ok: false,
      error: { kind: 'permission', status: 403 },
    });
    expect(value['next']).toMatchObject({ arguments: { user: DANA, apply: true } });
    expect(person.writes).toHaveLength(5);
  });

  it('does not try the remaining steps after the key is refused', async () => {
    const { call, person } = await connectPerson();
    person.overrides.set('POST /user_management/invitations/invitation_1/revoke', { status: 401, body: {} });
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ succeeded: 0, failed: 5 });
    expect(Object(value['rows'])[4]).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^Not tried/) },
    });
    expect(person.writes).toHaveLength(1);
  });

  it('counts a step as done if the membership or session is already gone', async () => {
    const { call, person } = await connectPerson();
    person.before = ({ method }) => {
      if (method === 'GET') return;
      person.memberships = person.memberships.filter(({ status }) => status !== 'pending');
      for (const session of person.sessions) session.status = 'revoked';
      person.overrides.set('POST /user_management/sessions/revoke', { status: 400, body: { message: 'ended' } });
    };
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ succeeded: 5, failed: 0 });
    expect(Object(value['rows']).flatMap(({ note }: { note?: string }) => note ?? [])).toEqual([
      'it was already gone',
      'it had already ended',
    ]);
  });

  it('counts a step as failed if the session is still active', async () => {
    const { call, person } = await connectPerson();
    person.overrides.set('POST /user_management/sessions/revoke', { status: 400, body: { message: 'ended' } });
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ succeeded: 4, failed: 1 });
  });

  it.each([
    [['Acme'], ['om_user_7_1', 'session_1']],
    [
      ['acme', 'org_2'],
      ['om_user_7_1', 'om_user_7_2', 'session_1'],
    ],
    [['org_4'], []],
  ])('is limited to the organizations %j', async (organizations, expected) => {
    const { call } = await connectPerson();
    const { value } = await call('offboard_user', { user: DANA, organizations });
    const ids = Object(value['steps']).map(
      (step: Record<string, string>) => step['organization_membership_id'] ?? step['session_id'],
    );
    expect(ids).toEqual(expected);
  });

  it('refuses an unknown organization or user', async () => {
    const { call, person } = await connectPerson();
    person.overrides.set('/organizations', { body: { object: 'list', data: [], list_metadata: {} } });
    const organization = await call('offboard_user', { user: DANA, organizations: ['Umbrella'] });
    expect(organization.error).toMatchObject({ kind: 'input', message: expect.stringContaining('Umbrella') });
    for (const user of ['nobody@acme.example', 'user_404']) {
      const { error } = await call('offboard_user', { user });
      expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('There is no user') });
    }
  });

  it('does not mistake another user for the requested one if WorkOS ignores filters', async () => {
    const { call, person } = await connectPerson();
    person.filters = false;
    const { error } = await call('offboard_user', { user: 'eve@acme.example', apply: true });
    expect(error?.message).toContain('There is no user');
    expect(person.writes).toEqual([]);
  });

  it('withdraws the invitation of a person without a user', async () => {
    const { call, person } = await connectPerson();
    person.user = undefined;
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ summary: '1 of 1 steps done' });
    expect(person.writes).toEqual(['POST /user_management/invitations/invitation_1/revoke']);
  });

  it('off-boards no one else if WorkOS ignores filters', async () => {
    const { call, person } = await connectPerson();
    person.filters = false;
    person.sessions.push({ id: 'session_9', user_id: 'user_9', status: 'active', organization_id: 'org_2' });
    person.invitations.push({ ...Object(person.invitations[0]), id: 'invitation_9', email: 'eve@acme.example' });
    person.directoryUsers.push({ id: 'du_9', directory_id: 'directory_2', email: 'eve@acme.example', state: 'active' });
    const { value } = await call('offboard_user', { user: DANA, apply: true });
    expect(value).toMatchObject({ succeeded: 5, failed: 0 });
    expect(person.writes.join()).not.toMatch(/_9\b|user_8|user_9/);
    expect(value['findings']).toMatchObject([{ check: 'only_admin' }, { check: 'remains' }]);
  });

  it('says what it could not read', async () => {
    const { call, person } = await connectPerson();
    person.overrides.set('/user_management/users/user_7/api_keys', { status: 403, body: { message: 'no feature' } });
    const { value } = await call('offboard_user', { user: DANA });
    expect(value['findings']).toContainEqual({
      check: 'list_user_api_keys',
      status: 'skipped',
      detail: expect.stringMatching(/^not checked: .*403/),
    });
  });

  it('looks for another admin among 500 active members, and says if it found none', async () => {
    const { call, person } = await connectPerson();
    const [, , , , other] = person.memberships;
    for (let at = 0; at < 600; at++) {
      const id = `om_x_${at}`;
      person.memberships.push({ ...Object(other), id, roles: [{ slug: at === 450 ? 'owner' : 'member' }] });
    }
    const found = await call('offboard_user', { user: DANA });
    expect(JSON.stringify(found.value)).not.toContain('only_admin');
    Object.assign(person.memberships.find(({ id }) => id === 'om_x_450') ?? {}, { roles: [] });
    const { value } = await call('offboard_user', { user: DANA });
    expect(value['steps']).toContainEqual(expect.objectContaining({ organization: 'Acme', only_admin: 'perhaps' }));
  });

  it('keeps its result small for hundreds of memberships, while query sees all of them', async () => {
    const { call, person } = await connectPerson();
    const [, one] = person.memberships;
    for (let at = 10; at < 310; at++) {
      person.memberships.push({
        ...Object(one),
        id: `om_${at}`,
        organization_id: `org_${at}`,
        organization_name: `Org ${at}`,
      });
    }
    const plan = await call('offboard_user', { user: DANA });
    expect(plan.value).toMatchObject({ omitted: 297 });
    expect(countTokens(plan.text)).toBeLessThan(900);
    const all = await call('offboard_user', { user: DANA, query: 'length(steps)' });
    expect(all.value).toEqual({ result: 305 });
    const done = await call('offboard_user', { user: DANA, apply: true });
    expect(done.value).toMatchObject({ summary: '305 of 305 steps done', omitted: 297 });
    expect(countTokens(done.text)).toBeLessThan(900);
    expect(person.writes).toHaveLength(305);
  });

  it.each([
    'deactivate_organization_membership',
    'delete_organization_membership',
    'revoke_invitation',
    'revoke_session',
  ])('is excluded together with %s', async (name) => {
    const { list } = await connectPerson({ flags: ['--exclude-tools', name] });
    expect((await list()).map((tool) => tool.name)).not.toContain('offboard_user');
  });

  it('is not listed on a read-only server or in core', async () => {
    const { list } = await connectPerson({ flags: ['--read-only'] });
    expect((await list()).map((tool) => tool.name)).not.toContain('offboard_user');
    expect(tools.get('offboard_user')?.core).toBe(false);
  });
});
