import type { State } from '../state.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as the handlers see it. */
export interface SandboxRequest {
  method: string;
  path: string;
  /** What stands in the place of the path's one placeholder; empty where the path has none. */
  id: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  idempotencyKey: string | undefined;
}

export interface Reply {
  status: number;
  /** Sent as JSON; left out for an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (request: SandboxRequest, state: State) => Reply;

/** A row of the routing table: a method, a path with at most one placeholder, and who answers. */
export type Route = [method: Method, path: string, handler: Handler];

/** An answer that a handler gives up with. */
export class Problem extends Error {
  readonly reply: Reply;

  constructor(status: number, body: unknown) {
    super(`HTTP ${status}`);
    this.reply = { status, body };
  }
}

/** 404 in WorkOS's words. */
export function notFound(kind: string, id: string): Problem {
  return new Problem(404, { message: `${kind} not found: '${id}'.`, code: 'entity_not_found', entity_id: id });
}

/** 422 about one field or parameter. */
export function invalid(field: string, what: string, code = 'invalid'): Problem {
  return new Problem(422, {
    message: `Validation failed: ${field} ${what}.`,
    code: 'invalid_request_parameters',
    errors: [{ code, field }],
  });
}

/** Any other refusal that carries a code. */
export function refused(status: number, code: string, message: string): Problem {
  return new Problem(status, { message, code });
}

/** The record with that id, or 404. */
export function existing<T>(table: Map<string, T>, kind: string, id: string): T {
  const record = table.get(id);
  if (!record) throw notFound(kind, id);
  return record;
}

/** The path and the query of a request line. A URL parser would resolve `..` and so hide what was sent. */
export function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?');
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}
