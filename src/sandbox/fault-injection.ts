import type { ApiResponse } from './http/response.ts';
import type { ApiRequest } from './http/route.ts';
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

/**
 * The error response for a request that asks for one with the header `X-Sandbox-Fault: 429; retry_after=2`, or that matches an
 * injected fault, whose remaining count then drops by one. Undefined for any other request.
 * @param requested the header's value
 */
export function injectFault(
  { method, path, fault: requested }: Pick<ApiRequest, 'method' | 'path'> & { fault: string | undefined },
  state: State,
): ApiResponse | undefined {
  if (requested !== undefined) return requestedFault(requested);
  const fault = state.faults.find(
    (candidate) =>
      (candidate.method === undefined || candidate.method === method) &&
      (candidate.path === undefined || candidate.path === path || path.startsWith(`${candidate.path}/`)),
  );
  if (!fault) return undefined;
  fault.times -= 1;
  if (fault.times === 0) state.faults.splice(state.faults.indexOf(fault), 1);
  return faultResponse(fault.status, fault.retry_after);
}

function requestedFault(header: string): ApiResponse {
  const { status, seconds } =
    /^(?<status>[45]\d\d)(?:;\s*retry_after=(?<seconds>\d+))?$/.exec(header.trim())?.groups ?? {};
  if (status === undefined) {
    const message = `The header X-Sandbox-Fault must look like '503' or '429; retry_after=2', not '${header}'.`;
    return { status: 422, body: { message, code: 'invalid_request_parameters' } };
  }
  return faultResponse(Number(status), seconds === undefined ? undefined : Number(seconds));
}

function faultResponse(status: number, seconds: number | undefined): ApiResponse {
  const retryAfter = seconds ?? (status === 429 ? 1 : undefined);
  return {
    status,
    body: ERROR_BODIES[status] ?? { message: 'Request could not be processed.' },
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': `${retryAfter}` } }),
  };
}
