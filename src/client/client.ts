import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import { ApiError, CancelledError, NetworkError } from '../errors/errors.ts';
import { parseErrorBody } from './error-body.ts';
import { type Proxies, proxyFor, throughProxy } from './proxy.ts';
import { RateLimiter } from './rate-limit.ts';
import type { RequestPlan } from './request-plan.ts';
import { decideRetry, isAmbiguous, type Outcome, retryAfterSeconds, type Sleep, sleep } from './retry.ts';
import { Lost, lost } from './transport-error.ts';

/** What a client needs to know; times in milliseconds. Clock, chance and waiting are given, so that tests own them. */
export interface ClientOptions {
  /** Scheme, host and optional path prefix, without a trailing slash. */
  baseUrl: string;
  userAgent: string;
  timeoutMs: number;
  maxRetries: number;
  /** Most bytes of one body; 64 MiB where left out. */
  maxBodyBytes?: number;
  /** Proxies as in HTTPS_PROXY, HTTP_PROXY and NO_PROXY; undefined for a direct connection. */
  proxy?: Proxies | undefined;
  dispatcher?: Dispatcher;
  sleep?: Sleep;
  now?: () => number;
  random?: () => number;
  /** Told of every attempt; never of the key, the query or a body. */
  observe?: (event: AttemptReport) => void;
}

/** One attempt, for the log. */
export interface AttemptReport {
  route: string;
  attempt: number;
  ms: number;
  status: number | undefined;
  requestId: string | undefined;
  error: string | undefined;
  waitMs: number | undefined;
}

export interface OutgoingRequest extends RequestPlan {
  /** The route for the log: the path itself may hold a token. */
  label: string;
  /** The Bearer token, if any. */
  bearer: string | undefined;
  replayable?: boolean;
  signal: AbortSignal;
  /** Called before a wait that a rate limit or a retry asks for. */
  waiting?: (ms: number, why: string) => void;
}

export interface ApiResponse {
  status: number;
  /** The parsed JSON, or undefined where the body was empty. */
  body: unknown;
  requestId: string | undefined;
  attempts: number;
}

export interface WorkOSClient {
  /** Sends with retries. Throws ApiError, NetworkError or Cancelled. */
  request(send: OutgoingRequest): Promise<ApiResponse>;
  /** One attempt, no retries, any status is an answer. */
  look(
    method: 'GET' | 'HEAD' | 'OPTIONS',
    path: string,
    bearer: string | undefined,
    signal: AbortSignal,
  ): Promise<{ status: number; ms: number; headers: Record<string, string>; text: string }>;
  close(): Promise<void>;
}

/** Far above any real answer; keeps an endless body from filling the memory. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** What was asked for, for the errors. */
interface Tried {
  method: RequestPlan['method'];
  path: string;
  attempts: number;
}

interface Raw {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** A client for one environment. Connects at the first request and keeps connections alive. */
export function createClient(options: ClientOptions): WorkOSClient {
  const { sleep: wait = sleep, now = Date.now, random = Math.random } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const pace = new RateLimiter();
  let made: Dispatcher | undefined;
  const dispatcher = () => {
    made ??= options.dispatcher ?? createDispatcher(options);
    return made;
  };

  async function attempt(
    send: Omit<OutgoingRequest, 'waiting' | 'label'>,
    headers: Record<string, string>,
    number: number,
  ): Promise<Raw> {
    // undici would connect first.
    if (send.signal.aborted) throw new CancelledError();
    // AbortSignal.timeout() and any() would do the same, at a third of the price of a whole call.
    const ended = new AbortController();
    const end = () => ended.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end();
    }, options.timeoutMs);
    send.signal.addEventListener('abort', end, { once: true });
    try {
      const response = await dispatcher().request({
        origin: base.origin,
        path: `${prefix}${send.path}${send.query && `?${send.query}`}`,
        // undici's list of methods has every one of ours.
        method: send.method as Dispatcher.HttpMethod,
        headers,
        body: send.body === undefined ? null : JSON.stringify(send.body),
        signal: ended.signal,
      });
      const flat = flatten(response.headers);
      return {
        status: response.statusCode,
        headers: flat,
        text: await readText(response.body, response.statusCode, flat, {
          tried: { method: send.method, path: send.path, attempts: number },
          maxBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
        }),
      };
    } catch (error) {
      if (send.signal.aborted) throw new CancelledError();
      if (late) throw new Lost(`no complete answer within ${options.timeoutMs} ms`, 'ETIMEDOUT', true, error);
      if (error instanceof ApiError) throw error;
      throw lost(error);
    } finally {
      clearTimeout(timer);
      send.signal.removeEventListener('abort', end);
    }
  }

  function headersOf(send: Pick<OutgoingRequest, 'method' | 'bearer' | 'body'>): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': options.userAgent,
      ...(send.bearer !== undefined && { authorization: `Bearer ${send.bearer}` }),
      ...(send.body !== undefined && { 'content-type': 'application/json' }),
      ...(send.method === 'POST' && { 'idempotency-key': randomUUID() }),
    };
  }

  async function request(send: OutgoingRequest): Promise<ApiResponse> {
    const headers = headersOf(send);
    const repeatable = { method: send.method, replayable: send.replayable ?? false };
    const tried = (attempts: number) => ({ method: send.method, path: send.path, attempts });
    let mayHaveHappened = false;
    for (let number = 1; ; number++) {
      const paceMs = pace.reserve(send, now());
      if (paceMs > 0) {
        send.waiting?.(paceMs, 'to keep under the rate limit');
        await wait(paceMs, send.signal);
      }
      const started = now();
      const raw = await attempt(send, headers, number).catch((error: unknown) => {
        if (error instanceof Lost) return error;
        throw error;
      });
      const ms = now() - started;
      const report = (waitMs?: number) =>
        options.observe?.({
          route: send.label,
          attempt: number,
          ms,
          status: raw instanceof Lost ? undefined : raw.status,
          requestId: raw instanceof Lost ? undefined : raw.headers['x-request-id'],
          error: raw instanceof Lost ? (raw.code ?? raw.message) : undefined,
          waitMs,
        });

      if (!(raw instanceof Lost) && raw.status >= 200 && raw.status < 300) {
        report();
        return { ...readBody(raw, tried(number), send.method), attempts: number };
      }
      // The first attempt did the work and its answer was lost on the way.
      if (!(raw instanceof Lost) && raw.status === 404 && send.method === 'DELETE' && mayHaveHappened) {
        report();
        return { status: 204, body: undefined, requestId: raw.headers['x-request-id'], attempts: number };
      }

      const said =
        raw instanceof Lost ? undefined : parseErrorBody(raw.status, raw.headers['content-type'] ?? '', raw.text);
      const retryAfter = raw instanceof Lost ? undefined : retryAfterSeconds(raw.headers['retry-after'], now());
      const outcome: Outcome =
        raw instanceof Lost
          ? { kind: 'failure', arrived: raw.arrived }
          : { kind: 'answer', status: raw.status, code: said?.code, retryAfter };
      mayHaveHappened ||= isAmbiguous(outcome);
      const decision = decideRetry(repeatable, outcome, number, options.maxRetries, random());
      report(decision.retry ? decision.waitMs : undefined);
      if (decision.retry) {
        const why = raw instanceof Lost ? raw.message : `status ${raw.status}`;
        send.waiting?.(decision.waitMs, `before attempt ${number + 1}: ${why}`);
        await wait(decision.waitMs, send.signal);
        continue;
      }
      if (raw instanceof Lost) {
        throw new NetworkError(raw.message, {
          tried: tried(number),
          timedOut: raw.code === 'ETIMEDOUT' || raw.code === 'UND_ERR_CONNECT_TIMEOUT',
          mayHaveHappened,
          code: raw.code,
          cause: raw.cause,
        });
      }
      throw new ApiError(
        raw.status >= 300 && raw.status < 400
          ? `status ${raw.status}, a redirect to ${hostOf(raw.headers['location'])}; it was not followed, because the key would go along`
          : (said?.message ?? ''),
        {
          tried: tried(number),
          status: raw.status,
          code: said?.code,
          errors: said?.errors,
          requestId: raw.headers['x-request-id'],
          retryAfter,
          mayHaveHappened,
        },
      );
    }
  }

  return {
    request,
    async look(method, path, bearer, signal) {
      const started = now();
      // A probe is built from fixed text or a checked URL; its query is part of the path.
      const mark = path.indexOf('?');
      const [pathname, query] = mark < 0 ? [path, ''] : [path.slice(0, mark), path.slice(mark + 1)];
      try {
        const raw = await attempt(
          { method: method as RequestPlan['method'], path: pathname, query, body: undefined, bearer, signal },
          headersOf({ method: 'GET', bearer, body: undefined }),
          1,
        );
        return { ...raw, ms: now() - started };
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        throw new NetworkError(error.message, {
          tried: { method, path: pathname, attempts: 1 },
          timedOut: error.code === 'ETIMEDOUT',
          mayHaveHappened: false,
          code: error.code,
          cause: error.cause,
        });
      }
    },
    async close() {
      await made?.destroy();
    },
  };
}

function createDispatcher({ baseUrl, proxy, timeoutMs }: ClientOptions): Dispatcher {
  // Shorter than the attempt's own limit, so that a connection that never came is told from an answer that never came.
  const connect = { timeout: Math.max(1, Math.min(10_000, Math.floor(timeoutMs * 0.8))) };
  // The attempt's deadline ends every wait; undici's own clocks go by half seconds and would be first at times.
  const limits = { connections: 64, connect, bodyTimeout: 0, headersTimeout: 0 };
  const used = proxyFor(new URL(baseUrl), proxy);
  return used ? throughProxy(used, limits) : new Agent(limits);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
}

async function readText(
  body: Dispatcher.ResponseData['body'],
  status: number,
  headers: Record<string, string>,
  { tried, maxBytes }: { tried: Tried; maxBytes: number },
): Promise<string> {
  const unreadable = (message: string) =>
    new ApiError(message, {
      tried,
      status,
      requestId: headers['x-request-id'],
      mayHaveHappened: tried.method !== 'GET' && (status < 300 || isAmbiguous({ kind: 'answer', status })),
    });
  const encoding = headers['content-encoding'];
  // Nothing compressed was asked for; unpacking it anyway would let a few bytes fill the memory.
  if (encoding && encoding !== 'identity') {
    const what = `a body in ${encoding}, which was not asked for`;
    // Unread, it would hold its connection.
    body.on('error', () => {}).destroy();
    if (status < 300) throw unreadable(what);
    // The status alone says what a failure is worth.
    return what;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw unreadable(`a body of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  // undici frees the connection a moment after the end of the body; before that, the next request would open another.
  await setImmediate();
  return Buffer.concat(chunks).toString('utf8');
}

function readBody(raw: Raw, tried: Tried, method: string): Omit<ApiResponse, 'attempts'> {
  const requestId = raw.headers['x-request-id'];
  if (raw.text.trim() === '') return { status: raw.status, body: undefined, requestId };
  try {
    return { status: raw.status, body: JSON.parse(raw.text), requestId };
  } catch {
    const { message } = parseErrorBody(raw.status, raw.headers['content-type'] ?? '', raw.text);
    throw new ApiError(`success that cannot be read: ${message}`, {
      tried,
      status: raw.status,
      requestId,
      mayHaveHappened: method !== 'GET',
    });
  }
}

function hostOf(location: string | undefined): string {
  try {
    return new URL(location ?? '').host;
  } catch {
    return 'an unreadable place';
  }
}
