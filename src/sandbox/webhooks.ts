import { createHmac } from 'node:crypto';
import type { Delivery } from './events.ts';

/** How long an endpoint may take to answer, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** Delivers events to webhook endpoints on this machine. */
export interface WebhookSender {
  /** Starts the deliveries and returns at once. What fails is not tried again. */
  send(deliveries: readonly Delivery[]): void;
  /** Waits until what is under way has ended. */
  close(): Promise<void>;
}

/**
 * Creates a sender that signs each delivery as WorkOS does (https://workos.com/docs/events/data-syncing/webhooks). Only
 * loopback URLs are called, because sample data must not leave the machine.
 * @param now the clock, in milliseconds
 */
export function createWebhookSender(now: () => number): WebhookSender {
  const underWay = new Set<Promise<void>>();
  // One after another, so that an endpoint sees the events in their order.
  let last: Promise<void> = Promise.resolve();
  return {
    send(deliveries) {
      for (const { endpoint, event } of deliveries) {
        if (!isLoopback(endpoint.endpoint_url)) continue;
        const { object: _, updated_at: __, ...body } = event;
        const text = JSON.stringify(body);
        const time = now();
        const signature = createHmac('sha256', endpoint.secret).update(`${time}.${text}`).digest('hex');
        const headers = { 'Content-Type': 'application/json', 'WorkOS-Signature': `t=${time}, v1=${signature}` };
        const post = {
          method: 'POST',
          headers,
          body: text,
          redirect: 'manual',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        } as const;
        last = last.then(() => fetch(endpoint.endpoint_url, post).then(drain, () => undefined));
        const delivery = last;
        underWay.add(delivery);
        void delivery.finally(() => underWay.delete(delivery));
      }
    },
    close: async () => void (await Promise.all(underWay)),
  };
}

async function drain(response: Response): Promise<void> {
  await response.arrayBuffer().catch(() => undefined);
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  return (
    /^https?:$/.test(protocol) && (/^127\.\d+\.\d+\.\d+$/.test(hostname) || ['localhost', '[::1]'].includes(hostname))
  );
}
