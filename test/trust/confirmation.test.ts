import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { type ConnectOptions, configured, connect, openRuntime, type Reply, recordingApi } from '../harness.ts';
import { asSchema, type Input } from './examples.ts';
import { codeOf, connectLive, FakeWorkos, LIVE, ORGANIZATION } from './fake-workos.ts';

describe('whether the user is asked', () => {
  it.each<[string, Record<string, string>, string[], boolean]>([
    ['a live key', LIVE, [], true],
    ['a key of unknown kind', { WORKOS_TOKEN: 'legacy_key' }, [], true],
    ['a test key', { WORKOS_TOKEN: 'sk_test_x' }, [], false],
    ['a test key with --confirm always', { WORKOS_TOKEN: 'sk_test_x' }, ['--confirm', 'always'], true],
    ['a live key with --confirm never', LIVE, ['--confirm', 'never'], false],
    ['a key of unknown kind with --confirm never', { WORKOS_TOKEN: 'legacy_key' }, ['--confirm', 'never'], false],
  ])('with %s', async (_, env, flags, asks) => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'accept' as const;
    };
    const { call, workos } = await connectLive({ env, flags, elicit });
    await call('delete_organization', ORGANIZATION);
    expect(questions).toHaveLength(asks ? 1 : 0);
    expect(workos.writes).toEqual(['DELETE /organizations/org_1']);
  });

  it('is no for a call that only creates', async () => {
    const { call, workos } = await connectLive();
    await call('create_organization', { name: 'New' });
    expect(workos.writes).toEqual(['POST /organizations']);
  });
});

describe('the environment', () => {
  it.each([
    ['sk_live_harness', 'a LIVE key', 'a live key'],
    ['sk_test_harness', 'a test key', 'a test key'],
    ['sk_legacy_harness', 'a key of unknown kind, treated as live', 'a key of unknown kind, treated as live'],
  ])('is named in the instructions and by check_connector: %s', async (key, inInstructions, inFinding) => {
    const { client, call } = await connectLive({ env: { WORKOS_TOKEN: key } });
    expect(client.getInstructions()).toContain(`Environment: ${inInstructions}.`);
    const { value } = await call('check_connector');
    const [finding] = [value['findings']].flat();
    expect(asSchema(finding)['detail']).toMatch(new RegExp(`^WORKOS_TOKEN is set: ${inFinding}`));
  });
});

describe('the question to the user', () => {
  const questionFor = async (tool: string, input: Input, workos = new FakeWorkos(), env = LIVE) => {
    let question = '';
    const elicit = (text: string) => {
      question = text;
      return 'decline' as const;
    };
    const { call, close } = await connect({
      flags: ['--toolsets', 'all', '--max-retries', '0'],
      env,
      replies: workos.reply,
      elicit,
    });
    const called = await call(tool, input);
    await close();
    return { question, ...called };
  };

  it('names the organization and the dependents that are deleted with it', async () => {
    const { question } = await questionFor('delete_organization', ORGANIZATION);
    expect(question).toBe(
      'Delete organization (live key)? delete_organization "Acme" (organization_id "org_1").' +
        ' Also deletes: 2 memberships, 1 connection, 0 directories, 3 api keys, 2 domains.',
    );
  });

  it('says "at least 100" if there is another page', async () => {
    const workos = Object.assign(new FakeWorkos(), { members: 100, nextPage: 'om_100' });
    const { question } = await questionFor('delete_organization', ORGANIZATION, workos);
    expect(question).toContain('at least 100 memberships');
  });

  it('also counts memberships that are not active', async () => {
    const { call, api } = await connectLive();
    await call('delete_organization', ORGANIZATION);
    const counts = api.requests.map(({ url }) => url).filter((url) => url.includes('organization_memberships'));
    expect(counts).toEqual([expect.stringContaining('statuses=active,inactive,pending')]);
  });

  it('says which count could not be read', async () => {
    const workos = new FakeWorkos();
    const { call } = await connectLive({
      replies: (request) =>
        request.url.startsWith('/connections') ? { status: 403, body: { message: 'no' } } : workos.reply(request),
    });
    const { value } = await call('delete_organization', ORGANIZATION);
    expect(value['preview']).toMatchObject([{ with: { memberships: 2, connections: 'an unknown number of' } }]);
  });

  it('says that a key of unknown kind is treated as live', async () => {
    const { question, error } = await questionFor('delete_organization', ORGANIZATION, new FakeWorkos(), {
      WORKOS_TOKEN: 'legacy_key',
    });
    expect(question).toContain('(a key of unknown kind, treated as live)');
    expect(error?.message).toContain('treated as live');
  });

  it('lists every target of a batch', async () => {
    const users = Array.from({ length: 30 }, (_, index) => ({ user_id: `user_${index}` }));
    const workos = new FakeWorkos();
    for (const { user_id } of users) workos.names.set(`/user_management/users/${user_id}`, `${user_id}@acme.test`);
    const { question } = await questionFor('call_destructive_tool', { tool: 'delete_user', arguments: users }, workos);
    expect(question).toMatch(/^Delete user \(live key\)\? 30 calls: /);
    for (const { user_id } of users) expect(question).toContain(`"${user_id}@acme.test"`);
  });

  it('is not asked if one row of a batch is invalid; the error says which', async () => {
    const { question, error } = await questionFor('call_destructive_tool', {
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
  ])('for %s shows no secret argument', async (tool, input) => {
    const { question } = await questionFor(tool, input);
    expect(question).toContain(tool);
    expect(question).not.toContain('Zq7Kx');
    const { call } = await connectLive();
    const { text } = await call(tool, input);
    expect(text).toContain('"changed":false');
    expect(text).not.toContain('Zq7Kx');
  });
});

describe('the user’s reply', () => {
  it('"accept" deletes', async () => {
    const { call, workos } = await connectLive({ elicit: () => 'accept' });
    expect((await call('delete_organization', ORGANIZATION)).value).toMatchObject({ ok: true, status: 204 });
    expect(workos.writes).toEqual(['DELETE /organizations/org_1']);
  });

  it('"decline" refuses the call without offering a code', async () => {
    const { call, workos } = await connectLive({ elicit: () => 'decline' });
    const { error, text } = await call('delete_organization', ORGANIZATION);
    expect(error).toMatchObject({ kind: 'refused', message: 'The user declined; nothing was changed (live key)' });
    expect(text).not.toContain('confirmation');
    expect(workos.writes).toEqual([]);
  });

  it.each<[string, ConnectOptions]>([
    ['no way to ask', {}],
    ['another way to ask', { capabilities: { elicitation: { url: {} } } }],
    ['--ask code', { flags: ['--ask', 'code'], elicit: () => expect.fail('the client was asked') }],
    ['WORKOS_MCP_ASK=code', { env: { ...LIVE, WORKOS_MCP_ASK: 'code' }, elicit: () => 'accept' }],
  ])('is replaced by a preview and a code with %s', async (_, options) => {
    const { call, workos } = await connectLive(options);
    const first = await call('delete_organization', ORGANIZATION);
    expect(first.value).toMatchObject({
      changed: false,
      preview: [{ tool: 'delete_organization', target: expect.stringContaining('"Acme"'), with: { domains: 2 } }],
      confirmation: expect.stringMatching(/^[\w-]{8}$/),
      expires_in_s: 600,
      hint: expect.stringContaining('live key'),
    });
    expect(workos.writes).toEqual([]);
    const second = await call('delete_organization', { ...ORGANIZATION, confirmation: codeOf(first) });
    expect(second.value).toMatchObject({ ok: true });
    expect(workos.writes).toEqual(['DELETE /organizations/org_1']);
  });

  it('is not requested at a terminal with --ask code', async () => {
    const workos = new FakeWorkos();
    const api = await recordingApi(workos.reply);
    const config = configured(['--base-url', api.url, '--ask', 'code'], LIVE);
    const { call, close } = await openRuntime({ config, version: '0', exposed: new Set() });
    const ask = () => expect.fail('the person was asked');
    const caller: Caller = { origin: 'shell', signal: new AbortController().signal, progress: () => {}, ask };
    const { structuredContent } = await call('delete_organization', ORGANIZATION, caller);
    expect(structuredContent).toMatchObject({ changed: false, confirmation: expect.any(String) });
    expect(workos.writes).toEqual([]);
    await close();
    await api.close();
  });

  it('cannot be replaced by a code if the user can be asked, not even by a valid one', async () => {
    const workos = new FakeWorkos();
    const api = await recordingApi(workos.reply);
    const config = configured(['--base-url', api.url], LIVE);
    const { call, close } = await openRuntime({ config, version: '0', exposed: new Set() });
    const { signal } = new AbortController();
    const caller: Caller = { origin: 'shell', signal, progress: () => {}, ask: undefined };
    const { structuredContent } = await call('delete_organization', ORGANIZATION, caller);
    const withCode = { ...ORGANIZATION, confirmation: structuredContent?.['confirmation'] };
    const ask = vi.fn(async () => 'decline' as const);
    const { isError } = await call('delete_organization', withCode, { ...caller, ask });
    expect(ask).toHaveBeenCalledOnce();
    expect(isError).toBe(true);
    expect(workos.writes).toEqual([]);
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
    ['an error from the client', REVOKE, 'was not answered', { elicit: () => Promise.reject(new Error('no window')) }],
    [
      'a question that the client cannot show',
      BATCH,
      'was not answered',
      { capabilities: { elicitation: { form: {} } } },
    ],
    ['an unknown answer', REVOKE, 'was not answered', { elicit: async () => JSON.parse('"perhaps"') }],
  ])('%s refuses %j without offering a code', async (_, { tool, input }, reason, options) => {
    const { call, workos } = await connectLive(options);
    const { error, text } = await call(tool, input);
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(new RegExp(`${reason}; nothing was changed \\(live key\\)$`)),
      hint: expect.stringMatching(/Do not try again unless the user asks.*headless.*--ask code/),
    });
    expect(text).not.toContain('confirmation');
    expect(workos.writes).toEqual([]);
  });

  it('no answer for five minutes refuses the call, too', async () => {
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
      const { client, workos } = await connectLive({ elicit });
      const call = client.callTool({ name: 'delete_organization', arguments: ORGANIZATION }, undefined, {
        timeout: 3_600_000,
      });
      await question;
      await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
      const { content, isError } = await call;
      expect(isError).toBe(true);
      expect(JSON.stringify(content)).toContain('The question to the user was not answered; nothing was changed');
      expect(JSON.stringify(content)).not.toContain('confirmation');
      expect(workos.writes).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('"accept" does not count if the target changed in the meantime', async () => {
    const workos = new FakeWorkos();
    const elicit = () => {
      workos.names.set('/organizations/org_1', 'Acme Holding');
      return 'accept' as const;
    };
    const { call } = await connectLive({ workos, elicit });
    const { error } = await call('delete_organization', ORGANIZATION);
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('changed while the user was asked'),
    });
    expect(workos.writes).toEqual([]);
  });

  it('"accept" does not count if the call was cancelled in the meantime', async () => {
    const workos = new FakeWorkos();
    const api = await recordingApi(workos.reply);
    const config = configured(['--base-url', api.url, '--log-level', 'silent'], LIVE);
    const { call, close } = await openRuntime({ config, version: '0', exposed: new Set() });
    const controller = new AbortController();
    const ask = async () => {
      controller.abort();
      return 'accept' as const;
    };
    const caller: Caller = { origin: 'shell', signal: controller.signal, progress: () => {}, ask };
    const { content } = await call('delete_organization', ORGANIZATION, caller);
    expect(content[0]?.text).toContain('"kind":"cancelled"');
    expect(workos.writes).toEqual([]);
    await close();
    await api.close();
  });
});

describe('a target', () => {
  it('that does not exist fails without asking the user', async () => {
    const elicit = vi.fn(() => 'accept' as const);
    const { call, workos } = await connectLive({ elicit });
    const { error } = await call('delete_organization', { organization_id: 'org_9' });
    expect(error?.kind).toBe('not_found');
    expect(elicit).not.toHaveBeenCalled();
    expect(workos.writes).toEqual([]);
  });

  it('that the key is not authorized to read fails without asking the user', async () => {
    const workos = Object.assign(new FakeWorkos(), { override: { status: 401, body: { message: 'Unauthorized' } } });
    const elicit = vi.fn(() => 'accept' as const);
    const { call } = await connectLive({ workos, elicit });
    expect((await call('delete_organization', ORGANIZATION)).error?.kind).toBe('auth');
    expect(elicit).not.toHaveBeenCalled();
  });

  it.each<[string, Reply]>([
    ['GET returned 403, "Not allowed"', { status: 403, body: { message: 'Not allowed' } }],
    ['GET returned 500, "Oops"', { status: 500, body: { message: 'Oops' } }],
    ['GET returned 429, "Slow down"', { status: 429, body: { message: 'Slow down' } }],
  ])('that cannot be read is still asked about, and the question says why: %s', async (phrase, override) => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'cancel' as const;
    };
    const workos = Object.assign(new FakeWorkos(), { override });
    const asking = await connectLive({ workos, elicit });
    await asking.call('delete_organization', ORGANIZATION);
    const { call } = await connectLive({ workos });
    const preview = await call('delete_organization', ORGANIZATION);
    expect(questions).toEqual([expect.stringContaining(`"org_1"). Also deletes: 2 memberships`)]);
    expect(questions[0]).toContain(`It could not be read first: ${phrase}.`);
    expect(preview.value['preview']).toMatchObject([{ unread: phrase }]);
    await call('delete_organization', { ...ORGANIZATION, confirmation: codeOf(preview) });
    expect(workos.writes).toHaveLength(1);
  });

  it('in the vault is read without decrypting it', async () => {
    const { call, api } = await connectLive();
    const { value } = await call('delete_vault_object', { vault_object_id: 'vo_1' });
    expect(value['preview']).toMatchObject([{ target: expect.stringContaining('"db-password"') }]);
    expect(api.requests.map(({ url }) => url)).toEqual(['/vault/v1/kv/vo_1/metadata']);
  });
});
