import { page } from '../http/pagination.ts';
import { notFound, Problem, type Reply, type Route, type SandboxRequest } from '../http/reply.ts';
import type { State } from '../state.ts';

export const roleRoutes: Route[] = [
  ['GET', '/authorization/roles', listRoles],
  ['GET', '/authorization/roles/{id}', getRole],
  ['GET', '/authorization/permissions', (request, state) => page(request, state, state.permissions.values())],
  // These two are no endpoints of WorkOS, though some documents name them.
  ['GET', '/roles', cannotGet],
  ['GET', '/roles/{id}', cannotGet],
];

/** Roles come all at once, in order of priority. */
function listRoles(_request: SandboxRequest, state: State): Reply {
  return { status: 200, body: { object: 'list', data: [...state.roles.values()] } };
}

function getRole({ id }: SandboxRequest, state: State): Reply {
  const role = [...state.roles.values()].find(({ slug }) => slug === id);
  if (!role) throw notFound('Role', id);
  return { status: 200, body: role };
}

function cannotGet({ path }: SandboxRequest): Reply {
  throw new Problem(404, { message: `Cannot GET ${path}`, error: 'Not Found' });
}
