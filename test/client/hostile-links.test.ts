import { readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MockAgent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect, rawServer, recordingApi } from '../harness.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

/** The export's link. Everything else about this API is well-behaved. */
let link: string;
let server: Connected;
let close: () => Promise<void>;

beforeAll(async () => {
  const api = await rawServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const isExport = request.url?.startsWith('/audit_logs/exports/');
    response.end(JSON.stringify(isExport ? { id: 'audit_log_export_1', state: 'ready', url: link } : { id: 'user_1' }));
  });
  close = api.close;
  server = await connect({ baseUrl: api.url, flags: ['--toolsets', 'all', '--timeout-ms', '1000'] });
});
afterAll(async () => {
  await server.close();
  await close();
});

const downloadExport = () => server.call('download_audit_export', { audit_log_export_id: 'audit_log_export_1' });

async function expectServing(): Promise<void> {
  const { value } = await server.call('get_user', { user_id: 'user_1' });
  expect(value).toEqual({ id: 'user_1' });
}

describe('an export whose link', () => {
  it.each([
    ['http://exports.example.com/a.csv', 'not https'],
    ['ftp://exports.example.com/a.csv', 'not https'],
    ['file:///etc/passwd', 'not https'],
    ['https://10.0.0.1/a.csv', 'private network'],
    ['https://192.168.1.1/a.csv', 'private network'],
    ['https://169.254.169.254/latest/meta-data', 'private network'],
    ['https://[fd00::1]/a.csv', 'private network'],
    ['https://0x0a000001/a.csv', 'private network'],
  ])('is %s is not opened, because it is %s', async (hostile, why) => {
    link = hostile;
    const { error } = await downloadExport();
    expect(error).toMatchObject({ kind: 'refused', tool: 'download_audit_export' });
    expect(error?.message).toMatch(new RegExp(why));
    await expectServing();
  });

  it.each([
    ['is on this machine', (local: string) => `${local}/export.csv`, 'points to this machine'],
    ['has a name that resolves to a private address', () => 'https://exports.example.com/a.csv', 'private address'],
  ])('%s is not opened if the API is elsewhere', async (_, linkTo, why) => {
    const local = await recordingApi();
    const elsewhere = 'https://api.workos.example';
    const mock = new MockAgent();
    // The client closes its connections with destroy(), which a MockAgent lacks.
    const agent = Object.assign(mock, { destroy: () => mock.close() });
    agent.disableNetConnect();
    agent
      .get(elsewhere)
      .intercept({ path: '/audit_logs/exports/audit_log_export_1' })
      .reply(200, { id: 'audit_log_export_1', state: 'ready', url: linkTo(local.url) });
    const remote = await connect({
      baseUrl: elsewhere,
      runtime: {
        client: { dispatcher: agent },
        resolve: (_name, { all }, callback) =>
          all ? callback(null, [{ address: '10.0.0.7', family: 4 }]) : callback(null, '10.0.0.7', 4),
      },
    });
    const { error } = await remote.call('download_audit_export', { audit_log_export_id: 'audit_log_export_1' });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(why) });
    expect(local.requests).toEqual([]);
    await remote.close();
    await local.close();
  });

  it('is on another host gets no key, and a redirect from there is not followed', async () => {
    const other = await recordingApi();
    const storage = await recordingApi(() => ({ status: 302, headers: { location: other.url } }));
    link = `${storage.url}/export.csv`;
    const { error } = await downloadExport();
    expect(error).toMatchObject({ kind: 'api', message: expect.stringContaining('302') });
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(other.requests).toEqual([]);
    await storage.close();
    await other.close();
  });

  it.each<[string, Handler, string, RegExp]>([
    ['stays expired after it was renewed', (response) => response.writeHead(403).end(), 'api', /was rejected/],
    ['is not found', (response) => response.writeHead(404).end(), 'not_found', /returned 404/],
    ['stalls', (response) => void response.writeHead(200).write('action\n'), 'network|timeout', /got no response/],
    ['never answers', () => {}, 'network|timeout', /got no response/],
    [
      'breaks the connection',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('action\n');
        setImmediate(() => response.destroy());
      },
      'network',
      /got no response/,
    ],
  ])('%s ends with a clear error and leaves no file', async (_, next, kinds, message) => {
    const storage = await rawServer((request, response) => next(response, request));
    link = `${storage.url}/export.csv`;
    const { error } = await downloadExport();
    expect(kinds.split('|')).toContain(error?.kind);
    expect(error?.message).toMatch(message);
    expect(readdirSync(server.outputDir)).toEqual([]);
    await expectServing();
    await storage.close();
  });

  it('is not a link fails with an error that says so', async () => {
    link = 'not a link';
    expect((await downloadExport()).error).toMatchObject({
      kind: 'input',
      message: expect.stringContaining('no usable link'),
    });
  });
});
