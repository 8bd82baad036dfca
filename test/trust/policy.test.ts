import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { callTool } from '../../src/call/pipeline.ts';
import type { Config } from '../../src/config/config.ts';
import { exposedTools } from '../../src/mcp/exposure.ts';
import type { CallResult } from '../../src/results/result.ts';
import { catalogEntries, tools } from '../../src/tools/catalog.ts';
import { toolset, workflow } from '../../src/tools/define.ts';
import { isDestructive } from '../../src/tools/effects.ts';
import type { Route, Tool } from '../../src/tools/types.ts';
import { type Api, configured, openRuntime, type Replies, recordingApi } from '../harness.ts';
import { exampleOf, type Input } from './examples.ts';
import { rogueRuntime } from './rogue-runtime.ts';

const catalog = catalogEntries();
const DISPATCHERS = ['call_read_tool', 'call_write_tool', 'call_destructive_tool'] as const;
const all = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');
const dispatcherOf = (tool: Tool) =>
  tool.effect === 'read' ? DISPATCHERS[0] : isDestructive(tool.effect) ? DISPATCHERS[2] : DISPATCHERS[1];

let api: Api;
let outputDir: string;
beforeAll(async () => {
  api = await recordingApi();
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-test-'));
});
beforeEach(() => {
  api.requests.length = 0;
  api.respondWith(() => undefined);
});
afterAll(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true });
});

interface TestServer {
  /** Runs a call as it would come from an MCP client or from a shell. */
  call(name: string, input: Input, origin: Caller['origin']): Promise<CallResult>;
  close(): Promise<void>;
}

/** The configuration from these flags and variables. */
function settings(flags: readonly string[], env: Record<string, string> = {}): Config {
  const own = ['--base-url', api.url, '--output-dir', outputDir, '--log-level', 'silent', '--max-retries', '0'];
  return configured([...own, ...flags], env);
}

/** Starts the runtime behind `workos-mcp` and `workos-mcp call` with these settings. */
async function startServer(config: Config): Promise<TestServer> {
  const exposed = new Set(exposedTools(catalog, config).map(({ definition }) => definition.name));
  const { call, close } = await openRuntime({
    config,
    version: '0',
    exposed,
    client: { sleep: async () => {}, random: () => 1 },
  });
  return {
    call: (name, input, origin) =>
      call(name, input, { origin, signal: new AbortController().signal, progress: () => {}, ask: undefined }),
    close,
  };
}

/** Every way to run a tool: by name, through each dispatcher, in a batch, as text, from a client and a shell. */
function waysToRun(tool: Tool): { how: string; name: string; input: Input; origin: Caller['origin'] }[] {
  const input = exampleOf(tool);
  const name = tool.name;
  const ways = [
    { how: 'by name', name, input },
    ...DISPATCHERS.flatMap((dispatcher) => [
      { how: `by ${dispatcher}`, name: dispatcher, input: { tool: name, arguments: input } },
      { how: `by ${dispatcher} in a batch`, name: dispatcher, input: { tool: name, arguments: [input, input] } },
      { how: `by ${dispatcher} as text`, name: dispatcher, input: { tool: name, arguments: JSON.stringify([input]) } },
    ]),
  ];
  return ways.flatMap((way) => [
    { ...way, origin: 'client' as const },
    { ...way, how: `${way.how} from a shell`, origin: 'shell' as const },
  ]);
}

const textOf = ({ content }: CallResult) => content.map(({ text }) => text).join();

/** What went wrong with any way to run the tool: a request was sent, or the call was not refused. */
async function findLeaks({ call }: TestServer, tool: Tool, mayRead: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const { how, name, input, origin } of waysToRun(tool)) {
    api.requests.length = 0;
    const result = await call(name, input, origin);
    const sent = api.requests.filter(({ method }) => !(mayRead && method === 'GET'));
    if (sent.length) found.push(`${tool.name} ${how} sent ${sent[0]?.method} ${sent[0]?.url}`);
    const refused = /"kind":"(refused|input)"|"changed":false/.test(textOf(result));
    if (!refused) found.push(`${tool.name} ${how} returned ${textOf(result).slice(0, 120)}`);
  }
  return found;
}

describe('a read-only server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(
      settings(['--read-only', '--toolsets', 'all', '--tools', 'delete_user', '--confirm', 'never']),
    );
  });
  afterAll(() => server.close());

  it('sends nothing for any tool that writes, however it is called', async () => {
    const writing = all.filter(({ effect }) => effect !== 'read');
    expect(writing.length).toBeGreaterThan(100);
    const found: string[] = [];
    for (const tool of writing) found.push(...(await findLeaks(server, tool, false)));
    expect(found).toEqual([]);
  });

  it('still reads, and says why it refuses the rest', async () => {
    expect(textOf(await server.call('list_users', {}, 'client'))).toContain('"data":[]');
    const refusal = textOf(await server.call('delete_user', { user_id: 'user_1' }, 'client'));
    expect(refusal).toContain('delete_user changes data and this server is read-only');
    expect(refusal).toContain('Only the operator can change this setting');
  });

  it('lists only tools that read', () => {
    const listed = exposedTools(catalog, configured(['--read-only', '--toolsets', 'all']));
    expect(listed.filter(({ definition }) => !definition.annotations.readOnlyHint)).toEqual([]);
    const names = listed.map(({ definition }) => definition.name);
    expect(names).toContain('call_read_tool');
    expect(names).not.toContain('call_write_tool');
    expect(names).not.toContain('call_destructive_tool');
    expect(names).toContain('export_audit_logs');
    expect(names).not.toContain('start_audit_export');
  });

  it('starts the export of export_audit_logs, which changes nothing, however it is called', async () => {
    const tool = tools.get('export_audit_logs');
    const wrong: string[] = [];
    for (const { how, name, input, origin } of tool ? waysToRun(tool) : []) {
      // The text contains an array with one item.
      const calls = how.includes('batch') ? 2 : 1;
      api.requests.length = 0;
      api.respondWith(() => ({ body: { id: 'e_1', state: 'error' } }));
      const text = textOf(await server.call(name, input, origin));
      const starts = api.requests.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`);
      const expected = /call_(write|destructive)/.test(how) ? 0 : calls;
      const others = starts.filter((one) => one !== 'POST /audit_logs/exports');
      if (starts.length !== expected || others.length > 0) wrong.push(`${how} sent ${starts.join()}: ${text}`);
    }
    expect(wrong).toEqual([]);
  });

  it('does not run start_audit_export', async () => {
    const tool = tools.get('start_audit_export');
    expect(tool && (await findLeaks(server, tool, false))).toEqual([]);
    expect(textOf(await server.call('start_audit_export', tool ? exampleOf(tool) : {}, 'shell'))).toContain(
      'read-only',
    );
  });
});

describe('a tool that reads sends nothing but GETs', () => {
  it('except the operations that read by POST and the start of an export', () => {
    const reading = all.filter(({ effect }) => effect === 'read');
    const others = reading.flatMap((tool) => {
      const routes = tool.kind === 'endpoint' ? [tool.route] : tool.kind === 'workflow' ? [...tool.routes] : [];
      const starts = tool.kind === 'workflow' && tool.starts !== undefined ? [tool.starts] : [];
      return [...routes, ...starts]
        .filter((route) => !route.startsWith('GET '))
        .map((route) => `${tool.name}: ${route}`);
    });
    expect(others.sort()).toEqual([
      'check_authorization: POST /authorization/organization_memberships/{organization_membership_id}/check',
      'decrypt_vault_data_key: POST /vault/v1/keys/decrypt',
      'export_audit_logs: POST /audit_logs/exports',
      'validate_agent_credential: POST /agents/credentials/validate',
      'validate_agent_token: POST /agents/blueprints/{agent_blueprint_id}/tokens/validate',
      'validate_api_key: POST /api_keys/validations',
    ]);
  });

  it('and what it starts is an operation whose exclusion also forbids the tool', () => {
    for (const tool of all) {
      if (tool.kind !== 'workflow' || tool.starts === undefined) continue;
      expect(tool.effect).toBe('read');
      const owner = all.find((other) => other.kind === 'endpoint' && other.route === tool.starts);
      expect(tool.madeOf).toContain(owner?.name);
    }
  });
});

describe('an excluded tool', () => {
  it('is never run, however it is called', async () => {
    const found: string[] = [];
    // Parsing the flags for each server would be slow; tests below check that they take effect.
    const config = settings(['--toolsets', 'all', '--confirm', 'never']);
    for (let at = 0; at < all.length; at += 20) {
      const excluded = all.slice(at, at + 20);
      const server = await startServer({ ...config, excludeTools: excluded.map(({ name }) => name) });
      for (const tool of excluded) found.push(...(await findLeaks(server, tool, false)));
      await server.close();
    }
    expect(found).toEqual([]);
  });

  it('is not listed even if it is also included', () => {
    const flags = ['--toolsets', 'all', '--tools', 'delete_user', '--exclude-tools', 'delete_user'];
    const names = exposedTools(catalog, configured(flags)).map(({ definition }) => definition.name);
    expect(names).toContain('delete_organization');
    expect(names).not.toContain('delete_user');
  });

  const AUDIT_EXPORT = ['start_audit_export', 'poll_audit_export', 'download_audit_export'];
  it.each(AUDIT_EXPORT)('also excludes export_audit_logs, which would run it: %s', async (name) => {
    const flags = ['--exclude-tools', name];
    const listed = exposedTools(catalog, configured(flags)).map(({ definition }) => definition.name);
    expect(listed).not.toContain('export_audit_logs');
    const server = await startServer(settings(flags));
    const tool = tools.get('export_audit_logs');
    expect(tool && (await findLeaks(server, tool, false))).toEqual([]);
    const text = textOf(await server.call('export_audit_logs', tool ? exampleOf(tool) : {}, 'shell'));
    expect(text).toContain(`export_audit_logs would run ${name}, which is excluded`);
    await server.close();
  });

  it('also excludes download_audit_export if that could not look up the link', async () => {
    const server = await startServer(settings(['--exclude-tools', 'poll_audit_export']));
    const tool = tools.get('download_audit_export');
    expect(tool && (await findLeaks(server, tool, false))).toEqual([]);
    await server.close();
  });

  it('is not run inside another: get_role does not look up an id if list_roles is excluded', async () => {
    const server = await startServer(settings(['--exclude-tools', 'list_roles']));
    const text = textOf(await server.call('get_role', { role_slug: 'role_01ABC' }, 'client'));
    expect(text).toContain('list_roles is excluded');
    expect(api.requests.filter(({ url }) => url.startsWith('/authorization/roles?'))).toEqual([]);
    expect(api.requests.filter(({ url }) => url === '/authorization/roles')).toEqual([]);
    await server.close();
  });

  it('is not run to read the target of another tool, which still needs consent', async () => {
    const server = await startServer(settings(['--exclude-tools', 'get_organization', '--confirm', 'always']));
    const text = textOf(await server.call('delete_organization', { organization_id: 'org_1' }, 'client'));
    expect(text).toContain('get_organization is excluded');
    expect(text).toContain('"confirmation"');
    expect(api.requests.map(({ url }) => url)).not.toContain('/organizations/org_1');
    await server.close();
  });
});

describe('a tool declared as read-only cannot write, whatever its code does', () => {
  const START = 'POST /audit_logs/exports';

  it.each<[what: string, flags: string[], starts: Route | undefined, sends: Route, refusal: string | undefined]>([
    ['by a POST', [], undefined, 'POST /organizations', 'rogue only reads and may not send POST'],
    ['by a DELETE', [], undefined, 'DELETE /organizations', 'rogue only reads and may not send DELETE'],
    ['by an undeclared start', [], undefined, START, 'rogue only reads and may not send POST'],
    ['by another route than the one it starts', [], START, 'POST /organizations', 'rogue only reads'],
    ['by another method than the one it starts', [], START, 'DELETE /audit_logs/exports', 'rogue only reads'],
    ['by a start whose tool is excluded', ['--exclude-tools', 'start_audit_export'], START, START, 'is excluded'],
    ['but may send what it starts', [], START, START, undefined],
    ['but may send what it starts, even on a read-only server', ['--read-only'], START, START, undefined],
  ])('%s', async (_, flags, starts, sends, refusal) => {
    const config = settings(flags);
    const { tools: rogueTools } = toolset('rogue', '', {
      rogue: workflow({
        title: '',
        description: '',
        input: {},
        effect: 'read',
        ...(starts && { starts }),
        run: (_input, context) => context.request(sends, { name: 'Acme' }),
      }),
    });
    const runtime = rogueRuntime(config, rogueTools);
    const { signal } = new AbortController();
    const text = textOf(
      await callTool(runtime, { origin: 'client', signal, progress: () => {}, ask: undefined }, 'rogue', {}),
    );
    if (refusal) expect(text).toContain(refusal);
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(refusal ? [] : [sends]);
    await runtime.client.close();
  });
});

describe('a tool that is not exposed', () => {
  it('is refused by name, and the error names its dispatcher', async () => {
    const server = await startServer(settings(['--toolsets', 'core', '--confirm', 'never']));
    const exposed = new Set(exposedTools(catalog, configured([])).map(({ definition }) => definition.name));
    const hidden = all.filter(({ name }) => !exposed.has(name));
    expect(hidden.length).toBeGreaterThan(150);
    for (const tool of hidden) {
      const text = textOf(await server.call(tool.name, exampleOf(tool), 'client'));
      expect(text).toContain('"kind":"refused"');
      expect(text).toContain(tool.between ? 'needs two environments' : `Run it with ${dispatcherOf(tool)}`);
    }
    expect(api.requests).toEqual([]);
    await server.close();
  });

  it('cannot be run at all if no dispatcher is exposed', async () => {
    const server = await startServer(settings(['--toolsets', 'organizations', '--confirm', 'never']));
    for (const { name, input } of waysToRun(tools.get('delete_user') ?? expect.fail()).filter(
      (way) => way.origin === 'client',
    )) {
      const text = textOf(await server.call(name, input, 'client'));
      expect(text).toContain('"kind":"refused"');
    }
    expect(api.requests).toEqual([]);
    await server.close();
  });
});

describe('a dispatcher', () => {
  it('runs only tools of its own effect, and no discovery tools', async () => {
    const server = await startServer(settings(['--toolsets', 'all', '--confirm', 'never']));
    for (const tool of tools.values()) {
      const input = exampleOf(tool);
      for (const dispatcher of DISPATCHERS.filter(
        (one) => one !== dispatcherOf(tool) || tool.toolset === 'discovery',
      )) {
        for (const args of [input, [input]]) {
          const text = textOf(await server.call(dispatcher, { tool: tool.name, arguments: args }, 'client'));
          expect(text).toContain(tool.between ? 'needs two environments' : '"kind":"input"');
        }
      }
    }
    expect(api.requests).toEqual([]);
    await server.close();
  });
});

describe('a destructive call under a live key', () => {
  const everythingExists: Replies = ({ method }) =>
    method === 'GET' ? { body: { id: 'x', data: [] } } : { status: 204, body: '' };

  it.each([
    ['a live key', 'sk_live_harness', []],
    ['a key of unknown kind', 'key_harness', []],
    ['a test key with --confirm always', 'sk_test_harness', ['--confirm', 'always']],
  ])('changes nothing without consent, however it is called: %s', async (_, key, flags) => {
    api.respondWith(everythingExists);
    const server = await startServer(settings(['--toolsets', 'all', ...flags], { WORKOS_TOKEN: key }));
    const destructive = all.filter(({ effect }) => isDestructive(effect));
    expect(destructive.length).toBeGreaterThan(40);
    const found: string[] = [];
    for (const tool of destructive) {
      found.push(...(await findLeaks(server, tool, true)));
      // Whether a plan needs consent depends on its steps; see plans.test.ts.
      if (tool.kind === 'workflow' && tool.plan) continue;
      const preview = textOf(await server.call(tool.name, exampleOf(tool), 'client'));
      if (!preview.includes('"changed":false'))
        found.push(`${tool.name} returned no preview: ${preview.slice(0, 200)}`);
    }
    expect(found).toEqual([]);
    await server.close();
  });

  it.each([
    ['a test key', 'sk_test_harness', []],
    ['a live key with --confirm never', 'sk_live_harness', ['--confirm', 'never']],
  ])('needs no consent with %s', async (_, key, flags) => {
    api.respondWith(everythingExists);
    const server = await startServer(settings(flags, { WORKOS_TOKEN: key }));
    await server.call('delete_user', { user_id: 'user_1' }, 'client');
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['DELETE /user_management/users/user_1']);
    await server.close();
  });
});
