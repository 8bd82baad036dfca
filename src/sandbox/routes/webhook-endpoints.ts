import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { isLoopback } from '../http/url.ts';
import { present } from '../present.ts';
import type { WebhookEndpoint } from '../resources/events.ts';
import type { State } from '../state.ts';
import { list, remove } from './resource-routes.ts';

export const webhookEndpointRoutes: Route[] = [
  ['GET /webhook_endpoints', list('webhook_endpoints')],
  ['POST /webhook_endpoints', createEndpoint],
  ['PATCH /webhook_endpoints/{id}', updateEndpoint],
  ['DELETE /webhook_endpoints/{id}', remove('webhook_endpoints')],
];

/** The types were checked against the document. */
type Fields = Partial<Pick<WebhookEndpoint, 'endpoint_url' | 'events' | 'status'>>;

function createEndpoint({ body }: ApiRequest, state: State): ApiResponse {
  const { endpoint_url = '', events = [] }: Fields = body;
  checkUrl(state, endpoint_url);
  const secret = `whsec_${state.ids.token(25)}`;
  const endpoint = state.add('webhook_endpoints', { endpoint_url, secret, status: 'enabled', events });
  return { body: present(state, 'webhook_endpoints', endpoint) };
}

function updateEndpoint({ id, body }: ApiRequest, state: State): ApiResponse {
  const endpoint = state.find('webhook_endpoints', id);
  const { endpoint_url = endpoint.endpoint_url, events = endpoint.events, status = endpoint.status }: Fields = body;
  checkUrl(state, endpoint_url, id);
  state.change('webhook_endpoints', endpoint, { endpoint_url, events, status });
  return { body: present(state, 'webhook_endpoints', endpoint) };
}

/** Endpoints must use https, except on this machine, where http is also allowed. */
function checkUrl(state: State, url: string, ownId?: string): void {
  const isHttps = URL.canParse(url) && new URL(url).protocol === 'https:';
  if (!isHttps && !isLoopback(url)) throw apiError(422, 'invalid_url', `The URL '${url}' is not an https URL.`);
  if (state.where('webhook_endpoints', { endpoint_url: url }).some(({ id }) => id !== ownId)) {
    throw apiError(409, 'duplicate_endpoint', `A webhook endpoint with the URL '${url}' already exists.`);
  }
}
