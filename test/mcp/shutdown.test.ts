import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingApi } from '../harness.ts';
import { type HoldingApi, holdingApi } from '../holding-api.ts';
import { WINDOWS } from '../platform.ts';
import { type Session, startServer } from '../process.ts';

const env = { WORKOS_TOKEN: 'sk_test_ending' };
const READ = '/organizations/org_1';
const WRITE = '/organizations';
/**
 * Much longer than a process needs to exit, but less than the 1.5 s that a write may take. These tests are retried
 * because a busy machine can be even slower.
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

/** Waits for the process to exit. Returns its exit code and how long that took. */
async function exited(): Promise<{ code: number | null; ms: number }> {
  const started = performance.now();
  const { code } = await server.ended;
  return { code, ms: performance.now() - started };
}

const SIGNALS: NodeJS.Signals[] = WINDOWS ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
const STOPS: [string, (session: Session) => void][] = [
  ['the end of input', ({ child }) => child.stdin.end()],
  ...SIGNALS.map((signal): [string, (session: Session) => void] => [signal, ({ child }) => child.kill(signal)]),
];

describe.each(STOPS)('on %s', { retry: 2 }, (_, stop) => {
  it('an idle server exits with code 0 at once', async () => {
    stop(server);
    const { code, ms } = await exited();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('a read in flight is aborted and the server exits with code 0 at once', async () => {
    await startRead();
    stop(server);
    const { code, ms } = await exited();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
    await api.aborted(READ);
  });

  it('a write in flight may finish, and its result is still sent', async () => {
    await startRead();
    await startWrite();
    stop(server);
    await api.aborted(READ);
    api.release(WRITE);
    expect(await server.toolResult('write')).toEqual({ id: WRITE });
    const { code, ms } = await exited();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });
});

describe('while the server shuts down', { retry: 2 }, () => {
  it('a write received just before the end of input still runs', async () => {
    api.release(WRITE);
    server.call('write', 'create_organization', { name: 'Acme' });
    server.child.stdin.end();
    expect(await server.toolResult('write')).toEqual({ id: WRITE });
    expect((await exited()).code).toBe(0);
  });

  it.each(STOPS.slice(1, 3))('a write that hangs is aborted 1.5 s after %s', async (_, stop) => {
    await startWrite();
    stop(server);
    const { code, ms } = await exited();
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(1_300);
    expect(ms).toBeLessThan(3_500);
    await api.aborted(WRITE);
    expect(api.count(WRITE)).toBe(1);
  });

  it.skipIf(WINDOWS)('a new call is not started', async () => {
    await startRead();
    await startWrite();
    server.child.kill('SIGTERM');
    await api.aborted(READ);
    server.call('late', 'create_organization_membership', { user_id: 'user_1', organization_id: 'org_1' });
    expect(await server.response('late')).toMatchObject({
      error: { message: expect.stringContaining('shutting down') },
    });
    expect(api.count('/user_management/organization_memberships')).toBe(0);
    api.release(WRITE);
    expect((await exited()).code).toBe(0);
  });
});

describe('if the client stops reading', { retry: 2 }, () => {
  it('stdout for good, the server exits', async () => {
    server.child.stdout.destroy();
    server.send({ id: 1, method: 'tools/list' });
    const { code, ms } = await exited();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('stdout for a while, no result is lost', async () => {
    const size = 30_000;
    const count = 300;
    const busy = await recordingApi(({ url }) => ({ body: { id: url.split('/').at(-1), pad: 'x'.repeat(size) } }));
    const paused = await startServer(['--base-url', busy.url], env);
    paused.child.stdout.pause();
    for (let id = 0; id < count; id++) paused.call(id, 'get_organization', { organization_id: `org_${id}` });
    await expect.poll(() => busy.requests.length, { timeout: 10_000 }).toBe(count);
    paused.child.stdout.resume();
    for (let id = 0; id < count; id++) expect((await paused.toolResult(id))['id']).toBe(`org_${id}`);
    paused.kill();
    await busy.close();
  });

  it('stderr and closes it, calls are still served', async () => {
    const quick = await recordingApi();
    const unread = await startServer(['--base-url', quick.url, '--log-level', 'trace'], env);
    unread.child.stderr.destroy();
    for (let id = 0; id < 20; id++) {
      unread.call(id, 'list_organizations');
      expect(await unread.toolResult(id)).toMatchObject({ object: 'list' });
    }
    unread.child.stdin.end();
    expect((await unread.ended).code).toBe(0);
    await quick.close();
  });

  it('stderr without closing it, calls never stall, however much is logged', async () => {
    const quick = await recordingApi();
    const unread = await startServer(['--base-url', quick.url, '--log-level', 'trace'], env, { readErrors: false });
    const count = 1_500;
    for (let id = 0; id < count; id++) unread.call(id, 'list_organizations');
    for (let id = 0; id < count; id++) expect((await unread.response(id)).result?.isError).toBeUndefined();
    unread.child.stdin.end();
    expect((await unread.ended).code).toBe(0);
    await quick.close();
  });
});
