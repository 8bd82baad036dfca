import type { IncomingMessage, ServerResponse } from 'node:http';
import { MockAgent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect, rawServer, recordingApi } from '../harness.ts';

type Misdeed = (response: ServerResponse, request: IncomingMessage) => void;

/** Where the link of the export leads; the rest of the API is honest. */
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
    ['is on this machine', (loot: string) => `${loot}/export.csv`, 'points to this machine'],
    ['has a name that leads into a private network', () => 'https://exports.example.com/a.csv', 'private address'],
  ])('%s is not opened where the API is elsewhere', async (_, linkTo, why) => {
    const loot = await recordingApi();
    const elsewhere = 'https://api.workos.example';
    const mock = new MockAgent();
    // The client ends its connections with destroy(), which a MockAgent lacks.
    const agent = Object.assign(mock, { destroy: () => mock.close() });
    agent.disableNetConnect();
    agent
      .get(elsewhere)
      .intercept({ path: '/audit_logs/exports/audit_log_export_1' })
      .reply(200, { id: 'audit_log_export_1', state: 'ready', url: linkTo(loot.url) });
    const proper = await connect({
      baseUrl: elsewhere,
      runtime: {
        client: { dispatcher: agent },
        resolve: (_name, { all }, callback) =>
          all ? callback(null, [{ address: '10.0.0.7', family: 4 }]) : callback(null, '10.0.0.7', 4),
      },
    });
    const { error } = await proper.call('download_audit_export', { audit_log_export_id: 'audit_log_export_1' });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(why) });
    expect(loot.requests).toEqual([]);
    await proper.close();
    await loot.close();
  });

  it('is on another host gets no key, and a redirect from there is not followed', async () => {
    const loot = await recordingApi();
    const storage = await recordingApi(() => ({ status: 302, headers: { location: loot.url } }));
    link = `${storage.url}/export.csv`;
    const { error } = await downloadExport();
    expect(error).toMatchObject({ kind: 'api', message: expect.stringContaining('302') });
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(loot.requests).toEqual([]);
    await storage.close();
    await loot.close();
  });

  it.each<[string, Misdeed, string, RegExp]>([
    ['stays expired after it was signed anew', (response) => response.writeHead(403).end(), 'api', /was rejected/],
    ['leads to nothing', (response) => response.writeHead(404).end(), 'not_found', /returned 404/],
    ['stalls', (response) => void response.writeHead(200).write('action\n'), 'network|timeout', /got no response/],
    ['never answers', () => {}, 'network|timeout', /got no response/],
    [
      'breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('action\n');
        setImmediate(() => response.destroy());
      },
      'network',
      /got no response/,
    ],
  ])('%s ends with a clear error', async (_, next, kinds, message) => {
    const storage = await rawServer((request, response) => next(response, request));
    link = `${storage.url}/export.csv`;
    const { error } = await downloadExport();
    expect(kinds.split('|')).toContain(error?.kind);
    expect(error?.message).toMatch(message);
    await expectServing();
    await storage.close();
  });

  it('is no link says so', async () => {
    link = 'not a link';
    expect((await downloadExport()).error).toMatchObject({
      kind: 'input',
      message: expect.stringContaining('no usable link'),
    });
  });
});
