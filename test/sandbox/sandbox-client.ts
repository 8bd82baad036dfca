import { describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { differences, operationOf } from './documented-responses.ts';

export interface Row {
  id: string;
  [field: string]: unknown;
}

export interface SandboxResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Has the fields of all responses; those that a response lacks are undefined. */
  body: Row & { data: Row[]; list_metadata: { before: string | null; after: string | null } };
}

/** A sandbox with a clock that only moves on `advance()`, and a client for it. */
export interface SandboxClient {
  sandbox: Sandbox;
  /** The operations of the document that have succeeded so far. */
  answered: ReadonlySet<string>;
  /**
   * Sends a request such as `GET /organizations`. A string body is sent unchanged, anything else as JSON. A response
   * that does not fit the OpenAPI document is an error.
   */
  call(request: string, body?: unknown, headers?: Record<string, string>): Promise<SandboxResponse>;
  /** The id of the record with this name in a list. */
  idOf(path: string, name: string): Promise<string>;
  advance(milliseconds: number): void;
  close(): Promise<void>;
}

export async function startSandboxClient(options: Omit<SandboxOptions, 'now'> = {}): Promise<SandboxClient> {
  const answered = new Set<string>();
  let now = Date.parse('2026-11-02T09:00:00.000Z');
  const sandbox = await startSandbox({ ...options, now: () => now });
  const call: SandboxClient['call'] = async (request, body, headers = {}) => {
    const [method = 'GET', path = '/'] = request.split(' ');
    const response = await fetch(sandbox.url + path, {
      method,
      redirect: 'manual',
      headers: { Authorization: `Bearer ${sandbox.key}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const operation = operationOf(request);
    if (operation !== undefined) {
      if (response.status < 400) answered.add(operation);
      expect(differences(operation, response.status, text === '' ? undefined : parsed(text))).toEqual([]);
    }
    return { status: response.status, headers: response.headers, text, body: text === '' ? {} : parsed(text) };
  };
  return {
    sandbox,
    answered,
    call,
    async idOf(path, name) {
      const row = (await call(`GET ${path}?limit=100`)).body.data.find((candidate) => candidate['name'] === name);
      if (!row) throw new Error(`${path} has nothing named ${name}`);
      return row.id;
    },
    advance(milliseconds) {
      now += milliseconds;
    },
    close: () => sandbox.close(),
  };
}

/** A web page is returned as its text. */
function parsed(text: string) {
  return text.startsWith('<') ? text : JSON.parse(text);
}

export function namesIn({ body }: SandboxResponse): unknown[] {
  return body.data.map((row) => row['name']);
}

export type ErrorRow = [request: string, body: unknown, status: number, responseBody: object];

/** Declares one test per request that must fail. */
export function describeErrors(client: () => SandboxClient, rows: readonly ErrorRow[]): void {
  describe('errors', () => {
    for (const [request, body, status, responseBody] of rows) {
      const shownBody = body === undefined ? '' : ` ${JSON.stringify(body).slice(0, 60)}`;
      it(`${request}${shownBody} returns ${status}`, async () => {
        const response = await client().call(request, body);
        expect(response.status).toBe(status);
        expect(response.body).toMatchObject(responseBody);
      });
    }
  });
}

export type FilterRow = [path: string, names: (string | null)[]];

/** Declares one test per filter of a list. `{name}` in a path stands for the id of the record with that name. */
export function describeFilters(client: () => SandboxClient, rows: readonly FilterRow[]): void {
  describe('filters', () => {
    it.each(rows)('%s returns %j', async (path, names) => {
      const name = /\{(.+)\}/.exec(path)?.[1];
      const id = name === undefined ? '' : await idOfAny(client(), name);
      expect(namesIn(await client().call(`GET ${path.replace(/\{.+\}/, id)}`))).toEqual(names);
    });
  });
}

async function idOfAny({ call }: SandboxClient, name: string): Promise<string> {
  for (const path of ['/organizations', '/directories', '/directory_groups']) {
    const row = (await call(`GET ${path}?limit=100`)).body.data.find((candidate) => candidate['name'] === name);
    if (row) return row.id;
  }
  throw new Error(`nothing is named ${name}`);
}
