import type { State } from '../state.ts';

/** One row of the routing table. The path has at most one placeholder, `{id}`. */
export type Route = [method: Method, path: string, handler: Handler];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Answers one request. May throw an `HttpError`, whose response is then sent instead. */
export type Handler = (request: ApiRequest, state: State) => ApiResponse;

/** A request as a handler sees it. */
export interface ApiRequest {
  method: string;
  path: string;
  /** The decoded value of the route's `{id}`, or an empty string if the route has none. */
  id: string;
  query: URLSearchParams;
  /** The parsed JSON body, or an empty object if there was none. */
  body: Record<string, unknown>;
  /** The Idempotency-Key header. */
  idempotencyKey: string | undefined;
}

export interface ApiResponse {
  status: number;
  /** Sent as JSON. Leave it out for an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}
