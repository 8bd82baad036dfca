import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { ApiError, type AttemptedRequest } from '../errors/errors.ts';
import { isNestedDeeper, MAX_NESTING } from '../text/json-nesting.ts';
import { describeUnreadable, MAX_ERROR_BODY } from './error-body.ts';
import { isAmbiguous } from './retry.ts';
import { BodyBytes, UnparsedBody } from './unparsed-body.ts';

/** Status, headers and body text of one response; header names are lower case. */
export interface RawResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Of a large success only the beginning. */
  text: string;
  /** All of a large success. */
  large?: BodyBytes;
}

/** Far above any real response; keeps an endless body from filling the memory. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Reads a success to its end, and of a failure as much as an error can use.
 * @throws {ApiError} where a success is compressed or larger than `maxBytes`.
 */
export async function readResponse(
  { statusCode: status, headers: raw, body }: Dispatcher.ResponseData,
  request: AttemptedRequest,
  maxBytes = MAX_BODY_BYTES,
): Promise<RawResponse> {
  const headers = flattenHeaders(raw);
  const unreadable = (message: string) =>
    new ApiError(message, {
      request,
      status,
      requestId: headers['x-request-id'],
      mayHaveSucceeded: request.method !== 'GET' && (status < 300 || isAmbiguous({ kind: 'response', status })),
    });
  const encoding = headers['content-encoding'];
  // No encoding was accepted; decompressing anyway would let a few bytes fill the memory.
  if (encoding && encoding !== 'identity') {
    const problem = `a body encoded with ${encoding}, which was not accepted`;
    // An unread body would hold its connection.
    body.on('error', () => {}).destroy();
    if (status < 300) throw unreadable(problem);
    return { status, headers, text: problem };
  }
  const bytes = new BodyBytes();
  for await (const chunk of body) {
    bytes.add(chunk);
    if (status < 300 && bytes.size > maxBytes) throw unreadable(`a body of more than ${maxBytes} bytes`);
    // Leaving the loop closes the connection.
    if (status >= 300 && bytes.size > MAX_ERROR_BODY) break;
  }
  // undici frees the connection a moment after the end of the body; before that, the next request would open another.
  await setImmediate();
  if (status < 300 && bytes.isLarge) return { status, headers, text: bytes.beginning(), large: bytes };
  return { status, headers, text: bytes.text() };
}

/**
 * The JSON of a success; undefined where the body is empty, an {@link UnparsedBody} where it is large.
 * @throws {ApiError} where it is not JSON, or nested too deeply.
 */
export function parseSuccess({ status, headers, text, large }: RawResponse, request: AttemptedRequest): unknown {
  const unreadable = (problem?: string) =>
    new ApiError(
      `a success that cannot be read: ${describeUnreadable(status, headers['content-type'] ?? '', text, problem)}`,
      {
        request,
        status,
        requestId: headers['x-request-id'],
        mayHaveSucceeded: request.method !== 'GET',
      },
    );
  if (large) return new UnparsedBody(large, unreadable);
  if (text.trim() === '') return undefined;
  if (isNestedDeeper(text)) throw unreadable(`nested deeper than ${MAX_NESTING} levels`);
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}

function flattenHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
}
