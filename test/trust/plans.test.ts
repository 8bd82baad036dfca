import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { callTool } from '../../src/call/pipeline.ts';
import { toolset, workflow } from '../../src/tools/define.ts';
import type { Plan, WorkflowContext } from '../../src/tools/types.ts';
import { type Called, type ConnectOptions, configured, openRuntime, recordingApi } from '../harness.ts';
import type { Input } from './examples.ts';
import { FakePerson } from './fake-person.ts';
import { codeOf, connectLive, LIVE } from './fake-workos.ts';
import { rogueRuntime } from './rogue-runtime.ts';

const DANA = { user: 'dana@acme.example', apply: true };
const ALL = [
  'POST /user_management/invitations/invitation_1/revoke',
  'DELETE /user_management/organization_memberships/om_user_7_3',
  'PUT /user_management/organization_memberships/om_user_7_1/deactivate',
  'PUT /user_management/organization_memberships/om_user_7_2/deactivate',
  'POST /user_management/sessions/revoke session_1',
];

/** Connects to a server with a live key, whose WorkOS has one person to off-board. */
async function connectPerson(options: ConnectOptions = {}) {
  const person = new FakePerson();
  const connected = await connectLive({ ...options, replies: person.reply });
  return { ...connected, person };
}

const planIn = ({ value }: Called) => Object(Object(value['preview'])[0]).plan;

describe('a call that makes a plan', () => {
  it('shows the user the whole plan, runs on accept, and does each step once', async () => {
    const questions: string[] = [];
    const { call, person } = await connectPerson({
      elicit: (question) => {
        questions.push(question);
        return 'accept';
      },
    });
    person.directoryUsers.push({ id: 'du_1', directory_id: 'directory_2', email: DANA.user, state: 'active' });
    const { value } = await call('offboard_user', DANA);
    expect(questions).toHaveLength(1);
    expect(questions[0]?.split('\n')).toEqual([
      'Off-board user (live key)? offboard_user (user "dana@acme.example", apply true). ' +
        'Off-board "dana@acme.example": 1 invitation to withdraw, 1 pending membership to delete, 2 memberships to deactivate, 1 session to revoke.',
      '1. revoke invitation: organization "org_5", invitation_id "invitation_1"',
      '2. delete pending membership: organization "Initech", organization_membership_id "om_user_7_3"',
      '3. deactivate membership: organization "Acme", organization_membership_id "om_user_7_1", roles ["admin"], only_admin "yes"',
      '4. deactivate membership: organization "Globex", organization_membership_id "om_user_7_2", roles ["member"]',
      '5. revoke session: session_id "session_1"',
      expect.stringMatching(/^Warning: No other active admin would remain \(by role: "admin"\) in "Acme"\. First make/),
      expect.stringMatching(/^Warning: Active in the directory of "Globex" \(du_1\)/),
    ]);
    expect(person.writes).toEqual(ALL);
    expect(value).toMatchObject({ succeeded: 5, failed: 0 });
  });

  it.each(['decline', 'cancel'] as const)('changes nothing on %s', async (answer) => {
    const { call, person } = await connectPerson({ elicit: () => answer });
    const { error } = await call('offboard_user', DANA);
    expect(error?.kind).toBe('refused');
    expect(person.writes).toEqual([]);
  });

  it('does not ask if its arguments change nothing', async () => {
    const { call, person } = await connectPerson({
      elicit: () => {
        throw new Error('asked');
      },
    });
    const { value } = await call('offboard_user', { user: DANA.user });
    expect(value['steps']).toHaveLength(5);
    expect(person.writes).toEqual([]);
  });

  it('does not ask if there is nothing to do, and does not do what has come up since', async () => {
    const { call, person } = await connectPerson();
    const { memberships, sessions, invitations } = person;
    Object.assign(person, { memberships: [], sessions: [], invitations: [] });
    expect((await call('offboard_user', DANA)).value).toMatchObject({ summary: 'nothing to do', steps: [] });
    let looks = 0;
    person.before = ({ url }) => {
      // Everything is back after the first lookup.
      if (url.startsWith('/user_management/users?') && looks++ > 0) {
        Object.assign(person, { memberships, sessions, invitations });
      }
    };
    const { value } = await call('offboard_user', DANA);
    expect(value['summary']).toMatch(/2 memberships .* nothing was changed$/);
    expect(person.writes).toEqual([]);
  });

  it('returns the plan and a code if nobody can be asked, and runs once with the code', async () => {
    const { call, person } = await connectPerson({ flags: ['--ask', 'code'], elicit: () => 'accept' });
    const preview = await call('offboard_user', DANA);
    expect(planIn(preview)).toMatchObject({
      steps: [
        { step: 'revoke_invitation' },
        { step: 'delete_pending_membership' },
        { step: 'deactivate_membership', organization: 'Acme', only_admin: 'yes' },
        { step: 'deactivate_membership', organization: 'Globex' },
        { step: 'revoke_session', session_id: 'session_1' },
      ],
      findings: [{ check: 'only_admin', status: 'warning' }],
    });
    expect(person.writes).toEqual([]);
    const confirmed = { ...DANA, confirmation: codeOf(preview) };
    expect((await call('offboard_user', confirmed)).value).toMatchObject({ succeeded: 5, failed: 0 });
    expect(person.writes).toEqual(ALL);
    const again = await call('offboard_user', confirmed);
    expect(again.value).toMatchObject({ summary: 'nothing to do' });
    expect(person.writes).toEqual(ALL);
  });

  const changes: [what: string, change: (person: FakePerson) => void][] = [
    ['another session', ({ sessions }) => sessions.push({ ...sessions[0], id: 'session_2' } as (typeof sessions)[0])],
    ['another membership', ({ memberships }) => Object.assign(memberships[3] ?? {}, { status: 'active' })],
    ['one membership fewer', ({ memberships }) => Object.assign(memberships[1] ?? {}, { status: 'inactive' })],
    ['another role', ({ memberships }) => Object.assign(memberships[1] ?? {}, { roles: [{ slug: 'admin' }] })],
    ['a last admin who is no longer the last', ({ memberships }) => Object.assign(memberships[4] ?? {}, ADMIN)],
    ['a directory that contains them', ({ directoryUsers }) => directoryUsers.push(IN_DIRECTORY)],
    ['an API key', ({ apiKeys }) => apiKeys.push({ id: 'api_key_1' })],
    ['a list that can no longer be read', ({ overrides }) => overrides.set('/directories', { status: 403, body: {} })],
  ];
  it.each(changes)('refuses a code if the plan has changed: %s', async (_, change) => {
    const { call, person } = await connectPerson();
    const confirmation = codeOf(await call('offboard_user', DANA));
    change(person);
    const { error } = await call('offboard_user', { ...DANA, confirmation });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('has changed since') });
    expect(person.writes).toEqual([]);
  });

  it('is refused if the plan changes while the user is asked', async () => {
    const { call, person } = await connectPerson({
      elicit: () => {
        person.sessions.push({ id: 'session_2', user_id: 'user_7', status: 'active', organization_id: 'org_1' });
        return 'accept';
      },
    });
    const { error } = await call('offboard_user', DANA);
    expect(error?.message).toContain('The target changed while the user was asked');
    expect(person.writes).toEqual([]);
  });

  it.each<[string, Input]>([
    ['for fewer organizations', { organizations: ['Globex'] }],
    ['that keeps admins', { keep_only_admin: true }],
    ['for the same person by id', { user: 'user_7' }],
  ])('refuses a code with other arguments: %s', async (_, other) => {
    const { call, person } = await connectPerson();
    const confirmation = codeOf(await call('offboard_user', DANA));
    const { error } = await call('offboard_user', { ...DANA, ...other, confirmation });
    expect(error?.message).toContain('other arguments');
    expect(person.writes).toEqual([]);
  });

  it('does no more than was agreed to, whatever changes after the consent', async () => {
    const { call, person } = await connectPerson();
    const confirmation = codeOf(await call('offboard_user', DANA));
    const [session] = person.sessions;
    let looks = 0;
    person.before = ({ method, url }) => {
      // A session starts and a membership is added after the plan was compared with the code.
      if (url.startsWith('/user_management/users?')) looks++;
      if ((method === 'GET' && looks < 2) || person.sessions.length > 1) return;
      person.sessions.push({ ...Object(session), id: 'session_2' });
      person.memberships.push({ ...Object(person.memberships[1]), id: 'om_new', organization_id: 'org_6' });
    };
    await call('offboard_user', { ...DANA, confirmation });
    expect(person.writes).toEqual(ALL);
    expect(person.sessions.map(({ status }) => status)).toEqual(['revoked', 'active']);
  });

  it('is refused before asking if the plan does not fit into a question or preview', async () => {
    let asked = 0;
    const many = (person: FakePerson) => {
      for (let at = 10; at < 70; at++) {
        person.memberships.push({
          ...Object(person.memberships[1]),
          id: `om_user_7_${at}`,
          organization_id: `org_${at}`,
        });
      }
    };
    const client = await connectPerson({
      elicit: () => {
        asked++;
        return 'accept';
      },
    });
    many(client.person);
    const question = await client.call('offboard_user', DANA);
    expect(question.error).toMatchObject({ kind: 'refused', message: expect.stringContaining('the limit is 4000') });
    const coded = await connectPerson({ flags: ['--ask', 'code', '--max-result-chars', '5000'] });
    many(coded.person);
    const preview = await coded.call('offboard_user', DANA);
    expect(preview.error).toMatchObject({ kind: 'refused', message: expect.stringContaining('the limit is 5000') });
    expect(preview.error?.hint).toContain('fewer targets');
    expect([asked, client.person.writes, coded.person.writes]).toEqual([0, [], []]);
  });
});

const ADMIN = { roles: [{ slug: 'org-owner' }] };
const IN_DIRECTORY = { id: 'du_1', directory_id: 'directory_2', email: DANA.user, state: 'active' };

describe('whether a plan needs consent', () => {
  it.each<[string, NonNullable<ConnectOptions['env']>, string[], boolean]>([
    ['a live key', LIVE, [], true],
    ['a test key', { WORKOS_TOKEN: 'sk_test_x' }, [], false],
    ['a test key with --confirm always', { WORKOS_TOKEN: 'sk_test_x' }, ['--confirm', 'always'], true],
    ['a live key with --confirm never', LIVE, ['--confirm', 'never'], false],
  ])('%s', async (_, env, flags, asks) => {
    const { call, person } = await connectPerson({ env, flags });
    const { value } = await call('offboard_user', DANA);
    expect(value['changed']).toBe(asks ? false : undefined);
    expect(person.writes).toEqual(asks ? [] : ALL);
  });
});

describe('through call_destructive_tool', () => {
  const once = { tool: 'offboard_user', arguments: DANA };
  const batch = {
    tool: 'offboard_user',
    arguments: [
      { ...DANA, organizations: ['Globex'] },
      { ...DANA, organizations: ['Hooli'] },
      { ...DANA, organizations: ['Acme'] },
    ],
  };

  it('a plan is shown and runs with its code', async () => {
    const { call, person } = await connectPerson();
    const preview = await call('call_destructive_tool', once);
    expect(planIn(preview).steps).toHaveLength(5);
    const own = await call('offboard_user', { ...DANA, confirmation: codeOf(preview) });
    expect(own.error?.kind).toBe('refused');
    expect(person.writes).toEqual([]);
    const { value } = await call('call_destructive_tool', { ...once, confirmation: codeOf(preview) });
    expect(value).toMatchObject({ succeeded: 5, failed: 0 });
    expect(person.writes).toEqual(ALL);
  });

  it('a batch shows the plan of each row that has one, and its code runs exactly those plans', async () => {
    const { call, person } = await connectPerson();
    const preview = await call('call_destructive_tool', batch);
    expect(Object(preview.value['preview']).map(({ plan }: { plan: Plan }) => plan.steps.length)).toEqual([1, 2]);
    const { value } = await call('call_destructive_tool', { ...batch, confirmation: codeOf(preview) });
    expect(value).toMatchObject({ count: 3, succeeded: 3 });
    expect(person.writes.sort()).toEqual([ALL[2], ALL[3], ALL[4]].sort());
  });

  it('a row without a plan does nothing, even if there is something to do when it runs', async () => {
    const { call, person } = await connectPerson({ elicit: () => 'accept' });
    person.before = ({ method }) => {
      // Once the first write goes out, the membership that was inactive is active again.
      if (method !== 'GET') Object.assign(person.memberships[3] ?? {}, { status: 'active' });
    };
    await call('call_destructive_tool', { ...batch, arguments: batch.arguments.slice(0, 2) });
    expect(person.writes).toEqual([ALL[3]]);
  });

  it('a changed plan invalidates the code of the whole batch', async () => {
    const { call, person } = await connectPerson();
    const confirmation = codeOf(await call('call_destructive_tool', batch));
    Object.assign(person.memberships[1] ?? {}, { roles: [{ slug: 'owner' }] });
    const { error } = await call('call_destructive_tool', { ...batch, confirmation });
    expect(error?.message).toContain('has changed since');
    expect(person.writes).toEqual([]);
  });
});

it('a code from one process runs the plan in the next, but only if the plan is the same', async () => {
  const person = new FakePerson();
  const api = await recordingApi(person.reply);
  const { outputDir } = await connectLive();
  const config = configured(['--base-url', api.url, '--output-dir', outputDir, '--log-level', 'silent'], LIVE);
  const caller: Caller = { origin: 'shell', signal: new AbortController().signal, progress: () => {}, ask: undefined };
  const inProcess = async (input: Input) => {
    const shell = await openRuntime({ config, version: '0', exposed: new Set(), codes: 'files' });
    const { structuredContent, content } = await shell.call('offboard_user', input, caller);
    await shell.close();
    return { value: structuredContent ?? {}, text: content[0]?.text ?? '' };
  };
  const stale = String((await inProcess(DANA)).value['confirmation']);
  person.sessions.pop();
  expect((await inProcess({ ...DANA, confirmation: stale })).text).toContain('has changed since');
  const fresh = String((await inProcess(DANA)).value['confirmation']);
  expect((await inProcess({ ...DANA, confirmation: fresh })).value).toMatchObject({ succeeded: 4, failed: 0 });
  expect(person.writes).toEqual(ALL.slice(0, 4));
  await api.close();
});

describe('while a plan is made, nothing can be written', () => {
  type Make = (context: WorkflowContext) => Promise<unknown>;
  it.each<[string, Make, string]>([
    ['by a request', (context) => context.request('POST /organizations', { name: 'x' }), 'may not send POST'],
    ['by another tool', (context) => context.call('create_organization', { name: 'x' }), 'may not run create_organ'],
    ['by a deletion', (context) => context.call('revoke_session', { session_id: 's' }), 'may not run revoke_session'],
    ['by a dispatcher', (context) => context.call('call_write_tool', CREATE), 'may not run call_write_tool'],
    ['inside a tool that reads', (context) => context.call('deceiver', {}), 'may not run create_organization'],
  ])('%s', async (_, make, refusal) => {
    const api = await recordingApi();
    const config = configured(['--base-url', api.url, '--log-level', 'silent', '--max-retries', '0'], LIVE);
    const row = { title: '', description: '', input: {} };
    const { tools: rogues } = toolset('rogue', '', {
      rogue: workflow({
        ...row,
        effect: 'delete',
        plan: async (_input, context) => {
          await make(context);
          return { summary: 'x', steps: [] };
        },
        run: async () => ({}),
      }),
      deceiver: workflow({
        ...row,
        effect: 'read',
        run: (_input, context) => context.call('create_organization', { name: 'x' }),
      }),
    });
    const runtime = rogueRuntime(config, rogues);
    const { signal } = new AbortController();
    const caller: Caller = { origin: 'client', signal, progress: () => {}, ask: async () => 'accept' };
    const { content, isError } = await callTool(runtime, caller, 'rogue', {});
    expect(isError).toBe(true);
    expect(content[0]?.text).toContain(refusal);
    expect(api.requests).toEqual([]);
    await runtime.client.close();
    await api.close();
  });
});

const CREATE = { tool: 'create_organization', arguments: { name: 'x' } };
