import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Caller } from '../../src/call/caller.ts';
import { callTool } from '../../src/call/pipeline.ts';
import { createRuntime, type Runtime } from '../../src/call/runtime.ts';
import {
  ApiError,
  CancelledError,
  ConfigError,
  InputError,
  LinkExpiredError,
  NetworkError,
  RefusedError,
} from '../../src/errors/errors.ts';
import type { Explanation } from '../../src/errors/explain.ts';
import { tools } from '../../src/tools/catalog.ts';
import { workflow } from '../../src/tools/define.ts';
import type { Effect, WorkflowContext } from '../../src/tools/types.ts';
import { type ConnectOptions, configured, connect, type Replies, recordingApi } from '../harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(options: ConnectOptions) {
  const server = await connect({
    ...options,
    flags: ['--toolsets', 'all', '--confirm', 'never', '--max-retries', '0', ...(options.flags ?? [])],
  });
  open.push(server);
  return server;
}

const MAY_HAVE = /\bmay have succeeded\. Check\b/;

it.each([
  [303, {}],
  [307, {}],
  [500, { code: 'lock_timeout' }],
  [408, { code: 'resource_type_update_in_progress' }],
])(
  'a write answered with status %i %j may have happened, so its hint never says to call again',
  async (status, body) => {
    const server = await start({ replies: () => ({ status, body: { message: 'No', ...body } }) });
    const { error } = await server.call('create_organization', { name: 'Acme' });
    expect(error?.hint).toContain('The write may have succeeded. Check with list_organizations before retrying.');
    expect(error?.hint).not.toMatch(/call again/i);
    expect(server.api.requests).toHaveLength(1);
  },
);

describe('a success nested too deeply', () => {
  const lists = (levels: number) => `{"id":"x","metadata":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

  it.each<[tool: string, input: Record<string, unknown>, body: string, check: string]>([
    ['create_role', { name: 'Admin', slug: 'admin' }, lists(150_000), 'list_roles'],
    ['delete_user', { user_id: 'user_1' }, objects(100_000), 'get_user'],
    ['update_permission', { permission_slug: 'read', name: 'Read' }, lists(5_000), 'get_permission'],
    ['create_organization', { name: 'Acme' }, objects(5_000), 'list_organizations'],
    [
      'create_organization_api_key',
      { organization_id: 'org_1', name: 'CI' },
      lists(4_000),
      'list_organization_api_keys',
    ],
    [
      'update_vault_object',
      { vault_object_id: 'vo_1', value: 'Tr0ub4dor&3-horse-staple' },
      lists(3_000),
      'get_vault_object_metadata',
    ],
  ])('from %s is an error that says how to check whether the write happened', async (tool, input, body, check) => {
    const server = await start({ replies: () => ({ body }) });
    const { error } = await server.call(tool, input);
    expect(error).toMatchObject({ kind: 'api', status: 200 });
    expect(error?.message).toContain('nested deeper than 200 levels');
    expect(error?.hint).toContain(`The write may have succeeded. Check with ${check} before retrying.`);
    expect(server.api.requests).toHaveLength(1);
  });

  it.each([
    ['get_organization', { organization_id: 'org_1' }],
    ['list_users', {}],
    ['list_users', { all_pages: true }],
    ['check_authorization', { organization_membership_id: 'om_1', permission_slug: 'read', resource_id: 'res_1' }],
  ])('from %s %j is a clear API error', async (tool, input) => {
    const server = await start({ replies: () => ({ body: objects(200_000) }) });
    const { error } = await server.call(tool, input);
    expect(error).toMatchObject({
      kind: 'api',
      status: 200,
      message: expect.stringContaining('nested deeper than 200 levels'),
    });
    expect(error?.hint).not.toMatch(MAY_HAVE);
  });

  it('is reported in a row of a batch too', async () => {
    const server = await start({
      replies: ({ body }) => ({ body: JSON.stringify(body).includes('deep') ? lists(9_000) : { id: 'role_1' } }),
    });
    const { value } = await server.call('call_write_tool', {
      tool: 'create_role',
      arguments: [
        { name: 'Plain', slug: 'plain' },
        { name: 'Deep', slug: 'deep' },
      ],
    });
    expect(value).toMatchObject({
      rows: [{ ok: true }, { ok: false, error: { hint: expect.stringContaining('Check with list_roles before') } }],
    });
  });
});

describe('a composite that fails after its write says that the write may have happened', () => {
  const request = { method: 'GET', path: '/x', attempts: 1 };
  const overflow = (): number => overflow() + 1;

  it.each<[string, (context: WorkflowContext) => unknown, kind: string]>([
    ['a bug', () => (undefined as unknown as string).length, 'api'],
    ['a stack overflow', overflow, 'api'],
    ['a thrown string', () => Promise.reject('no error'), 'api'],
    ['a wrong argument', () => Promise.reject(new InputError('Too late', ['x'])), 'input'],
    [
      'an error whose hint says that nothing was sent',
      () => Promise.reject(new InputError('Late', [], 'Nothing was sent.')),
      'input',
    ],
    ['a missing setting', () => Promise.reject(new ConfigError('No folder', 'Set one.')), 'config'],
    ['a refusal', () => Promise.reject(new RefusedError('Not here', 'Ask.')), 'refused'],
    ['a cancellation', () => Promise.reject(new CancelledError()), 'cancelled'],
    ['an expired link', () => Promise.reject(new LinkExpiredError('gone')), 'api'],
    ['an error from another host', () => Promise.reject(new ApiError('no', { request, status: 404 })), 'not_found'],
    ['a network error', () => Promise.reject(new NetworkError('x', { request, mayHaveSucceeded: false })), 'network'],
    ['an unexpected response', () => z.object({ state: z.string() }).parse({}), 'api'],
    ['a failed read', ({ call }) => call('get_user', { user_id: 'user_404' }), 'not_found'],
    ['a call with wrong arguments', ({ call }) => call('get_user', { nonsense: 1 }), 'input'],
    ['a refused write', ({ call }) => call('create_role', { name: 'x', slug: 'refused' }), 'input'],
    ['a failed request', ({ request: own }) => own('GET /things/404', {}), 'not_found'],
  ])('if it fails with %s', async (_, fail, kind) => {
    const { error } = await compose('update', async (context) => {
      await context.call('create_organization', { name: 'Acme' });
      return fail(context);
    });
    expect(error.kind).toBe(kind);
    expect(error.hint).toMatch(
      /^The write by create_organization may have succeeded\. Check with list_organizations before retrying\./,
    );
    expect(error.hint).not.toMatch(/Nothing was (sent|changed)|Try other arguments/);
  });

  it('and names its own write as well as those of the tools that it called', async () => {
    const { error } = await compose('update', async ({ call, request: own }) => {
      await own('POST /things', {});
      await call('create_organization', { name: 'Acme' });
      await call('create_role', { name: 'x', slug: 'x' });
      throw new Error('oops');
    });
    expect(error.hint).toContain(
      'The writes by composed, create_organization, create_role may have succeeded. Check with list_organizations, list_roles before retrying.',
    );
  });

  it('but not if every write was refused', async () => {
    const { error } = await compose('update', ({ call }) => call('create_role', { name: 'x', slug: 'refused' }));
    expect(error).toMatchObject({ kind: 'input', status: 422 });
    expect(error.hint).not.toMatch(MAY_HAVE);
  });

  it('and not if it only read', async () => {
    const { error } = await compose('update', async ({ call }) => {
      await call('list_users', {});
      throw new Error('oops');
    });
    expect(error.hint).toBe('This is a bug in workos-mcp. Try other arguments, and report it.');
  });

  it('and explains the error of a tool that it called by what that tool sent', async () => {
    const { value } = await compose('update', async (context) => {
      const hints: Record<string, string> = {};
      await context.call('create_organization', { name: 'Acme' });
      for (const [tool, input] of [
        ['create_role', { name: 'x', slug: 'refused' }],
        ['create_role', { name: 'x', slug: 'broken' }],
        ['get_user', { user_id: 'user_404' }],
      ] as const) {
        const error: unknown = await context.call(tool, input).catch((reason: unknown) => reason);
        hints[`${tool} ${Object.values(input).at(-1)}`] = context.explain(tool, error).hint;
      }
      return hints;
    });
    expect(value['create_role refused']).not.toMatch(MAY_HAVE);
    expect(value['get_user user_404']).not.toMatch(MAY_HAVE);
    expect(value['create_role broken']).toContain('The write may have succeeded. Check with list_roles');
  });

  /** Runs a composite made of `run` against an API that refuses or fails as the requests ask. */
  async function compose(effect: Effect, run: (context: WorkflowContext) => Promise<unknown>) {
    const api = await recordingApi(({ url, body }) => {
      if (url.includes('404')) return { status: 404, body: { message: 'Not found' } };
      const sent = JSON.stringify(body) ?? '';
      if (sent.includes('refused')) return { status: 422, body: { message: 'No' } };
      return sent.includes('broken') ? { status: 500, body: { message: 'Oops' } } : { body: { id: 'x_1' } };
    });
    const runtime = await runtimeFor(api.url);
    const composed = workflow({
      title: 'Composed',
      description: '',
      input: {},
      effect,
      run: (_, context) => run(context),
    });
    const tools = new Map([...runtime.tools, ['composed', { ...composed, name: 'composed' }]]);
    open.push(api, runtime);
    return outcomeOf(await callTool({ ...runtime, tools }, CLIENT, 'composed', {}));
  }
});

describe('an export that fails after its start', () => {
  const RANGE = { organization_id: 'org_1', range_start: '2026-01-01', range_end: '2026-01-31' };

  it.each<[string, Replies]>([
    ['its state cannot be read', (_, nth) => (nth === 1 ? { body: { id: 'e_1', state: 'pending' } } : { status: 500 })],
    ['a response has no state', () => ({ body: { id: 'e_1' } })],
    ['its state is "error"', () => ({ body: { id: 'e_1', state: 'error' } })],
  ])('says that it may have started if %s', async (_, replies) => {
    const server = await start({ replies });
    const { error } = await server.call('export_audit_logs', RANGE);
    expect(error?.hint).toContain('The write by start_audit_export may have succeeded. Check');
  });
});

describe('a write that is cancelled', () => {
  it('says that it may have happened once it was sent', async () => {
    const controller = new AbortController();
    const { error } = await cancelledCall(controller, () => {
      controller.abort();
      return undefined;
    });
    expect(error).toMatchObject({ kind: 'cancelled', hint: expect.stringMatching(MAY_HAVE) });
  });

  it('says so too if it is cancelled before a retry', async () => {
    const controller = new AbortController();
    const { error } = await cancelledCall(
      controller,
      () => ({ status: 503 }),
      () => controller.abort(),
    );
    expect(error).toMatchObject({ kind: 'cancelled', hint: expect.stringMatching(MAY_HAVE) });
  });

  it('does not say so if it was never sent', async () => {
    const controller = new AbortController();
    controller.abort();
    const { error } = await cancelledCall(controller, () => undefined);
    expect(error).toMatchObject({ kind: 'cancelled', hint: 'The call is no longer running.' });
  });

  it('does not say so after a 429, which means that nothing was done', async () => {
    const controller = new AbortController();
    const { error } = await cancelledCall(
      controller,
      () => ({ status: 429 }),
      () => controller.abort(),
    );
    expect(error).toMatchObject({ kind: 'cancelled', hint: 'The call is no longer running.' });
  });

  async function cancelledCall(controller: AbortController, onRequest: () => ReturnType<Replies>, onWait = () => {}) {
    const api = await recordingApi(onRequest);
    const runtime = await runtimeFor(api.url, async () => {
      onWait();
      if (controller.signal.aborted) throw new CancelledError();
    });
    open.push(api, runtime);
    const caller = { ...CLIENT, signal: controller.signal };
    return outcomeOf(await callTool(runtime, caller, 'update_role', { role_slug: 'admin', name: 'Admin' }));
  }
});

const CLIENT: Caller = {
  origin: 'client',
  signal: new AbortController().signal,
  progress: () => {},
  ask: undefined,
};

function runtimeFor(baseUrl: string, sleep = async () => {}): Promise<Runtime> {
  return createRuntime({
    config: configured(['--base-url', baseUrl, '--confirm', 'never']),
    version: '0.0.0-test',
    exposed: new Set([...tools.keys(), 'composed']),
    client: { sleep },
  });
}

function outcomeOf({ content, structuredContent }: Awaited<ReturnType<typeof callTool>>) {
  const { error } = JSON.parse(content[0]?.text ?? '{}') as { error: Explanation };
  return { error, value: structuredContent ?? {} };
}
