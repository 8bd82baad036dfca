import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from '../../src/call/pipeline.ts';
import { type Config, narrowed } from '../../src/config/config.ts';
import { ALL_RIGHTS, type Rights } from '../../src/config/rights.ts';
import { allowedTools, exposedTools } from '../../src/mcp/exposure.ts';
import { instructions } from '../../src/mcp/instructions.ts';
import { getPrompt } from '../../src/mcp/prompts.ts';
import { readResource } from '../../src/mcp/resources.ts';
import { type CatalogEntry, catalogEntries, tools } from '../../src/tools/catalog.ts';
import { toolset, workflow } from '../../src/tools/define.ts';
import { dispatcherFor, effectClass } from '../../src/tools/effects.ts';
import { forRemote } from '../../src/tools/remote-tools.ts';
import type { Tool, WorkflowContext } from '../../src/tools/types.ts';
import { type Api, configured, openRuntime, recordingApi } from '../harness.ts';
import { exampleOf, type Input } from './examples.ts';
import { rogueRuntime } from './rogue-runtime.ts';

const catalog = catalogEntries();
const all = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');
const NONE: Rights = { read: false, write: false, delete: false, secrets: false };
const READER = { ...NONE, read: true };
const OPERATOR = { ...READER, write: true };

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

/** Settings that allow everything. */
function settings(...flags: string[]): Config {
  const own = ['--base-url', api.url, '--output-dir', outputDir, '--log-level', 'silent', '--max-retries', '0'];
  return configured([...own, '--toolsets', 'all', '--confirm', 'never', '--secrets', 'result', ...flags]);
}

/** A server as a person with these rights has it. */
async function serverFor(rights: Rights, config = settings()) {
  const own = narrowed(config, rights);
  const exposed = new Set(exposedTools(catalog, own).map(({ definition }) => definition.name));
  const { call, close } = await openRuntime({ config: own, version: '0', exposed });
  return {
    close,
    exposed,
    async call(name: string, input: Input): Promise<string> {
      const caller = { origin: 'client' as const, signal: new AbortController().signal, progress: () => {} };
      const { content } = await call(name, input, { ...caller, ask: undefined });
      return content.map(({ text }) => text).join();
    },
  };
}

/** The ways to run a tool: by name and through each dispatcher, alone and in a batch. */
function ways(tool: Tool): [string, Input][] {
  const input = exampleOf(forRemote(tool));
  const dispatchers = ['read', 'write', 'destructive'].map((one) => `call_${one}_tool`);
  return [
    [tool.name, input],
    ...dispatchers.flatMap((one): [string, Input][] => [
      [one, { tool: tool.name, arguments: input }],
      [one, { tool: tool.name, arguments: [input, input] }],
    ]),
  ];
}

const RIGHT_OF = { read: 'read', write: 'write', destructive: 'delete' } as const;
const mayRun = (
  rights: Rights,
  { effect, secrets, grantsAccess, localOnly }: Pick<CatalogEntry, 'effect' | 'secrets' | 'grantsAccess' | 'localOnly'>,
) =>
  !localOnly &&
  rights[RIGHT_OF[effectClass(effect)]] &&
  (secrets?.class !== 'once' || rights.secrets) &&
  (grantsAccess !== 'always' || Object.values(rights).every(Boolean));

describe.each<[string, Rights]>([
  ['nothing', NONE],
  ['read', READER],
  ['read and write', OPERATOR],
  ['delete', { ...NONE, delete: true }],
  ['read and see secrets', { ...READER, secrets: true }],
  ['read, write and delete', { ...ALL_RIGHTS, secrets: false }],
])('a person who may %s', (_, rights) => {
  it('sees exactly those tools', () => {
    const listed = exposedTools(catalog, narrowed(settings(), rights));
    const expected = catalog.filter((entry) => !entry.between && mayRun(rights, entry));
    const names = (entries: readonly CatalogEntry[]) => entries.map(({ definition }) => definition.name);
    // No tool is hidden, so there is nothing for find_tools to find.
    expect(names(listed)).toEqual(names(expected));
  });

  it('sends nothing with any other tool, however it is called', { timeout: 60_000 }, async () => {
    const server = await serverFor(rights);
    const wrong: string[] = [];
    for (const tool of all.filter((one) => !mayRun(rights, one))) {
      for (const [name, input] of ways(tool)) {
        api.requests.length = 0;
        const text = await server.call(name, input);
        if (api.requests.length || !/"kind":"(refused|input)"/.test(text)) wrong.push(`${tool.name} by ${name}`);
      }
    }
    expect(wrong).toEqual([]);
    await server.close();
  });
});

describe('rights', () => {
  const combinations = Array.from({ length: 16 }, (_, bits) => ({
    read: (bits & 1) > 0,
    write: (bits & 2) > 0,
    delete: (bits & 4) > 0,
    secrets: (bits & 8) > 0,
  }));

  it.each([[['--read-only']], [['--exclude-tools', 'delete_user,list_users,start_audit_export']], [[]]])(
    'never allow what %j forbids',
    (flags) => {
      const config = settings(...flags);
      const allowed = new Set(allowedTools(catalog, config));
      for (const rights of combinations) {
        for (const entry of allowedTools(catalog, narrowed(config, rights))) expect(allowed).toContain(entry);
      }
    },
  );

  it.each(['masked', 'file', 'result'] as const)('never show more secrets than --secrets %s', (level) => {
    const config = { ...settings(), secrets: level };
    for (const rights of combinations) {
      expect(narrowed(config, rights).secrets).toBe(rights.secrets ? level : 'masked');
    }
  });

  it('leave the settings unchanged if a person has all of them', () => {
    const config = settings('--exclude-tools', 'delete_user');
    const elsewhere = exposedTools(catalog, config).filter(({ localOnly }) => !localOnly);
    expect(exposedTools(catalog, narrowed(config, ALL_RIGHTS))).toEqual(elsewhere);
  });

  it('name the missing permission in a refusal', async () => {
    const server = await serverFor(READER);
    const text = await server.call('call_write_tool', { tool: 'create_user', arguments: { email: 'a@b.example' } });
    expect(text).toContain('call_write_tool needs the permission workos-mcp:write, which your role does not have');
    await server.close();
  });

  it('are reflected in the instructions, prompts and signatures', async () => {
    const config = narrowed(settings(), READER);
    const exposed = exposedTools(catalog, config);
    const key = () => config.key;
    const context = { config, entries: catalog, exposed, key, files: () => undefined };
    expect(instructions(catalog, exposed, config)).toMatch(/Read-only\./);
    expect(instructions(catalog, exposed, config)).not.toContain('Destructive calls');
    const prompt = getPrompt('offboard_person', { person: 'ada@example.com' }, context);
    expect(prompt.messages[0]?.content.text).toContain('This server is read-only');
    const { contents } = await readResource('workos://tools/users', context);
    expect(contents[0]?.text).toMatch(/`delete_user\(.* \(delete; forbidden: .*workos-mcp:delete/);
  });
});

describe('a person without workos-mcp:delete', () => {
  it.each<[string, Input]>([
    ['update_user', { user_id: 'user_1', password: 'correct horse battery' }],
    ['call_write_tool', { tool: 'update_user', arguments: { user_id: 'user_1', email: 'new@example.com' } }],
    [
      'call_write_tool',
      {
        tool: 'update_user',
        arguments: [
          { user_id: 'user_1', first_name: 'Ada' },
          { user_id: 'user_2', email: 'b@c.example' },
        ],
      },
    ],
  ])('cannot run %s with arguments that need consent, even if nobody has to be asked', async (name, input) => {
    api.respondWith(({ method }) => (method === 'GET' ? { body: { id: 'user_1', email: 'old@example.com' } } : {}));
    const server = await serverFor(OPERATOR);
    expect(await server.call(name, input)).toContain('needs the permission workos-mcp:delete');
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    await server.close();
  });

  it('can run update_user with other arguments', async () => {
    api.respondWith(() => ({ body: { id: 'user_1' } }));
    const server = await serverFor(OPERATOR);
    expect(await server.call('update_user', { user_id: 'user_1', first_name: 'Ada' })).toContain('"id":"user_1"');
    expect(api.requests.map(({ method }) => method)).toContain('PUT');
    await server.close();
  });

  it('can run export_audit_logs with only workos-mcp:read, but not start_audit_export', async () => {
    api.respondWith(() => ({ body: { id: 'e_1', state: 'error' } }));
    const server = await serverFor(READER);
    await server.call('export_audit_logs', exampleOf(tools.get('export_audit_logs') ?? expect.fail()));
    expect(api.requests[0]).toMatchObject({ method: 'POST', url: '/audit_logs/exports' });
    expect(server.exposed).not.toContain('start_audit_export');
    await server.close();
  });
});

describe('a person without all rights cannot grant themselves the missing ones', () => {
  const most = { ...ALL_RIGHTS, secrets: false };
  const granting = all.filter(({ grantsAccess }) => grantsAccess.length > 0);

  it.each(granting.map(({ name, grantsAccess }) => [name, grantsAccess]))('with %s (%j)', async (name, grants) => {
    const tool = tools.get(name) ?? expect.fail();
    const server = await serverFor(most);
    const example = exampleOf(forRemote(tool));
    for (const argument of grants === 'always' ? [undefined] : grants) {
      // role_slug and role_slugs exclude each other.
      const { role_slug: _, role_slugs: __, ...others } = example;
      const given = argument === 'role_slug' ? 'workos-mcp-admin' : ['workos-mcp-admin'];
      const input = argument === undefined ? example : { ...others, [argument]: given };
      for (const form of [input, [input]]) {
        const text = await server.call(dispatcherFor(tool.effect), { tool: name, arguments: form });
        expect(text).toContain(`${name}${argument === undefined ? '' : ` with ${argument}`} needs the permission`);
      }
    }
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    await server.close();
  });

  it.each<[string, (context: WorkflowContext) => Promise<unknown>]>([
    [
      'a request',
      ({ request }) => request('POST /user_management/invitations', { email: 'a@b.example', role_slug: 'admin' }),
    ],
    [
      'a request for a permission',
      ({ request }) => request('POST /authorization/roles/{role_slug}/permissions', { role_slug: 'r', slug: 'p' }),
    ],
    ['a call', ({ call }) => call('send_invitation', { email: 'a@b.example', role_slug: 'admin' })],
  ])('inside another tool, by %s', async (_, run) => {
    const rogue = workflow({
      title: '',
      description: '',
      input: {},
      effect: 'create',
      run: (_input, context) => run(context),
    });
    const runtime = rogueRuntime(narrowed(settings(), most), toolset('rogue', '', { rogue }).tools);
    const { signal } = new AbortController();
    const { content } = await callTool(
      runtime,
      { origin: 'client', signal, progress: () => {}, ask: undefined },
      'rogue',
      {},
    );
    expect(content[0]?.text).toContain('needs the permission workos-mcp:secrets');
    expect(api.requests).toEqual([]);
    await runtime.client.close();
  });

  it('and every tool that grants or restores a role or a permission declares it', () => {
    const known: Readonly<Record<string, string>> = {
      create_role: 'makes a role that nobody has yet',
      create_organization_role: 'makes a role that nobody has yet',
      update_role: 'changes its name',
      update_organization_role: 'changes its name',
      create_permission: 'makes a permission that no role has yet',
      update_permission: 'changes its name',
      create_organization_api_key: 'makes a key that opens nothing here, and takes workos-mcp:secrets',
      create_user_api_key: 'makes a key that opens nothing here, and takes workos-mcp:secrets',
      create_group: 'makes a group without members',
      create_fga_resource: 'makes something on which nobody has a role yet',
    };
    const silent = all.filter(
      ({ name, effect, grantsAccess, fields, description }) =>
        effect !== 'read' &&
        !/^(?:delete|remove)_/.test(name) &&
        !(name in known) &&
        grantsAccess.length === 0 &&
        // Reactivating someone or activating a pending membership grants access without naming a role.
        ([...fields, name].some((text) => /role|permission/.test(text)) ||
          (effect !== 'delete' && /\b(?:roles?|permissions?)\b|activat(?:e|ing)\b/.test(description))),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe('a person without workos-mcp:secrets', () => {
  const once = all.filter(({ secrets }) => secrets.class === 'once');
  const person = { ...ALL_RIGHTS, secrets: false };

  it.each(once.map(({ name }) => [name]))('cannot run %s, not even masked', async (name) => {
    const tool = tools.get(name) ?? expect.fail();
    const server = await serverFor(person);
    for (const secret_output of ['masked', 'file', 'result']) {
      const input = { tool: name, arguments: { ...exampleOf(tool), secret_output } };
      expect(await server.call(dispatcherFor(tool.effect), input)).toContain('needs the permission workos-mcp:secrets');
    }
    expect(api.requests).toEqual([]);
    await server.close();
  });

  it.each(['file', 'result'])('cannot request a secret with secret_output %s', async (secret_output) => {
    const server = await serverFor(person);
    const text = await server.call('get_vault_object', { object_id: 'vo_1', secret_output });
    expect(text).toContain(`secret_output ${secret_output} needs the permission workos-mcp:secrets`);
    expect(api.requests).toEqual([]);
    await server.close();
  });

  it('sees a secret masked', async () => {
    api.respondWith(() => ({ body: { id: 'vo_1', value: 'hunter2-hunter2-hunter2' } }));
    const server = await serverFor(person);
    expect(await server.call('get_vault_object', { object_id: 'vo_1' })).not.toContain('hunter2-hunter2');
    await server.close();
  });
});

describe('a caller on another machine', () => {
  it("cannot refer to anything on the server's machine", async () => {
    const server = await serverFor(ALL_RIGHTS);
    const text = await server.call('check_connector', { env_name: 'DATABASE_URL' });
    expect(text).toContain('Unknown argument \\"env_name\\". This server is on another machine');
    const found = await server.call('find_tools', { names: ['check_connector'] });
    expect(found).toContain('check_connector(url?');
    expect(api.requests).toEqual([]);
    await server.close();
  });
});
