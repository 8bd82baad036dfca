import { CancelledError } from '../errors/errors.ts';

/** How one attempt ended, as far as it matters for retrying. */
export type Outcome =
  | { kind: 'response'; status: number; code?: string | undefined; retryAfter?: number | undefined }
  /** `mayHaveArrived` is false if the request certainly never reached the server. */
  | { kind: 'no-response'; mayHaveArrived: boolean };

/** Whether to retry, and after how many milliseconds. */
export type RetryDecision = { retry: true; waitMs: number } | { retry: false };

const BASE_MS = 500;
const CAP_MS = 8_000;
/** Longer waits are left to the caller; the error says how long. */
const LONGEST_RETRY_AFTER_S = 60;

const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/**
 * Codes for requests refused because another one was in progress, with their statuses. A code shows that nothing was changed only
 * together with its status: with a 500, the request may have been carried out in part.
 */
const TRANSIENT_CODE: Readonly<Record<string, number>> = { lock_timeout: 400, resource_type_update_in_progress: 409 };

/**
 * Decides whether to retry after an attempt, and how long to wait. Exponential backoff with full jitter.
 * @param repeatable Sending the request twice has the same effect as once. Otherwise, it is retried only if it was certainly not
 * carried out.
 * @param attempt 1 for the first.
 * @param random A number in [0, 1), for the jitter.
 */
export function decideRetry(
  repeatable: boolean,
  outcome: Outcome,
  attempt: number,
  maxRetries: number,
  random: number,
): RetryDecision {
  if (attempt > maxRetries || !isRetryable(repeatable, outcome)) return { retry: false };
  const asked = outcome.kind === 'response' ? outcome.retryAfter : undefined;
  if (asked !== undefined)
    return asked > LONGEST_RETRY_AFTER_S ? { retry: false } : { retry: true, waitMs: asked * 1000 };
  return { retry: true, waitMs: Math.round(random * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))) };
}

function isRetryable(repeatable: boolean, outcome: Outcome): boolean {
  if (outcome.kind === 'no-response') return repeatable || !outcome.mayHaveArrived;
  const { status, code } = outcome;
  if (code !== undefined && isPermanent(code)) return false;
  if (code !== undefined && Object.hasOwn(TRANSIENT_CODE, code) && TRANSIENT_CODE[code] === status) return true;
  if (status === 429) return true;
  return repeatable && TRANSIENT_STATUS.has(status);
}

/** Whether a limit outlasts any backoff. Each further attempt would make it worse. */
function isPermanent(code: string): boolean {
  return code === 'daily_quota_exceeded' || code.endsWith('too_many_attempts');
}

/** True if the request may have been carried out despite this outcome. Many servers redirect after a successful POST. */
export function isAmbiguous(outcome: Outcome): boolean {
  if (outcome.kind === 'no-response') return outcome.mayHaveArrived;
  return (
    (outcome.status >= 300 && outcome.status < 400) ||
    outcome.status === 408 ||
    (outcome.status >= 500 && outcome.status !== 501)
  );
}

/** Seconds from a Retry-After header, which contains seconds or a date; undefined if it contains neither. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), LONGEST_S);
  // Date.parse() reads "-5" and "in 5" as months of 2001, which would mean no wait at all.
  const date = /\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, (date - now) / 1000), LONGEST_S);
}

/** A year. Caps longer waits, including those too large for a number. */
const LONGEST_S = 31_536_000;

/** Waits for the given milliseconds. Rejects with CancelledError if the signal is aborted first. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new CancelledError());
    const cancel = () => {
      clearTimeout(timer);
      reject(new CancelledError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    signal.addEventListener('abort', cancel, { once: true });
  });
