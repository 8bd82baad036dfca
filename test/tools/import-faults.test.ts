import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { rawServer } from '../harness.ts';
import { ACME, type Importing, importing, membershipsOf, userOf } from './import-server.ts';

/** What happens to a request: it is lost, its response is lost, or it gets another response. */
type Fault = 'lost before' | 'lost after' | { status: number; body: unknown; headers?: Record<string, string> };

let sandbox: Sandbox;
let proxy: Awaited<ReturnType<typeof rawServer>>;
let server: Importing;
/** Decides about each request; undefined forwards it. */
let fault: (method: string, path: string, nth: number) => Fault | undefined | Promise<Fault | undefined>;
let sent: string[];

beforeEach(async () => {
  sandbox = await startSandbox();
  sent = [];
  fault = () => undefined;
  const counts = new Map<string, number>();
  proxy = await rawServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const path = (request.url ?? '').split('?')[0] ?? '';
      const what = `${request.method} ${path}`;
      const nth = (counts.get(what) ?? 0) + 1;
      counts.set(what, nth);
      sent.push(what);
      const found = await fault(request.method ?? '', path, nth);
      if (found === 'lost before') return response.destroy();
      if (typeof found === 'object') {
        return response
          .writeHead(found.status, { 'content-type': 'application/json', ...found.headers })
          .end(JSON.stringify(found.body));
      }
      const answer = await fetch(`${sandbox.url}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { authorization: String(request.headers.authorization), 'content-type': 'application/json' },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const text = await answer.text();
      if (found === 'lost after') return response.destroy();
      return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    })();
  });
  server = await importing({ sandbox, baseUrl: proxy.url, flags: ['--confirm', 'never'] });
});
afterEach(async () => {
  await server.close();
  await proxy.close();
  await sandbox.close();
});

const USERS = '/user_management/users';
const MEMBERSHIPS = '/user_management/organization_memberships';
const EMAIL = 'lin@imported.example';
const run = (more: Record<string, unknown> = {}) => {
  server.write('people.csv', `email\n${EMAIL}\n`);
  return server.call('import_users', { path: 'people.csv', organization: ACME, ...more });
};
const writes = () => sent.filter((what) => !what.startsWith('GET '));
/** Applies the fault to the first requests of this kind. */
const first = (what: string, found: Fault, times = 1) => {
  fault = (method, path, nth) => (`${method} ${path}` === what && nth <= times ? found : undefined);
};

describe('an import over an unreliable network', () => {
  it.each<[what: string, found: Fault, requests: number]>([
    [`POST ${USERS}`, 'lost after', 1],
    [`POST ${USERS}`, 'lost before', 2],
    [`POST ${USERS}`, { status: 500, body: {} }, 2],
    [`POST ${USERS}`, { status: 504, body: 'Gateway timeout' }, 2],
    [`POST ${USERS}`, { status: 200, body: {} }, 2],
    [`POST ${USERS}`, { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '1' } }, 2],
    [`POST ${MEMBERSHIPS}`, 'lost after', 1],
    [`POST ${MEMBERSHIPS}`, 'lost before', 2],
    [`GET ${USERS}`, { status: 503, body: {} }, 0],
  ])('creates one user with one membership if %s fails: %j', async (what, found, requests) => {
    first(what, found);
    const { value } = await run();
    expect(value).toMatchObject({ created: 1, failed: 0, stopped: 'end' });
    expect(await userOf(server, EMAIL)).toBeDefined();
    expect(await membershipsOf(server, EMAIL)).toHaveLength(1);
    if (requests > 0) expect(writes().filter((one) => one === what)).toHaveLength(requests);
    expect(server.journal().at(-2)).toMatchObject({ row: 1, end: 'created' });
  });

  it('looks the user up before it sends a lost request again', async () => {
    first(`POST ${USERS}`, 'lost before');
    await run();
    const relevant = sent.filter((what) => what.endsWith(USERS));
    expect(relevant).toEqual([`GET ${USERS}`, `POST ${USERS}`, `GET ${USERS}`, `POST ${USERS}`]);
  });

  it('sends only one invitation if the response is lost', async () => {
    first('POST /user_management/invitations', 'lost after');
    expect((await run({ mode: 'invite' })).value).toMatchObject({ invited: 1, failed: 0 });
    expect(writes()).toEqual(['POST /user_management/invitations']);
    const { data } = await server.direct('GET', `/user_management/invitations?email=${encodeURIComponent(EMAIL)}`);
    expect(data).toHaveLength(1);
  });

  it('counts an update whose response was lost', async () => {
    const user = await server.direct('POST', USERS, { email: EMAIL });
    server.write('people.csv', `email,first_name\n${EMAIL},Lin\n`);
    first(`PUT ${USERS}/${user['id']}`, 'lost after', 9);
    const { value } = await server.call('import_users', { path: 'people.csv', mode: 'update' });
    expect(value).toMatchObject({ updated: 1, failed: 0 });
  });

  it.each<[what: string, found: Fault]>([
    [`GET ${USERS}`, { status: 503, body: {} }],
    [`POST ${USERS}`, { status: 429, body: { message: 'slow down' } }],
    [`POST ${MEMBERSHIPS}`, 'lost before'],
  ])('waits if %s fails for a while: %j', async (what, found) => {
    first(what, found, 5);
    expect((await run()).value).toMatchObject({ created: 1, failed: 0, stopped: 'end' });
    expect(await membershipsOf(server, EMAIL)).toHaveLength(1);
  });

  it('leaves a row that keeps failing to the next call, which completes it', async () => {
    first(`POST ${MEMBERSHIPS}`, { status: 503, body: {} }, 50);
    const left = await run();
    expect(left.value).toMatchObject({
      left: 1,
      failed: 0,
      stopped: 'end',
      hint: expect.stringContaining('Call again'),
    });
    fault = () => undefined;
    expect((await run()).value).toMatchObject({ created: 1, resumed: true });
    expect(writes().filter((what) => what === `POST ${USERS}`)).toHaveLength(1);
  });

  it('does not repeat the steps that a row completed before it was left', async () => {
    await server.direct('POST', USERS, { email: EMAIL });
    server.write('people.csv', `email,password\n${EMAIL},correct horse battery staple\n`);
    const update = () => server.call('import_users', { path: 'people.csv', organization: ACME, mode: 'update' });
    first(`POST ${MEMBERSHIPS}`, { status: 503, body: {} }, 50);
    const left = await update();
    expect(left.error).toBeUndefined();
    expect(left.value).toMatchObject({ left: 1 });
    fault = () => undefined;
    expect((await update()).value).toMatchObject({ updated: 1, resumed: true });
    expect(writes().filter((what) => what.startsWith('PUT '))).toHaveLength(1);
    expect(await membershipsOf(server, EMAIL)).toHaveLength(1);
  });

  it('treats a user whom another client creates in the meantime as an existing one', async () => {
    fault = async (method, path, nth) => {
      if (method === 'POST' && path === USERS && nth === 1)
        await server.direct('POST', USERS, { email: EMAIL, first_name: 'Other' });
      return undefined;
    };
    const { value } = await run();
    expect(value).toMatchObject({ added: 1, failed: 0 });
    expect(value).not.toHaveProperty('created');
    expect(await userOf(server, EMAIL)).toMatchObject({ first_name: 'Other' });
  });

  it('fails a row if WorkOS says that the address is taken but lists no such user', async () => {
    const body = {
      code: 'user_creation_error',
      message: 'Could not create user.',
      errors: [{ code: 'email_not_available' }],
    };
    first(`POST ${USERS}`, { status: 400, body }, 50);
    const { value } = await run();
    expect(value).toMatchObject({ failed: 1, failures: [{ code: 'user_creation_error', lines: [2] }] });
    expect(writes()).toHaveLength(2);
  });

  it('does not mistake another user for this one if WorkOS ignores the address', async () => {
    const other = { id: 'user_other', email: 'other@imported.example' };
    fault = (method, path) =>
      method === 'GET' && path === USERS ? { status: 200, body: { data: [other], list_metadata: {} } } : undefined;
    const { value } = await run();
    expect(value).toMatchObject({ created: 1 });
  });

  it('fails a row without a write if the response is not a list', async () => {
    first(`GET ${USERS}`, { status: 200, body: { users: [] } }, 9);
    const { value } = await run();
    expect(value).toMatchObject({
      failed: 1,
      failures: [{ message: expect.stringContaining('a response without users') }],
    });
    expect(writes()).toEqual([]);
  });

  it('stops at once if the key is no longer accepted', async () => {
    server.write(
      'people.csv',
      `email\n${Array.from({ length: 500 }, (_, at) => `p${at}@imported.example\n`).join('')}`,
    );
    fault = (method, path) => (method === 'GET' && path === USERS ? { status: 401, body: {} } : undefined);
    const { value } = await server.call('import_users', { path: 'people.csv' });
    expect(value).toMatchObject({ stopped: 'error', left: 500, error: { kind: 'auth' } });
    expect(sent.length).toBeLessThan(100);
  });

  it('stops if hundreds of rows fail and none succeeds', async () => {
    server.write(
      'people.csv',
      `email\n${Array.from({ length: 1_000 }, (_, at) => `p${at}@imported.example\n`).join('')}`,
    );
    const body = { message: 'No.', code: 'no' };
    fault = (method) => (method === 'POST' ? { status: 403, body } : undefined);
    const { value } = await server.call('import_users', { path: 'people.csv' });
    expect(value).toMatchObject({ stopped: 'error', failures: [{ status: 403, code: 'no' }] });
    expect(Number(value['failed'])).toBeLessThan(300);
  });

  it('succeeds even if the clock jumps', async () => {
    let now = Date.now();
    await server.close();
    server = await importing({
      sandbox,
      baseUrl: proxy.url,
      runtime: { now: () => (now += 7_200_000 * (Math.floor(now / 1_000) % 2 === 0 ? 1 : -1) + 1_001) },
    });
    server.write('people.csv', `email\n${Array.from({ length: 60 }, (_, at) => `p${at}@imported.example\n`).join('')}`);
    const { value } = await server.call('import_users', { path: 'people.csv' });
    expect(value).toMatchObject({ created: 60, stopped: 'end' });
  });
});
