import { findOrThrow, validationError } from '../http/errors.ts';
import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { Directory, DirectoryUser } from '../resources.ts';
import type { State } from '../state.ts';

export const directoryRoutes: Route[] = [
  ['GET', '/directories', listDirectories],
  ['GET', '/directories/{id}', getDirectory],
  ['GET', '/directory_groups', listDirectoryGroups],
  ['GET', '/directory_groups/{id}', getDirectoryGroup],
  ['GET', '/directory_users', listDirectoryUsers],
  ['GET', '/directory_users/{id}', getDirectoryUser],
];

/** The id of the directory whose users a request lists, or an empty string. The rate limit is per directory. */
export function requestedDirectoryId({ query }: Pick<ApiRequest, 'query'>, state: State): string {
  return query.get('directory') ?? state.directoryGroups.get(query.get('group') ?? '')?.directory_id ?? '';
}

function listDirectories(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = [...state.directories.values()].filter(
    (directory) =>
      (organizationId === null || directory.organization_id === organizationId) &&
      (domain === undefined || directory.domain === domain) &&
      matchesSearch(directory.name, query.get('search')),
  );
  return paginate(request, state, found, (directory) => withCounts(state, directory));
}

function getDirectory({ id }: ApiRequest, state: State): ApiResponse {
  return { status: 200, body: withCounts(state, directoryById(state, id)) };
}

function listDirectoryGroups(request: ApiRequest, state: State): ApiResponse {
  const { directory, user } = parentFilters(request, state);
  const found = [...state.directoryGroups.values()].filter(
    (group) =>
      (directory === undefined || group.directory_id === directory.id) &&
      (user === undefined || user.group_ids.includes(group.id)),
  );
  return paginate(request, state, found);
}

function getDirectoryGroup({ id }: ApiRequest, state: State): ApiResponse {
  return { status: 200, body: findOrThrow(state.directoryGroups, 'Directory Group', id) };
}

function listDirectoryUsers(request: ApiRequest, state: State): ApiResponse {
  const { directory, group } = parentFilters(request, state);
  const idpId = directoryScopedParam(request.query, 'idp_id');
  const email = directoryScopedParam(request.query, 'email')?.toLowerCase();
  const found = [...state.directoryUsers.values()].filter(
    (user) =>
      (directory === undefined || user.directory_id === directory.id) &&
      (group === undefined || user.group_ids.includes(group.id)) &&
      (idpId === undefined || user.idp_id === idpId) &&
      (email === undefined || user.email?.toLowerCase() === email),
  );
  return paginate(request, state, found, (user) => withGroups(state, user));
}

function getDirectoryUser({ id }: ApiRequest, state: State): ApiResponse {
  return { status: 200, body: withGroups(state, findOrThrow(state.directoryUsers, 'Directory User', id)) };
}

/** The directory, group and user that a list is filtered by. Throws a 404 if one of them does not exist. */
function parentFilters({ query }: ApiRequest, state: State) {
  const directory = query.get('directory');
  const group = query.get('group');
  const user = query.get('user');
  return {
    directory: directory === null ? undefined : directoryById(state, directory),
    group: group === null ? undefined : findOrThrow(state.directoryGroups, 'Directory Group', group),
    user: user === null ? undefined : findOrThrow(state.directoryUsers, 'Directory User', user),
  };
}

/** A query parameter that is only allowed together with `directory`. */
function directoryScopedParam(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  if (value !== null && !query.has('directory'))
    throw validationError('directory', `is required with ${name}`, 'required');
  return value ?? undefined;
}

function directoryById(state: State, id: string): Directory {
  return findOrThrow(state.directories, 'Directory', id);
}

function withCounts(state: State, directory: Directory): object {
  const users = [...state.directoryUsers.values()].filter((user) => user.directory_id === directory.id);
  const active = users.filter((user) => user.state === 'active').length;
  const groups = [...state.directoryGroups.values()].filter((group) => group.directory_id === directory.id).length;
  return { ...directory, metadata: { users: { active, inactive: users.length - active }, groups } };
}

function withGroups(state: State, { group_ids, ...user }: DirectoryUser): object {
  return { ...user, groups: group_ids.flatMap((id) => state.directoryGroups.get(id) ?? []) };
}
