import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';
import { ALL, callOf, type RpcAnswer, request } from '../team.ts';

/** The parts of WorkOS that a crowd needs. Records what is written, and when limited requests arrive. */
export interface NotingApi {
  url: string;
  /** How often each organization was created, by name, and each connection deleted, by id. */
  created: Map<string, number>;
  deleted: Map<string, number>;
  /** When the users of each directory were requested, in milliseconds. */
  arrivals: Map<string, number[]>;
  close(): Promise<void>;
}

const ORGANIZATIONS = Array.from({ length: 100 }, (_, at) => ({ id: `org_${at}`, external_id: 'x'.repeat(600) }));

export async function notingApi(): Promise<NotingApi> {
  const created = new Map<string, number>();
  const deleted = new Map<string, number>();
  const arrivals = new Map<string, number[]>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const answer = (response: ServerResponse, body: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const server = createServer((incoming, response) => {
    const at = performance.now();
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://api');
    const id = pathname.split('/').at(-1) ?? '';
    let text = '';
    incoming.on('data', (chunk) => {
      text += String(chunk);
    });
    incoming.on('end', () => {
      if (incoming.method === 'POST') {
        const { name } = JSON.parse(text);
        count(created, name);
        return answer(response, { object: 'organization', id: `org_${name}`, name }, 201);
      }
      if (incoming.method === 'DELETE') {
        count(deleted, id);
        return answer(response, undefined, 204);
      }
      if (pathname === '/directory_users') {
        const directory = searchParams.get('directory') ?? '';
        arrivals.set(directory, [...(arrivals.get(directory) ?? []), at]);
        return answer(response, { object: 'list', data: [], list_metadata: {} });
      }
      if (pathname === '/organizations') {
        const name = searchParams.get('search');
        const data = ORGANIZATIONS.map((organization) => ({ ...organization, name }));
        return answer(response, { object: 'list', data, list_metadata: {} });
      }
      if (pathname.startsWith('/organizations/')) return answer(response, { object: 'organization', id });
      return answer(response, { object: 'list', data: [], list_metadata: {} });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    created,
    deleted,
    arrivals,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What one call returned: an answer from the server, or a failure. */
type Outcome = { answer: RpcAnswer } | { broken: string };

/** What a crowd has seen. */
export interface Seen {
  calls: number;
  perSecond: number;
  /** The 50th and 99th percentiles of the latency of calls without a limit, in milliseconds. */
  p50: number;
  p99: number;
  /** How often a caller was told to retry because the instance was full. Such a call had not started. */
  busy: number;
  /** Calls without an answer from the server, counted by failure. */
  broken: Map<string, number>;
  /** Errors that the server returned, counted by the start of their message. */
  errors: Map<string, number>;
  /** What went wrong, one sentence each. */
  wrong: string[];
  /** The outcome of each creation by name and deletion by id: `done`, `refused`, or `unknown` without an answer. */
  creations: Map<string, string>;
  deletions: Map<string, string>;
}

export interface CrowdOptions {
  url: string;
  /** The CA certificate for `url`. */
  ca?: string;
  people: number;
  calls: number;
  /** Issues a token for a person. */
  token(sub: string): Promise<string>;
  /** Called after each call. */
  progress?(calls: number): void;
}

/** Twice as many as the limit allows in a second. */
const DIRECTORY_READERS = 8;

/**
 * Makes calls as many people at once, one call at a time each, and checks every answer against its call. Only the
 * directory readers make calls with a published limit, because otherwise the limits would determine the throughput.
 */
export async function crowd({ url, ca, people, calls, token, progress }: CrowdOptions): Promise<Seen> {
  const agent = new Agent({ connections: people * 2, keepAliveTimeout: 30_000, ...(ca && { connect: { ca } }) });
  const { origin, pathname } = new URL(url);
  const run = `r${Math.floor(performance.now())}`;
  const took: number[] = [];
  const seen: Seen = {
    calls: 0,
    perSecond: 0,
    p50: 0,
    p99: 0,
    busy: 0,
    broken: new Map(),
    errors: new Map(),
    wrong: [],
    creations: new Map(),
    deletions: new Map(),
  };
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

  async function send(bearer: string, message: { id: number; method: string }, timed = true): Promise<Outcome> {
    const begun = performance.now();
    try {
      const { statusCode, headers, body } = await agent.request({
        origin,
        path: pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify(message),
      });
      const text = await body.text();
      if (statusCode === 503 && headers['retry-after'] === '1') {
        seen.busy++;
        await delay(1_000);
        return await send(bearer, message, false);
      }
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      const answer: RpcAnswer = JSON.parse(text);
      if (answer.id !== message.id) seen.wrong.push(`the answer to ${answer.id} came for ${message.id}`);
      if (timed) took.push(performance.now() - begun);
      return { answer };
    } catch (error) {
      const broken = error instanceof Error ? error.message : 'no error';
      count(seen.broken, broken);
      return { broken };
    } finally {
      seen.calls++;
      progress?.(seen.calls);
    }
  }

  /** Calls a tool. Resolves to its value, its error, or undefined without an answer. */
  async function call(bearer: string, tool: string, input: Record<string, unknown>, timed = true) {
    const outcome = await send(bearer, callOf(tool, input), timed);
    if ('broken' in outcome) return undefined;
    const { content, isError } = outcome.answer.result ?? {};
    const value = JSON.parse(content?.[0]?.text ?? '{}');
    if (isError)
      count(
        seen.errors,
        String(value.error?.message)
          .replace(/[\d.:]{5,}/g, '…')
          .slice(0, 90),
      );
    return value;
  }

  const isLeft = () => seen.calls < calls;

  async function person(at: number): Promise<void> {
    const bearer = await token(`user_p${at}`);
    const stranger = await token(`user_p${(at + 1) % people}`);
    for (let step = at * 7; isLeft(); step++) {
      const name = `${run}p${at}s${step}`;
      const kind = step % 50;
      if (kind < 38) await read(bearer, name);
      else if (kind < 42) await create(bearer, name);
      else if (kind < 48) await remove(bearer, stranger, name);
      else await file(bearer, stranger, name);
    }
  }

  /** Requests the users of one directory over and over, as other readers do, so that together they exceed the limit. */
  async function directoryReader(at: number): Promise<void> {
    const bearer = await token(`user_p${at}`);
    while (isLeft()) {
      const value = await call(bearer, 'list_directory_users', { directory: `directory_${run}` }, false);
      if (value?.error) seen.wrong.push(`a limited request failed: ${value.error.message}`);
    }
  }

  async function read(bearer: string, name: string): Promise<void> {
    const value = await call(bearer, 'get_organization', { organization_id: name });
    if (value && value.id !== name) seen.wrong.push(`${name} was answered ${JSON.stringify(value).slice(0, 200)}`);
  }

  async function create(bearer: string, name: string): Promise<void> {
    const value = await call(bearer, 'call_write_tool', { tool: 'create_organization', arguments: { name } });
    if (value && !value.error && value.name !== name) seen.wrong.push(`${name} was answered ${value.name}`);
    seen.creations.set(name, value === undefined ? 'unknown' : value.error ? 'refused' : 'done');
  }

  async function remove(bearer: string, stranger: string, name: string): Promise<void> {
    const input = { tool: 'delete_connection', arguments: { connection_id: name } };
    const { confirmation } = (await call(bearer, 'call_destructive_tool', input)) ?? {};
    if (typeof confirmation !== 'string') return;
    const with_ = { ...input, confirmation };
    // First another person, then the caller twice at once, so that both instances get the code.
    const others = await call(stranger, 'call_destructive_tool', with_);
    if (others && !others.error) seen.wrong.push(`somebody else redeemed the code for ${name}`);
    const racing = await Promise.all([1, 2].map(() => call(bearer, 'call_destructive_tool', with_)));
    const done = racing.filter((value) => value && !value.error).length;
    if (done > 1) seen.wrong.push(`the code for ${name} was redeemed ${done} times`);
    seen.deletions.set(name, done > 0 ? 'done' : racing.includes(undefined) ? 'unknown' : 'refused');
  }

  async function file(bearer: string, stranger: string, name: string): Promise<void> {
    const { uri } = (await call(bearer, 'list_organizations', { all_pages: true, search: name })) ?? {};
    if (typeof uri !== 'string') return;
    const contents = async (who: string) => {
      const outcome = await send(who, request('resources/read', { uri }));
      return 'answer' in outcome ? outcome.answer.result?.contents?.[0]?.text : undefined;
    };
    const [own, others] = await Promise.all([contents(bearer), contents(stranger)]);
    if (own !== undefined && !own.includes(name)) seen.wrong.push(`${uri} is not the file of ${name}`);
    if (others !== undefined) seen.wrong.push(`somebody else read ${uri}`);
  }

  const begun = performance.now();
  const everybody = Array.from({ length: people }, (_, at) => person(at));
  const readers = Array.from({ length: DIRECTORY_READERS }, (_, at) => directoryReader(at));
  await Promise.all([...everybody, ...readers]);
  seen.perSecond = seen.calls / ((performance.now() - begun) / 1_000);
  took.sort((a, b) => a - b);
  seen.p50 = took[Math.floor(took.length / 2)] ?? 0;
  seen.p99 = took[Math.floor(took.length * 0.99)] ?? 0;
  await agent.close();
  return seen;
}

/** Where the API's records contradict what the crowd was told, one sentence each. */
export function differences({ creations, deletions }: Seen, api: NotingApi): string[] {
  const found: string[] = [];
  for (const [what, expected, noted] of [
    ['created', creations, api.created],
    ['deleted', deletions, api.deleted],
  ] as const) {
    for (const [name, times] of noted) {
      if (times > 1) found.push(`${name} was ${what} ${times} times`);
      if (expected.get(name) === 'refused') found.push(`${name} was ${what}, although the answer was that it was not`);
    }
    for (const [name, outcome] of expected) {
      if (outcome === 'done' && !noted.has(name))
        found.push(`${name} was not ${what}, although the answer was that it was`);
    }
  }
  return found;
}

/** The most requests for one directory that arrived within a second. */
export function mostInASecond({ arrivals }: NotingApi): number {
  let most = 0;
  for (const times of arrivals.values()) {
    for (let first = 0, last = 0; last < times.length; last++) {
      while ((times[last] ?? 0) - (times[first] ?? 0) >= 1_000) first++;
      most = Math.max(most, last - first + 1);
    }
  }
  return most;
}

export { ALL };
