import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import { get, remove } from './resource-routes.ts';

export const connectionRoutes: Route[] = [
  ['GET /connections', listConnections],
  ['GET /connections/{id}', get('connections')],
  ['DELETE /connections/{id}', remove('connections')],
];

function listConnections(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const type = query.get('connection_type');
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = state
    .where('connections')
    .filter(
      (connection) =>
        (type === null || connection.connection_type === type) &&
        (organizationId === null || connection.organization_id === organizationId) &&
        (domain === undefined || connection.domains.some((candidate) => candidate.domain === domain)) &&
        matchesSearch(connection.name, query.get('search')),
    );
  return paginate(request, found, (connection) => present(state, 'connections', connection));
}
