import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { configured, openRuntime, recordingApi } from '../harness.ts';
import type { Input } from './examples.ts';
import { codeOf, connectLive, FakeWorkos, LIVE, ORGANIZATION } from './fake-workos.ts';

describe('a confirmation code', () => {
  const refusals: [string, (code: string, workos: FakeWorkos) => Input | Promise<Input>, RegExp][] = [
    ['that was never issued', () => ({ ...ORGANIZATION, confirmation: 'AAAAAAAA' }), /unknown or already used/],
    ['that is empty', () => ({ ...ORGANIZATION, confirmation: '' }), /unknown or already used/],
    ['for another organization', (code) => ({ organization_id: 'org_2', confirmation: code }), /other arguments/],
    [
      'for a target that changed',
      (code, workos) => {
        workos.names.set('/organizations/org_1', 'Acme Holding');
        return { ...ORGANIZATION, confirmation: code };
      },
      /target has changed/,
    ],
    [
      'for a target that has gained dependents since the preview',
      (code, workos) => {
        workos.members = 200;
        return { ...ORGANIZATION, confirmation: code };
      },
      /target has changed/,
    ],
    [
      'for a target that can no longer be read',
      (code, workos) => {
        workos.override = { status: 403, body: { message: 'no' } };
        return { ...ORGANIZATION, confirmation: code };
      },
      /target has changed/,
    ],
  ];
  it.each(refusals)('%s deletes nothing', async (_, next, message) => {
    const { call, workos } = await connectLive();
    const code = codeOf(await call('delete_organization', ORGANIZATION));
    const { error } = await call('delete_organization', await next(code, workos));
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) });
    expect(error?.hint).toContain('live key');
    expect(workos.writes).toEqual([]);
  });

  it.each<[string, Input, Input]>([
    [
      'set_organization_role_permissions',
      { permissions: ['posts:read'] },
      { permissions: ['posts:read', 'posts:write'] },
    ],
    ['set_organization_role_permissions', { permissions: ['a', 'b'] }, { permissions: ['b', 'a'] }],
    ['delete_fga_resource', {}, { cascade_delete: true }],
    ['revoke_session', { session_id: 'session_1' }, { session_id: 'session_2' }],
    ['update_jwt_template', { content: '{"a": 1}' }, { content: '{"a": 2}' }],
  ])('for %s with %j is refused with %j even if the target is the same', async (tool, first, second) => {
    const workos = Object.assign(new FakeWorkos(), { override: { body: { id: 'role_1', name: 'Editor' } } });
    const { call } = await connectLive({ workos });
    const target = {
      set_organization_role_permissions: { ...ORGANIZATION, role_slug: 'org-editor' },
      delete_fga_resource: { resource_id: 'resource_1' },
    }[tool];
    const confirmation = codeOf(await call(tool, { ...target, ...first }));
    const { error } = await call(tool, { ...target, ...second, confirmation });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('other arguments') });
    expect(workos.writes).toEqual([]);
    await call(tool, { ...target, ...first, confirmation });
    expect(workos.writes).toHaveLength(1);
  });

  it('works only once', async () => {
    const { call, workos } = await connectLive();
    const confirmation = codeOf(await call('delete_organization', ORGANIZATION));
    await call('delete_organization', { ...ORGANIZATION, confirmation });
    const { error } = await call('delete_organization', { ...ORGANIZATION, confirmation });
    expect(error?.message).toContain('unknown or already used');
    expect(workos.writes).toHaveLength(1);
  });

  it('works for only one of two concurrent calls', async () => {
    const { call, workos } = await connectLive();
    const confirmation = codeOf(await call('delete_organization', ORGANIZATION));
    const both = await Promise.all([1, 2].map(() => call('delete_organization', { ...ORGANIZATION, confirmation })));
    expect(both.filter(({ isError }) => isError)).toHaveLength(1);
    expect(workos.writes).toHaveLength(1);
  });

  it.each([
    [599_999, true],
    [600_000, false],
    [3_600_000, false],
  ])('works after %i ms: %s', async (ms, works) => {
    let now = 1_000;
    const { call, workos } = await connectLive({ runtime: { now: () => now } });
    const confirmation = codeOf(await call('delete_organization', ORGANIZATION));
    now += ms;
    const { error } = await call('delete_organization', { ...ORGANIZATION, confirmation });
    expect(error?.message).toBe(works ? undefined : 'The confirmation code expired after ten minutes');
    expect(workos.writes).toHaveLength(works ? 1 : 0);
  });

  it('works only for the tool that issued it, not for another tool or through call_destructive_tool', async () => {
    const { call, workos } = await connectLive();
    const membership = { organization_membership_id: 'om_1' };
    workos.names.set('/user_management/organization_memberships/om_1', 'm');
    const confirmation = codeOf(await call('deactivate_organization_membership', membership));
    const other = await call('delete_organization_membership', { ...membership, confirmation });
    const dispatched = await call('call_destructive_tool', {
      tool: 'deactivate_organization_membership',
      arguments: membership,
      confirmation,
    });
    const inArguments = await call('call_destructive_tool', {
      tool: 'deactivate_organization_membership',
      arguments: { ...membership, confirmation },
    });
    expect([other.error?.kind, dispatched.error?.kind, inArguments.error?.kind]).toEqual([
      'refused',
      'refused',
      'input',
    ]);
    expect(workos.writes).toEqual([]);
  });

  it('does not replace the answer of a user who can be asked', async () => {
    const workos = new FakeWorkos();
    const api = await recordingApi(workos.reply);
    const config = configured(['--base-url', api.url, '--log-level', 'silent', '--toolsets', 'all'], LIVE);
    const { call, close } = await openRuntime({ config, version: '0', exposed: new Set(['delete_user']) });
    const signal = new AbortController().signal;
    const silent: Caller = { origin: 'client', signal, progress: () => {}, ask: undefined };
    const preview = await call('delete_user', { user_id: 'user_7' }, silent);
    const input = { user_id: 'user_7', confirmation: String(preview.structuredContent?.['confirmation']) };
    for (const answer of ['cancel', 'decline'] as const) {
      const { content } = await call('delete_user', input, { ...silent, ask: async () => answer });
      expect(content[0]?.text).toContain('"kind":"refused"');
      expect(workos.writes).toEqual([]);
    }
    const accepted = await call('delete_user', input, { ...silent, ask: async () => 'accept' });
    expect(accepted.isError).toBeUndefined();
    expect(workos.writes).toEqual(['DELETE /user_management/users/user_7']);
    await close();
    await api.close();
  });

  it('of one environment is refused in another', async () => {
    const api = await recordingApi(new FakeWorkos().reply);
    const { outputDir } = await connectLive();
    const shell = (env: Record<string, string>) =>
      openRuntime({
        config: configured(['--base-url', api.url, '--output-dir', outputDir, '--log-level', 'silent'], env),
        version: '0',
        exposed: new Set(),
        codes: 'files',
      });
    const [first, second, again] = await Promise.all([
      shell(LIVE),
      shell({ WORKOS_TOKEN: 'sk_live_other' }),
      shell(LIVE),
    ]);
    const caller: Caller = {
      origin: 'shell',
      signal: new AbortController().signal,
      progress: () => {},
      ask: undefined,
    };
    const preview = await first.call('delete_organization', ORGANIZATION, caller);
    const confirmation = String(preview.structuredContent?.['confirmation']);
    const elsewhere = await second.call('delete_organization', { ...ORGANIZATION, confirmation }, caller);
    expect(elsewhere.isError).toBe(true);
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    // It works in another process with the same settings.
    const redeemed = await again.call('delete_organization', { ...ORGANIZATION, confirmation }, caller);
    expect(redeemed.structuredContent).toMatchObject({ ok: true });
    await Promise.all([first, second, again].map(({ close }) => close()));
    await api.close();
  });
});

describe('a destructive batch', () => {
  const batch = {
    tool: 'delete_organization',
    arguments: [{ organization_id: 'org_1' }, { organization_id: 'org_2' }],
  };

  it('asks the user once, then runs every row', async () => {
    const questions: string[] = [];
    const elicit = (question: string) => {
      questions.push(question);
      return 'accept' as const;
    };
    const { call, workos } = await connectLive({ elicit });
    const { value } = await call('call_destructive_tool', batch);
    expect(questions).toEqual([expect.stringMatching(/"Acme".* 2 memberships.*"Globex".* 2 memberships/)]);
    expect(value).toMatchObject({ count: 2, succeeded: 2 });
    expect(workos.writes.sort()).toEqual(['DELETE /organizations/org_1', 'DELETE /organizations/org_2']);
  });

  it('gets one code, valid only for these targets in this order', async () => {
    const { call, workos } = await connectLive();
    const preview = await call('call_destructive_tool', batch);
    expect(preview.value['preview']).toHaveLength(2);
    const confirmation = codeOf(preview);
    const more = [...batch.arguments, { organization_id: 'org_1' }];
    for (const list of [more, batch.arguments.slice(1), batch.arguments.toReversed()]) {
      const { error } = await call('call_destructive_tool', { ...batch, arguments: list, confirmation });
      expect(error?.kind).toBe('refused');
    }
    expect(workos.writes).toEqual([]);
    await call('call_destructive_tool', { ...batch, confirmation });
    expect(workos.writes).toHaveLength(2);
  });

  it('changes nothing if one row is invalid, and names its missing argument', async () => {
    const { call, workos } = await connectLive({ elicit: () => 'accept' });
    const { error } = await call('call_destructive_tool', {
      ...batch,
      arguments: [ORGANIZATION, { organisation: 'org_2' }],
    });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('organization_id') });
    expect(workos.writes).toEqual([]);
  });
});
