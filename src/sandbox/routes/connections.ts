import { findOrThrow } from '../http/errors.ts';
import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { State } from '../state.ts';

export const connectionRoutes: Route[] = [
  ['GET', '/connections', listConnections],
  ['GET', '/connections/{id}', ({ id }, state) => ({ status: 200, body: connectionById(state, id) })],
  ['DELETE', '/connections/{id}', deleteConnection],
];

function listConnections(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const type = query.get('connection_type');
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = [...state.connections.values()].filter(
    (connection) =>
      (type === null || connection.connection_type === type) &&
      (organizationId === null || connection.organization_id === organizationId) &&
      (domain === undefined || connection.domains.some((candidate) => candidate.domain === domain)) &&
      matchesSearch(connection.name, query.get('search')),
  );
  return paginate(request, state, found);
}

function deleteConnection({ id }: ApiRequest, state: State): ApiResponse {
  state.connections.delete(connectionById(state, id).id);
  return { status: 204 };
}

function connectionById(state: State, id: string) {
  return findOrThrow(state.connections, 'Connection', id);
}
