import type { ClientOptions } from '../../src/client/client.ts';
import {
  type ApiResponse,
  type AttemptReport,
  createClient,
  type OutgoingRequest,
  type WorkOSClient,
} from '../../src/client/client.ts';
import { ApiError, CancelledError, NetworkError } from '../../src/errors/errors.ts';

export const KEY = 'sk_test_neverseen0123456789';

export interface TestClient {
  client: WorkOSClient;
  /** The report of every attempt. */
  attempts: AttemptReport[];
  /** The waits before retries, in milliseconds. They return immediately. */
  waits: number[];
  send(method: OutgoingRequest['method'], more?: Partial<OutgoingRequest>): Promise<ApiResponse>;
  /** Sends a request that must fail. Returns its error, after checking that it and the reports lack the key. */
  fail(method: OutgoingRequest['method'], more?: Partial<OutgoingRequest>): Promise<ApiError | NetworkError>;
}

/** A client that does not wait between attempts. Its jitter is always the maximum. */
export function testClient(baseUrl: string, options: Partial<ClientOptions> = {}): TestClient {
  const attempts: AttemptReport[] = [];
  const waits: number[] = [];
  const client = createClient({
    baseUrl,
    userAgent: 'workos-mcp/1.2.3 (node/20.19.0)',
    timeoutMs: 5_000,
    maxRetries: 3,
    sleep: async (ms) => void waits.push(ms),
    random: () => 1,
    observe: (attempt) => attempts.push(attempt),
    ...options,
  });
  const send: TestClient['send'] = (method, more = {}) =>
    client.request({
      method,
      path: '/things/thing_1',
      query: '',
      body: method === 'GET' || method === 'DELETE' ? undefined : { name: 'n' },
      label: `${method} /things/{thing_id}`,
      bearer: KEY,
      repeatable: method !== 'POST',
      signal: new AbortController().signal,
      ...more,
    });
  return {
    client,
    attempts,
    waits,
    send,
    async fail(method, more) {
      const error: unknown = await send(method, more).then(
        (response) => new Error(`the request succeeded with ${JSON.stringify(response)}`),
        (reason: unknown) => reason,
      );
      if (!(error instanceof ApiError || error instanceof NetworkError)) throw error;
      expectNoKey(error);
      expectNoKey(attempts);
      return error;
    },
  };
}

/** Throws if the key is anywhere in the value, including the causes and stacks of errors. */
export function expectNoKey(value: unknown): void {
  const seen = new Set<unknown>();
  const visit = (part: unknown): void => {
    if (typeof part === 'string' && part.includes(KEY)) throw new Error('the key was leaked');
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    if (part instanceof Error) for (const own of [part.message, part.stack, part.cause]) visit(own);
    for (const own of Object.values(part)) visit(own);
  };
  visit(value);
}

/** Waits for a call that must be cancelled. Returns its error. */
export async function cancelled(call: Promise<unknown>): Promise<CancelledError> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (error instanceof CancelledError) return error;
  throw new Error(`the call was not cancelled: ${String(error)}`);
}
