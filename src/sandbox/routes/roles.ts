import { HttpError, notFound } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import { list } from './resource-routes.ts';

export const roleRoutes: Route[] = [
  ['GET /authorization/roles', listRoles],
  ['GET /authorization/roles/{slug}', getRole],
  ['GET /authorization/permissions', list('permissions')],
  // Some documentation mentions these two, but WorkOS does not have them.
  ['GET /roles', cannotGet],
  ['GET /roles/{id}', cannotGet],
];

/** Roles are not paginated. They are returned in priority order. */
function listRoles(_request: ApiRequest, state: State): ApiResponse {
  const roles = state.where('roles', { _organization_id: null });
  return { body: { object: 'list', data: roles.map((role) => present(state, 'roles', role)) } };
}

function getRole({ id }: ApiRequest, state: State): ApiResponse {
  const [role] = state.where('roles', { slug: id, _organization_id: null });
  if (!role) throw notFound('Role', id);
  return { body: present(state, 'roles', role) };
}

function cannotGet({ path }: ApiRequest): ApiResponse {
  throw new HttpError(404, { message: `Cannot GET ${path}`, error: 'Not Found' });
}
