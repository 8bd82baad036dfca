import { matches, page } from '../http/pagination.ts';
import { existing, type Reply, type Route, type SandboxRequest } from '../http/reply.ts';
import type { State } from '../state.ts';

export const connectionRoutes: Route[] = [
  ['GET', '/connections', listConnections],
  ['GET', '/connections/{id}', ({ id }, state) => ({ status: 200, body: connectionById(state, id) })],
  ['DELETE', '/connections/{id}', deleteConnection],
];

function listConnections(request: SandboxRequest, state: State): Reply {
  const { query } = request;
  const type = query.get('connection_type');
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = [...state.connections.values()].filter(
    (connection) =>
      (type === null || connection.connection_type === type) &&
      (organizationId === null || connection.organization_id === organizationId) &&
      (domain === undefined || connection.domains.some((own) => own.domain === domain)) &&
      matches(connection.name, query.get('search')),
  );
  return page(request, state, found);
}

function deleteConnection({ id }: SandboxRequest, state: State): Reply {
  state.connections.delete(connectionById(state, id).id);
  return { status: 204 };
}

function connectionById(state: State, id: string) {
  return existing(state.connections, 'Connection', id);
}
