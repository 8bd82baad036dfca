import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebhookEndpoint, WorkOSEvent } from '../../src/sandbox/resources/events.ts';
import { createWebhookSender } from '../../src/sandbox/webhooks.ts';
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';

interface Received {
  path: string | undefined;
  signature: string;
  text: string;
}

describe('webhooks', () => {
  let client: SandboxClient;
  let receiver: Server;
  let received: Received[];
  let url: string;
  /** How many requests the receiver has not answered yet, and the most at one time. */
  let [open, mostOpen] = [0, 0];

  beforeEach(async () => {
    client = await startSandboxClient();
    received = [];
    [open, mostOpen] = [0, 0];
    receiver = createServer((incoming, response) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      incoming.on('end', () => {
        received.push({ path: incoming.url, signature: String(incoming.headers['workos-signature']), text });
        if (incoming.url === '/silent') return;
        if (incoming.url === '/endless') return response.on('error', () => {}).write('x');
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        // A delivery that does not wait for this answer arrives before it.
        setImmediate(() => {
          open -= 1;
          response.writeHead(incoming.url === '/broken' ? 500 : 200).end();
        });
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has this type of address.
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await client.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  const subscribe = async (path: string, events: string[]) =>
    (await client.call('POST /webhook_endpoints', { endpoint_url: url + path, events })).body;
  const createOrganization = (name: string) => client.call('POST /organizations', { name });
  const arrived = (path: string) => received.filter((delivery) => delivery.path === path);
  const arrival = (path: string, count: number) => vi.waitFor(() => expect(arrived(path)).toHaveLength(count), 5_000);

  it('carry the event as GET /events lists it, signed with the endpoint’s secret', async () => {
    const { secret } = await subscribe('/hooks', ['organization.created']);
    await createOrganization('Zürich Books');
    await arrival('/hooks', 1);
    const [{ signature, text } = { signature: '', text: '' }] = received;
    const [, time, hash] = /^t=(\d+), v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(Number(time)).toBe(Date.parse('2026-11-02T09:00:00.000Z'));
    expect(hash).toBe(createHmac('sha256', String(secret)).update(`${time}.${text}`).digest('hex'));
    const [listed] = (await client.call('GET /events?limit=1')).body.data;
    expect({ object: 'event', ...JSON.parse(text) }).toEqual(listed);
  });

  it('arrive one by one in the order of the events, if the endpoint has subscribed to them', async () => {
    await subscribe('/hooks', ['organization.created', 'user.created']);
    for (const name of ['one', 'two', 'three']) {
      const { id } = (await createOrganization(name)).body;
      await client.call(`PUT /organizations/${id}`, { name: 'renamed' });
    }
    await client.call('POST /user_management/users', { email: 'ada@juniper.example' });
    await arrival('/hooks', 4);
    const seen = received.map(({ text }) => JSON.parse(text).data);
    expect(seen.map((data) => data.name ?? data.email)).toEqual(['one', 'two', 'three', 'ada@juniper.example']);
    expect(mostOpen).toBe(1);
  });

  it('are not sent to an endpoint that is disabled or deleted', async () => {
    const disabled = await subscribe('/disabled', ['organization.created']);
    const deleted = await subscribe('/deleted', ['organization.created']);
    await subscribe('/hooks', ['organization.created']);
    await client.call(`PATCH /webhook_endpoints/${disabled.id}`, { status: 'disabled' });
    await client.call(`DELETE /webhook_endpoints/${deleted.id}`);
    await createOrganization('one');
    await createOrganization('two');
    await arrival('/hooks', 2);
    expect(received).toHaveLength(2);
  });

  it('continue after an error response', async () => {
    await subscribe('/broken', ['organization.created']);
    await createOrganization('one');
    await createOrganization('two');
    await arrival('/broken', 2);
  });

  it('continue after a response that does not end', async () => {
    await subscribe('/endless', ['organization.created']);
    const start = performance.now();
    for (const name of ['one', 'two', 'three']) await createOrganization(name);
    await arrival('/endless', 3);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it('are dropped for an endpoint that lags far behind', async () => {
    // The only fields that a delivery reads.
    const endpoint = { id: 'we_1', endpoint_url: `${url}/hooks`, secret: 's' } as WebhookEndpoint;
    const event = { id: 'event_1', event: 'user.created', data: {} } as WorkOSEvent;
    const sender = createWebhookSender(Date.now);
    sender.send(Array.from({ length: 2_000 }, () => ({ endpoint, event })));
    await vi.waitFor(() => expect(arrived('/hooks').length).toBeGreaterThan(500), 20_000);
    sender.send([{ endpoint, event: { ...event, id: 'event_2' } }]);
    await vi.waitFor(() => expect(received.at(-1)?.text).toContain('event_2'), 5_000);
    expect(arrived('/hooks')).toHaveLength(502);
    await sender.close();
  });

  it('do not wait for an endpoint that never answers, and neither does close()', async () => {
    await subscribe('/silent', ['organization.created']);
    await subscribe('/hooks', ['organization.created']);
    for (const name of ['one', 'two', 'three']) expect((await createOrganization(name)).status).toBe(201);
    await arrival('/hooks', 3);
    expect(arrived('/silent')).toHaveLength(1);
    const start = performance.now();
    await client.close();
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(arrived('/silent')).toHaveLength(1);
  });
});
