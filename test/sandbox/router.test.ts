import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('the router', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  it.each([
    ['without a key', {}],
    ['with another key', { Authorization: 'Bearer sk_test_other' }],
    ['with another scheme', { Authorization: 'Basic sk_test_sandbox' }],
  ])('answers 401 to a request %s', async (_case, headers) => {
    const response = await fetch(`${client.sandbox.url}/organizations`, { headers });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
  });

  describeErrors(
    () => client,
    [
      ['GET /nothing', undefined, 501, { code: 'not_simulated', message: expect.stringContaining('sk_test_') }],
      ['PATCH /organizations/org_nope', {}, 501, { code: 'not_simulated' }],
      ['GET /organizations/%E0%A4%A', undefined, 400, { code: 'bad_request' }],
    ],
  );
});
