import { isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, notFound, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Permission } from '../resources/authorization.ts';
import type { State } from '../state.ts';
import { list } from './resource-routes.ts';

const ROOT = '/authorization/permissions';

export const permissionRoutes: Route[] = [
  [`GET ${ROOT}`, list('permissions')],
  [`POST ${ROOT}`, createPermission],
  [`GET ${ROOT}/{slug}`, ({ id }, state) => respond(state, permissionBySlug(state, id))],
  [`PATCH ${ROOT}/{slug}`, updatePermission],
  [`DELETE ${ROOT}/{slug}`, deletePermission],
];

function createPermission({ body }: ApiRequest, state: State): ApiResponse {
  const slug = requiredString(body, 'slug');
  if (!/^[\w:.*-]+$/.test(slug)) throw validationError('slug', 'may only contain letters, digits and _ - : . *');
  if (state.where('permissions', { slug }).length > 0) {
    throw apiError(409, 'permission_slug_conflict', `A permission with the slug '${slug}' already exists.`);
  }
  const permission = state.add('permissions', {
    slug,
    name: requiredString(body, 'name'),
    description: optionalField(body, 'description', isStringOrNull) ?? null,
    system: false,
    resource_type_slug:
      body['resource_type_slug'] === undefined ? 'organization' : requiredString(body, 'resource_type_slug'),
  });
  return respond(state, permission);
}

function updatePermission({ id, body }: ApiRequest, state: State): ApiResponse {
  const permission = changeablePermission(state, id);
  const description = optionalField(body, 'description', isStringOrNull);
  const updated = state.change('permissions', permission, {
    name: body['name'] === undefined ? permission.name : requiredString(body, 'name'),
    description: description === undefined ? permission.description : description,
  });
  return respond(state, updated);
}

/** Also removes the permission from all roles. */
function deletePermission({ id: slug }: ApiRequest, state: State): ApiResponse {
  const { id } = changeablePermission(state, slug);
  for (const role of state.where('roles')) {
    if (!role.permissions.includes(slug)) continue;
    state.change('roles', role, { permissions: role.permissions.filter((other) => other !== slug) });
  }
  state.remove('permissions', id);
  return {};
}

function changeablePermission(state: State, slug: string): Permission {
  const permission = permissionBySlug(state, slug);
  if (permission.system) {
    throw new HttpError(403, { message: `The system permission '${slug}' cannot be changed or deleted.` });
  }
  return permission;
}

function permissionBySlug(state: State, slug: string): Permission {
  const [permission] = state.where('permissions', { slug });
  if (!permission) throw notFound('Permission', slug);
  return permission;
}

function respond(state: State, permission: Permission): ApiResponse {
  return { body: present(state, 'permissions', permission) };
}
