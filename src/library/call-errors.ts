import type { Json, JsonObject } from './json.ts';
import type { ErrorKind, PreviewedCall } from './types.ts';

/** A call that failed. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly kind: ErrorKind;
  /** What to do next. */
  readonly hint: string;
  readonly tool: string;
  /** The name of the environment, where there are several. */
  readonly environment: string | undefined;
  /** Of the API's response. */
  readonly status: number | undefined;
  /** The API's own code. */
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** Seconds to wait, where the API says so. */
  readonly retryAfter: number | undefined;
  /** What the API said of single fields. */
  readonly errors: Json | undefined;
  /** What else the API returned that the next call may need. */
  readonly details: JsonObject | undefined;
  /** Where the secrets of the details went. */
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

/** A failure as a command writes it. */
export interface CallFailure {
  kind: ErrorKind;
  hint: string;
  tool: string;
  /** The name of the environment, where there are several. */
  environment?: string;
  status?: number;
  code?: string;
  request_id?: string;
  retry_after_s?: number;
  errors?: Json;
  details?: JsonObject;
  secret_file?: JsonObject;
}

/** A call that changed nothing yet, because it needs consent. */
export class ConfirmationNeeded extends Error {
  override readonly name = 'ConfirmationNeeded';
  readonly tool: string;
  /** What to show to whoever consents. */
  readonly preview: readonly PreviewedCall[];
  /** As `confirmation`, runs the same call once, on the same connection and within ten minutes. */
  readonly code: string;

  constructor(tool: string, preview: readonly PreviewedCall[], code: string) {
    const shown = preview.slice(0, 3).map(({ target }) => target);
    const more = preview.length > shown.length ? ` and ${preview.length - shown.length} more` : '';
    super(`${tool} needs consent and has changed nothing: ${shown.join('; ')}${more}`);
    this.tool = tool;
    this.preview = preview;
    this.code = code;
  }
}

/** Options or variables that cannot be used. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  /** Each in a sentence. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
