import { ORGANIZATION_TYPE, rolesOf } from '../authorization.ts';
import { isStringArray, isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, notFound, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Role } from '../resources/authorization.ts';
import type { State } from '../state.ts';

const ENVIRONMENT = '/authorization/roles';
const ORGANIZATION = '/authorization/organizations/{organizationId}/roles';

export const roleRoutes: Route[] = [
  ...roleRoutesAt(ENVIRONMENT),
  ...roleRoutesAt(ORGANIZATION),
  [`DELETE ${ORGANIZATION}/{slug}`, deleteRole],
  [`DELETE ${ORGANIZATION}/{slug}/permissions/{permissionSlug}`, removePermission],
  // Some documentation mentions these two, but WorkOS does not have them.
  ['GET /roles', cannotGet],
  ['GET /roles/{id}', cannotGet],
];

/** The routes that the roles of the environment and those of an organization have in common. */
function roleRoutesAt(root: typeof ENVIRONMENT | typeof ORGANIZATION): Route[] {
  return [
    [`GET ${root}`, listRoles],
    [`POST ${root}`, createRole],
    [`GET ${root}/{slug}`, getRole],
    [`PATCH ${root}/{slug}`, updateRole],
    [`PUT ${root}/{slug}/permissions`, setPermissions],
    [`POST ${root}/{slug}/permissions`, addPermission],
  ];
}

/** Roles are not paginated. They are returned in priority order. */
function listRoles(request: ApiRequest, state: State): ApiResponse {
  const roles = rolesOf(state, organizationOf(request, state));
  return { body: { object: 'list', data: roles.map((role) => present(state, 'roles', role)) } };
}

function createRole(request: ApiRequest, state: State): ApiResponse {
  const { body } = request;
  const organizationId = organizationOf(request, state);
  const name = requiredString(body, 'name');
  const slug = parseSlug(state, body, organizationId, name);
  if (state.where('roles', { slug, _organization_id: organizationId }).length > 0) {
    const code = organizationId === null ? 'role_slug_conflict' : 'organization_role_slug_conflict';
    throw apiError(409, code, `A role with the slug '${slug}' already exists.`);
  }
  const role = state.add('roles', {
    slug,
    name,
    description: optionalField(body, 'description', isStringOrNull) ?? null,
    type: organizationId === null ? 'EnvironmentRole' : 'OrganizationRole',
    resource_type_slug:
      body['resource_type_slug'] === undefined ? ORGANIZATION_TYPE : requiredString(body, 'resource_type_slug'),
    permissions: [],
    _organization_id: organizationId,
  });
  return respond(state, role);
}

/** The slug of a new role. An organization's role may omit it, and then gets one derived from its name. */
function parseSlug(state: State, body: Record<string, unknown>, organizationId: string | null, name: string): string {
  if (organizationId !== null && body['slug'] === undefined) {
    const words =
      name
        .toLowerCase()
        .slice(0, 36)
        .match(/[a-z0-9]+/g) ?? [];
    return ['org', ...words, state.ids.token(6).toLowerCase()].join('-');
  }
  const slug = requiredString(body, 'slug');
  if (!/^[a-z0-9_-]+$/.test(slug)) {
    throw validationError('slug', 'may only contain lowercase letters, numbers, hyphens and underscores');
  }
  if (organizationId !== null && !slug.startsWith('org-')) throw validationError('slug', "must begin with 'org-'");
  return slug;
}

/** Under an organization, the environment's roles can be read too. */
function getRole(request: ApiRequest, state: State): ApiResponse {
  const role = rolesOf(state, organizationOf(request, state)).find(({ slug }) => slug === request.params['slug']);
  if (!role) throw notFound('Role', request.id);
  return respond(state, role);
}

function updateRole(request: ApiRequest, state: State): ApiResponse {
  const role = changeableRole(request, state);
  const { body } = request;
  const description = optionalField(body, 'description', isStringOrNull);
  return changeRole(state, role, {
    name: body['name'] === undefined ? role.name : requiredString(body, 'name'),
    description: description === undefined ? role.description : description,
  });
}

function setPermissions(request: ApiRequest, state: State): ApiResponse {
  const role = changeableRole(request, state);
  const slugs = optionalField(request.body, 'permissions', isStringArray) ?? [];
  return changePermissions(state, role, slugs);
}

function addPermission(request: ApiRequest, state: State): ApiResponse {
  const role = changeableRole(request, state);
  const slug = requiredString(request.body, 'slug');
  if (role.permissions.includes(slug)) return respond(state, role);
  return changePermissions(state, role, [...role.permissions, slug]);
}

function removePermission(request: ApiRequest, state: State): ApiResponse {
  const role = changeableRole(request, state);
  if (!role.permissions.includes(request.id)) throw notFound('Permission', request.id);
  return changePermissions(
    state,
    role,
    role.permissions.filter((slug) => slug !== request.id),
  );
}

function deleteRole(request: ApiRequest, state: State): ApiResponse {
  const { id, slug, _organization_id } = changeableRole(request, state);
  const has = (record: { role: { slug: string }; _organization_id: string }) =>
    record._organization_id === _organization_id && record.role.slug === slug;
  const isAssigned =
    state
      .where('organization_memberships')
      .some(
        (member) => member.organization_id === _organization_id && member.roles.some((role) => role.slug === slug),
      ) ||
    state.where('role_assignments').some(has) ||
    state.where('group_role_assignments').some(has);
  if (isAssigned) throw apiError(409, 'role_has_assignments', `The role '${slug}' has assignments.`);
  state.remove('roles', id);
  return {};
}

/** @throws HttpError 404 for a permission that does not exist, 422 for one of a type above the role's type */
function changePermissions(state: State, role: Role, slugs: string[]): ApiResponse {
  for (const slug of slugs) {
    const [permission] = state.where('permissions', { slug });
    if (!permission) throw notFound('Permission', slug);
    // Nothing is above an organization, so its roles may have any permission.
    if (permission.resource_type_slug === ORGANIZATION_TYPE && role.resource_type_slug !== ORGANIZATION_TYPE) {
      const message = `The permission '${slug}' is for organizations, and the role for a ${role.resource_type_slug}.`;
      throw new HttpError(422, { message });
    }
  }
  return changeRole(state, role, { permissions: [...new Set(slugs)].sort() });
}

function changeRole(state: State, role: Role, fields: Partial<Role>): ApiResponse {
  state.change('roles', role, fields);
  return respond(state, role);
}

/** A role of the environment or, under an organization, only of that organization. */
function changeableRole(request: ApiRequest, state: State): Role {
  const slug = request.params['slug'] ?? '';
  const [role] = state.where('roles', { slug, _organization_id: organizationOf(request, state) });
  if (!role) throw notFound('Role', slug);
  return role;
}

function organizationOf({ params }: ApiRequest, state: State): string | null {
  const id = params['organizationId'];
  return id === undefined ? null : state.find('organizations', id).id;
}

function cannotGet({ path }: ApiRequest): ApiResponse {
  throw new HttpError(404, { message: `Cannot GET ${path}`, error: 'Not Found' });
}

function respond(state: State, role: Role): ApiResponse {
  return { body: present(state, 'roles', role) };
}
