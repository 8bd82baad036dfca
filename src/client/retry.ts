import { CancelledError } from '../errors/errors.ts';

/** How one attempt ended, as far as the decision to repeat it needs to know. */
export type Outcome =
  | { kind: 'answer'; status: number; code?: string | undefined; retryAfter?: number | undefined }
  /** `arrived` is false where the request certainly never reached the server. */
  | { kind: 'failure'; arrived: boolean };

export interface Repeatable {
  method: string;
  /** A repeat can never do the work twice, whatever happened. */
  replayable: boolean;
}

export type RetryDecision = { retry: true; waitMs: number } | { retry: false };

const BASE_MS = 500;
const CAP_MS = 8_000;
/** Longer waits are the caller's to decide: the error says how long. */
const LONGEST_RETRY_AFTER_S = 60;

const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/** Refused because of what another request was doing at that moment: nothing was changed. */
const TRANSIENT_CODE = new Set(['lock_timeout', 'resource_type_update_in_progress']);

/**
 * Whether to try again after attempt number `attempt` (1 for the first), and how long to wait before.
 * `random` is a number in [0, 1) for the jitter.
 */
export function decideRetry(
  request: Repeatable,
  outcome: Outcome,
  attempt: number,
  maxRetries: number,
  random: number,
): RetryDecision {
  if (attempt > maxRetries || !worthRepeating(request, outcome)) return { retry: false };
  const asked = outcome.kind === 'answer' ? outcome.retryAfter : undefined;
  if (asked !== undefined)
    return asked > LONGEST_RETRY_AFTER_S ? { retry: false } : { retry: true, waitMs: asked * 1000 };
  return { retry: true, waitMs: Math.round(random * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))) };
}

function worthRepeating(request: Repeatable, outcome: Outcome): boolean {
  const harmless = request.method !== 'POST' || request.replayable;
  if (outcome.kind === 'failure') return harmless || !outcome.arrived;
  if (outcome.code && neverLifts(outcome.code)) return false;
  if (outcome.code && TRANSIENT_CODE.has(outcome.code)) return true;
  if (outcome.status === 429) return true;
  return harmless && TRANSIENT_STATUS.has(outcome.status);
}

/** Limits that no wait of ours outlasts, and that each further try makes worse. */
function neverLifts(code: string): boolean {
  return code === 'daily_quota_exceeded' || code.endsWith('too_many_attempts');
}

/** True where the server may have carried the request out although it did not say so. */
export function isAmbiguous(outcome: Outcome): boolean {
  if (outcome.kind === 'failure') return outcome.arrived;
  return outcome.status === 408 || (outcome.status >= 500 && outcome.status !== 501);
}

/** Seconds from a Retry-After header, which holds seconds or a date; undefined where it says nothing usable. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  // Date.parse takes "-5" and "in 5" for months of 2001, which would mean not to wait at all.
  const date = /\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** Waits, unless cancelled first. */
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
