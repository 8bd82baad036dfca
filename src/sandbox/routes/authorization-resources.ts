import {
  lineageOf,
  namedResource,
  ORGANIZATION_TYPE,
  organizationResource,
  pathResource,
  RESOURCE_PATHS,
  resourcesOf,
} from '../authorization.ts';
import { isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AuthorizationResource } from '../resources/authorization.ts';
import type { State } from '../state.ts';

export const authorizationResourceRoutes: Route[] = [
  ['GET /authorization/resources', listResources],
  ['POST /authorization/resources', createResource],
  ...RESOURCE_PATHS.flatMap((path): Route[] => [
    [`GET ${path}`, (request, state) => ({ body: pathResource(request, state) })],
    [`PATCH ${path}`, updateResource],
    [`DELETE ${path}`, deleteResource],
  ]),
];

function listResources(request: ApiRequest, state: State): ApiResponse {
  const parameter = (name: string) => request.query.get(name) || undefined;
  const organizationId = parameter('organization_id');
  const type = parameter('resource_type_slug');
  const externalId = parameter('resource_external_id');
  const parentId = parameter('parent_resource_id');
  const parentType = parameter('parent_resource_type_slug');
  const parentExternalId = parameter('parent_external_id');
  if (organizationId === undefined && type === undefined) {
    const message = 'Either organization_id or resource_type_slug must be provided.';
    throw apiError(400, 'missing_organization_id_or_resource_type_slug', message);
  }
  if ((parentType === undefined) !== (parentExternalId === undefined)) {
    throw validationError('parent_external_id', 'must be combined with parent_resource_type_slug');
  }
  if (parentId !== undefined && parentType !== undefined) {
    throw validationError('parent_resource_id', 'cannot be combined with parent_resource_type_slug');
  }
  const all = resourcesOf(state);
  const parents = all
    .filter((parent) =>
      parentType === undefined
        ? parent.id === parentId
        : parent.resource_type_slug === parentType && parent.external_id === parentExternalId,
    )
    .map(({ id }) => id);
  const anyParent = parentId === undefined && parentType === undefined;
  const found = all.filter(
    (resource) =>
      (organizationId === undefined || resource.organization_id === organizationId) &&
      (type === undefined || resource.resource_type_slug === type) &&
      (externalId === undefined || resource.external_id === externalId) &&
      (anyParent || parents.includes(resource.parent_resource_id ?? '')),
  );
  return paginate(request, found, (resource) => resource);
}

function createResource({ body }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', requiredString(body, 'organization_id'));
  const type = requiredString(body, 'resource_type_slug');
  const externalId = requiredString(body, 'external_id');
  const name = requiredString(body, 'name');
  const parent = namedResource(state, organization.id, body, 'parent_') ?? organizationResource(organization);
  if (type === ORGANIZATION_TYPE) throw validationError('resource_type_slug', 'cannot be organization');
  const isTaken = resourcesOf(state, organization.id).some(
    (resource) => resource.resource_type_slug === type && resource.external_id === externalId,
  );
  if (isTaken) {
    const message = `A resource of type '${type}' with the external ID '${externalId}' already exists.`;
    throw apiError(409, 'authorization_resource_external_id_conflict', message);
  }
  const resource = state.add('authorization_resources', {
    name,
    description: optionalField(body, 'description', isStringOrNull) ?? null,
    organization_id: organization.id,
    parent_resource_id: parent.id,
    external_id: externalId,
    resource_type_slug: type,
  });
  return { body: resource };
}

function updateResource(request: ApiRequest, state: State): ApiResponse {
  const { body } = request;
  const resource = changeableResource(request, state);
  const name = body['name'] === undefined ? resource.name : requiredString(body, 'name');
  const description = optionalField(body, 'description', isStringOrNull);
  const parent = namedResource(state, resource.organization_id, body, 'parent_');
  if (parent && lineageOf(state, parent).includes(resource.id)) {
    throw validationError('parent_resource_id', 'cannot be the resource itself or one below it');
  }
  const updated = state.change('authorization_resources', resource, {
    name,
    description: description === undefined ? resource.description : description,
    parent_resource_id: parent?.id ?? resource.parent_resource_id,
  });
  return { body: updated };
}

function deleteResource(request: ApiRequest, state: State): ApiResponse {
  const { id, organization_id } = changeableResource(request, state);
  const doomed = state
    .where('authorization_resources', { organization_id })
    .filter((other) => lineageOf(state, other).includes(id));
  const hasAssignments = (['role_assignments', 'group_role_assignments'] as const).some(
    (table) => state.where(table, { _resource_id: id }).length > 0,
  );
  if (request.query.get('cascade_delete') !== 'true' && (doomed.length > 1 || hasAssignments)) {
    const message = 'The resource has child resources or role assignments. Set cascade_delete to delete them with it.';
    throw apiError(409, 'resource_has_dependents', message);
  }
  for (const resource of doomed) state.remove('authorization_resources', resource.id);
  return {};
}

/** The stored record that the path names. @throws HttpError 403 for a resource that represents an organization */
function changeableResource(request: ApiRequest, state: State): AuthorizationResource {
  const { id, resource_type_slug } = pathResource(request, state);
  if (resource_type_slug === ORGANIZATION_TYPE) {
    throw new HttpError(403, { message: 'Organization resources cannot be changed or deleted.' });
  }
  return state.find('authorization_resources', id);
}
