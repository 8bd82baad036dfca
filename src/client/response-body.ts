import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { ApiError, type AttemptedRequest } from '../errors/errors.ts';
import { isNestedDeeper, MAX_NESTING } from '../text/json-nesting.ts';
import { truncate } from '../text/truncate.ts';
import { describeUnreadable, MAX_ERROR_BODY } from './error-body.ts';
import { BodyBytes, UnparsedBody } from './unparsed-body.ts';

/** Status, headers, and body text of one response; header names are lowercase. */
export interface RawResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** For a large success, only the beginning. */
  text: string;
  /** The whole body of a large success. */
  large?: BodyBytes;
}

/** Far above any real response; keeps an endless body from filling memory. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Reads the whole body of a success, or as much of a failure as an error can use.
 * @throws {ApiError} if a success is compressed or larger than `maxBytes`.
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
      mayHaveSucceeded: true,
    });
  const encoding = headers['content-encoding'];
  // The request accepted no encoding; decompressing anyway would let a few bytes fill memory.
  if (encoding && encoding !== 'identity') {
    const problem = `a body encoded with ${truncate(encoding, 40)}, which the request did not accept`;
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
  // undici frees the connection a moment after the end of the body. Until then, the next request would open another one.
  await setImmediate();
  if (status < 300 && bytes.isLarge) return { status, headers, text: bytes.beginning(), large: bytes };
  return { status, headers, text: bytes.text() };
}

/**
 * The JSON of a success; undefined if the body is empty, an {@link UnparsedBody} if it is large.
 * @throws {ApiError} if it is not JSON, or nested too deeply.
 */
export function parseSuccess({ status, headers, text, large }: RawResponse, request: AttemptedRequest): unknown {
  const unreadable = (problem?: string) =>
    new ApiError(
      `a response that cannot be read: ${describeUnreadable(status, headers['content-type'] ?? '', text, problem)}`,
      {
        request,
        status,
        requestId: headers['x-request-id'],
        mayHaveSucceeded: true,
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
