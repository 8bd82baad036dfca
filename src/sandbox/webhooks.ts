import { createHmac } from 'node:crypto';
import type { Delivery } from './events.ts';
import { isLoopback } from './http/url.ts';

/** How long an endpoint may take to answer, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** How many deliveries to an endpoint may wait for earlier ones. Any more are dropped. */
const MOST_WAITING = 500;

/** Delivers events to webhook endpoints on this machine. */
export interface WebhookSender {
  /** Starts the deliveries and returns immediately. Failed ones are not retried, and an endpoint that lags loses some. */
  send(deliveries: readonly Delivery[]): void;
  /** Aborts the deliveries in progress. */
  close(): Promise<void>;
}

/**
 * Creates a sender that signs each delivery as WorkOS does (https://workos.com/docs/events/data-syncing/webhooks). Only
 * loopback URLs are called, because sample data must not leave the machine.
 * @param now the clock, in milliseconds
 */
export function createWebhookSender(now: () => number): WebhookSender {
  const closing = new AbortController();
  /** The last unfinished delivery to each endpoint. The next one waits for it, to keep the order. */
  const underWay = new Map<string, Promise<void>>();
  /** The number of unfinished deliveries to each endpoint. */
  const waiting = new Map<string, number>();
  const ended = (id: string) => {
    const left = (waiting.get(id) ?? 0) - 1;
    waiting.set(id, left);
    if (left > 0) return;
    waiting.delete(id);
    underWay.delete(id);
  };
  return {
    send(deliveries) {
      for (const delivery of deliveries) {
        const { id, endpoint_url } = delivery.endpoint;
        const before = waiting.get(id) ?? 0;
        if (closing.signal.aborted || !isLoopback(endpoint_url) || before > MOST_WAITING) continue;
        waiting.set(id, before + 1);
        const request = signedRequest(delivery, now());
        const previous = underWay.get(id) ?? Promise.resolve();
        const current = previous.then(() => post(endpoint_url, request, closing.signal)).finally(() => ended(id));
        underWay.set(id, current);
      }
    },
    async close() {
      closing.abort();
      await Promise.all(underWay.values());
    },
  };
}

function signedRequest({ endpoint, event }: Delivery, time: number): RequestInit {
  const { id, event: name, data, created_at } = event;
  const body = JSON.stringify({ id, event: name, data, created_at });
  const signature = createHmac('sha256', endpoint.secret).update(`${time}.${body}`).digest('hex');
  const headers = { 'Content-Type': 'application/json', 'WorkOS-Signature': `t=${time}, v1=${signature}` };
  return { method: 'POST', headers, body, redirect: 'manual' };
}

/** Never rejects: a failed delivery is not reported. */
async function post(url: string, request: RequestInit, closing: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { ...request, signal });
    // The body is not needed, and may be endless.
    await response.body?.cancel();
  } catch {
    // A failed delivery is not reported.
  }
}
