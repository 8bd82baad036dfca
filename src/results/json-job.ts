import { InputError } from '../errors/errors.ts';
import { MAX_NESTING } from '../text/json-nesting.ts';
import type { MaskedField } from '../text/mask-fields.ts';
import type { Keys } from '../text/remove-key.ts';

/** Work on a JSON text for a separate process: reading a large response, or evaluating an expensive expression. */
export interface JsonJob {
  /** The length of the text in bytes, if it is known in advance. */
  bytes?: number;
  /** The text is the body of a success, with secrets still in it. */
  response?: {
    status: number;
    keys: Keys;
    secretPaths: readonly string[];
    /** The number of items of `data` to keep. */
    take?: number | undefined;
  };
  /** A JMESPath expression that is known to be well formed. */
  expression?: string | undefined;
  /** The fields to add to the expression's value. Default: those that besideOf() takes from the response. */
  beside?: Record<string, unknown> | undefined;
  /** The response is that of a write, so a failing expression is reported in `query_error`. */
  written: boolean;
  /** The size in characters to cut the result to. If undefined, a result over {@link MAX_WHOLE} fails. */
  maxChars?: number | undefined;
}

/** The result of a job. */
export interface JobResult {
  value: Record<string, unknown>;
  /** The secrets that were masked. */
  found: readonly MaskedField[];
}

/**
 * Why a job failed. `too-large` is about its result, `too-much` about its text. `query` means that the expression does not fit
 * the value, as `message` explains.
 */
export interface JobFailure {
  reason: 'time' | 'memory' | 'nested' | 'not-json' | 'too-large' | 'too-much' | 'no-process' | 'query';
  message?: string;
  hint?: string;
}

/** What a process reports about its job before the value. */
export type JobHead = { found: readonly MaskedField[] } | { failure: JobFailure };

/** A job that failed. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly failure: JobFailure;
  constructor(failure: JobFailure) {
    super(failure.message ?? failure.reason);
    this.failure = failure;
  }
}

const MIB = 1024 * 1024;

/** The time limit of a job with an expression, in milliseconds. */
export const MAX_QUERY_MS = 5_000;
/** The time limit of a job without one, in milliseconds: reading 64 MiB takes two seconds, and longer on a busy machine. */
export const MAX_READING_MS = 15_000;
/** The memory limit of a job's process, in bytes. */
export const MAX_JOB_MEMORY = 360 * MIB;
/** The longest text that a job reads, in bytes, which is also the longest body that is read from WorkOS. */
export const MAX_JOB_TEXT = 64 * MIB;
/** The largest value, in characters of JSON, that a job returns uncut. */
export const MAX_WHOLE = 16 * MIB;

const NARROW =
  'Narrow the expression: filter and project before combining lists. Or narrow the list: filters, limit, max_items.';

/** The error for a failed expression. */
export function queryFailure({ reason, message, hint }: JobFailure): InputError {
  const problem = {
    time: `query did not finish within ${MAX_QUERY_MS / 1000} s and was stopped`,
    memory: `query was stopped because it needs more than ${MAX_JOB_MEMORY / MIB} MiB of memory for this response`,
    nested: 'query cannot run over this response: it is nested too deeply',
    'not-json': 'query cannot run over this response: it is not JSON',
    'too-large': `query's result is larger than ${MAX_WHOLE / MIB} MiB`,
    'too-much': `query cannot run over more than ${MAX_JOB_TEXT / MIB} MiB of JSON`,
    'no-process': 'query needs a separate process for this response, but none could be started',
    query: 'query does not fit this result',
  }[reason];
  return new InputError(message ?? problem, ['query'], hint ?? NARROW);
}

/** Describes a response that cannot be read, as a phrase for an error message. */
export function readingFailure({ reason }: JobFailure, bytes: number): string {
  const size = `${(bytes / MIB).toFixed(1)} MiB`;
  return {
    time: `${size}, which takes more than ${MAX_READING_MS / 1000} s to read`,
    memory: `${size}, which takes more than ${MAX_JOB_MEMORY / MIB} MiB of memory to read`,
    nested: `${size} nested deeper than ${MAX_NESTING} levels`,
    'not-json': `${size}, which is not JSON`,
    'too-large': `${size}, of which this call needs more than ${MAX_WHOLE / MIB} MiB`,
    'too-much': `${size}`,
    'no-process': `${size}, which needs a separate process to read, but none could be started`,
    query: `${size}`,
  }[reason];
}
