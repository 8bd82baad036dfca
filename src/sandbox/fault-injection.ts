import type { ApiRequest, ApiResponse } from './http/route.ts';
import type { State } from './state.ts';

const ERROR_BODIES: Record<number, object> = {
  401: { message: 'Unauthorized' },
  403: { message: 'Forbidden' },
  408: { message: 'Request Timeout' },
  429: { message: 'Too many requests.', code: 'rate_limit_exceeded' },
  500: { message: 'Internal Server Error' },
  502: { message: 'Bad Gateway' },
  503: { message: 'Service Unavailable' },
  504: { message: 'Gateway Timeout' },
};

/** The error response for a request that matches an injected fault, which is then used up by one. */
export function injectFault(
  { method, path }: Pick<ApiRequest, 'method' | 'path'>,
  state: State,
): ApiResponse | undefined {
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
    body: ERROR_BODIES[fault.status] ?? { message: 'Request could not be processed.' },
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': `${retryAfter}` } }),
  };
}
