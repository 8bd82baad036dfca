import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingApi } from '../harness.ts';
import { type HoldingApi, holdingApi } from '../holding-api.ts';
import { type Session, startServer } from '../process.ts';

const env = { WORKOS_TOKEN: 'sk_test_ending' };
const READ = '/organizations/org_1';
const WRITE = '/organizations';
/**
 * Far above what a process needs to go, below the 1.5 s that only a write may take. A busy machine can still be slower,
 * so that these tests get a second chance.
 */
const SOON_MS = 1_400;

let api: HoldingApi;
let server: Session;

beforeEach(async () => {
  api = await holdingApi();
  server = await startServer(['--base-url', api.url], env);
});
afterEach(async () => {
  server.kill();
  await api.close();
});

const startRead = async () => {
  server.call('read', 'get_organization', { organization_id: 'org_1' });
  await api.arrival(READ);
};
const startWrite = async () => {
  server.call('write', 'create_organization', { name: 'Acme' });
  await api.arrival(WRITE);
};

/** The exit code and how long the process took from now on. */
async function ending(): Promise<{ code: number | null; ms: number }> {
  const started = performance.now();
  const { code } = await server.ended;
  return { code, ms: performance.now() - started };
}

const STOPS: [string, (session: Session) => void][] = [
  ['SIGINT', ({ child }) => child.kill('SIGINT')],
  ['the end of input', ({ child }) => child.stdin.end()],
  ['SIGTERM', ({ child }) => child.kill('SIGTERM')],
  ['SIGHUP', ({ child }) => child.kill('SIGHUP')],
];

describe.each(STOPS)('on %s', { retry: 2 }, (_, stop) => {
  it('an idle server exits with 0 at once', async () => {
    stop(server);
    const { code, ms } = await ending();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('a read in flight is aborted and the server exits with 0 at once', async () => {
    await startRead();
    stop(server);
    const { code, ms } = await ending();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
    await api.cut(READ);
  });

  it('a write in flight may finish, and its answer still comes', async () => {
    await startRead();
    await startWrite();
    stop(server);
    await api.cut(READ);
    api.release(WRITE);
    expect(await server.toolAnswer('write')).toEqual({ id: WRITE });
    const { code, ms } = await ending();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });
});

describe('while the server ends', { retry: 2 }, () => {
  it('a write that came just before the end of input is still sent and answered', async () => {
    api.release(WRITE);
    server.call('write', 'create_organization', { name: 'Acme' });
    server.child.stdin.end();
    expect(await server.toolAnswer('write')).toEqual({ id: WRITE });
    expect((await ending()).code).toBe(0);
  });

  it.each(STOPS.slice(1, 3))('a write that hangs is cut 1.5 s after %s', async (_, stop) => {
    await startWrite();
    stop(server);
    const { code, ms } = await ending();
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(1_300);
    expect(ms).toBeLessThan(3_500);
    await api.cut(WRITE);
    expect(api.count(WRITE)).toBe(1);
  });

  it('a further call is not begun', async () => {
    await startRead();
    await startWrite();
    server.child.kill('SIGTERM');
    await api.cut(READ);
    server.call('late', 'create_organization_membership', { user_id: 'user_1', organization_id: 'org_1' });
    expect(await server.answer('late')).toMatchObject({ error: { message: expect.stringContaining('shutting down') } });
    expect(api.count('/user_management/organization_memberships')).toBe(0);
    api.release(WRITE);
    expect((await ending()).code).toBe(0);
  });
});

describe('a client that stops reading', { retry: 2 }, () => {
  it('stdout altogether ends the server', async () => {
    server.child.stdout.destroy();
    server.send({ id: 1, method: 'tools/list' });
    const { code, ms } = await ending();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('stdout for a while loses nothing', async () => {
    const size = 30_000;
    const count = 300;
    const busy = await recordingApi(({ url }) => ({ body: { id: url.split('/').at(-1), pad: 'x'.repeat(size) } }));
    const held = await startServer(['--base-url', busy.url], env);
    held.child.stdout.pause();
    for (let id = 0; id < count; id++) held.call(id, 'get_organization', { organization_id: `org_${id}` });
    await expect.poll(() => busy.requests.length, { timeout: 10_000 }).toBe(count);
    held.child.stdout.resume();
    for (let id = 0; id < count; id++) expect((await held.toolAnswer(id))['id']).toBe(`org_${id}`);
    held.kill();
    await busy.close();
  });

  it('stderr altogether is served on', async () => {
    const quick = await recordingApi();
    const deaf = await startServer(['--base-url', quick.url, '--log-level', 'trace'], env);
    deaf.child.stderr.destroy();
    for (let id = 0; id < 20; id++) {
      deaf.call(id, 'list_organizations');
      expect(await deaf.toolAnswer(id)).toMatchObject({ object: 'list' });
    }
    deaf.child.stdin.end();
    expect((await deaf.ended).code).toBe(0);
    await quick.close();
  });

  it('stderr for good never stalls, whatever is logged', async () => {
    const quick = await recordingApi();
    const deaf = await startServer(['--base-url', quick.url, '--log-level', 'trace'], env, { readErrors: false });
    const count = 1_500;
    for (let id = 0; id < count; id++) deaf.call(id, 'list_organizations');
    for (let id = 0; id < count; id++) expect((await deaf.answer(id)).result?.isError).toBeUndefined();
    deaf.child.stdin.end();
    expect((await deaf.ended).code).toBe(0);
    await quick.close();
  });
});
