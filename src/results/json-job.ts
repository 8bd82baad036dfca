import { InputError } from '../errors/errors.ts';
import { MAX_NESTING } from '../text/json-nesting.ts';
import type { MaskedField } from '../text/mask-fields.ts';
import type { Keys } from '../text/remove-key.ts';

/** Work on a JSON text that a process of its own does: reading a large response, running an expensive expression. */
export interface JsonJob {
  /** The length of the text in bytes, where it is known beforehand. */
  bytes?: number;
  /** The text is the body of a success, with secrets still in it. */
  response?: {
    status: number;
    keys: Keys;
    secretPaths: readonly string[];
    /** Keep only so many items of `data`. */
    take?: number | undefined;
  };
  /** A JMESPath expression, already known to be well formed. */
  expression?: string | undefined;
  /** What goes beside the expression's value; where left out, what the response itself has for it. */
  beside?: Record<string, unknown> | undefined;
  /** The response is that of a write: an expression that fails is reported in `query_error`. */
  written: boolean;
  /** The size in characters to cut the result to. Where left out, a result over {@link MAX_WHOLE} fails. */
  maxChars?: number | undefined;
}

/** What came out of a job. */
export interface JobResult {
  value: Record<string, unknown>;
  /** The secrets that were masked. */
  found: readonly MaskedField[];
}

/**
 * Why a job failed. `too-large` is its result, `too-much` its text. `query` means that the expression does not fit the value; it
 * has a message of its own.
 */
export interface JobFailure {
  reason: 'time' | 'memory' | 'nested' | 'not-json' | 'too-large' | 'too-much' | 'no-process' | 'query';
  message?: string;
  hint?: string;
}

/** What a process says about its job before the value. */
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

/** Milliseconds that a job with an expression may take. */
export const MAX_QUERY_MS = 5_000;
/** Milliseconds that a job may take that only reads a response: 64 MiB take two seconds, and more on a busy machine. */
export const MAX_READING_MS = 15_000;
/** Bytes of memory that the process of a job may take. */
export const MAX_JOB_MEMORY = 360 * MIB;
/** Bytes of the longest text that a job reads, which is also the longest body that is read from WorkOS. */
export const MAX_JOB_TEXT = 64 * MIB;
/** The largest value, in characters of JSON, that a job gives back uncut. */
export const MAX_WHOLE = 16 * MIB;

const NARROW =
  'Narrow the expression: filter and project before combining lists. Or narrow the list: filters, limit, max_items.';

/** What a caller is told about an expression that failed. */
export function queryFailure({ reason, message, hint }: JobFailure): InputError {
  const problem = {
    time: `query did not end within ${MAX_QUERY_MS / 1000} s and was stopped`,
    memory: `query was stopped because it needs more than ${MAX_JOB_MEMORY / MIB} MiB of memory for this response`,
    nested: 'query cannot run over this response: it is nested too deeply',
    'not-json': 'query cannot run over this response: it is not JSON',
    'too-large': `query's result is larger than ${MAX_WHOLE / MIB} MiB`,
    'too-much': `query cannot run over more than ${MAX_JOB_TEXT / MIB} MiB of JSON`,
    'no-process': 'query needs a separate process for this response, and none could be started',
    query: 'query does not fit this result',
  }[reason];
  return new InputError(message ?? problem, ['query'], hint ?? NARROW);
}

/** What is wrong with a response that cannot be read. */
export function readingFailure({ reason }: JobFailure, bytes: number): string {
  const size = `${(bytes / MIB).toFixed(1)} MiB`;
  return {
    time: `${size} that take more than ${MAX_READING_MS / 1000} s to read`,
    memory: `${size} that take more than ${MAX_JOB_MEMORY / MIB} MiB of memory to read`,
    nested: `${size} nested deeper than ${MAX_NESTING} levels`,
    'not-json': `${size} that are not JSON`,
    'too-large': `${size}, of which this call needs more than ${MAX_WHOLE / MIB} MiB`,
    'too-much': `${size}`,
    'no-process': `${size} that need a separate process to read, and none could be started`,
    query: `${size}`,
  }[reason];
}
