import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Api, recordingApi } from '../harness.ts';
import { stdioClient } from '../stdio-client.ts';

const KEY = 'sk_test_readable0123456789abcdef';
const SECRET = 'whsec_tellnobody0123456789';
const FILES = 'workos://files/';
const CSV = `id,action,actor_name\n${'1,user.signed_in,Ana\n'.repeat(3_000)}2,copied.key,${KEY}\n${'3,user.signed_out,Ben\n'.repeat(3_000)}`;

/** Clients to disconnect after the test. */
const clients: Client[] = [];
let api: Api;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-readable-'));
  api = await recordingApi(({ method, url }) => {
    const endpoint = { id: 'we_1', endpoint_url: 'https://kestrel.example/hook', secret: SECRET };
    if (url.startsWith('/webhook_endpoints')) {
      const page = { object: 'list', data: Array.from({ length: 60 }, () => endpoint), list_metadata: { after: null } };
      return { body: method === 'POST' ? endpoint : page };
    }
    if (url.startsWith('/file')) return { body: CSV, headers: { 'content-type': 'text/csv' } };
    if (url.startsWith('/audit_logs')) return { body: { id: 'export_1', state: 'ready', url: `${api.url}/file` } };
    const data = Array.from({ length: 60 }, (_, at) => ({ id: `user_${at}`, name: 'n'.repeat(50) }));
    return { body: { object: 'list', data, list_metadata: { after: null } } };
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Client> {
  const flags = ['--base-url', api.url, '--output-dir', folder, '--secrets', 'result', '--max-result-chars', '2000'];
  const client = await stdioClient([...flags, '--toolsets', 'all'], { WORKOS_TOKEN: KEY });
  clients.push(client);
  return client;
}

/** Calls a tool and returns the links in its result. */
async function linksOf(client: Client, name: string, input: Record<string, unknown> = {}): Promise<string[]> {
  const { content } = await client.callTool({ name, arguments: input });
  const blocks = Array.isArray(content) ? content : [];
  return blocks.flatMap((block) => (block.type === 'resource_link' ? [block.uri] : []));
}

/** The path and the URI of a list that a call wrote. */
async function written(client: Client): Promise<{ path: string; uri: string }> {
  const [uri = ''] = await linksOf(client, 'list_users', { all_pages: true });
  expect(uri).toMatch(/^workos:\/\/files\/list_users-\w+\.jsonl$/);
  return { uri, path: join(folder, basename(uri)) };
}

const listed = async (client: Client) =>
  (await client.listResources()).resources.map(({ uri }) => uri).filter((uri) => uri.startsWith(FILES));
const read = async (client: Client, uri: string) => JSON.stringify(await client.readResource({ uri }));
const secretsIn = (path: string) => readFileSync(path, 'utf8').includes(SECRET);
const files = () => readdirSync(folder).map((name) => join(folder, name));

describe('a file with secrets', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['a secret that was written to a file', 'create_webhook_endpoint', { secret_output: 'file' }],
    ['the secrets of a list, one file per page', 'list_webhook_endpoints', { secret_output: 'file' }],
    ['a list with its secrets', 'list_webhook_endpoints', { secret_output: 'result' }],
  ])('(%s) is not linked, not listed and not readable', async (_, tool, how) => {
    const client = await start();
    const input = tool.startsWith('list') ? { all_pages: true } : { endpoint_url: 'https://x.example', events: [] };
    const links = await linksOf(client, tool, { ...input, ...how });
    const secret = files().filter(secretsIn);
    expect(secret).toHaveLength(1);
    for (const path of secret) {
      expect(links).not.toContain(FILES + basename(path));
      expect(await listed(client)).not.toContain(FILES + basename(path));
      await expect(read(client, FILES + basename(path))).rejects.toThrow('No such file');
    }
    for (const uri of await listed(client)) expect(await read(client, uri)).not.toContain(SECRET);
  });

  it('is not readable if a call_ tool wrote it either', async () => {
    const client = await start();
    const input = { tool: 'list_webhook_endpoints', arguments: { all_pages: true, secret_output: 'result' } };
    expect(await linksOf(client, 'call_read_tool', input)).toEqual([]);
    expect(files().filter(secretsIn)).toHaveLength(1);
    expect(await listed(client)).toEqual([]);
  });
});

describe('a list without secrets', () => {
  it('is linked if its secrets are masked, also by a call_ tool', async () => {
    const client = await start();
    const [uri = ''] = await linksOf(client, 'list_webhook_endpoints', { all_pages: true });
    expect(await read(client, uri)).toContain('we_1');
    expect(await read(client, uri)).not.toContain(SECRET);
    const input = { tool: 'list_users', arguments: { all_pages: true } };
    expect(await linksOf(client, 'call_read_tool', input)).toHaveLength(1);
  });
});

describe('reading a file', () => {
  it('never reaches another file, whatever the URI', async () => {
    const client = await start();
    const { uri, path } = await written(client);
    await linksOf(client, 'create_webhook_endpoint', {
      endpoint_url: 'https://x.example',
      events: [],
      secret_output: 'file',
    });
    const [secret = ''] = files().filter(secretsIn);
    const own = basename(path);
    const there = basename(secret);
    const tricks = [
      `${FILES}${there}`,
      `${FILES}${own}/../${there}`,
      `${FILES}./${there}`,
      `${FILES}../${basename(folder)}/${there}`,
      `${FILES}%2e%2e/${basename(folder)}/${there}`,
      `${FILES}${encodeURIComponent(secret)}`,
      `${FILES}${secret}`,
      `${FILES}/${secret}`,
      `${FILES}${own}%00${there}`,
      `${FILES}${own}\0/../${there}`,
      `${FILES}${own}#/../${there}`,
      `${FILES}?name=${there}`,
      `${uri}?offset=0&path=${secret}`,
      `${uri}?/../${there}`,
      `file://${secret}`,
      secret,
      `workos://files//${there}`,
      `WORKOS://FILES/${there}`,
      `${FILES}__proto__`,
      `${FILES}constructor`,
      FILES,
    ];
    for (const trick of tricks) await expect(read(client, trick), trick).rejects.toThrow(/-32002|-32602/);
    expect(await read(client, uri)).toContain('user_59');
  });

  it('is limited to files of this process, not those that another server or program put into the folder', async () => {
    const [one, other] = [await start(), await start()];
    const { uri } = await written(one);
    writeFileSync(join(folder, 'list_users-0123456789ab.jsonl'), '{}', { mode: 0o600 });
    await written(other);
    expect(await listed(other)).not.toContain(uri);
    await expect(read(other, uri)).rejects.toThrow('No such file');
    await expect(read(one, `${FILES}list_users-0123456789ab.jsonl`)).rejects.toThrow('No such file');
  });

  it.each<[string, (path: string, secret: string) => void]>([
    ['a link to a secret', (path, secret) => [rmSync(path), symlinkSync(secret, path)]],
    ['the secret itself, moved', (path, secret) => renameSync(secret, path)],
    ['a hard link to the secret', (path, secret) => [rmSync(path), linkSync(secret, path)]],
    ['a copy of the secret', (path, secret) => copyFileSync(secret, path)],
    ['the same file with more at its end', (path, secret) => appendFileSync(path, readFileSync(secret))],
    [
      'a secret of the same length, with its old times',
      (path) => {
        const { size, atime, mtime } = statSync(path);
        renameSync(path, `${path}.old`);
        writeFileSync(path, SECRET.padEnd(size), { mode: 0o600 });
        utimesSync(path, atime, mtime);
      },
    ],
    ['a pipe', (path) => [rmSync(path), execFileSync('mkfifo', [path])]],
    ['nothing', (path) => rmSync(path)],
  ])('reports that the file changed, and shows nothing, if it was replaced by %s', async (_, replace) => {
    const client = await start();
    const { uri, path } = await written(client);
    const secret = join(folder, 'secret.json');
    writeFileSync(secret, JSON.stringify({ secret: SECRET }), { mode: 0o600 });
    expect(await listed(client)).toEqual([uri]);
    replace(path, secret);
    await expect(read(client, uri)).rejects.toThrow(/removed or changed/);
    expect(await listed(client)).toEqual([]);
  });

  it('never reaches another file if its folder was replaced by a link', async () => {
    const client = await start();
    const { uri, path } = await written(client);
    const other = `${folder}-other`;
    renameSync(folder, `${folder}-moved`);
    try {
      execFileSync('mkdir', ['-m', '700', other]);
      writeFileSync(join(other, basename(path)), SECRET.padEnd(5_000), { mode: 0o600 });
      symlinkSync(other, folder);
      await expect(read(client, uri)).rejects.toThrow(/removed or changed/);
      expect(await listed(client)).toEqual([]);
    } finally {
      for (const one of [folder, other]) rmSync(one, { recursive: true, force: true });
      renameSync(`${folder}-moved`, folder);
    }
  });
});

describe('an export', () => {
  it('is linked, even if the call failed after it was written', async () => {
    const client = await start();
    const input = { audit_log_export_id: 'export_1' };
    const links = await linksOf(client, 'download_audit_export', input);
    expect(links).toEqual([expect.stringMatching(/^workos:\/\/files\/audit_log_export-\w+\.csv$/)]);
    const failing = await linksOf(client, 'download_audit_export', { ...input, query: 'abs(rows)' });
    expect(failing).toHaveLength(1);
    expect(failing).not.toEqual(links);
  });

  it("with this server's key in it never shows the key, however small the parts", async () => {
    const client = await start();
    const [uri = ''] = await linksOf(client, 'download_audit_export', { audit_log_export_id: 'export_1' });
    const at = CSV.indexOf(KEY);
    expect(await read(client, `${uri}?offset=0&length=1000`)).toContain('user.signed_in');
    expect(await read(client, `${uri}?offset=${CSV.length - 1000}`)).toContain('user.signed_out');
    const parts = [`?length=${CSV.length}`, '', ...[-5, 0, 1, 9, 20, 31].map((by) => `?offset=${at + by}&length=1`)];
    for (const part of [...parts, `?offset=${at + 5}`, `?offset=${at - 1000}&length=1010`]) {
      await expect(read(client, uri + part), part).rejects.toThrow("contains this server's key");
    }
  });
});
