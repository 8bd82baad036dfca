import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('the rate limit', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  it('allows four user lists per second for each directory', async () => {
    const acme = await client.idOf('/directories', 'Acme Okta SCIM');
    const northwind = await client.idOf('/directories', 'Northwind Entra ID');
    const list = (directory: string) => client.call(`GET /directory_users?directory=${directory}&limit=1`);
    for (let read = 0; read < 4; read++) expect((await list(acme)).status).toBe(200);
    const over = await list(acme);
    expect([over.status, over.body, over.headers.get('retry-after')]).toEqual([429, 'Ratelimited', '1']);
    expect((await list(northwind)).status).toBe(200);
    client.advance(999);
    expect((await list(acme)).status).toBe(429);
    client.advance(1);
    expect((await list(acme)).status).toBe(200);
  });
});
