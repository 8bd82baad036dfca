import { type ApiError, InputError } from '../errors/errors.ts';
import type { MaskedField } from '../text/mask-fields.ts';
import type { Keys } from '../text/remove-key.ts';
import { runIsolated } from './isolated-job.ts';
import type { JmespathQuery } from './jmespath.ts';
import { JobError, queryFailure, readingFailure } from './json-job.ts';

/** The bytes of a body, and the error for a body that cannot be used. */
interface Body {
  chunks: Uint8Array[];
  size: number;
  unreadable(problem?: string): ApiError;
}

/** Saves the secrets of a masked response, and adds to the response where they are. */
export type SaveSecrets = (masked: Record<string, unknown>, found: readonly MaskedField[]) => Record<string, unknown>;

/** Options for {@link LargeResponse.read}. */
export interface Reading {
  query?: JmespathQuery | undefined;
  /** The response is that of a write, which is done, so a failing expression does not throw. */
  written: boolean;
  /** The size to cut the value to, in characters; undefined if code processes the value. */
  maxChars?: number | undefined;
  /** The number of items of `data` to keep. */
  take?: number;
  signal: AbortSignal;
}

/**
 * A response that is too large to be read without blocking the event loop. It is parsed, masked, and queried in a separate
 * process.
 */
export class LargeResponse {
  readonly #body: Body;
  readonly #status: number;
  readonly #keys: Keys;
  #secretPaths: readonly string[] = [];
  #save: SaveSecrets = (masked) => masked;

  constructor(body: Body, status: number, keys: Keys) {
    this.#body = body;
    this.#status = status;
    this.#keys = keys;
  }

  /** Makes read() mask the values at these paths and pass them to `save`. Returns this response. */
  hide(secretPaths: readonly string[], save: SaveSecrets): this {
    this.#secretPaths = secretPaths;
    this.#save = save;
    return this;
  }

  /**
   * Reads the value. Can be called only once, because the bytes are freed while they are read.
   * @throws {InputError} if it is too large for its purpose, or the expression fails.
   * @throws {ApiError} if it is not JSON, or otherwise unreadable.
   * @throws {CancelledError}
   */
  async read({ query, written, maxChars, take, signal }: Reading): Promise<Record<string, unknown>> {
    const response = { status: this.#status, keys: this.#keys, secretPaths: this.#secretPaths, take };
    try {
      const job = { bytes: this.#body.size, response, expression: query?.expression, written, maxChars };
      const { value, found } = await runIsolated(job, this.#takeChunks(), signal);
      return this.#save(value, found);
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      const { reason } = error.failure;
      if (written && query && reason !== 'not-json') {
        return { ok: true, status: this.#status, query_error: queryFailure(error.failure).message };
      }
      throw this.#failure(error, query, written);
    }
  }

  #failure(error: JobError, query: JmespathQuery | undefined, written: boolean): Error {
    const { failure } = error;
    const problem = readingFailure(failure, this.#body.size);
    if (failure.reason === 'not-json') return this.#body.unreadable();
    if (written) return this.#body.unreadable(problem);
    if (query) return queryFailure(failure);
    // Filters and limits do not reduce the depth.
    if (failure.reason === 'nested') return this.#body.unreadable(problem);
    return new InputError(
      `The response is ${problem}`,
      [],
      'Request less: use filters, or a smaller limit or max_items.',
    );
  }

  *#takeChunks(): Generator<Uint8Array> {
    const { chunks } = this.#body;
    chunks.reverse();
    for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) yield chunk;
  }
}
