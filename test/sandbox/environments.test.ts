import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';

const NAMES = ['staging', 'production'];
const STAGING = bearer('staging');
const PRODUCTION = bearer('production');

/** The header with the key of an environment. */
function bearer(name: string): { Authorization: string } {
  return { Authorization: `Bearer sk_test_sandbox_${name}` };
}

const LISTS = [
  '/organizations',
  '/connections',
  '/directories',
  '/user_management/users',
  '/user_management/redirect_uris',
  '/user_management/cors_origins',
  '/authorization/permissions',
  '/authorization/roles',
  '/feature-flags',
  '/webhook_endpoints',
  '/connect/applications',
  '/vault/v1/kv',
];

describe('a sandbox with two environments', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient({ environments: NAMES });
  });
  afterAll(() => client.close());
  const rows = async (path: string, headers: Record<string, string>) =>
    (await client.call(`GET ${path}?limit=100`, undefined, headers)).body.data;

  it('serves both at one address, each with its own key, and accepts no other key', async () => {
    expect([...client.sandbox.environments.keys()]).toEqual(NAMES);
    for (const headers of [STAGING, PRODUCTION]) {
      expect((await client.call('GET /organizations', undefined, headers)).status).toBe(200);
    }
    for (const name of ['', 'other', 'Staging']) {
      expect((await client.call('GET /organizations', undefined, bearer(name))).status).toBe(401);
    }
    expect(
      (await client.call('GET /organizations', undefined, { Authorization: 'Bearer sk_test_sandbox' })).status,
    ).toBe(401);
  });

  it.each(LISTS)('gives %s different ids in each environment', async (path) => {
    const [staging, production] = [await rows(path, STAGING), await rows(path, PRODUCTION)];
    expect(staging.length).toBeGreaterThan(0);
    const ids = new Set(staging.map(({ id }) => id));
    expect(production.filter(({ id }) => ids.has(id))).toEqual([]);
  });

  it('has the same customers in both, with different configurations', async () => {
    const named = async (path: string, field: string) =>
      Promise.all([STAGING, PRODUCTION].map(async (headers) => (await rows(path, headers)).map((row) => row[field])));
    const [here, there] = await named('/organizations', 'name');
    expect(there).toEqual(here);
    const [permissions, fewer] = await named('/authorization/permissions', 'slug');
    expect(permissions).toContain('api-keys:manage');
    expect(fewer).toEqual(permissions?.filter((slug) => slug !== 'api-keys:manage'));
    const [roles, otherRoles] = await named('/authorization/roles', 'slug');
    expect(otherRoles).toEqual(roles?.filter((slug) => slug !== 'support-agent'));
  });

  it('changes one without the other', async () => {
    const { body } = await client.call('POST /organizations', { name: 'Only here' }, PRODUCTION);
    expect((await client.call(`GET /organizations/${body.id}`, undefined, PRODUCTION)).status).toBe(200);
    expect((await client.call(`GET /organizations/${body.id}`, undefined, STAGING)).status).toBe(404);
  });

  it('chooses the environment by the client id if there is no key', async () => {
    for (const [name, { clientId }] of client.sandbox.environments) {
      const query = `client_id=${clientId}&redirect_uri=http://localhost/&response_type=code&provider=GoogleOAuth`;
      const redirect = await client.call(`GET /user_management/authorize?${query}`, undefined, { Authorization: '' });
      const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code');
      const grant = { client_id: clientId, grant_type: 'authorization_code', code };
      const key = `sk_test_sandbox_${name}`;
      const signedIn = await client.call(
        'POST /user_management/authenticate',
        { ...grant, client_secret: key },
        { Authorization: '' },
      );
      expect(signedIn.status).toBe(200);
      const users = await rows('/user_management/users', bearer(name));
      expect(users.map(({ id }) => id)).toContain((signedIn.body['user'] as { id: string }).id);
      const keys = await client.call(`GET /sso/jwks/${clientId}`, undefined, { Authorization: '' });
      expect(keys.status).toBe(200);
    }
  });

  it('finds the session of a sign-out without a key', async () => {
    const users = await rows('/user_management/users', PRODUCTION);
    const sessions = (
      await Promise.all(users.map(({ id }) => rows(`/user_management/users/${id}/sessions`, PRODUCTION)))
    ).flat();
    const [session] = sessions.filter(({ status }) => status === 'active');
    const path = `/user_management/sessions/logout?session_id=${session?.id}`;
    expect((await client.call(`GET ${path}`, undefined, { Authorization: '' })).status).toBe(302);
  });

  it('serves the exports of both', async () => {
    for (const headers of [STAGING, PRODUCTION]) {
      const [organization] = (await rows('/organizations', headers)).filter(({ name }) => name === 'Acme Robotics');
      const range = { range_start: '2026-10-01T00:00:00Z', range_end: '2026-11-01T00:00:00Z' };
      const wanted = { organization_id: organization?.id, ...range };
      const { body } = await client.call('POST /audit_logs/exports', wanted, headers);
      let url: unknown;
      while (typeof url !== 'string') {
        url = (await client.call(`GET /audit_logs/exports/${body.id}`, undefined, headers)).body['url'];
      }
      expect(await (await fetch(url)).text()).toContain('user.signed_in');
    }
  });

  it('injects a fault into only one of them', async () => {
    await client.call('POST /_sandbox/faults', { status: 500, path: '/organizations' }, PRODUCTION);
    expect((await client.call('GET /organizations', undefined, STAGING)).status).toBe(200);
    expect((await client.call('GET /organizations', undefined, PRODUCTION)).status).toBe(500);
  });
});

describe('a state file with several environments', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-environments-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps each environment, even while it is not served', async () => {
    const stateFile = join(folder, 'state.json');
    const first = await startSandboxClient({ environments: NAMES, stateFile });
    const { id } = (await first.call('POST /organizations', { name: 'Kept' }, PRODUCTION)).body;
    await first.close();
    const second = await startSandboxClient({ environments: ['staging', 'third'], stateFile });
    await second.call('POST /organizations', { name: 'In staging' }, STAGING);
    await second.close();
    const third = await startSandboxClient({ environments: NAMES, stateFile });
    expect((await third.call(`GET /organizations/${id}`, undefined, PRODUCTION)).body['name']).toBe('Kept');
    const names = (await third.call('GET /organizations?limit=100', undefined, STAGING)).body.data.map(
      ({ name }) => name,
    );
    expect(names).toContain('In staging');
    await third.close();
  });

  it.each([
    ['a single environment', [], NAMES, 'leave out --environments'],
    ['several environments', NAMES, [], 'name them with --environments'],
  ])('is unchanged if it holds %s and the sandbox is started with others', async (holds, before, after, instead) => {
    const stateFile = join(folder, `${holds}.json`);
    await (await startSandboxClient({ environments: before, stateFile })).close();
    const text = readFileSync(stateFile, 'utf8');
    const refusal = startSandboxClient({ environments: after, stateFile });
    await expect(refusal).rejects.toThrow(`holds the state of ${holds}, so it was not changed`);
    await expect(startSandboxClient({ environments: after, stateFile })).rejects.toThrow(instead);
    expect(readFileSync(stateFile, 'utf8')).toBe(text);
  });

  it('cannot be combined with a seed', async () => {
    await expect(startSandboxClient({ environments: NAMES, seed: 'seed.yaml' })).rejects.toThrow('single environment');
  });
});
