import { createHash } from 'node:crypto';
import { isString, isStringOrNull, optionalField, rejectBoth } from './http/body-fields.ts';
import { notFound, validationError } from './http/errors.ts';
import type { ApiRequest } from './http/route.ts';
import type { AuthorizationResource, Permission, Role } from './resources/authorization.ts';
import type { Row } from './resources/kind.ts';
import type { Organization } from './resources/organizations.ts';
import type { Membership } from './resources/users.ts';
import type { State } from './state.ts';

/** The type of the resources at the root, one for each organization. */
export const ORGANIZATION_TYPE = 'organization';

const DEFAULT_ROLE = 'member';

/** A role that a membership has on a resource, assigned directly or through a group. */
export interface EffectiveAssignment extends Row {
  object: 'role_assignment';
  organization_membership_id: string;
  role: { slug: string };
  resource: Pick<AuthorizationResource, 'id' | 'external_id' | 'resource_type_slug'>;
  source: { type: 'direct' | 'group'; group_role_assignment_id: string | null };
}

/** The roles of the environment and of an organization. */
export function rolesOf(state: State, organizationId: string | null): Role[] {
  return state.where('roles').filter((role) => [null, organizationId].includes(role._organization_id));
}

/** The role with this slug that applies to an organization. */
export function roleOf(state: State, organizationId: string | null, slug: string): Role | undefined {
  return rolesOf(state, organizationId).find((role) => role.slug === slug);
}

/** A membership's roles on its organization. Without slugs, it has the default role. */
export function roleFields(slugs: string[]): Pick<Membership, 'role' | 'roles'> {
  const roles = (slugs.length === 0 ? [DEFAULT_ROLE] : [...new Set(slugs)]).map((slug) => ({ slug }));
  return { role: roles[0] ?? { slug: DEFAULT_ROLE }, roles };
}

/** The resource that represents an organization, at the root of its resources. */
export function organizationResource({ id, name, created_at, updated_at }: Organization): AuthorizationResource {
  return {
    object: 'authorization_resource',
    id: `authz_resource_${id.replace(/^org_/, '')}`,
    name,
    description: null,
    organization_id: id,
    parent_resource_id: null,
    external_id: id,
    resource_type_slug: ORGANIZATION_TYPE,
    created_at,
    updated_at,
  };
}

/** The resources of all organizations or of one, including those that represent organizations. */
export function resourcesOf(state: State, organizationId?: string): AuthorizationResource[] {
  const all = [...state.where('organizations').map(organizationResource), ...state.where('authorization_resources')];
  return organizationId === undefined ? all : all.filter((resource) => resource.organization_id === organizationId);
}

/**
 * The resource that the fields of a body or query name, by its id or by its type and external id. Undefined if they name none.
 * @param prefix what the fields' names start with, such as `parent_`
 * @throws HttpError 404 if the organization has no such resource, 422 if its type or external id is missing
 */
export function namedResource(
  state: State,
  organizationId: string,
  fields: Record<string, unknown>,
  prefix: '' | 'parent_' = '',
): AuthorizationResource | undefined {
  const idField = `${prefix}resource_id`;
  const typeField = `${prefix}resource_type_slug`;
  const externalField = `${prefix}resource_external_id`;
  rejectBoth(fields, idField, externalField);
  const id = optionalField(fields, idField, isStringOrNull) ?? undefined;
  const type = optionalField(fields, typeField, isString);
  const externalId = optionalField(fields, externalField, isString);
  if (id === undefined && type === undefined && externalId === undefined) return undefined;
  if (id === undefined && type === undefined) throw validationError(typeField, 'is required', 'required');
  if (id === undefined && externalId === undefined) throw validationError(externalField, 'is required', 'required');
  return findResource(state, organizationId, { id, type, externalId });
}

/** The two paths of a resource: by its id and by its external id. */
export const RESOURCE_PATHS = [
  '/authorization/resources/{resource_id}',
  '/authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}',
] as const;

/** The resource that the path names. @throws HttpError 404 if there is none */
export function pathResource({ params }: Pick<ApiRequest, 'params'>, state: State): AuthorizationResource {
  const {
    organization_id: organizationId,
    resource_id: id,
    resource_type_slug: type,
    external_id: externalId,
  } = params;
  const organization = organizationId === undefined ? undefined : state.find('organizations', organizationId).id;
  return findResource(state, organization, { id, type, externalId });
}

function findResource(
  state: State,
  organizationId: string | undefined,
  { id, type, externalId }: Partial<Record<'id' | 'type' | 'externalId', string | undefined>>,
): AuthorizationResource {
  const found = resourcesOf(state, organizationId).find((resource) =>
    id === undefined ? resource.resource_type_slug === type && resource.external_id === externalId : resource.id === id,
  );
  if (!found) throw notFound('Authorization Resource', id ?? externalId ?? '');
  return found;
}

/** A reference to a resource, as in role assignments. Undefined if the resource is deleted. */
export function resourceReference(state: State, id: string): EffectiveAssignment['resource'] | undefined {
  const resource = resourcesOf(state).find((candidate) => candidate.id === id);
  return resource && { id, external_id: resource.external_id, resource_type_slug: resource.resource_type_slug };
}

/** Every role that a membership has, on its organization and on resources below it. */
export function assignmentsOf(state: State, membership: Membership): EffectiveAssignment[] {
  const { id: organization_membership_id, organization_id, created_at, updated_at } = membership;
  const root = organizationResource(state.find('organizations', organization_id)).id;
  const onOrganization = membership.roles.flatMap((role) => {
    const id = derivedId(organization_membership_id, roleOf(state, organization_id, role.slug)?.id ?? role.slug);
    return { id, role, _resource_id: root, created_at, updated_at, from: null };
  });
  const below = state
    .where('role_assignments', { organization_membership_id })
    .map((assignment) => ({ ...assignment, from: null }));
  const fromGroups = state
    .where('group_members', { organization_membership_id })
    .flatMap(({ group_id }) => state.where('group_role_assignments', { group_id }))
    .map(({ id, ...rest }) => ({ ...rest, id: derivedId(id, organization_membership_id), from: id }));
  return [...onOrganization, ...below, ...fromGroups].flatMap(({ id, role, _resource_id, from, ...times }) => {
    const resource = resourceReference(state, _resource_id);
    if (!resource) return [];
    return {
      object: 'role_assignment',
      id,
      organization_membership_id,
      role: { slug: role.slug },
      resource,
      source: { type: from === null ? 'direct' : 'group', group_role_assignment_id: from },
      created_at: times.created_at,
      updated_at: times.updated_at,
    };
  });
}

/**
 * The permissions that a membership has on a resource. A role on a resource also applies to everything below it, and a permission
 * applies only to resources of its type.
 */
export function permissionsOn(
  state: State,
  membership: Membership,
  resource: AuthorizationResource,
  { inherited } = { inherited: true },
): Permission[] {
  if (membership.status !== 'active') return [];
  const lineage = inherited ? lineageOf(state, resource) : [resource.id];
  const granted = new Set(
    assignmentsOf(state, membership)
      .filter((assignment) => lineage.includes(assignment.resource.id))
      .flatMap(({ role }) => roleOf(state, membership.organization_id, role.slug)?.permissions ?? []),
  );
  return state
    .where('permissions', { resource_type_slug: resource.resource_type_slug })
    .filter(({ slug }) => granted.has(slug));
}

/** The ids of a resource and of everything above it. */
export function lineageOf(state: State, resource: AuthorizationResource): string[] {
  const resources = resourcesOf(state, resource.organization_id);
  const parent = resources.find(({ id }) => id === resource.parent_resource_id);
  return parent ? [resource.id, ...lineageOf(state, parent)] : [resource.id];
}

/** The id of an assignment that is not stored, derived from the ids of the two records that it results from. */
function derivedId(first: string, second: string): string {
  // An id chosen in a seed may not have a unique ending.
  const isGenerated = [first, second].every((id) => /_[0-9A-Z]{26}$/.test(id));
  const hash = () => createHash('sha256').update(`${first} ${second}`).digest('hex').slice(0, 26).toUpperCase();
  return `role_assignment_${isGenerated ? first.slice(-26, -10) + second.slice(-10) : hash()}`;
}
