import { isObject } from '../http/body-fields.ts';
import { notFound, validationError } from '../http/errors.ts';
import { isJsonSchema } from '../http/json-schema.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { AuditLogSchema } from '../resources/audit-logs.ts';
import type { State } from '../state.ts';
import { list } from './resource-routes.ts';

export const auditLogSchemaRoutes: Route[] = [
  ['GET /audit_logs/actions', list('audit_log_actions')],
  ['GET /audit_logs/actions/{actionName}/schemas', listSchemas],
  ['POST /audit_logs/actions/{actionName}/schemas', createSchema],
];

function listSchemas(request: ApiRequest, state: State): ApiResponse {
  const { id: action } = request;
  if (state.where('audit_log_actions', { name: action }).length === 0) throw notFound('Audit Log Action', action);
  const schemas = state.where('audit_log_schemas', { _action: action });
  return paginate(request, schemas, (schema) => present(state, 'audit_log_schemas', schema));
}

/** Creates the next version of an action's schema. The first version also creates the action. */
function createSchema({ id: name, body }: ApiRequest, state: State): ApiResponse {
  // The types were checked against the document, except for the contents of metadata.
  const { actor, targets, metadata } = body as Pick<AuditLogSchema, 'actor' | 'targets' | 'metadata'>;
  checkMetadata('actor.metadata', actor?.metadata);
  for (const [index, target] of targets.entries()) checkMetadata(`targets.${index}.metadata`, target.metadata);
  checkMetadata('metadata', metadata);
  const version = state.where('audit_log_schemas', { _action: name }).length + 1;
  const [action] = state.where('audit_log_actions', { name });
  if (action) state.change('audit_log_actions', action, {});
  else state.add('audit_log_actions', { name });
  const schema = state.add('audit_log_schemas', {
    version,
    ...(actor && { actor }),
    targets,
    ...(metadata && { metadata }),
    _action: name,
  });
  return { body: present(state, 'audit_log_schemas', schema) };
}

function checkMetadata(field: string, metadata: unknown): void {
  if (metadata === undefined || (isObject(metadata) && isJsonSchema(metadata))) return;
  throw validationError(field, 'must be a JSON Schema');
}
