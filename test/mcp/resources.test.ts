import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ResourceListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolsets } from '../../src/tools/catalog.ts';
import { EVENTS } from '../../src/tools/event-names.ts';
import { type Api, recordingApi } from '../harness.ts';
import { initialize, type Session, startServer } from '../process.ts';
import { stdioClient } from '../stdio-client.ts';

const KEY = 'sk_live_0123456789abcdefWXYZ';

let api: Api;
let outputDir: string;
beforeAll(async () => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-resources-'));
  api = await recordingApi(({ url }) => {
    if (url === '/export') return { body: EXPORT };
    if (url.startsWith('/audit_logs')) return { body: { id: 'export_1', state: 'ready', url: `${api.url}/export` } };
    return { body: { object: 'list', data: PEOPLE, list_metadata: { after: null } } };
  });
});
afterAll(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

/** Names with characters of one to four bytes, together larger than a result may be. */
const PEOPLE = Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}`, name: `a ü € 🙂 ${'x'.repeat(at)}` }));
const WHOLE = Buffer.from(PEOPLE.map((one) => `${JSON.stringify(one)}\n`).join(''));

/** More than two slices of the largest size. */
const EXPORT = `id,actor_name\n${Array.from({ length: 100_000 }, (_, at) => `${at},Zoë € 🙂 ${at}\n`).join('')}`;

/** The contents of one read, each as text or base64. */
async function read(client: Client, uri: string) {
  return (await client.readResource({ uri })).contents.map((one) => ({
    ...one,
    mimeType: one.mimeType,
    text: 'text' in one ? one.text : undefined,
    blob: 'blob' in one ? one.blob : undefined,
  }));
}

describe('a client', () => {
  let client: Client;
  beforeAll(async () => {
    const flags = ['--base-url', api.url, '--output-dir', outputDir, '--exclude-tools', 'delete_user'];
    client = await stdioClient([...flags, '--confirm', 'always'], { WORKOS_TOKEN: KEY });
  });
  afterAll(() => client.close());

  it('sees only the capabilities that exist: tools, prompts and resources', () => {
    expect(client.getServerCapabilities()).toEqual({ tools: {}, prompts: {}, resources: { listChanged: true } });
  });

  it('can read everything that is listed', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'workos://settings',
      'workos://events',
      ...toolsets.map(({ name }) => `workos://tools/${name}`),
    ]);
    for (const { uri, mimeType } of resources) {
      const [content, ...others] = await read(client, uri);
      expect(others).toEqual([]);
      expect(content).toMatchObject({ uri, mimeType, text: expect.stringMatching(/./) });
    }
  });

  it('finds the templates of tools and files', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'workos://tools/{toolset}',
      'workos://files/{name}{?offset,length}',
    ]);
  });

  it('reads the settings, with only the kind and last four characters of the key', async () => {
    const [{ text = '' } = {}] = await read(client, 'workos://settings');
    expect(JSON.parse(text)).toMatchObject({
      api: api.url,
      key: { kind: 'live', from: 'WORKOS_TOKEN', last_four: 'WXYZ' },
      read_only: false,
      tools: { toolsets: ['core'], excluded: ['delete_user'], listed: 34 },
      destructive_calls: { confirm: 'always', ask: 'client', now: expect.stringContaining('ask the user') },
      secrets: { most_that_secret_output_may_show: 'file' },
      output_folder: outputDir,
    });
    expect(text).not.toContain(KEY.slice(0, 12));
    expect(text).not.toContain('cdefWXYZ');
  });

  it('reads the signatures of a toolset and how each tool is run', async () => {
    const [{ text = '' } = {}] = await read(client, 'workos://tools/users');
    expect(text).toContain('`get_user(user_id)` (read; call it by name)');
    expect(text).toMatch(/`list_user_identities\(user_id, query\?\)` \(read; run it with call_read_tool\)/);
    expect(text).toMatch(/`delete_user\(.*\)` \(delete; forbidden: /);
  });

  it('reads the names of all events in groups', async () => {
    const [{ text = '' } = {}] = await read(client, 'workos://events');
    const names = [...text.matchAll(/^- ([\w.]+)(?: †)?$/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual([...EVENTS].sort());
    expect(text).toContain('## organization_membership.*\n');
    expect(text).toContain('- vault.data.read †');
  });
});

describe('a file that a call wrote', () => {
  let client: Client;
  let changes = 0;
  let link: { uri: string; name: string; size: number };
  const flags = () => ['--base-url', api.url, '--output-dir', outputDir, '--max-result-chars', '3000'];
  beforeAll(async () => {
    client = await stdioClient(flags());
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void changes++);
    const { content, structuredContent } = await client.callTool({
      name: 'list_users',
      arguments: { all_pages: true },
    });
    expect(content).toMatchObject([{ type: 'text' }, { type: 'resource_link', mimeType: 'application/jsonl' }]);
    // As the line above has just seen.
    link = (content as [unknown, typeof link])[1];
    expect(structuredContent).toMatchObject({ path: join(outputDir, link.name) });
  });
  afterAll(() => client.close());

  it('is linked in the result and announced and listed as a resource', async () => {
    expect(link).toMatchObject({ uri: `workos://files/${link.name}`, size: WHOLE.length });
    expect(changes).toBe(1);
    const { resources } = await client.listResources();
    expect(resources.at(-1)).toEqual({
      uri: link.uri,
      name: link.name,
      mimeType: 'application/jsonl',
      size: WHOLE.length,
    });
  });

  it('can be read as a whole', async () => {
    const contents = await read(client, link.uri);
    expect(contents).toHaveLength(1);
    expect(contents[0]).toMatchObject({ uri: link.uri, mimeType: 'application/jsonl', text: WHOLE.toString() });
  });

  it.each([1, 2, 7, 1_000])('can be read in slices of %i bytes that end between characters', async (length) => {
    const slices: string[] = [];
    let uri: string | undefined = `${link.uri}?offset=${WHOLE.length - 1_500}&length=${length}`;
    for (let reads = 0; uri !== undefined && reads < 2_000; reads++) {
      const [slice, more] = await read(client, uri);
      slices.push(slice?.text ?? `not text: ${slice?.blob}`);
      expect(Buffer.byteLength(slice?.text ?? '')).toBeLessThanOrEqual(Math.max(4, length));
      uri = more && `${more.uri}&length=${length}`;
      if (more) expect(more.text).toMatch(/^Bytes \d+ to \d+ of \d+\. Read this URI for the rest\.$/);
    }
    expect(slices.join('')).toBe(WHOLE.subarray(WHOLE.length - 1_500).toString());
  });

  it('comes in slices of 1 MiB if it is larger, each with the URI of the next', async () => {
    const call = { name: 'download_audit_export', arguments: { audit_log_export_id: 'export_1' } };
    const { content } = await client.callTool(call);
    expect(content).toMatchObject([{ type: 'text' }, { type: 'resource_link', mimeType: 'text/csv' }]);
    // As the line above has just seen.
    let uri: string | undefined = (content as [unknown, typeof link])[1].uri;
    const slices: string[] = [];
    while (uri !== undefined) {
      const [slice, more] = await read(client, uri);
      slices.push(slice?.text ?? 'not text');
      uri = more?.uri;
    }
    expect(slices).toHaveLength(Math.ceil(Buffer.byteLength(EXPORT) / 1024 / 1024));
    for (const slice of slices) expect(Buffer.byteLength(slice)).toBeLessThanOrEqual(1024 * 1024);
    expect(slices.join('')).toBe(EXPORT);
  });

  it('comes as base64 if a slice begins inside a character', async () => {
    const inside = WHOLE.indexOf('€') + 1;
    const [slice] = await read(client, `${link.uri}?offset=${inside}&length=10`);
    expect(slice?.text).toBeUndefined();
    expect(Buffer.from(slice?.blob ?? '', 'base64')).toEqual(WHOLE.subarray(inside, inside + 10));
  });

  it('is empty when read at its end', async () => {
    const contents = await read(client, `${link.uri}?offset=${WHOLE.length}`);
    expect(contents).toMatchObject([{ text: '' }]);
  });

  it.each([
    ['offset=-1', /must be offset or length/],
    ['offset=1.5', /must be offset or length/],
    ['offset=0x10', /must be offset or length/],
    ['page=2', /"page=2" must be offset or length/],
    ['length=0', /length must be 1 to 1048576/],
    ['length=1048577', /length must be 1 to 1048576/],
    ['offset=99999999', /past the end of the file/],
  ])('cannot be read with ?%s', async (query, message) => {
    await expect(client.readResource({ uri: `${link.uri}?${query}` })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(message),
    });
  });

  it.each(['2024-11-05', '2025-03-26'])(
    'is not linked for clients of %s, which do not support links',
    async (version) => {
      const old = await startServer(flags(), { WORKOS_TOKEN: 'sk_test_old' }, { handshake: false });
      old.send({ id: 'hello', method: 'initialize', params: initialize(version) });
      await old.response('hello');
      old.call('list', 'list_users', { all_pages: true });
      expect((await old.response('list')).result?.content).toMatchObject([{ type: 'text' }]);
      old.send({ id: 'resources', method: 'resources/list' });
      const { result } = await old.response('resources');
      expect(JSON.stringify(result)).toContain('workos://files/list_users-');
      old.kill();
    },
  );
});

describe('resources/read', () => {
  let session: Session;
  beforeAll(async () => {
    session = await startServer(['--sandbox'], {});
  });
  afterAll(() => session.kill());

  it.each<[string, unknown, number, RegExp]>([
    ['a misspelt URI', { uri: 'workos://setings' }, -32002, /"workos:\/\/setings"; did you mean workos:\/\/settings\?/],
    ['a misspelt toolset', { uri: 'workos://tools/user' }, -32002, /did you mean workos:\/\/tools\/users\?/],
    ['a prototype name', { uri: 'workos://tools/__proto__' }, -32002, /Unknown resource/],
    ['a file of the machine', { uri: 'file:///etc/passwd' }, -32002, /Unknown resource.*resources\/list/],
    ['a hostile URI', { uri: 'x\n\u202ey' }, -32002, /"x\\n\\u\{202e\}y"/],
    ['a file before any was written', { uri: 'workos://files/list_users-0.jsonl' }, -32002, /No such file/],
    ['a URI that is not text', { uri: 7 }, -32602, /wrong "params.uri"/],
    ['no URI', {}, -32602, /wrong "params.uri"/],
    ['no parameters', undefined, -32602, /wrong "params"/],
  ])('of %s returns an error that says what is wrong', async (what, params, code, message) => {
    session.send({ id: what, method: 'resources/read', params });
    expect((await session.response(what)).error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    ['resources/list', [], -32602],
    ['resources/list', { cursor: {} }, -32602],
    ['resources/templates/list', 'x', -32602],
    ['resources/subscribe', { uri: 'workos://settings' }, -32601],
    ['resources/write', {}, -32601],
  ])('%s with %j is refused', async (method, params, code) => {
    const id = `${method} ${JSON.stringify(params)}`;
    session.send({ id, method, params });
    expect(await session.response(id)).toMatchObject({ error: { code } });
  });
});

describe('a locked server', () => {
  it('has no prompts and no resources', async () => {
    const client = await stdioClient(['--read-only=perhaps']);
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
    await client.close();
    const session = await startServer(['--read-only=perhaps']);
    const methods = ['prompts/list', 'prompts/get', 'resources/list', 'resources/templates/list', 'resources/read'];
    for (const method of methods) {
      session.send({ id: method, method });
      expect(await session.response(method)).toMatchObject({ error: { code: -32601 } });
    }
    session.kill();
  });
});
