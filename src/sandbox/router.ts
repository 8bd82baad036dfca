import { type Delivery, recordEvents } from './events.ts';
import { injectFault } from './fault-injection.ts';
import { checkRequest, documentedRequest } from './http/check-request.ts';
import { HttpError } from './http/errors.ts';
import type { ApiResponse } from './http/response.ts';
import type { ApiRequest, Handler, Route } from './http/route.ts';
import { enforceRateLimit } from './rate-limit.ts';
import { accessCheckRoutes } from './routes/access-checks.ts';
import { accountCredentialRoutes } from './routes/account-credentials.ts';
import { agentRegistrationRoutes } from './routes/agent-registrations.ts';
import { agentTokenRoutes } from './routes/agent-tokens.ts';
import { agentRoutes } from './routes/agents.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { auditLogEventRoutes } from './routes/audit-log-events.ts';
import { auditLogSchemaRoutes } from './routes/audit-log-schemas.ts';
import { auditLogSettingRoutes } from './routes/audit-log-settings.ts';
import { auditLogRoutes } from './routes/audit-logs.ts';
import { authenticateRoutes } from './routes/authenticate.ts';
import { authkitSettingsRoutes } from './routes/authkit-settings.ts';
import { authorizationResourceRoutes } from './routes/authorization-resources.ts';
import { authorizeRoutes } from './routes/authorize.ts';
import { connectRoutes } from './routes/connect.ts';
import { connectedAccountRoutes } from './routes/connected-accounts.ts';
import { connectionRoutes } from './routes/connections.ts';
import { controlRoutes } from './routes/control.ts';
import { dataConfigurationRoutes } from './routes/data-configurations.ts';
import { dataIntegrationRoutes } from './routes/data-integrations.ts';
import { deviceRoutes } from './routes/devices.ts';
import { directoryRoutes } from './routes/directories.ts';
import { domainRoutes } from './routes/domains.ts';
import { emailCodeRoutes } from './routes/email-codes.ts';
import { eventRoutes } from './routes/events.ts';
import { externalAuthRoutes } from './routes/external-auth.ts';
import { featureFlagRoutes } from './routes/feature-flags.ts';
import { groupRoleAssignmentRoutes } from './routes/group-role-assignments.ts';
import { groupRoutes } from './routes/groups.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { itContactRoutes } from './routes/it-contacts.ts';
import { membershipRoutes } from './routes/memberships.ts';
import { mfaRoutes } from './routes/mfa.ts';
import { finishDeletions, organizationRoutes } from './routes/organizations.ts';
import { permissionRoutes } from './routes/permissions.ts';
import { portalRoutes } from './routes/portal.ts';
import { radarRoutes } from './routes/radar.ts';
import { roleAssignmentRoutes } from './routes/role-assignments.ts';
import { roleRoutes } from './routes/roles.ts';
import { samlCertificateRoutes } from './routes/saml-certificates.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { ssoRoutes } from './routes/sso.ts';
import { teamRoutes } from './routes/teams.ts';
import { userRoutes } from './routes/users.ts';
import { vaultRoutes } from './routes/vault.ts';
import { vaultKeyRoutes } from './routes/vault-keys.ts';
import { waitlistRoutes } from './routes/waitlists.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import type { State } from './state.ts';

const ROUTES: Route[] = [
  ...controlRoutes,
  ...organizationRoutes,
  ...domainRoutes,
  ...connectionRoutes,
  ...directoryRoutes,
  ...userRoutes,
  ...membershipRoutes,
  ...invitationRoutes,
  ...roleRoutes,
  ...permissionRoutes,
  ...authorizationResourceRoutes,
  ...roleAssignmentRoutes,
  ...groupRoleAssignmentRoutes,
  ...accessCheckRoutes,
  ...groupRoutes,
  ...featureFlagRoutes,
  ...auditLogRoutes,
  ...auditLogEventRoutes,
  ...auditLogSchemaRoutes,
  ...auditLogSettingRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
  ...vaultRoutes,
  ...vaultKeyRoutes,
  ...authenticateRoutes,
  ...authorizeRoutes,
  ...deviceRoutes,
  ...ssoRoutes,
  ...sessionRoutes,
  ...emailCodeRoutes,
  ...mfaRoutes,
  ...authkitSettingsRoutes,
  ...waitlistRoutes,
  ...radarRoutes,
  ...connectRoutes,
  ...externalAuthRoutes,
  ...apiKeyRoutes,
  ...agentRoutes,
  ...agentTokenRoutes,
  ...agentRegistrationRoutes,
  ...samlCertificateRoutes,
  ...itContactRoutes,
  ...portalRoutes,
  ...teamRoutes,
  ...dataIntegrationRoutes,
  ...dataConfigurationRoutes,
  ...connectedAccountRoutes,
  ...accountCredentialRoutes,
];

/** The sandbox's own pages, and endpoints that need no API key although the document says otherwise. */
const PUBLIC = /^(?:(?:GET|POST) \/_sandbox\/pages\/|POST \/user_management\/authenticate$|GET \/sso\/profile$)/;

interface CompiledRoute {
  operation: string;
  method: string;
  pattern: RegExp;
  names: string[];
  handler: Handler;
}

// Literal segments are tried before placeholders: /users/external_id/{id} before /users/{id}/identities.
const COMPILED = ROUTES.map(compile).sort((a, b) =>
  a.operation.replaceAll('{', '~') < b.operation.replaceAll('{', '~') ? -1 : 1,
);

/** The operations that the sandbox simulates, as the document spells them: `POST /organizations`. */
export const simulatedOperations: readonly string[] = ROUTES.map(([operation]) => operation);

/** A request that has been read but not yet matched to a route. */
export type UnroutedRequest = Omit<ApiRequest, 'id' | 'params'> & { fault: string | undefined };

export interface Answer extends ApiResponse {
  status: number;
  deliveries: Delivery[];
  /** Whether the state has changed. */
  changed: boolean;
}

/**
 * Answers a request: checks the API key, applies injected faults and rate limits, checks the request against the
 * document, and calls the route's handler.
 * @param apiKey the only key that is accepted
 */
export function handleRequest(request: UnroutedRequest, state: State, apiKey: string): Answer {
  finishDeletions(state);
  // Events for previously accepted changes are recorded even if this request fails.
  const accepted = state.changes.length > 0;
  const earlier = recordEvents(state);
  try {
    const response = answer(request, state, apiKey);
    const changed = accepted || request.method !== 'GET' || state.changes.length > 0;
    return { status: 200, ...response, deliveries: [...earlier, ...recordEvents(state)], changed };
  } catch (error) {
    state.changes = [];
    if (!(error instanceof HttpError)) throw error;
    return { status: 400, ...error.response, deliveries: earlier, changed: accepted };
  }
}

function answer(request: UnroutedRequest, state: State, apiKey: string): ApiResponse {
  const { route, params } = matchRoute(request) ?? {};
  const documented = documentedRequest(route?.operation ?? '');
  const isPublic = documented?.public || PUBLIC.test(route?.operation ?? '');
  if (!isPublic && request.token !== apiKey) return { status: 401, body: { message: 'Unauthorized' } };
  const isControl = request.path.startsWith('/_sandbox');
  const failure = isControl ? undefined : (injectFault(request, state) ?? enforceRateLimit(request, state));
  if (failure) return failure;
  if (!route || !params) throw notSimulated(request);
  checkRequest(route.operation, request.query, request.body);
  const id = params[route.names.at(-1) ?? ''] ?? '';
  const response = route.handler({ ...request, params, id }, state);
  return { status: documented?.status ?? 200, ...response };
}

function matchRoute({ method, path }: UnroutedRequest) {
  for (const route of COMPILED) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (!match) continue;
    const params = Object.fromEntries(route.names.map((name, index) => [name, decodeSegment(match[index + 1] ?? '')]));
    return { route, params };
  }
  return undefined;
}

function compile([operation, handler]: Route): CompiledRoute {
  const [method = '', path = ''] = operation.split(' ');
  const names = Array.from(path.matchAll(/\{([^}]+)\}/g), ([, name = '']) => name);
  return { operation, method, pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '([^/]+)')}$`), names, handler };
}

function notSimulated({ method, path }: UnroutedRequest): HttpError {
  return new HttpError(501, {
    message:
      `The sandbox does not simulate ${method} ${path}. ` +
      'To call it, restart without the sandbox and set WORKOS_API_KEY to the sk_test_ key of a WorkOS staging environment.',
    code: 'not_simulated',
  });
}

/** Decoding happens after matching, because an id may contain an encoded slash. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, { message: `Failed to decode the path segment '${segment}'`, code: 'bad_request' });
  }
}
