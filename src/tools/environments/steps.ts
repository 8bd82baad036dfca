import * as z from 'zod';

const description = z.string().nullish();
const was = z.record(z.string(), z.unknown()).optional();
const texts = z.array(z.string());
const Named = { name: z.string(), description };
const Renamed = { name: z.string().optional(), description, was };
const Uris = z.array(z.looseObject({ uri: z.string() }));
const Json = z.record(z.string(), z.unknown());

/** One change of an environment, with all the data needed to make it. No step deletes anything. */
export const PromotionStep = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('create_permission'),
    slug: z.string(),
    ...Named,
    resource_type_slug: z.string().optional(),
  }),
  z.object({ step: z.literal('update_permission'), permission_slug: z.string(), ...Renamed }),
  z.object({ step: z.literal('create_role'), slug: z.string(), ...Named, resource_type_slug: z.string().optional() }),
  z.object({ step: z.literal('update_role'), role_slug: z.string(), ...Renamed }),
  z.object({ step: z.literal('add_role_permissions'), role_slug: z.string(), permissions: texts }),
  z.object({ step: z.literal('enable_feature_flag'), feature_flag_slug: z.string() }),
  z.object({ step: z.literal('disable_feature_flag'), feature_flag_slug: z.string() }),
  z.object({
    step: z.literal('create_webhook_endpoint'),
    endpoint_url: z.string(),
    events: texts,
    status: z.enum(['enabled', 'disabled']).optional(),
  }),
  z.object({
    step: z.literal('update_webhook_endpoint'),
    endpoint_url: z.string(),
    webhook_endpoint_id: z.string(),
    events: texts.optional(),
    status: z.enum(['enabled', 'disabled']).optional(),
    was,
  }),
  z.object({ step: z.literal('create_redirect_uri'), uri: z.string() }),
  z.object({ step: z.literal('create_cors_origin'), origin: z.string() }),
  z.object({ step: z.literal('update_jwt_template'), content: z.string(), was }),
  z.object({
    step: z.literal('create_audit_log_schema'),
    action_name: z.string(),
    targets: z.array(Json),
    actor: Json.optional(),
    metadata: Json.optional(),
    was,
  }),
  z.object({
    step: z.literal('create_connect_app'),
    ...Named,
    scopes: texts.optional(),
    redirect_uris: Uris.optional(),
    uses_pkce: z.boolean().optional(),
  }),
  z.object({
    step: z.literal('update_connect_app'),
    name: z.string(),
    connect_application_id: z.string(),
    description,
    scopes: texts.optional(),
    redirect_uris: Uris.optional(),
    was,
  }),
]);
export type PromotionStep = z.output<typeof PromotionStep>;

/** A call of a tool. */
export interface ToolCall {
  tool: string;
  input: Record<string, unknown>;
}

/**
 * The calls that a step takes, in order. The call that disables a new webhook endpoint is not included: it needs the id from the
 * response.
 */
export function callsOf(step: PromotionStep): ToolCall[] {
  const { step: name, ...given } = step;
  const { was: _, ...input } = { was: undefined, ...given };
  switch (step.step) {
    case 'add_role_permissions':
      return step.permissions.map((slug) => ({
        tool: 'add_role_permission',
        input: { role_slug: step.role_slug, slug },
      }));
    case 'create_webhook_endpoint': {
      const { endpoint_url, events } = step;
      return [{ tool: name, input: { endpoint_url, events } }];
    }
    case 'update_webhook_endpoint':
      return [{ tool: name, input: withoutKeys(input, ['endpoint_url']) }];
    case 'create_connect_app':
      return [{ tool: name, input: { ...input, application_type: 'oauth', is_first_party: true } }];
    case 'update_connect_app':
      return [{ tool: name, input: withoutKeys(input, ['name']) }];
    default:
      return [{ tool: name, input }];
  }
}

/** Every tool that a step runs. */
export function toolsOf(step: PromotionStep): string[] {
  const pauses = step.step === 'create_webhook_endpoint' && step.status === 'disabled';
  return [...callsOf(step).map(({ tool }) => tool), ...(pauses ? ['update_webhook_endpoint'] : [])];
}

function withoutKeys(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)));
}
