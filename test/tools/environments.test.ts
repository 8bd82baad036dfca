import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { rawServer } from '../harness.ts';
import { COMMAND, cleanEnvironment, runCommand, startServer } from '../process.ts';

const BOTH = 'staging,production';

type Value = Record<string, unknown> & { error?: Record<string, unknown> };

let folder: string;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-promote-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Session {
  client: Client;
  call(tool: string, input?: Record<string, unknown>): Promise<Value>;
}

type Elicit = (question: string) => string | Promise<string>;

/** A client of the built command with an embedded sandbox for these environments. `elicit` answers its questions. */
function start(environments = BOTH, elicit?: Elicit, flags: readonly string[] = []): Promise<Session> {
  return connected(['--sandbox', '--environments', environments, ...flags], {}, elicit);
}

/** The same, but with the API at this URL. */
function startAt(url: string, elicit?: Elicit, flags: readonly string[] = []): Promise<Session> {
  const environments = 'staging=STAGING_KEY,production=PRODUCTION_KEY';
  return connected(['--base-url', url, '--environments', environments, ...flags], ENV, elicit);
}

const ENV = { STAGING_KEY: 'sk_test_sandbox_staging', PRODUCTION_KEY: 'sk_test_sandbox_production' };
const KEYS = Object.values(ENV);

async function connected(
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  elicit: Elicit | undefined,
): Promise<Session> {
  const args = [COMMAND, '--output-dir', folder, '--toolsets', 'all', ...flags];
  const client = new Client({ name: 'test', version: '1' }, { capabilities: elicit ? { elicitation: {} } : {} });
  if (elicit) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({
      action: (await elicit(params.message)) as 'accept',
    }));
  }
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args,
      env: { ...cleanEnvironment(), ...env },
      cwd: folder,
      stderr: 'ignore',
    }),
  );
  closing.push(() => client.close());
  return {
    client,
    async call(name, input = {}) {
      const { content } = await client.callTool({ name, arguments: input });
      const [block] = Array.isArray(content) ? content : [];
      const text: string = block?.type === 'text' ? block.text : '';
      for (const key of KEYS) expect(text).not.toContain(key);
      return JSON.parse(text);
    },
  };
}

const stepsOf = ({ steps }: Value) => (Array.isArray(steps) ? steps.map(({ step }) => step) : []);
const rowsOf = ({ rows }: Value): Record<string, unknown>[] => (Array.isArray(rows) ? rows : []);
const PROMOTE = { from: 'staging', to: 'production' };
const APPLY = { ...PROMOTE, apply: true };

describe('compare_environments', () => {
  it('shows what only one has and which fields differ, and counts the rest, in 3,200 characters', async () => {
    const { call } = await start();
    const compared = await call('compare_environments', PROMOTE);
    expect(JSON.stringify(compared).length).toBeLessThan(3_200);
    expect(compared['summary']).toBe('9 only in staging, 3 only in production, 7 different, 17 the same');
    expect(compared['differences']).toMatchObject({
      permissions: { only_in: { staging: ['api-keys:manage'] }, same: 6 },
      roles: {
        only_in: { staging: ['support-agent'] },
        different: expect.arrayContaining([
          { name: 'auditor', fields: { name: { staging: 'Auditor', production: 'External auditor' } } },
        ]),
      },
      jwt_template: { only_in: { production: ['jwt_template'] } },
      audit_log_schemas: { only_in: { staging: ['export.requested'] }, same: 8 },
    });
    expect(JSON.stringify(compared)).not.toMatch(/whsec_|_01[A-Z0-9]{24}|created_at/);
    const back = await call('compare_environments', { from: 'production', to: 'staging' });
    expect(back['summary']).toBe('3 only in production, 9 only in staging, 7 different, 17 the same');
    const one = await call('compare_environments', {
      ...PROMOTE,
      only: ['permissions'],
      query: 'differences.permissions.same',
    });
    expect(one).toEqual({ result: 6 });
  });

  it('writes the whole comparison to a file if it does not fit', async () => {
    const { call } = await start();
    const arguments_ = Array.from({ length: 90 }, (_, at) => ({
      slug: `many:permission-number-${at}`,
      name: `Permission ${at}`,
    }));
    await call('call_write_tool', { tool: 'create_permission', arguments: arguments_ });
    const compared = await call('compare_environments', PROMOTE);
    expect(JSON.stringify({ ...compared, path: '' }).length).toBeLessThan(3_400);
    expect(String(compared['path'])).toMatch(/production-comparison-[0-9a-f]+\.json$/);
    const whole = JSON.parse(readFileSync(String(compared['path']), 'utf8'));
    expect(whole.differences.permissions.only_in.staging).toHaveLength(91);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['the same environment twice', { from: 'staging', to: 'staging' }, 'from and to are both staging'],
    ['an unknown target', { from: 'staging', to: 'prod' }, 'to must be one of staging, production, not "prod"'],
    ['an unknown source', { from: '__proto__', to: 'production' }, 'from must be one of staging, production'],
    ['a list of environments', { from: ['staging'], to: 'production' }, 'from: '],
    ['an additional environment argument', { ...PROMOTE, environment: 'staging' }, 'Unknown argument "environment"'],
    ['an unknown kind', { ...PROMOTE, only: ['users'] }, 'only'],
  ])('refuses %s', async (_, input, message) => {
    const { call } = await start();
    expect((await call('compare_environments', input)).error).toMatchObject({
      kind: 'input',
      message: expect.stringContaining(message),
    });
  });

  it('is not listed with one environment, and says what it needs', async () => {
    const { client, call } = await start('production');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).not.toContain('compare_environments');
    expect(names).not.toContain('promote_environment');
    expect(names).toContain('export_configuration');
    const { error } = await call('compare_environments', PROMOTE);
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('needs two environments') });
  });

  it('says what it could not read, and does not report it as missing', async () => {
    const { call } = await start(BOTH, undefined, ['--exclude-tools', 'list_roles']);
    const compared = await call('compare_environments', PROMOTE);
    expect(compared['not_compared']).toEqual([{ kind: 'roles', why: expect.stringContaining('excluded') }]);
    expect(compared['differences']).not.toHaveProperty('roles');
    expect(compared['summary']).toContain('not compared: roles');
  });
});

describe('promote_environment', () => {
  it('only plans without apply, makes the changes with it, and finds nothing to do when run again', async () => {
    const { call } = await start();
    const planned = await call('promote_environment', PROMOTE);
    expect(planned['summary']).toBe('15 changes would give production what staging has; nothing was changed');
    expect(stepsOf(planned).slice(0, 4)).toEqual([
      'create_permission',
      'update_permission',
      'create_role',
      'add_role_permissions',
    ]);
    expect(await call('promote_environment', PROMOTE)).toEqual(planned);
    const done = await call('promote_environment', APPLY);
    expect(done).toMatchObject({ summary: '15 of 15 changes made in production', succeeded: 15, failed: 0 });
    for (const again of [PROMOTE, APPLY]) {
      expect(await call('promote_environment', again)).toMatchObject({
        steps: [],
        summary: expect.stringContaining('nothing to do'),
      });
    }
    const left = await call('compare_environments', PROMOTE);
    // What the API cannot change, and what stays because nothing is deleted.
    expect(left['differences']).toEqual({
      roles: {
        different: [
          { name: 'billing-manager', fields: { permissions: { staging: [], production: ['audit-logs:export'] } } },
        ],
        same: 4,
      },
      feature_flags: { only_in: { staging: ['ai-summaries'] }, same: 3 },
      redirect_uris: expect.objectContaining({
        only_in: { production: ['https://production.sandbox.example/callback'] },
      }),
      cors_origins: { only_in: { production: ['https://production.sandbox.example'] }, same: 1 },
      jwt_template: { only_in: { production: ['jwt_template'] }, same: 0 },
    });
  });

  it('writes the secret of a new endpoint to a private file, and says where', async () => {
    const { call } = await start();
    const done = await call('promote_environment', { ...APPLY, only: ['webhook_endpoints'] });
    const [created] = rowsOf(done).filter(({ step }) => step === 'create_webhook_endpoint');
    const { path } = Object(Object(created?.['value'])['secret_file']);
    expect(readFileSync(String(path), 'utf8')).toMatch(/"secret": "whsec_/);
    expect(JSON.stringify(done)).not.toContain('whsec_');
    const { result } = await call('list_webhook_endpoints', {
      environment: 'production',
      query: 'data[].[endpoint_url, status]',
    });
    expect(result).toContainEqual(['https://hooks.old-crm.example/workos', 'disabled']);
  });

  it('works in the other direction too, and shows the old template in the plan before it replaces it', async () => {
    const { call } = await start();
    const back = { from: 'production', to: 'staging', only: ['jwt_template'] };
    await call('update_jwt_template', { content: '{"old": true}' });
    expect(await call('promote_environment', back)).toMatchObject({
      steps: [
        {
          step: 'update_jwt_template',
          content: expect.stringContaining('urn:sandbox:email'),
          was: { content: '{"old": true}' },
        },
      ],
    });
    await call('promote_environment', { ...back, apply: true });
    expect(await call('get_jwt_template')).toMatchObject({ content: expect.stringContaining('urn:sandbox:email') });
  });

  it('asks about the whole plan if the environment that it changes requires confirmation', async () => {
    const questions: string[] = [];
    const { call } = await start('staging,production:confirm-always', (question) => {
      questions.push(question);
      return 'accept';
    });
    await call('promote_environment', { from: 'production', to: 'staging', apply: true, only: ['cors_origins'] });
    expect(questions).toEqual([]);
    const done = await call('promote_environment', { ...APPLY, only: ['permissions', 'roles'] });
    expect(done).toMatchObject({ failed: 0, succeeded: 6 });
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain('Promote environment (production, test key)? promote_environment');
    expect(questions[0]).toContain('1. create permission: slug "api-keys:manage", name "Manage API keys"');
    expect(questions[0]).toContain(
      '6. update role: role_slug "auditor", name "Auditor", was {name "External auditor"}',
    );
    expect(questions[0]).toContain('keeps what it has only in production: "audit-logs:export"');
  });

  it('changes nothing if the user declines, or if the plan changes before they answer', async () => {
    let answer: () => Promise<string> = async () => 'decline';
    const { call } = await start('staging,production:confirm-always', () => answer());
    const roles = { ...APPLY, only: ['roles', 'permissions'] };
    expect((await call('promote_environment', roles)).error).toMatchObject({
      kind: 'refused',
      environment: 'production',
    });
    answer = async () => {
      // Another person changes the source in the meantime.
      await call('create_permission', { slug: 'drift:read', name: 'Drift' });
      return 'accept';
    };
    const { error } = await call('promote_environment', roles);
    expect(error?.['message']).toContain(
      'The target changed while the user was asked; nothing was changed (production',
    );
    const { result } = await call('list_permissions', { environment: 'production', query: 'data[].slug' });
    expect(result).not.toContain('api-keys:manage');
  });

  it('returns a preview with the whole plan and a code that runs exactly this plan', async () => {
    const { call } = await start('staging,production:confirm-always,other:confirm-always');
    const input = { ...APPLY, only: ['permissions'] };
    const preview = await call('promote_environment', input);
    expect(preview).toMatchObject({ changed: false, hint: expect.stringContaining('(production, test key)') });
    const [previewed] = preview['preview'] as { plan: Value }[];
    expect(stepsOf(previewed?.plan ?? {})).toEqual(['create_permission', 'update_permission']);
    const { confirmation } = preview;
    for (const [other, kind] of [
      [{ ...input, to: 'other' }, 'refused'],
      [{ ...input, from: 'other' }, undefined],
      [{ ...input, only: ['permissions', 'roles'] }, 'refused'],
    ] as const) {
      const answer = await call('promote_environment', { ...other, confirmation });
      if (kind) expect(answer.error).toMatchObject({ kind });
      else expect(answer).toMatchObject({ steps: [] });
    }
    await call('create_permission', { slug: 'later', name: 'Later' });
    expect((await call('promote_environment', { ...input, confirmation })).error?.['message']).toContain(
      'has changed since the preview',
    );
    const again = await call('promote_environment', input);
    const done = await call('promote_environment', { ...input, confirmation: again['confirmation'] });
    expect(
      rowsOf(done)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['api-keys:manage', 'billing:manage', 'later']);
  });

  it('is refused for a read-only environment, also through a call_ tool and in a batch', async () => {
    const { call } = await start('staging,production:read-only');
    const dispatch = { tool: 'promote_environment', arguments: APPLY };
    for (const answer of [
      await call('promote_environment', APPLY),
      await call('promote_environment', PROMOTE),
      await call('call_destructive_tool', dispatch),
      await call('call_destructive_tool', { ...dispatch, arguments: [APPLY] }),
      await call('call_destructive_tool', { ...dispatch, arguments: JSON.stringify(APPLY) }),
    ]) {
      expect(answer.error).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('production is read-only'),
      });
    }
    expect((await call('call_destructive_tool', { ...dispatch, environment: 'staging' })).error).toMatchObject({
      kind: 'input',
    });
    const mixed = [APPLY, { from: 'production', to: 'staging', apply: true }];
    expect((await call('call_destructive_tool', { ...dispatch, arguments: mixed })).error).toMatchObject({
      kind: 'input',
    });
    const { result } = await call('list_permissions', { environment: 'production', query: 'length(data)' });
    expect(result).toBe(8);
  });

  it('runs through a call_ tool in the environment named by to', async () => {
    const { call } = await start();
    const read = await call('call_read_tool', { tool: 'compare_environments', arguments: PROMOTE });
    expect(read['summary']).toContain('9 only in staging');
    const done = await call('call_destructive_tool', {
      tool: 'promote_environment',
      arguments: { ...APPLY, only: ['roles', 'permissions'] },
    });
    expect(done).toMatchObject({ failed: 0, succeeded: 6 });
  });

  it('leaves out steps that the settings forbid, and says so', async () => {
    const { call } = await start(BOTH, undefined, ['--exclude-tools', 'create_cors_origin']);
    const planned = await call('promote_environment', { ...PROMOTE, only: ['cors_origins', 'redirect_uris'] });
    expect(stepsOf(planned)).toEqual(['create_redirect_uri', 'create_redirect_uri']);
    expect(planned['findings']).toContainEqual({
      check: 'settings',
      status: 'skipped',
      detail: expect.stringContaining('create_cors_origin is excluded'),
    });
  });
});

/** A sandbox with two environments behind a proxy that can hold, fail and record writes to production. */
async function observed(onWrite: (nth: number) => 'pass' | 'hold' | number) {
  const sandbox = await startSandbox({ environments: ['staging', 'production'] });
  const writes: string[] = [];
  const proxy = await rawServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = 'GET', url = '', headers } = request;
      const { authorization = '' } = headers;
      const body = Buffer.concat(chunks).toString('utf8');
      const isWrite = method !== 'GET' && authorization.endsWith('production');
      if (isWrite) writes.push(`${method} ${url} ${body}`);
      const decision = isWrite ? onWrite(writes.length) : 'pass';
      if (decision === 'hold') return;
      if (typeof decision === 'number') {
        response.writeHead(decision, { 'content-type': 'application/json' }).end('{"message":"No"}');
        return;
      }
      const answer = await fetch(sandbox.url + url, {
        method,
        headers: { authorization },
        ...(body !== '' && { body }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  });
  closing.push(
    () => sandbox.close(),
    () => proxy.close(),
  );
  const flags = [
    '--base-url',
    proxy.url,
    '--environments',
    'staging=STAGING_KEY,production=PRODUCTION_KEY',
    '--output-dir',
    folder,
    '--max-retries',
    '0',
  ];
  const promote = async () => {
    const { out, err } = await runCommand(['call', 'promote_environment', ...flags, JSON.stringify(APPLY)], ENV);
    return JSON.parse(out || err) as Value;
  };
  return { flags, env: ENV, writes, promote };
}

describe('a promotion that fails in the middle', () => {
  it('continues after a refused step, and the next run makes only the remaining changes', async () => {
    let failing = true;
    const { promote, writes } = await observed((nth) => (failing && (nth === 1 || nth === 8) ? 422 : 'pass'));
    const first = await promote();
    expect(first).toMatchObject({ next_step: { tool: 'promote_environment' } });
    const failed = rowsOf(first).filter(({ ok }) => ok === false);
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(failed[0]).toMatchObject({ step: 'create_permission', error: { kind: 'input', status: 422 } });
    failing = false;
    writes.length = 0;
    const second = await promote();
    expect(rowsOf(second).length).toBeLessThan(6);
    expect(second).toMatchObject({ failed: 0 });
    writes.length = 0;
    expect(await promote()).toMatchObject({ steps: [] });
    expect(writes).toEqual([]);
  });

  it('stops after a server error, and reports the remaining steps as not tried', async () => {
    const { promote, writes } = await observed((nth) => (nth === 3 ? 503 : 'pass'));
    const first = await promote();
    expect(writes).toHaveLength(3);
    expect(first).toMatchObject({ succeeded: 2, failed: 13 });
    expect(rowsOf(first).at(-1)).toMatchObject({ ok: false, error: { message: expect.stringContaining('Not tried') } });
    expect(await promote()).toMatchObject({ failed: 0, succeeded: 13 });
  });

  it('is finished by the next run after its process was killed, without making a change twice', async () => {
    let held = () => {};
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    let alive = true;
    const { flags, env, writes, promote } = await observed((nth) => {
      if (!alive || nth < 7) return 'pass';
      held();
      return 'hold';
    });
    const server = await startServer([...flags, '--toolsets', 'environments'], env);
    server.call(1, 'promote_environment', APPLY);
    await holding;
    server.kill();
    await server.ended;
    alive = false;
    const before = writes.slice(0, 6);
    writes.length = 0;
    expect(await promote()).toMatchObject({ failed: 0 });
    expect(writes.filter((write) => before.includes(write))).toEqual([]);
    writes.length = 0;
    expect(await promote()).toMatchObject({ steps: [] });
    expect(writes).toEqual([]);
  });

  it('makes no change twice if two run at once', async () => {
    const { flags, env, writes } = await observed(() => 'pass');
    const server = await startServer([...flags, '--toolsets', 'environments'], env);
    closing.push(() => server.kill());
    server.call(1, 'promote_environment', APPLY);
    server.call(2, 'promote_environment', APPLY);
    const both = [await server.toolResult(1), await server.toolResult(2)];
    expect(both).toMatchObject([{ failed: 0 }, { failed: 0 }]);
    expect(new Set(writes).size).toBe(writes.length);
    // Either of them can be the later one.
    expect(JSON.stringify(both)).toContain('another call had already made this change');
  });
});

describe('a promotion of more than a question can show', () => {
  const MANY = 150;

  /** An API with nothing but permissions, all of them in staging. */
  async function permissionsApi(): Promise<{ url: string; created: string[] }> {
    const created: string[] = [];
    const row = (slug: string) => ({ id: `perm_${slug}`, slug, name: `May do ${slug}`, system: false });
    const all = Array.from({ length: MANY }, (_, index) => `documents:${String(index).padStart(3, '0')}`);
    const api = await rawServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        if (request.method === 'POST') created.push(JSON.parse(Buffer.concat(chunks).toString('utf8')).slug);
        const slugs = request.headers.authorization?.endsWith('staging') ? all : created;
        const from = new URL(request.url ?? '', 'http://api').searchParams.get('after');
        const start = from === null ? 0 : slugs.indexOf(from.slice('perm_'.length)) + 1;
        const data = slugs.slice(start, start + 100).map(row);
        const after = start + 100 < slugs.length ? data.at(-1)?.id : null;
        const body = request.method === 'POST' ? row('x') : { data, list_metadata: { before: null, after } };
        response.end(JSON.stringify(body));
      });
    });
    closing.push(() => api.close());
    return { url: api.url, created };
  }

  it('asks about as many changes as fit, and the next calls ask about the rest', async () => {
    const { url, created } = await permissionsApi();
    const questions: string[] = [];
    const { call } = await startAt(
      url,
      (question) => {
        questions.push(question);
        return 'accept';
      },
      ['--confirm', 'always'],
    );
    const only = { only: ['permissions'] };
    let made = await call('promote_environment', { ...APPLY, ...only });
    expect(made).toMatchObject({
      failed: 0,
      succeeded: created.length,
      findings: [{ check: 'rest', detail: `${MANY - created.length} more changes: the next call asks about them` }],
      next_step: { tool: 'promote_environment', arguments: { ...APPLY, ...only } },
    });
    expect(questions[0]).toContain(`the first ${created.length} of ${MANY} changes`);
    for (const slug of created) expect(questions[0]).toContain(slug);
    expect(created.length).toBeGreaterThan(20);
    for (let calls = 1; made['next_step'] && calls < 10; calls++) {
      made = await call('promote_environment', { ...APPLY, ...only });
    }
    expect(created).toHaveLength(MANY);
    expect(new Set(created).size).toBe(MANY);
    expect(Math.max(...questions.map(({ length }) => length))).toBeLessThanOrEqual(4_000);
    const asked = questions.length;
    expect(await call('promote_environment', { ...APPLY, ...only })).toMatchObject({ steps: [] });
    expect(questions).toHaveLength(asked);
  });

  it('makes all changes at once if no confirmation is needed', async () => {
    const { url, created } = await permissionsApi();
    const { call } = await startAt(url);
    expect(await call('promote_environment', { ...APPLY, only: ['permissions'] })).toMatchObject({ succeeded: MANY });
    expect(created).toHaveLength(MANY);
  });
});

describe('a configuration file', () => {
  const read = (path: unknown) => readFileSync(String(path), 'utf8');

  it('gives another environment the same configuration, and then leaves nothing to do', async () => {
    const { call, client } = await start();
    const exported = await call('export_configuration');
    expect(exported).toMatchObject({ permissions: 8, roles: 5, audit_log_schemas: 10 });
    expect(String(exported['path'])).toMatch(/staging-configuration-[0-9a-f]+\.yaml$/);
    const path = exported['path'];
    expect(await call('apply_configuration', { path })).toMatchObject({ steps: [] });
    const planned = await call('apply_configuration', { path, environment: 'production' });
    expect(stepsOf(planned)).toEqual(
      stepsOf(
        await call('promote_environment', {
          ...PROMOTE,
          only: [
            'permissions',
            'roles',
            'webhook_endpoints',
            'redirect_uris',
            'cors_origins',
            'audit_log_schemas',
            'jwt_template',
          ],
        }),
      ),
    );
    expect(await call('apply_configuration', { path, environment: 'production', apply: true })).toMatchObject({
      failed: 0,
    });
    expect(await call('apply_configuration', { path, environment: 'production', apply: true })).toMatchObject({
      steps: [],
    });
    const back = await call('export_configuration', { environment: 'production' });
    const lines = new Set(read(back['path']).split('\n'));
    const lost = read(path)
      .split('\n')
      .filter((line) => !lines.has(line) && line.trim() !== 'default: true');
    expect(lost).toEqual([]);
    // The client can read the file, and it holds no secret.
    const { resources } = await client.listResources();
    expect(resources.map(({ mimeType }) => mimeType)).toContain('application/yaml');
    expect(read(path)).not.toMatch(/whsec_|sk_test|_01[A-Z0-9]{24}/);
  });

  it('needs consent if the environment requires it, for exactly what the file says', async () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, 'version: 1\npermissions:\n  - slug: new:one\n    name: New\n');
    const { call } = await start('staging,production:confirm-always');
    expect(await call('apply_configuration', { path: 'mine.yaml', apply: true })).toMatchObject({ succeeded: 1 });
    const input = { path: 'mine.yaml', apply: true, environment: 'production' };
    const preview = await call('apply_configuration', input);
    expect(preview).toMatchObject({ changed: false });
    writeFileSync(file, 'version: 1\npermissions:\n  - slug: other:one\n    name: Other\n');
    const { error } = await call('apply_configuration', { ...input, confirmation: preview['confirmation'] });
    expect(error?.['message']).toContain('has changed since the preview');
    const { result } = await call('list_permissions', {
      environment: 'production',
      query: "data[?contains(slug, 'one')].slug",
    });
    expect(result).toEqual([]);
  });

  it('is refused if it is invalid, missing or outside the working directory', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\nroles:\n  - slug: a\n    nam: A\n');
    const { call } = await start();
    const wrong = await call('apply_configuration', { path: 'wrong.yaml', apply: true });
    expect(wrong.error).toMatchObject({ kind: 'input', message: expect.stringMatching(/line 3: roles\[0\]/) });
    for (const path of ['/etc/passwd', '../x.yaml', 'missing.yaml', join(tmpdir(), 'x.yaml')]) {
      expect((await call('apply_configuration', { path })).error).toMatchObject({ kind: 'input' });
    }
  });

  it('works with a single environment too', async () => {
    const { call } = await start('production');
    const { path } = await call('export_configuration');
    expect(String(path)).toMatch(/\/configuration-[0-9a-f]+\.yaml$/);
    expect(await call('apply_configuration', { path })).toMatchObject({
      steps: [],
      summary: expect.stringContaining('this environment has everything'),
    });
    expect(readdirSync(folder).filter((name) => name.endsWith('.yaml'))).toHaveLength(1);
  });
});

describe('in a shell', () => {
  const shell = (args: readonly string[], environments = BOTH) =>
    runCommand(
      [
        ...args,
        '--sandbox',
        '--environments',
        environments,
        '--sandbox-state',
        join(folder, 'state.json'),
        '--output-dir',
        folder,
      ],
      {},
      folder,
    );

  it('compare exits with 3 if something differs and with 0 otherwise', async () => {
    const differing = await shell(['compare', 'staging', 'production']);
    expect(differing.code).toBe(3);
    expect(JSON.parse(differing.out)['summary']).toContain('only in staging');
    const same = await shell(['compare', 'staging', 'production', '--only', 'permissions,roles'], 'staging,production');
    expect(same.code).toBe(3);
    const promoted = await shell([
      'call',
      'promote_environment',
      JSON.stringify({ ...APPLY, only: ['permissions', 'connect_apps'] }),
    ]);
    expect(promoted.code).toBe(0);
    expect((await shell(['compare', 'staging', 'production', '--only', 'permissions'])).code).toBe(0);
  });

  it('compare exits with 1 for a wrong name or a single environment, and with 2 for wrong usage', async () => {
    expect((await shell(['compare', 'staging', 'prod'])).code).toBe(1);
    expect((await shell(['compare', 'staging', 'production'], 'production')).code).toBe(1);
    expect((await shell(['compare', 'staging'])).code).toBe(2);
    expect((await shell(['compare', 'a', 'b', 'c'])).code).toBe(2);
    expect((await shell(['compare', 'staging', 'production', '--only', 'users'])).code).toBe(1);
  });

  it('plan exits with 3 if something would change and with 0 otherwise, and changes nothing', async () => {
    const exported = JSON.parse((await shell(['call', 'export_configuration'])).out);
    const before = readFileSync(join(folder, 'state.json'), 'utf8');
    expect((await shell(['plan', exported.path])).code).toBe(0);
    // Also if the environment may not be changed.
    for (const environments of [BOTH, 'staging,production:read-only', 'staging,production:confirm-always']) {
      const { code, out } = await shell(['plan', exported.path, '--environment', 'production'], environments);
      expect(code).toBe(3);
      expect(stepsOf(JSON.parse(out))).toContain('create_role');
    }
    expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe(before);
    expect((await shell(['plan', 'missing.yaml'])).code).toBe(1);
    expect((await shell(['plan'])).code).toBe(2);
  });

  it('call takes the environment as an argument or a flag, and accepts a code from an earlier process', async () => {
    const always = 'staging,production:confirm-always';
    const byArgument = await shell(['call', 'list_permissions', 'environment=production', 'query=length(data)']);
    const byFlag = await shell(['call', 'list_permissions', '--environment', 'production', 'query=length(data)']);
    expect([byArgument, byFlag].map(({ out }) => JSON.parse(out).result)).toEqual([8, 8]);
    const promote = ['call', 'promote_environment', JSON.stringify({ ...APPLY, only: ['permissions'] })];
    const preview = await shell(promote, always);
    expect(preview.code).toBe(3);
    const { confirmation } = JSON.parse(preview.out);
    expect((await shell([...promote, `confirmation=${confirmation}`], always)).code).toBe(0);
    expect((await shell([...promote, `confirmation=${confirmation}`], always)).out).toContain('nothing to do');
  });
});
