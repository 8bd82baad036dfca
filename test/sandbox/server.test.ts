import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { describeErrors, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('the sandbox server', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('has the same data on every start', async () => {
    const other = await startSandboxClient();
    for (const path of [
      '/organizations?limit=100',
      '/connections?limit=100',
      '/directories',
      '/directory_groups?limit=100',
      '/directory_users?limit=100',
      '/user_management/users?limit=100',
      '/user_management/invitations',
      '/authorization/roles',
      '/authorization/permissions',
      '/_sandbox',
    ]) {
      expect((await other.call(`GET ${path}`)).text).toBe((await client.call(`GET ${path}`)).text);
    }
    await other.close();
  });

  it('has enough data to be worth exploring', async () => {
    const { body } = await client.call('GET /_sandbox');
    expect(body).toMatchObject({ organizations: 8, directories: 2, users: 57, directory_users: 70 });
    expect(body['audit_log_events']).toBeGreaterThan(300);
  });

  it('gives each response its own request id', async () => {
    const responses = [await client.call('GET /organizations'), await client.call('GET /nowhere')];
    const ids = responses.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  describeErrors(
    () => client,
    [
      ['POST /organizations', '{"name"', 400, { code: 'invalid_request_body' }],
      ['POST /organizations', '[1]', 400, { code: 'invalid_request_body' }],
    ],
  );

  it('rejects a body that is nested too deeply', async () => {
    const metadata = `${'{"items":'.repeat(60_000)}{}${'}'.repeat(60_000)}`;
    const body = `{"targets":[{"type":"robot"}],"metadata":${metadata}}`;
    const response = await client.call('POST /audit_logs/actions/robot.built/schemas', body);
    expect([response.status, response.body['code']]).toEqual([400, 'invalid_request_body']);
  });

  it('rejects a body of more than 1 MiB', async () => {
    const response = await client.call('POST /organizations', ' '.repeat(1024 * 1024 + 1));
    expect([response.status, response.body['code']]).toEqual([413, 'payload_too_large']);
  });

  it('listens on the given port and stops listening when closed', async () => {
    const first = await startSandbox();
    await expect(startSandbox({ port: Number(new URL(first.url).port) })).rejects.toThrow(
      'is in use. Choose another one',
    );
    await first.close();
    await expect(fetch(first.url)).rejects.toThrow();
  });
});
