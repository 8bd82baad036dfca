import { isText, optional } from './http/body.ts';
import { invalid, type Reply, type Route, type SandboxRequest } from './http/reply.ts';
import type { Fault } from './records.ts';
import { directoryAskedFor } from './routes/directories.ts';
import type { State } from './state.ts';

/** The sandbox's own endpoints: what it holds, and failures on demand. */
export const controlRoutes: Route[] = [
  ['GET', '/_sandbox', counts],
  ['POST', '/_sandbox/faults', addFault],
];

/** A request before it is known which handler it is for. */
type Unrouted = Omit<SandboxRequest, 'id'>;

const BODIES: Record<number, object> = {
  401: { message: 'Unauthorized' },
  403: { message: 'Forbidden' },
  408: { message: 'Request Timeout' },
  429: { message: 'Too many requests.', code: 'rate_limit_exceeded' },
  500: { message: 'Internal Server Error' },
  502: { message: 'Bad Gateway' },
  503: { message: 'Service Unavailable' },
  504: { message: 'Gateway Timeout' },
};

const READS_PER_SECOND = 4;

/** The failure that this request has to meet, if one was asked for. */
export function takeFault({ method, path }: Unrouted, state: State): Reply | undefined {
  const fault = state.faults.find(
    (candidate) =>
      (candidate.method === undefined || candidate.method === method) &&
      (candidate.path === undefined || candidate.path === path || path.startsWith(`${candidate.path}/`)),
  );
  if (!fault) return undefined;
  fault.times -= 1;
  if (fault.times === 0) state.faults.splice(state.faults.indexOf(fault), 1);
  const retryAfter = fault.retry_after ?? (fault.status === 429 ? 1 : undefined);
  return {
    status: fault.status,
    body: BODIES[fault.status] ?? { message: 'Request could not be processed.' },
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': `${retryAfter}` } }),
  };
}

/** WorkOS lets a directory's users be listed four times a second; its refusal is a bare JSON string. */
export function rateLimited(request: Unrouted, state: State): Reply | undefined {
  if (request.method !== 'GET' || request.path !== '/directory_users') return undefined;
  const directory = directoryAskedFor(request, state);
  const now = state.now();
  const reads = (state.directoryUserReads.get(directory) ?? []).filter((at) => at > now - 1000);
  const isOver = reads.length >= READS_PER_SECOND;
  state.directoryUserReads.set(directory, isOver ? reads : [...reads, now]);
  return isOver ? { status: 429, body: 'Ratelimited', headers: { 'Retry-After': '1' } } : undefined;
}

function addFault({ body }: SandboxRequest, state: State): Reply {
  const status = optional(body, 'status', isWhole);
  const times = optional(body, 'times', isWhole) ?? 1;
  const retryAfter = optional(body, 'retry_after', isWhole);
  const method = optional(body, 'method', isText);
  const path = optional(body, 'path', isText);
  if (status === undefined || status < 400 || status > 599) throw invalid('status', 'must be from 400 to 599');
  if (times < 1) throw invalid('times', 'must be at least 1');
  const fault: Fault = {
    status,
    times,
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(path === undefined ? {} : { path }),
  };
  state.faults.push(fault);
  return { status: 201, body: { ...fault } };
}

function counts(_request: SandboxRequest, state: State): Reply {
  return {
    status: 200,
    body: {
      organizations: state.organizations.size,
      organization_domains: state.domains.size,
      connections: state.connections.size,
      directories: state.directories.size,
      directory_groups: state.directoryGroups.size,
      directory_users: state.directoryUsers.size,
      users: state.users.size,
      organization_memberships: state.memberships.size,
      invitations: state.invitations.size,
      roles: state.roles.size,
      permissions: state.permissions.size,
      audit_log_events: state.auditLogEvents.length,
    },
  };
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
