import { randomUUID } from 'node:crypto';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { ApiError, type AttemptedRequest, CancelledError, NetworkError } from '../errors/errors.ts';
import { truncate } from '../text/truncate.ts';
import { type ErrorBody, parseErrorBody } from './error-body.ts';
import { type Proxies, proxyFor } from './proxy.ts';
import { RateLimiter, type RequestLimits } from './rate-limit.ts';
import type { RequestPlan } from './request-plan.ts';
import { parseSuccess, type RawResponse, readResponse } from './response-body.ts';
import { decideRetry, isAmbiguous, type Outcome, retryAfterSeconds, type Sleep, sleep } from './retry.ts';
import { noteConnectFailure, type TransportError, transportError } from './transport-error.ts';

/** An HTTP client for one WorkOS environment. */
export interface WorkOSClient {
  /**
   * Sends a request, with retries.
   * @throws {ApiError} for any response but a readable success.
   * @throws {NetworkError} if no complete response arrived.
   * @throws {CancelledError} if the signal was aborted.
   */
  request(request: OutgoingRequest): Promise<ApiResponse>;
  /** Makes one attempt, without retries. Any status is a response. @throws {NetworkError} {@link CancelledError} */
  probe(
    method: 'GET' | 'HEAD' | 'OPTIONS',
    path: string,
    bearer: string | undefined,
    signal: AbortSignal,
  ): Promise<{ status: number; ms: number; headers: Readonly<Record<string, string>> }>;
  close(): Promise<void>;
}

/** Options for createClient(). Clock, random numbers, and sleep are injectable for tests. */
export interface ClientOptions {
  /** Scheme, host, and optional path prefix, without a trailing slash. */
  baseUrl: string;
  userAgent: string;
  /** Milliseconds for one attempt, from connecting to the last byte. */
  timeoutMs: number;
  /** The most attempts after the first. */
  maxRetries: number;
  /** The largest body in bytes; 64 MiB by default. */
  maxBodyBytes?: number;
  /** Proxies as in HTTPS_PROXY, HTTP_PROXY, and NO_PROXY; undefined for direct connections. */
  proxy?: Proxies | undefined;
  dispatcher?: Dispatcher;
  /** By default, limits for this client alone. */
  limits?: RequestLimits;
  sleep?: Sleep;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** A number in [0, 1), for the jitter. */
  random?: () => number;
  /** Called after every attempt; never gets the key, the query string, or a body. */
  observe?: (attempt: AttemptReport) => void;
}

/** One attempt, for the log. */
export interface AttemptReport {
  route: string;
  attempt: number;
  ms: number;
  status: number | undefined;
  requestId: string | undefined;
  error: string | undefined;
  /** Milliseconds until the next attempt; undefined if there is none. */
  waitMs: number | undefined;
}

/** A planned request, and the settings for sending it. */
export interface OutgoingRequest extends RequestPlan {
  /** The route, for the log: the path itself may contain a token. */
  label: string;
  /** The Bearer token, if any. */
  bearer: string | undefined;
  /** Sending it twice has the same effect as once. Any other request is retried only if it was certainly not carried out. */
  repeatable: boolean;
  signal: AbortSignal;
  /** Called before the client waits for a rate limit or a retry. */
  onWait?: (ms: number, reason: string) => void;
  /** Called when such a wait is over. */
  onWaited?: () => void;
}

/** The response to a successful request. */
export interface ApiResponse {
  status: number;
  /** The parsed JSON; undefined if the body is empty, an UnparsedBody if it is large. */
  body: unknown;
  requestId: string | undefined;
  attempts: number;
}

type AttemptResult = ({ kind: 'response' } & RawResponse) | TransportError;

/** Creates a client. It connects at the first request and keeps connections alive. */
export function createClient(options: ClientOptions): WorkOSClient {
  const { sleep: wait = sleep, now = Date.now, random = Math.random } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const limits: RequestLimits = options.limits ?? new RateLimiter();
  let dispatcher: Dispatcher | undefined;

  async function attempt(
    request: Pick<OutgoingRequest, 'path' | 'query' | 'body' | 'signal'> & { method: Dispatcher.HttpMethod },
    headers: Record<string, string>,
    number: number,
  ): Promise<AttemptResult> {
    // undici would connect before it checks the signal.
    if (request.signal.aborted) throw new CancelledError();
    dispatcher ??= options.dispatcher ?? createDispatcher(options);
    // AbortSignal.timeout() and AbortSignal.any() would do the same, but would cost a third of a whole call.
    const controller = new AbortController();
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        controller.abort();
        reject(controller.signal.reason);
      };
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      abort();
    }, options.timeoutMs);
    request.signal.addEventListener('abort', abort, { once: true });
    try {
      const sent = dispatcher.request({
        origin: base.origin,
        path: `${prefix}${request.path}${request.query && `?${request.query}`}`,
        method: request.method,
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: controller.signal,
      });
      // undici notices the signal only once it is connected, and a proxy can keep it waiting.
      const response = await Promise.race([sent, aborted]);
      return { kind: 'response', ...(await readResponse(response, attempted(request, number), options.maxBodyBytes)) };
    } catch (error) {
      if (request.signal.aborted) throw new CancelledError(true);
      if (timedOut) {
        const message = `no complete response within ${options.timeoutMs} ms`;
        return { kind: 'transport-error', message, code: 'ETIMEDOUT', mayHaveArrived: true, cause: error };
      }
      if (error instanceof ApiError) throw error;
      return transportError(error);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', abort);
    }
  }

  function headersOf(request: Pick<OutgoingRequest, 'method' | 'bearer' | 'body'>): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': options.userAgent,
      ...(request.bearer !== undefined && { authorization: `Bearer ${request.bearer}` }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...(request.method === 'POST' && { 'idempotency-key': randomUUID() }),
    };
  }

  async function request(outgoing: OutgoingRequest): Promise<ApiResponse> {
    const headers = headersOf(outgoing);
    let mayHaveSucceeded = false;
    const pace = {
      now,
      sleep: wait,
      signal: outgoing.signal,
      onWait: (ms: number) => outgoing.onWait?.(ms, 'to stay under the rate limit'),
    };
    try {
      for (let number = 1; ; number++) {
        const answered = await limits.waitForSlot(outgoing, pace);
        outgoing.onWaited?.();
        const started = now();
        const result = await attempt(outgoing, headers, number).finally(() => answered?.(now()));
        const ms = now() - started;
        const report = (waitMs?: number) => options.observe?.(reportOf(result, outgoing.label, number, ms, waitMs));

        if (result.kind === 'response') {
          const requestId = result.headers['x-request-id'];
          if (result.status >= 200 && result.status < 300) {
            report();
            const body = parseSuccess(result, attempted(outgoing, number));
            return { status: result.status, body, requestId, attempts: number };
          }
          // An earlier attempt deleted the object and its response was lost.
          if (result.status === 404 && outgoing.method === 'DELETE' && mayHaveSucceeded) {
            report();
            return { status: 204, body: undefined, requestId, attempts: number };
          }
        }

        const problem = result.kind === 'response' ? errorBodyOf(result) : undefined;
        const outcome = outcomeOf(result, problem, now());
        mayHaveSucceeded ||= isAmbiguous(outcome);
        const decision = decideRetry(outgoing.repeatable, outcome, number, options.maxRetries, random());
        report(decision.retry ? decision.waitMs : undefined);
        if (!decision.retry) throw finalError(result, problem, outcome, attempted(outgoing, number), mayHaveSucceeded);
        const reason = result.kind === 'response' ? `status ${result.status}` : (result.code ?? 'no response');
        outgoing.onWait?.(decision.waitMs, `before attempt ${number + 1}: ${reason}`);
        await wait(decision.waitMs, outgoing.signal);
      }
    } catch (error) {
      // The cancelled attempt or wait does not know about earlier attempts.
      throw error instanceof CancelledError && mayHaveSucceeded ? new CancelledError(true) : error;
    }
  }

  return {
    request,
    async probe(method, target, bearer, signal) {
      const started = now();
      // A probe's query string is part of its target.
      const { path, query } = splitQuery(target);
      const plan = { method, path, query, body: undefined, signal };
      const result = await attempt(plan, headersOf({ method: 'GET', bearer, body: undefined }), 1);
      if (result.kind === 'response') {
        return { status: result.status, headers: result.headers, ms: now() - started };
      }
      throw networkError(result, attempted(plan, 1), false);
    },
    async close() {
      await dispatcher?.destroy();
    },
  };
}

function createDispatcher({ baseUrl, proxy, timeoutMs }: ClientOptions): Dispatcher {
  // Shorter than the attempt's own limit, so that a failure to connect is distinguished from a missing response.
  const connect = { timeout: Math.max(1, Math.min(10_000, Math.floor(timeoutMs * 0.8))) };
  // The attempt has its own deadline; undici's timers tick in half seconds and would sometimes fire first.
  const limits = { connections: 64, connect, bodyTimeout: 0, headersTimeout: 0, factory: createPool };
  const used = proxyFor(new URL(baseUrl), proxy);
  if (!used) return new Agent(limits);
  // A tunnel is part of connecting. undici would wait five minutes for the proxy's answer.
  const clientFactory = (origin: URL, options: object) =>
    new Pool(origin, { ...options, headersTimeout: connect.timeout });
  return new ProxyAgent({ ...limits, uri: used, clientFactory, proxyTls: connect, requestTls: connect });
}

/** The connections to one origin. Through a proxy, refusing the tunnel is a failure to connect too. */
function createPool(origin: string | URL, options: Pool.Options): Pool {
  const pool = new Pool(origin, options);
  // Emitted before the request itself fails with this error.
  pool.on('connectionError', (_origin, _targets, error) => noteConnectFailure(error));
  return pool;
}

function attempted({ method, path }: { method: string; path: string }, attempts: number): AttemptedRequest {
  return { method, path, attempts };
}

function splitQuery(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function errorBodyOf({ status, headers, text }: RawResponse): ErrorBody {
  return parseErrorBody(status, headers['content-type'] ?? '', text);
}

function outcomeOf(result: AttemptResult, problem: ErrorBody | undefined, now: number): Outcome {
  if (result.kind === 'transport-error') return { kind: 'no-response', mayHaveArrived: result.mayHaveArrived };
  const retryAfter = retryAfterSeconds(result.headers['retry-after'], now);
  return { kind: 'response', status: result.status, code: problem?.code, retryAfter };
}

function finalError(
  result: AttemptResult,
  problem: ErrorBody | undefined,
  outcome: Outcome,
  request: AttemptedRequest,
  mayHaveSucceeded: boolean,
): ApiError | NetworkError {
  if (result.kind === 'transport-error') return networkError(result, request, mayHaveSucceeded);
  const redirect = result.status >= 300 && result.status < 400;
  return new ApiError(redirect ? redirectMessage(result) : (problem?.message ?? ''), {
    request,
    status: result.status,
    code: problem?.code,
    errors: problem?.errors,
    details: problem?.details,
    requestId: result.headers['x-request-id'],
    retryAfter: outcome.kind === 'response' ? outcome.retryAfter : undefined,
    mayHaveSucceeded,
  });
}

const TIMEOUTS = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'];

function networkError(error: TransportError, request: AttemptedRequest, mayHaveSucceeded: boolean): NetworkError {
  return new NetworkError(error.message, {
    request,
    timedOut: TIMEOUTS.includes(error.code ?? ''),
    mayHaveSucceeded,
    code: error.code,
    cause: error.cause,
  });
}

function redirectMessage({ status, headers }: RawResponse): string {
  const location = headers['location'] ?? '';
  const host = URL.canParse(location) ? truncate(new URL(location).host, 100) : 'an invalid location';
  return `status ${status}, a redirect to ${host}. It was not followed, because that would send the key to another address`;
}

function reportOf(
  result: AttemptResult,
  route: string,
  attempt: number,
  ms: number,
  waitMs: number | undefined,
): AttemptReport {
  return result.kind === 'response'
    ? {
        route,
        attempt,
        ms,
        status: result.status,
        requestId: result.headers['x-request-id'],
        error: undefined,
        waitMs,
      }
    : { route, attempt, ms, status: undefined, requestId: undefined, error: result.code ?? result.message, waitMs };
}
