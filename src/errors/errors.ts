/** Why a call failed. The list is closed, so clients may switch on it. */
export type ErrorKind =
  | 'input'
  | 'config'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'api'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'refused'
  | 'sandbox';

/** The arguments cannot be sent. Nothing was sent. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Paths of the wrong arguments. */
  readonly fields: readonly string[];
  readonly hint: string | undefined;
  constructor(message: string, fields: readonly string[] = [], hint?: string) {
    super(message);
    this.fields = fields;
    this.hint = hint;
  }
}

/** An error that carries its own hint about what to do next. */
class HintedError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A setting that this call needs is missing or wrong. */
export class ConfigError extends HintedError {
  override readonly name = 'ConfigError';
}

/** The hint for calls that the settings refuse. */
export const OPERATOR_HINT = 'Only the operator can change this setting. Do not try to work around it.';

/** The settings or the user do not allow this call; nothing was changed. */
export class RefusedError extends HintedError {
  override readonly name = 'RefusedError';
}

/** The call was cancelled; requests in flight are aborted. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  /** True if an aborted request may have arrived. */
  readonly mayHaveSucceeded: boolean;
  constructor(mayHaveSucceeded = false) {
    super('The call was cancelled');
    this.mayHaveSucceeded = mayHaveSucceeded;
  }
}

/** The storage host no longer accepts a pre-signed link. */
export class LinkExpiredError extends Error {
  override readonly name = 'LinkExpiredError';
}

/** The request that failed. */
export interface AttemptedRequest {
  method: string;
  path: string;
  attempts: number;
}

/** What this server knows about a request that WorkOS did not answer with a success. */
export interface Circumstances {
  /** The tool that sent the request. It may run inside another tool. */
  tool: string;
  /** Whether a cursor was the only argument that may be wrong, or one among others. Undefined if there was no cursor. */
  cursor: 'only' | 'among others' | undefined;
  /** True if this process has deleted the requested object. */
  deleted: boolean;
  /** The other environments of this server that have the object. */
  elsewhere?: readonly string[];
  /** The index of the call whose target could not be read, if several calls needed consent. None has run then. */
  row?: number;
}

/** WorkOS responded, but not with a success that can be used. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly request: AttemptedRequest;
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: unknown;
  /** The other fields of the body. Contains secrets until revealError() has processed the error. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** The location of the secrets from the details. */
  readonly secretFile: Readonly<Record<string, unknown>> | undefined;
  /** Secrets in the details that the caller asked to see. */
  readonly shown: readonly string[];
  readonly circumstances: Circumstances | undefined;
  readonly requestId: string | undefined;
  /** Seconds, from the Retry-After header. */
  readonly retryAfter: number | undefined;
  /** True if this attempt or an earlier one may have been carried out, although no usable success came back. */
  readonly mayHaveSucceeded: boolean;
  constructor(
    message: string,
    detail: {
      request: AttemptedRequest;
      status: number;
      code?: string | undefined;
      errors?: unknown;
      details?: Readonly<Record<string, unknown>> | undefined;
      requestId?: string | undefined;
      retryAfter?: number | undefined;
      mayHaveSucceeded?: boolean;
    },
  ) {
    super(message);
    this.request = detail.request;
    this.status = detail.status;
    this.code = detail.code;
    this.errors = detail.errors;
    this.details = detail.details;
    this.secretFile = undefined;
    this.shown = [];
    this.circumstances = undefined;
    this.requestId = detail.requestId;
    this.retryAfter = detail.retryAfter;
    this.mayHaveSucceeded = detail.mayHaveSucceeded ?? false;
  }
}

/** No complete response arrived. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly request: AttemptedRequest;
  readonly timedOut: boolean;
  /** False if no attempt reached WorkOS. */
  readonly mayHaveSucceeded: boolean;
  readonly code: string | undefined;
  constructor(
    message: string,
    detail: {
      request: AttemptedRequest;
      timedOut?: boolean;
      mayHaveSucceeded: boolean;
      code?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: detail.cause });
    this.request = detail.request;
    this.timedOut = detail.timedOut ?? false;
    this.mayHaveSucceeded = detail.mayHaveSucceeded;
    this.code = detail.code;
  }
}

/** A copy of an error, of the same class, with some properties changed. */
export function copyOf<E extends Error>(error: E, changed: Partial<E>): E {
  const { message = error.message, ...others } = changed;
  const copy: E = Object.create(Object.getPrototypeOf(error));
  Object.assign(copy, error, others);
  for (const [name, value] of Object.entries({ message, stack: error.stack, cause: error.cause })) {
    Object.defineProperty(copy, name, { value, configurable: true, writable: true });
  }
  return copy;
}

const EXPECTED = [
  ApiError,
  NetworkError,
  InputError,
  ConfigError,
  RefusedError,
  CancelledError,
  LinkExpiredError,
] as const;

/** True if an error is a bug in this server. */
export function isBug(error: unknown): boolean {
  return !EXPECTED.some((one) => error instanceof one);
}
