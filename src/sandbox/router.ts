import { injectFault } from './fault-injection.ts';
import { HttpError } from './http/errors.ts';
import type { ApiRequest, ApiResponse, Handler } from './http/route.ts';
import { enforceRateLimit } from './rate-limit.ts';
import { auditLogRoutes } from './routes/audit-logs.ts';
import { connectionRoutes } from './routes/connections.ts';
import { controlRoutes } from './routes/control.ts';
import { directoryRoutes } from './routes/directories.ts';
import { domainRoutes } from './routes/domains.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { membershipRoutes } from './routes/memberships.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { roleRoutes } from './routes/roles.ts';
import { userRoutes } from './routes/users.ts';
import type { State } from './state.ts';

const ROUTES = [
  ...controlRoutes,
  ...organizationRoutes,
  ...domainRoutes,
  ...connectionRoutes,
  ...directoryRoutes,
  ...userRoutes,
  ...membershipRoutes,
  ...invitationRoutes,
  ...roleRoutes,
  ...auditLogRoutes,
].map(([method, path, handler]) => ({
  method,
  pattern: new RegExp(`^${path.replace('{id}', '([^/]+)')}$`),
  handler,
}));

/** Paths that WorkOS serves without a bearer API key: browser redirects, and calls that send credentials in the body. */
const UNAUTHENTICATED = /^\/(sso\/|user_management\/(authorize|authenticate|sessions\/logout))/;

/** A request that has been read but not yet matched to a route. */
export type UnroutedRequest = Omit<ApiRequest, 'id'> & { authorization: string | undefined };

/**
 * Answers a request: checks the API key, applies injected faults and rate limits, and calls the route's handler.
 * @param apiKey the only key that is accepted
 */
export function handleRequest(request: UnroutedRequest, state: State, apiKey: string): ApiResponse {
  const { authorization, ...unrouted } = request;
  if (authorization !== `Bearer ${apiKey}` && !UNAUTHENTICATED.test(unrouted.path)) {
    return { status: 401, body: { message: 'Unauthorized' } };
  }
  try {
    const isControl = unrouted.path.startsWith('/_sandbox');
    const failure = isControl ? undefined : (injectFault(unrouted, state) ?? enforceRateLimit(unrouted, state));
    if (failure) return failure;
    const { id, handler } = matchRoute(unrouted.method, unrouted.path);
    return handler({ ...unrouted, id }, state);
  } catch (error) {
    if (error instanceof HttpError) return error.response;
    throw error;
  }
}

function matchRoute(method: string, path: string): { id: string; handler: Handler } {
  for (const route of ROUTES) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match) return { id: decodeSegment(match[1] ?? ''), handler: route.handler };
  }
  throw new HttpError(501, {
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
