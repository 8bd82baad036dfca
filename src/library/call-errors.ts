import type { Json, JsonObject } from './json.ts';
import type { ErrorKind, PreviewedCall } from './types.ts';

/** A call that failed. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly kind: ErrorKind;
  /** What to do next. */
  readonly hint: string;
  readonly tool: string;
  /** The name of the environment, if there are several. */
  readonly environment: string | undefined;
  /** The HTTP status of the API's response. */
  readonly status: number | undefined;
  /** The API's error code. */
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** Seconds to wait before the next call, if the API says so. */
  readonly retryAfter: number | undefined;
  /** The API's errors about single fields. */
  readonly errors: Json | undefined;
  /** Other data of the response that the next call may need. */
  readonly details: JsonObject | undefined;
  /** The file with the secrets of `details`. */
  readonly secretFile: JsonObject | undefined;

  constructor(message: string, failure: CallFailure) {
    super(message);
    this.kind = failure.kind;
    this.hint = failure.hint;
    this.tool = failure.tool;
    this.environment = failure.environment;
    this.status = failure.status;
    this.code = failure.code;
    this.requestId = failure.request_id;
    this.retryAfter = failure.retry_after_s;
    this.errors = failure.errors;
    this.details = failure.details;
    this.secretFile = failure.secret_file;
  }
}

/** A failure, with the field names of a command's output. */
export interface CallFailure {
  kind: ErrorKind;
  hint: string;
  tool: string;
  /** The name of the environment, if there are several. */
  environment?: string;
  status?: number;
  code?: string;
  request_id?: string;
  retry_after_s?: number;
  errors?: Json;
  details?: JsonObject;
  secret_file?: JsonObject;
}

/** A call that needs consent and has changed nothing yet. */
export class ConfirmationNeeded extends Error {
  override readonly name = 'ConfirmationNeeded';
  readonly tool: string;
  /** What to show to the person who is asked for consent. */
  readonly preview: readonly PreviewedCall[];
  /** Passed as `confirmation`, runs the same call once, on the same connection and within ten minutes. */
  readonly code: string;

  constructor(tool: string, preview: readonly PreviewedCall[], code: string) {
    const shown = preview.slice(0, 3).map(({ target }) => target);
    const more = preview.length > shown.length ? ` and ${preview.length - shown.length} more` : '';
    super(`${tool} needs consent and changed nothing: ${shown.join('; ')}${more}`);
    this.tool = tool;
    this.preview = preview;
    this.code = code;
  }
}

/** Invalid options or environment variables. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  /** One sentence for each problem. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
