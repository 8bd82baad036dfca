import { matches, page } from '../http/pagination.ts';
import { existing, invalid, type Reply, type Route, type SandboxRequest } from '../http/reply.ts';
import type { Directory, DirectoryUser } from '../records.ts';
import type { State } from '../state.ts';

export const directoryRoutes: Route[] = [
  ['GET', '/directories', listDirectories],
  ['GET', '/directories/{id}', getDirectory],
  ['GET', '/directory_groups', listDirectoryGroups],
  ['GET', '/directory_groups/{id}', getDirectoryGroup],
  ['GET', '/directory_users', listDirectoryUsers],
  ['GET', '/directory_users/{id}', getDirectoryUser],
];

/** The directory that a request for directory users is about, which is what their rate limit counts by. */
export function directoryAskedFor({ query }: Pick<SandboxRequest, 'query'>, state: State): string {
  return query.get('directory') ?? state.directoryGroups.get(query.get('group') ?? '')?.directory_id ?? '';
}

function listDirectories(request: SandboxRequest, state: State): Reply {
  const { query } = request;
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = [...state.directories.values()].filter(
    (directory) =>
      (organizationId === null || directory.organization_id === organizationId) &&
      (domain === undefined || directory.domain === domain) &&
      matches(directory.name, query.get('search')),
  );
  return page(request, state, found, (directory) => withCounts(state, directory));
}

function getDirectory({ id }: SandboxRequest, state: State): Reply {
  return { status: 200, body: withCounts(state, directoryById(state, id)) };
}

function listDirectoryGroups(request: SandboxRequest, state: State): Reply {
  const { directory, user } = parents(request, state);
  const found = [...state.directoryGroups.values()].filter(
    (group) =>
      (directory === undefined || group.directory_id === directory.id) &&
      (user === undefined || user.group_ids.includes(group.id)),
  );
  return page(request, state, found);
}

function getDirectoryGroup({ id }: SandboxRequest, state: State): Reply {
  return { status: 200, body: existing(state.directoryGroups, 'Directory Group', id) };
}

function listDirectoryUsers(request: SandboxRequest, state: State): Reply {
  const { directory, group } = parents(request, state);
  const idpId = withinDirectory(request.query, 'idp_id');
  const email = withinDirectory(request.query, 'email')?.toLowerCase();
  const found = [...state.directoryUsers.values()].filter(
    (user) =>
      (directory === undefined || user.directory_id === directory.id) &&
      (group === undefined || user.group_ids.includes(group.id)) &&
      (idpId === undefined || user.idp_id === idpId) &&
      (email === undefined || user.email?.toLowerCase() === email),
  );
  return page(request, state, found, (user) => withGroups(state, user));
}

function getDirectoryUser({ id }: SandboxRequest, state: State): Reply {
  return { status: 200, body: withGroups(state, existing(state.directoryUsers, 'Directory User', id)) };
}

/** The directory, group and user that a list is narrowed to; 404 where one is named that is not there. */
function parents({ query }: SandboxRequest, state: State) {
  const directory = query.get('directory');
  const group = query.get('group');
  const user = query.get('user');
  return {
    directory: directory === null ? undefined : directoryById(state, directory),
    group: group === null ? undefined : existing(state.directoryGroups, 'Directory Group', group),
    user: user === null ? undefined : existing(state.directoryUsers, 'Directory User', user),
  };
}

function withinDirectory(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  if (value !== null && !query.has('directory')) throw invalid('directory', `is required with ${name}`, 'required');
  return value ?? undefined;
}

function directoryById(state: State, id: string): Directory {
  return existing(state.directories, 'Directory', id);
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
