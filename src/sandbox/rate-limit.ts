import type { ApiResponse } from './http/response.ts';
import type { ApiRequest } from './http/route.ts';
import { requestedDirectoryId } from './routes/directories.ts';
import type { State } from './state.ts';

/** The API's limit for listing one directory's users: https://workos.com/docs/reference/rate-limits */
const READS_PER_SECOND = 4;

/** The 429 for a request over the rate limit, whose body is a bare JSON string as in the API. */
export function enforceRateLimit(
  request: Pick<ApiRequest, 'method' | 'path' | 'query'>,
  state: State,
): ApiResponse | undefined {
  if (request.method !== 'GET' || request.path !== '/directory_users') return undefined;
  const directoryId = requestedDirectoryId(request, state);
  const now = state.now();
  const reads = (state.recentReads.get(directoryId) ?? []).filter((time) => time > now - 1000);
  const isOverLimit = reads.length >= READS_PER_SECOND;
  state.recentReads.set(directoryId, isOverLimit ? reads : [...reads, now]);
  return isOverLimit ? { status: 429, body: 'Ratelimited', headers: { 'Retry-After': '1' } } : undefined;
}
