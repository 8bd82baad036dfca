import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSecretOutput } from '../../src/call/secret-output.ts';
import type { Config } from '../../src/config/config.ts';
import { reserveFile } from '../../src/results/private-files.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Tool } from '../../src/tools/types.ts';
import { type Api, type Connected, connect, type Reply, recordingApi } from '../harness.ts';
import { expectMode, WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, type Exit } from '../process.ts';
import { asSchema, exampleOf, type Input } from './examples.ts';
import {
  byName,
  dispatcherOf,
  expectNoSecrets,
  responseWithSecrets,
  withHiddenOutput,
  withOneTimeSecret,
} from './fake-secrets.ts';

/** A root for a separate home folder, where secrets go if the output folder fails. */
let root: string;
const home = () => join(root, 'home');
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workos-mcp-secret-files-'));
  mkdirSync(home());
  vi.stubEnv('HOME', home());
  vi.stubEnv('USERPROFILE', home());
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return paths.filter((path) => statSync(path).isFile());
}

/** Makes both the home and the temp folder unwritable. */
function nowhereElse(): void {
  rmSync(home(), { recursive: true });
  writeFileSync(home(), '');
  vi.stubEnv('TMPDIR', home());
  vi.stubEnv('TEMP', home());
}

const writing = withHiddenOutput.filter(({ effect }) => effect !== 'read');
const toFile = (tool: Tool): Input => ({ ...exampleOf(tool), secret_output: 'file' });

describe('the secret that a write returns goes to a file that', () => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never', '--max-retries', '0'] });
  });
  afterAll(() => connected.close());
  beforeEach(() => {
    for (const path of filesBelow(connected.outputDir)) rmSync(path);
    connected.api.requests.length = 0;
  });

  it.each(byName(writing))('exists, with space reserved, before %s sends its request', async (name, tool) => {
    let before: number[] = [];
    connected.api.respondWith(() => {
      before = filesBelow(connected.outputDir).map((path) => statSync(path).size);
      return { body: responseWithSecrets(tool).body };
    });
    const { value } = await connected.call(name, toFile(tool));
    expect(before).toEqual([64 * 1024]);
    const { path } = asSchema(value['secret_file']);
    expect(filesBelow(connected.outputDir)).toEqual([path]);
    const text = readFileSync(String(path), 'utf8');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 1)}\n`);
  });

  it.each<[string, Reply]>([
    ['is refused', { status: 422, body: { message: 'no' } }],
    ['ends in a server error', { status: 500, body: 'x' }],
    ['returns an unreadable response', { status: 200, body: '{"secret": "wh' }],
    ['returns no secret', { body: { id: 'x' } }],
    ['returns an empty response', { status: 204, body: '' }],
  ])('is removed if the request %s', async (_, reply) => {
    for (const [name, tool] of byName(withOneTimeSecret)) {
      connected.api.respondWith(() => reply);
      await connected.call(name, exampleOf(tool));
      expect(filesBelow(connected.outputDir)).toEqual([]);
    }
  });

  it('is as long as the secret, whether that is shorter or longer than the reserved space', async () => {
    const tool = tools.get('enroll_auth_factor');
    for (const length of [1, 65_000, 66_000, 300_000]) {
      connected.api.respondWith(() => ({ body: { totp: { qr_code: `Q${'ü'.repeat(length)}Q` } } }));
      const { value } = await connected.call('enroll_auth_factor', tool && exampleOf(tool));
      const text = readFileSync(String(asSchema(value['secret_file'])['path']), 'utf8');
      expect(JSON.parse(text)).toEqual({ 'totp.qr_code': `Q${'ü'.repeat(length)}Q` });
    }
  });
});

describe.each(byName(withOneTimeSecret))('if the output folder disappears during the request of %s', (name, tool) => {
  const { body, secrets } = responseWithSecrets(tool);
  let connected: Connected;
  const start = async (most: Config['secrets']) => {
    connected = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never', '--secrets', most] });
    return connected;
  };
  afterEach(() => connected.close());

  it.each<[string, (folder: string) => void]>([
    ['removed', (folder) => rmSync(folder, { recursive: true })],
    [
      'replaced by a file',
      (folder) => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
    ],
    [
      'emptied',
      (folder) => {
        for (const path of filesBelow(folder)) rmSync(path);
      },
    ],
  ])('%s, the secret goes to another private folder', async (_, takeAway) => {
    const { api, call, outputDir } = await start('file');
    api.respondWith(() => {
      takeAway(outputDir);
      return { body };
    });
    const { value, text } = await call(name, exampleOf(tool));
    const { path } = asSchema(value['secret_file']);
    expect(filesBelow(home())).toEqual([path]);
    expectMode(String(path), 0o600);
    expect(new Set(Object.values(asSchema(JSON.parse(readFileSync(String(path), 'utf8')))))).toEqual(new Set(secrets));
    expectNoSecrets(secrets, text);
    expect(filesBelow(outputDir)).toEqual([]);
  });

  it('and there is no other, the result says how to get or replace the secret', async () => {
    const { api, call, outputDir } = await start('file');
    api.respondWith(() => {
      rmSync(outputDir, { recursive: true });
      return { body };
    });
    nowhereElse();
    const { value, text } = await call(name, exampleOf(tool));
    const { error, hint } = asSchema(value['secret_file']);
    expect(error).toContain('could not be written');
    expect(
      String(hint)
        .match(/\w+_\w+/g)
        ?.some((word) => tools.has(word)),
    ).toBe(true);
    expectNoSecrets(secrets, text);
    const behind = await call(dispatcherOf(tool), { tool: name, arguments: exampleOf(tool), query: 'id' });
    expect(behind.error?.kind ?? asSchema(behind.value['secret_file'])['hint']).toBeTruthy();
  });

  it('and there is no other, the result shows the secret if the operator allows that', async () => {
    const { api, call, outputDir } = await start('result');
    api.respondWith(() => {
      rmSync(outputDir, { recursive: true });
      return { body };
    });
    nowhereElse();
    const { value } = await call(name, exampleOf(tool));
    expect(new Set(Object.values(asSchema(asSchema(value['secret_file'])['secrets'])))).toEqual(new Set(secrets));
  });
});

describe('if the disk is full when the response arrives', () => {
  const full: typeof reserveFile = (...given) => ({
    ...reserveFile(...given),
    fill: () => {
      throw new Error('ENOSPC: no space left on device, write');
    },
  });
  const made = (most: Config['secrets'], folders: string[]) => {
    const tool = tools.get('create_connect_app_secret') ?? expect.fail('there is no such tool');
    const config = { secrets: most, outputDir: join(root, 'out') };
    const output = openSecretOutput(tool, { mode: 'file', config, tools, pages: false, reserve: full, folders });
    const value = asSchema(output.reveal({ id: 'secret_1', secret: 'cs_0123456789abcdefghij' }));
    output.close();
    return { shown: JSON.stringify(value), file: asSchema(value['secret_file']) };
  };

  it('the other folders are tried in turn', () => {
    writeFileSync(join(root, 'file'), '');
    const { shown, file } = made('file', [join(root, 'file', 'below'), join(root, 'other')]);
    expect(readFileSync(String(file['path']), 'utf8')).toContain('cs_0123456789abcdefghij');
    expect(shown).not.toContain('cs_0123456789abcdefghij');
  });

  it('the secret is reported lost, with the tools that replace it', () => {
    const { shown, file } = made('file', []);
    expect(file).toEqual({
      error: 'The file could not be written: ENOSPC: no space left on device, write',
      fields: ['secret'],
      hint: 'The secret is lost. Delete what was created with delete_connect_app_secret, then call create_connect_app_secret again.',
    });
    expect(shown).not.toContain('0123456789');
  });

  it('the secret is shown if the operator allows that', () => {
    expect(made('result', []).file).toMatchObject({ secrets: { secret: 'cs_0123456789abcdefghij' } });
  });
});

describe('a result that is too long still names every file', () => {
  it.each([{}, { query: 'rows[].value' }])('%j', async (how) => {
    const flags = ['--toolsets', 'all', '--max-result-chars', '2000'];
    const { api, call, outputDir, close } = await connect({ flags });
    api.respondWith((_, nth) => ({ body: { id: `key_${nth}`, value: `sk_0123456789_${nth}`, note: 'x'.repeat(300) } }));
    const rows = Array.from({ length: 30 }, (_, index) => ({
      user_id: `user_${index}`,
      organization_id: 'org_1',
      name: 'CI',
    }));
    const { text } = await call('call_write_tool', { tool: 'create_user_api_key', arguments: rows, ...how });
    const paths = filesBelow(outputDir);
    expect(paths).toHaveLength(30);
    for (const path of paths) expect(text).toContain(JSON.stringify(path));
    await close();
  });

  it('and contains every secret if results may show them', async () => {
    const flags = ['--toolsets', 'all', '--max-result-chars', '2000', '--secrets', 'result'];
    const { api, call, close } = await connect({ flags });
    api.respondWith((_, nth) => ({ body: { id: `key_${nth}`, value: `token-${nth}-${'y'.repeat(300)}` } }));
    const row = { organization_id: 'org_1', name: 'CI', secret_output: 'result' };
    const rows = Array.from({ length: 30 }, () => row);
    const { text } = await call('call_write_tool', { tool: 'create_organization_api_key', arguments: rows });
    expect(text.match(/token-\d+-y{300}"/g)).toHaveLength(30);
    await close();
  });
});

describe.skipIf(WINDOWS)('under a file size limit, the built command', () => {
  let api: Api;
  beforeAll(async () => {
    api = await recordingApi(() => ({ body: { id: 'x', value: 'sk_0123456789', secret: 'whsec_0123456789' } }));
  });
  afterAll(() => api.close());
  beforeEach(() => {
    api.requests.length = 0;
  });

  const limited = (kibibytes: number, name: string, input: Input): Promise<Exit> => {
    const args = [
      COMMAND,
      'call',
      name,
      JSON.stringify(input),
      '--base-url',
      api.url,
      '--output-dir',
      join(root, 'out'),
    ];
    const env = cleanEnvironment({ WORKOS_TOKEN: 'sk_test_limited', HOME: home() });
    const child = spawn('bash', ['-c', `ulimit -f ${kibibytes}; exec "$0" "$@"`, process.execPath, ...args], { env });
    child.stdin.end();
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
  };

  it.each<[number, string, Input]>([
    [0, 'create_user_api_key', { user_id: 'user_1', organization_id: 'org_1', name: 'CI' }],
    [0, 'create_connect_app_secret', { connect_application_id: 'app_1' }],
    [0, 'send_invitation', { email: 'ada@example.com', secret_output: 'file' }],
    [8, 'create_organization_api_key', { organization_id: 'org_1', name: 'CI' }],
  ])('with %i KiB creates nothing and leaves no file: %s', async (kibibytes, name, input) => {
    const { code, err } = await limited(kibibytes, name, input);
    expect(code).toBe(1);
    expect(JSON.parse(err).error).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('cannot be written to: EFBIG'),
      hint: expect.stringContaining('WORKOS_MCP_OUTPUT_DIR'),
    });
    expect(api.requests).toEqual([]);
    expect(filesBelow(root)).toEqual([]);
  });

  it('with enough space creates the secret', async () => {
    const { code, out } = await limited(1024, 'create_organization_api_key', { organization_id: 'org_1', name: 'CI' });
    expect(code).toBe(0);
    const { path } = JSON.parse(out).secret_file;
    expect(readFileSync(path, 'utf8')).toContain('sk_0123456789');
  });
});
