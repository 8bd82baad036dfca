import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ENDPOINTS = '/webhook_endpoints';
const TAKEN = 'https://api.acme-robotics.example/webhooks/workos';

describe('webhook endpoints', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const create = (endpoint_url: string) => client.call(`POST ${ENDPOINTS}`, { endpoint_url, events: ['user.created'] });

  it.each(['https://juniper.example/hooks', 'http://127.0.0.1:9/', 'http://localhost:9/', 'http://[::1]:9/'])(
    'may be at %s',
    async (url) => {
      const { status, body } = await create(url);
      expect([status, body['endpoint_url'], body['status']]).toEqual([201, url, 'enabled']);
      expect(body['secret']).toMatch(/^whsec_\w{25}$/);
    },
  );

  it.each(['http://juniper.example/', 'http://127.0.0.1.example/', 'ftp://localhost/', 'juniper'])(
    'may not be at %s',
    async (url) => {
      const { status, body } = await create(url);
      expect([status, body['code']]).toEqual([422, 'invalid_url']);
    },
  );

  it('keep the fields that an update leaves out, and may repeat their own URL', async () => {
    const { id, secret } = (await create('https://juniper.example/hooks')).body;
    const changes = { endpoint_url: 'https://juniper.example/hooks', status: 'disabled' };
    const updated = (await client.call(`PATCH ${ENDPOINTS}/${id}`, changes)).body;
    expect(updated).toMatchObject({ ...changes, secret, events: ['user.created'] });
  });

  const gone = { code: 'entity_not_found', message: "Webhook Endpoint not found: 'we_nope'." };
  const events = ['user.created'];
  describeErrors(
    () => client,
    [
      [`POST ${ENDPOINTS}`, { endpoint_url: TAKEN, events }, 409, { code: 'duplicate_endpoint' }],
      [
        `POST ${ENDPOINTS}`,
        { endpoint_url: 'https://juniper.example' },
        422,
        { code: 'invalid_request_parameters', errors: [{ code: 'required', message: expect.any(String) }] },
      ],
      [
        `POST ${ENDPOINTS}`,
        { endpoint_url: 'https://juniper.example', events: ['vault.data.read'] },
        422,
        { code: 'invalid_request_parameters', errors: [{ field: 'events.0' }] },
      ],
      [`PATCH ${ENDPOINTS}/we_nope`, {}, 404, gone],
      [`PATCH ${ENDPOINTS}/we_nope`, { status: 'paused' }, 422, { code: 'invalid_request_parameters' }],
      [`DELETE ${ENDPOINTS}/we_nope`, undefined, 404, gone],
    ],
  );

  it('cannot take the URL of another endpoint', async () => {
    const { id: own } = (await create('https://juniper.example/hooks')).body;
    const { status, body } = await client.call(`PATCH ${ENDPOINTS}/${own}`, { endpoint_url: TAKEN });
    expect([status, body['code']]).toEqual([409, 'duplicate_endpoint']);
  });
});
