import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('fault injection', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('fails the given number of matching requests', async () => {
    const fault = { status: 429, times: 2, retry_after: 7, method: 'get', path: '/organizations' };
    expect((await client.call('POST /_sandbox/faults', fault)).status).toBe(201);
    expect((await client.call('GET /connections')).status).toBe(200);
    for (let time = 0; time < 2; time++) {
      const failed = await client.call('GET /organizations');
      expect([failed.status, failed.body, failed.headers.get('retry-after')]).toEqual([
        429,
        { message: 'Too many requests.', code: 'rate_limit_exceeded' },
        '7',
      ]);
    }
    expect((await client.call('GET /organizations')).status).toBe(200);
  });

  it('fails any request if the fault has no method and no path', async () => {
    await client.call('POST /_sandbox/faults', { status: 503 });
    expect((await client.call('DELETE /connections/conn_nope')).status).toBe(503);
  });

  it.each([
    ['503', 503, null],
    ['429', 429, '1'],
    ['429; retry_after=7', 429, '7'],
  ])('fails the one request that has X-Sandbox-Fault: %s', async (fault, status, retryAfter) => {
    const failed = await client.call('GET /organizations', undefined, { 'X-Sandbox-Fault': fault });
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect((await client.call('GET /organizations')).status).toBe(200);
  });

  it('explains the format of the header', async () => {
    const failed = await client.call('GET /organizations', undefined, { 'X-Sandbox-Fault': 'slow' });
    expect([failed.status, failed.body['message']]).toEqual([422, expect.stringContaining('429; retry_after=2')]);
  });

  describeErrors(() => client, [['POST /_sandbox/faults', { status: 200 }, 422, { errors: [{ field: 'status' }] }]]);
});
