import { controlRoutes, rateLimited, takeFault } from './fault-injection.ts';
import { type Handler, Problem, type Reply, type SandboxRequest } from './http/reply.ts';
import { auditLogRoutes } from './routes/audit-logs.ts';
import { connectionRoutes } from './routes/connections.ts';
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

/** WorkOS answers these without the API key as a bearer: browsers, and applications that send it in the body. */
const KEYLESS = /^\/(sso\/|user_management\/(authorize|authenticate|sessions\/logout))/;

/** A request that has been read but not yet answered. */
export type Unrouted = Omit<SandboxRequest, 'id'> & { authorization: string | undefined };

/** The answer to a request: its handler's, or that of whatever stands in its way. */
export function answer(unrouted: Unrouted, state: State, key: string): Reply {
  const { authorization, ...rest } = unrouted;
  if (authorization !== `Bearer ${key}` && !KEYLESS.test(rest.path)) {
    return { status: 401, body: { message: 'Unauthorized' } };
  }
  try {
    const isControl = rest.path.startsWith('/_sandbox');
    const obstacle = isControl ? undefined : (takeFault(rest, state) ?? rateLimited(rest, state));
    if (obstacle) return obstacle;
    const { id, handler } = find(rest.method, rest.path);
    return handler({ ...rest, id }, state);
  } catch (error) {
    if (error instanceof Problem) return error.reply;
    throw error;
  }
}

function find(method: string, path: string): { id: string; handler: Handler } {
  for (const route of ROUTES) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match) return { id: decoded(match[1] ?? ''), handler: route.handler };
  }
  throw new Problem(501, {
    message:
      `The sandbox does not simulate ${method} ${path}. ` +
      'Set WORKOS_API_KEY to an sk_test_ key of a WorkOS staging environment and run without the sandbox to use it.',
    code: 'not_simulated',
  });
}

/** Paths are taken as they were sent: an id may hold an encoded slash. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, { message: `Failed to decode the path segment '${segment}'`, code: 'bad_request' });
  }
}
