import { HttpError, notFound } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { State } from '../state.ts';

export const roleRoutes: Route[] = [
  ['GET', '/authorization/roles', listRoles],
  ['GET', '/authorization/roles/{id}', getRole],
  ['GET', '/authorization/permissions', (request, state) => paginate(request, state, state.permissions.values())],
  // Some documentation mentions these two, but WorkOS does not have them.
  ['GET', '/roles', cannotGet],
  ['GET', '/roles/{id}', cannotGet],
];

/** Roles are not paginated. They are returned in priority order. */
function listRoles(_request: ApiRequest, state: State): ApiResponse {
  return { status: 200, body: { object: 'list', data: [...state.roles.values()] } };
}

function getRole({ id }: ApiRequest, state: State): ApiResponse {
  const role = [...state.roles.values()].find(({ slug }) => slug === id);
  if (!role) throw notFound('Role', id);
  return { status: 200, body: role };
}

function cannotGet({ path }: ApiRequest): ApiResponse {
  throw new HttpError(404, { message: `Cannot GET ${path}`, error: 'Not Found' });
}
