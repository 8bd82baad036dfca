import type { State } from '../state.ts';
import type { ApiResponse } from './response.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One row of the routing table: the operation as the OpenAPI document spells it, and its handler. */
export type Route = [operation: `${Method} /${string}`, handler: Handler];

/** Answers one request. May throw an `HttpError`, whose response is then sent instead, but only before it changes anything. */
export type Handler = (request: ApiRequest, state: State) => ApiResponse;

/** A request as a handler sees it. Query and body have been validated against the document. */
export interface ApiRequest {
  method: string;
  path: string;
  /** The decoded placeholders of the path by the document's names. */
  params: Record<string, string>;
  /** The last placeholder, or an empty string if the path has none. */
  id: string;
  query: URLSearchParams;
  /** The parsed JSON body, or an empty object if there was none. */
  body: Record<string, unknown>;
  /** The Idempotency-Key header. */
  idempotencyKey: string | undefined;
  /** What follows `Bearer ` in the Authorization header. */
  token: string | undefined;
  /** The sandbox's own base URL, for links to its pages. */
  origin: string;
  /** The base URL of its file server. */
  filesOrigin: string;
}
