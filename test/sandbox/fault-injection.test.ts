import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('fault injection', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('fails as many matching requests as it was told to', async () => {
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

  describeErrors(() => client, [['POST /_sandbox/faults', { status: 200 }, 422, { errors: [{ field: 'status' }] }]]);
});
