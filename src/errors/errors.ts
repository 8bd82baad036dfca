/** The closed list of reasons a call can fail for; clients may switch on it. */
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

/** The arguments cannot be sent, and nothing was. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Paths of the arguments at fault. */
  readonly fields: readonly string[];
  readonly hint: string | undefined;
  constructor(message: string, fields: readonly string[] = [], hint?: string) {
    super(message);
    this.fields = fields;
    this.hint = hint;
  }
}

/** A failure whose thrower knows best what to do next. */
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

/** The hint of a refusal by the settings. */
export const OPERATOR_HINT = 'Only the operator can change this setting. Do not try to work around it.';

/** The settings or the user do not allow this call; nothing was changed. */
export class RefusedError extends HintedError {
  override readonly name = 'RefusedError';
}

/** The caller gave up; requests in flight are aborted. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  /** True where a request was aborted that may have arrived. */
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

/** What this server knows of a request that WorkOS did not answer with a success. */
export interface Circumstances {
  /** The tool whose request it was, which may run inside another. */
  tool: string;
  /** The request gave a cursor: as the only argument that may be wrong, or not. Undefined where it gave none. */
  cursor: 'only' | 'among others' | undefined;
  /** This process has deleted the object that was asked for. */
  deleted: boolean;
  /** The other environments of this server that have the object. */
  elsewhere?: readonly string[];
  /** The index of the call whose target could not be read, where several needed consent and none has run. */
  row?: number;
}

/** WorkOS responded, but not with a success that can be used. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly request: AttemptedRequest;
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: unknown;
  /** What else the body holds. Secrets are in it until revealError() has been there. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Where the secrets of the details went. */
  readonly secretFile: Readonly<Record<string, unknown>> | undefined;
  /** Secrets of the details that the caller asked to see. */
  readonly shown: readonly string[];
  readonly circumstances: Circumstances | undefined;
  readonly requestId: string | undefined;
  /** Seconds, from the Retry-After header. */
  readonly retryAfter: number | undefined;
  /** The request may have been carried out, by this attempt or an earlier one, although no usable success came back. */
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
  /** False where no attempt reached WorkOS. */
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

/** An error of the same class with the same properties, but for these. */
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

/** True for an error that is a bug of this server. */
export function isBug(error: unknown): boolean {
  return !EXPECTED.some((one) => error instanceof one);
}
