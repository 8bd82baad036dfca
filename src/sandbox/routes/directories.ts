import { validationError } from '../http/errors.ts';
import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import { get } from './resource-routes.ts';

export const directoryRoutes: Route[] = [
  ['GET /directories', listDirectories],
  ['GET /directories/{id}', get('directories')],
  ['DELETE /directories/{id}', deleteDirectory],
  ['GET /directory_groups', listDirectoryGroups],
  ['GET /directory_groups/{id}', get('directory_groups')],
  ['GET /directory_users', listDirectoryUsers],
  ['GET /directory_users/{id}', get('directory_users')],
];

/** The id of the directory whose users a request lists, or an empty string. The rate limit is per directory. */
export function requestedDirectoryId({ query }: Pick<ApiRequest, 'query'>, state: State): string {
  return query.get('directory') ?? state.table('directory_groups').get(query.get('group') ?? '')?.directory_id ?? '';
}

function listDirectories(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = state
    .where('directories')
    .filter(
      (directory) =>
        (organizationId === null || directory.organization_id === organizationId) &&
        (domain === undefined || directory.domain === domain) &&
        matchesSearch(directory.name, query.get('search')),
    );
  return paginate(request, found, (directory) => present(state, 'directories', directory));
}

/** The API deletes a directory asynchronously. Here it is deleted immediately, which a 202 allows. */
function deleteDirectory({ id }: ApiRequest, state: State): ApiResponse {
  state.remove('directories', id);
  return { status: 202, body: {} };
}

function listDirectoryGroups(request: ApiRequest, state: State): ApiResponse {
  const { directory, user } = parentFilters(request, state);
  const found = state
    .where('directory_groups')
    .filter(
      (group) =>
        (directory === undefined || group.directory_id === directory.id) &&
        (user === undefined || user._group_ids.includes(group.id)),
    );
  return paginate(request, found, (group) => present(state, 'directory_groups', group));
}

function listDirectoryUsers(request: ApiRequest, state: State): ApiResponse {
  const { directory, group } = parentFilters(request, state);
  const idpId = directoryScopedParam(request.query, 'idp_id');
  const email = directoryScopedParam(request.query, 'email')?.toLowerCase();
  const found = state
    .where('directory_users')
    .filter(
      (user) =>
        (directory === undefined || user.directory_id === directory.id) &&
        (group === undefined || user._group_ids.includes(group.id)) &&
        (idpId === undefined || user.idp_id === idpId) &&
        (email === undefined || user.email?.toLowerCase() === email),
    );
  return paginate(request, found, (user) => present(state, 'directory_users', user));
}

/** The directory, group, and user by which a list is filtered. @throws HttpError 404 if one of them does not exist */
function parentFilters({ query }: ApiRequest, state: State) {
  const directory = query.get('directory');
  const group = query.get('group');
  const user = query.get('user');
  return {
    directory: directory === null ? undefined : state.find('directories', directory),
    group: group === null ? undefined : state.find('directory_groups', group),
    user: user === null ? undefined : state.find('directory_users', user),
  };
}

/** A query parameter that is only allowed together with `directory`. */
function directoryScopedParam(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  if (value !== null && !query.has('directory'))
    throw validationError('directory', `is required with ${name}`, 'required');
  return value ?? undefined;
}
