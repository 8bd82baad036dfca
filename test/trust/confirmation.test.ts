import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { type ConnectOptions, configured, connect, openRuntime, type Reply, recordingApi } from '../harness.ts';
import { asSchema, type Input } from './examples.ts';
import { codeOf, LIVE, live, ORGANIZATION, World } from './world.ts';

describe('who is asked', () => {
  it.each<[string, Record<string, string>, string[], boolean]>([
    ['a live key', LIVE, [], true],
    ['a key of unknown kind', { WORKOS_TOKEN: 'key_of_old' }, [], true],
    ['a test key', { WORKOS_TOKEN: 'sk_test_x' }, [], false],
    ['a test key, always', { WORKOS_TOKEN: 'sk_test_x' }, ['--confirm', 'always'], true],
    ['a live key, never', LIVE, ['--confirm', 'never'], false],
    ['a key of unknown kind, never', { WORKOS_TOKEN: 'key_of_old' }, ['--confirm', 'never'], false],
  ])('%s', async (_, env, flags, asks) => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'accept' as const;
    };
    const { call, world } = await live({ env, flags, elicit });
    await call('delete_organization', ORGANIZATION);
    expect(questions).toHaveLength(asks ? 1 : 0);
    expect(world.deleted).toEqual(['DELETE /organizations/org_1']);
  });

  it('nobody for what only adds or changes', async () => {
    const { call, world } = await live();
    await call('create_organization', { name: 'New' });
    expect(world.deleted).toEqual(['POST /organizations']);
  });
});

describe('which environment it is', () => {
  it.each([
    ['sk_live_harness', 'a LIVE key', 'a live key'],
    ['sk_test_harness', 'a test key', 'a test key'],
    ['sk_of_old_harness', 'a key of unknown kind, treated as live', 'a key of unknown kind, treated as live'],
  ])('is said before the first call, and by check_connector: %s', async (key, instructed, checked) => {
    const { client, call } = await live({ env: { WORKOS_TOKEN: key } });
    expect(client.getInstructions()).toContain(`Environment: ${instructed}.`);
    const { value } = await call('check_connector');
    const [finding] = [value['findings']].flat();
    expect(asSchema(finding)['detail']).toMatch(new RegExp(`^WORKOS_TOKEN is set: ${checked}`));
  });
});

describe('the question', () => {
  const asked = async (tool: string, input: Input, world = new World(), env = LIVE) => {
    let question = '';
    const elicit = (text: string) => {
      question = text;
      return 'decline' as const;
    };
    const { call, close } = await connect({
      flags: ['--toolsets', 'all', '--max-retries', '0'],
      env,
      replies: world.reply,
      elicit,
    });
    const called = await call(tool, input);
    await close();
    return { question, ...called };
  };

  it('names the organization and what goes with it', async () => {
    const { question } = await asked('delete_organization', ORGANIZATION);
    expect(question).toBe(
      'Delete organization (live key)? delete_organization "Acme" (organization_id "org_1").' +
        ' With it: 2 memberships, 1 connections, 0 directories, 3 api keys, 2 domains.',
    );
  });

  it('says at least 100 where there is another page', async () => {
    const world = Object.assign(new World(), { members: 100, nextPage: 'om_100' });
    const { question } = await asked('delete_organization', ORGANIZATION, world);
    expect(question).toContain('at least 100 memberships');
  });

  it('counts the memberships that are not active, too', async () => {
    const { call, api } = await live();
    await call('delete_organization', ORGANIZATION);
    const counts = api.requests.map(({ url }) => url).filter((url) => url.includes('organization_memberships'));
    expect(counts).toEqual([expect.stringContaining('statuses=active,inactive,pending')]);
  });

  it('says where a count could not be read', async () => {
    const world = new World();
    const { call } = await live({
      replies: (request) =>
        request.url.startsWith('/connections') ? { status: 403, body: { message: 'no' } } : world.reply(request),
    });
    const { value } = await call('delete_organization', ORGANIZATION);
    expect(value['preview']).toMatchObject([{ with: { memberships: 2, connections: 'an unknown number of' } }]);
  });

  it('says a key of unknown kind counts as live', async () => {
    const { question, error } = await asked('delete_organization', ORGANIZATION, new World(), {
      WORKOS_TOKEN: 'key_of_old',
    });
    expect(question).toContain('(a key of unknown kind, treated as live)');
    expect(error?.message).toContain('treated as live');
  });

  it('lists every target of a batch once', async () => {
    const users = Array.from({ length: 30 }, (_, index) => ({ user_id: `user_${index}` }));
    const world = new World();
    for (const { user_id } of users) world.names.set(`/user_management/users/${user_id}`, `${user_id}@acme.test`);
    const { question } = await asked('call_destructive_tool', { tool: 'delete_user', arguments: users }, world);
    expect(question).toMatch(/^Delete user \(live key\)\? 30 calls: /);
    for (const { user_id } of users) expect(question).toContain(`"${user_id}@acme.test"`);
  });

  it('is not asked where one of a batch cannot be run, and says which', async () => {
    const { question, error } = await asked('call_destructive_tool', {
      tool: 'delete_user',
      arguments: [{ user_id: 'user_1' }, { user: 'user_2' }],
    });
    expect(question).toBe('');
    expect(error).toMatchObject({
      kind: 'input',
      message: expect.stringMatching(/^arguments\[1\]: user_id is required/),
    });
  });

  it.each<[string, Input]>([
    ['confirm_password_reset', { token: 'reset-token-Zq7Kx', new_password: 'pass-word-Zq7Kx' }],
    ['update_vault_object', { vault_object_id: 'vo_1', value: 'vault-value-Zq7Kx' }],
    ['set_connected_account_api_key', { provider_slug: 'github', user_id: 'user_1', secret: 'their-secret-Zq7Kx' }],
  ])('of %s shows no secret argument', async (tool, input) => {
    const { question } = await asked(tool, input);
    expect(question).toContain(tool);
    expect(question).not.toContain('Zq7Kx');
    const { call } = await live();
    const { text } = await call(tool, input);
    expect(text).toContain('"changed":false');
    expect(text).not.toContain('Zq7Kx');
  });
});

describe('the answer of the user', () => {
  it('accept deletes', async () => {
    const { call, world } = await live({ elicit: () => 'accept' });
    expect((await call('delete_organization', ORGANIZATION)).value).toMatchObject({ ok: true, status: 204 });
    expect(world.deleted).toEqual(['DELETE /organizations/org_1']);
  });

  it('decline ends it', async () => {
    const { call, world } = await live({ elicit: () => 'decline' });
    const { error, text } = await call('delete_organization', ORGANIZATION);
    expect(error).toMatchObject({ kind: 'refused', message: 'The user declined; nothing was changed (live key)' });
    expect(text).not.toContain('confirmation');
    expect(world.deleted).toEqual([]);
  });

  it.each<[string, ConnectOptions]>([
    ['no way to ask', {}],
    ['another way to ask', { capabilities: { elicitation: { url: {} } } }],
    ['--ask code', { flags: ['--ask', 'code'], elicit: () => expect.fail('the client was asked') }],
    ['WORKOS_MCP_ASK=code', { env: { ...LIVE, WORKOS_MCP_ASK: 'code' }, elicit: () => 'accept' }],
  ])('cannot be had with %s: a preview and a code come back', async (_, options) => {
    const { call, world } = await live(options);
    const first = await call('delete_organization', ORGANIZATION);
    expect(first.value).toMatchObject({
      changed: false,
      preview: [{ tool: 'delete_organization', target: expect.stringContaining('"Acme"'), with: { domains: 2 } }],
      confirmation: expect.stringMatching(/^[\w-]{8}$/),
      expires_in_s: 600,
      hint: expect.stringContaining('live key'),
    });
    expect(world.deleted).toEqual([]);
    const second = await call('delete_organization', { ...ORGANIZATION, confirmation: codeOf(first) });
    expect(second.value).toMatchObject({ ok: true });
    expect(world.deleted).toEqual(['DELETE /organizations/org_1']);
  });

  it('is not asked for at a terminal with --ask code', async () => {
    const world = new World();
    const api = await recordingApi(world.reply);
    const config = configured(['--base-url', api.url, '--ask', 'code'], LIVE);
    const { call, close } = await openRuntime({ config, version: '0', exposed: new Set() });
    const ask = () => expect.fail('the person was asked');
    const caller: Caller = { origin: 'shell', signal: new AbortController().signal, progress: () => {}, ask };
    const { structuredContent } = await call('delete_organization', ORGANIZATION, caller);
    expect(structuredContent).toMatchObject({ changed: false, confirmation: expect.any(String) });
    expect(world.deleted).toEqual([]);
    await close();
    await api.close();
  });

  const REVOKE = { tool: 'revoke_session', input: { session_id: 'session_4' } };
  const BATCH = {
    tool: 'call_destructive_tool',
    input: { tool: 'delete_user', arguments: [{ user_id: 'user_1' }, { user_id: 'user_2' }] },
  };
  it.each<[string, { tool: string; input: Input }, string, ConnectOptions]>([
    ['cancel', REVOKE, 'was cancelled', { elicit: () => 'cancel' }],
    ['cancel', BATCH, 'was cancelled', { elicit: () => 'cancel' }],
    ['decline', BATCH, 'declined', { elicit: () => 'decline' }],
    ['an error of the client', REVOKE, 'was not answered', { elicit: () => Promise.reject(new Error('no window')) }],
    [
      'a question that the client cannot show',
      BATCH,
      'was not answered',
      { capabilities: { elicitation: { form: {} } } },
    ],
    ['an unknown answer', REVOKE, 'was not answered', { elicit: async () => JSON.parse('"perhaps"') }],
  ])('%s ends %j with no code', async (_, { tool, input }, reason, options) => {
    const { call, world } = await live(options);
    const { error, text } = await call(tool, input);
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(new RegExp(`${reason}; nothing was changed \\(live key\\)$`)),
      hint: expect.stringMatching(/Do not try again unless the user asks.*headless.*--ask code/),
    });
    expect(text).not.toContain('confirmation');
    expect(world.deleted).toEqual([]);
  });

  it('silence for five minutes ends it, too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let asked = () => {};
      const question = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const elicit = () => {
        asked();
        return new Promise<'accept'>(() => {});
      };
      const { client, world } = await live({ elicit });
      const call = client.callTool({ name: 'delete_organization', arguments: ORGANIZATION }, undefined, {
        timeout: 3_600_000,
      });
      await question;
      await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
      const { content, isError } = await call;
      expect(isError).toBe(true);
      expect(JSON.stringify(content)).toContain('The question to the user was not answered; nothing was changed');
      expect(JSON.stringify(content)).not.toContain('confirmation');
      expect(world.deleted).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('accept is not for a target that changed meanwhile', async () => {
    const world = new World();
    const elicit = () => {
      world.names.set('/organizations/org_1', 'Acme Holding');
      return 'accept' as const;
    };
    const { call } = await live({ world, elicit });
    const { error } = await call('delete_organization', ORGANIZATION);
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('changed while the user was asked'),
    });
    expect(world.deleted).toEqual([]);
  });

  it('accept is not for a call that was cancelled meanwhile', async () => {
    const world = new World();
    const api = await recordingApi(world.reply);
    const config = configured(['--base-url', api.url, '--log-level', 'silent'], LIVE);
    const { call: answer, close } = await openRuntime({ config, version: '0', exposed: new Set() });
    const controller = new AbortController();
    const ask = async () => {
      controller.abort();
      return 'accept' as const;
    };
    const caller: Caller = { origin: 'shell', signal: controller.signal, progress: () => {}, ask };
    const { content } = await answer('delete_organization', ORGANIZATION, caller);
    expect(content[0]?.text).toContain('"kind":"cancelled"');
    expect(world.deleted).toEqual([]);
    await close();
    await api.close();
  });
});

describe('a target', () => {
  it('that does not exist is not asked about', async () => {
    const elicit = vi.fn(() => 'accept' as const);
    const { call, world } = await live({ elicit });
    const { error } = await call('delete_organization', { organization_id: 'org_9' });
    expect(error?.kind).toBe('not_found');
    expect(elicit).not.toHaveBeenCalled();
    expect(world.deleted).toEqual([]);
  });

  it('that a refused key cannot see is not asked about', async () => {
    const world = Object.assign(new World(), { instead: { status: 401, body: { message: 'Unauthorized' } } });
    const elicit = vi.fn(() => 'accept' as const);
    const { call } = await live({ world, elicit });
    expect((await call('delete_organization', ORGANIZATION)).error?.kind).toBe('auth');
    expect(elicit).not.toHaveBeenCalled();
  });

  it.each<[string, Reply]>([
    ['GET returned 403, "Not allowed"', { status: 403, body: { message: 'Not allowed' } }],
    ['GET returned 500, "Oops"', { status: 500, body: { message: 'Oops' } }],
    ['GET returned 429, "Slow down"', { status: 429, body: { message: 'Slow down' } }],
  ])('that cannot be read is asked about, which says so: %s', async (phrase, instead) => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'cancel' as const;
    };
    const world = Object.assign(new World(), { instead });
    const asking = await live({ world, elicit });
    await asking.call('delete_organization', ORGANIZATION);
    const { call } = await live({ world });
    const preview = await call('delete_organization', ORGANIZATION);
    expect(questions).toEqual([expect.stringContaining(`"org_1"). With it: 2 memberships`)]);
    expect(questions[0]).toContain(`It could not be read first: ${phrase}.`);
    expect(preview.value['preview']).toMatchObject([{ unread: phrase }]);
    await call('delete_organization', { ...ORGANIZATION, confirmation: codeOf(preview) });
    expect(world.deleted).toHaveLength(1);
  });

  it('in the vault is looked at without decrypting it', async () => {
    const { call, api } = await live();
    const { value } = await call('delete_vault_object', { vault_object_id: 'vo_1' });
    expect(value['preview']).toMatchObject([{ target: expect.stringContaining('"db-password"') }]);
    expect(api.requests.map(({ url }) => url)).toEqual(['/vault/v1/kv/vo_1/metadata']);
  });
});
