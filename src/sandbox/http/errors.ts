import type { ApiResponse } from './response.ts';

/** An error response. Handlers throw it; the router sends its `response`. */
export class HttpError extends Error {
  readonly response: ApiResponse;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.response = { status, body, headers };
  }
}

/** A 404 in WorkOS's wording. */
export function notFound(kind: string, id: string): HttpError {
  return new HttpError(404, { message: `${kind} not found: '${id}'.`, code: 'entity_not_found', entity_id: id });
}

/** A 422 about one body field or query parameter. `problem` completes the sentence that starts with the field's name. */
export function validationError(field: string, problem: string, code = 'invalid'): HttpError {
  return new HttpError(422, {
    message: `Validation failed: ${field} ${problem}.`,
    code: 'invalid_request_parameters',
    errors: [{ code, field }],
  });
}

/** An error with a status, a code, and a message. */
export function apiError(status: number, code: string, message: string): HttpError {
  return new HttpError(status, { message, code });
}
