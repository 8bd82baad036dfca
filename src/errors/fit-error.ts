import { escapeInvisible } from '../text/quote-untrusted.ts';
import { truncate } from '../text/truncate.ts';
import type { Explanation } from './explain.ts';
import { fitDetails } from './fit-details.ts';

/** The most characters that the JSON of one error may have. */
export const MAX_ERROR_CHARS = 4_000;

const MAX_NAME = 100;
/** Less than this says nothing. */
const LEAST_ERRORS = 100;
/** The details of a sign-in that can go on take less than half of it. */
const MAX_DETAILS = 2_400;
/** What message and hint have at least. */
const LEAST_WORDS = 900;

/**
 * An error as it may be shown: invisible and direction-changing characters as escapes, and small enough. Cuts `errors` first,
 * then what the next call can do without in `details`, then the message, then the hint. Secrets are to be removed before,
 * while they are whole; those that the caller asked to see are `shown` whole.
 */
export function fitError(explanation: Explanation, shown: readonly string[] = []): Explanation {
  // Only strings are replaced, by strings.
  const { errors, details, ...rest } = escapeDeep(explanation) as Explanation;
  const fitted: Explanation = {
    ...rest,
    tool: truncate(rest.tool, MAX_NAME),
    ...(rest.code !== undefined && { code: truncate(rest.code, MAX_NAME) }),
    ...(rest.request_id !== undefined && { request_id: truncate(rest.request_id, MAX_NAME) }),
  };
  const frame = sizeOf({ ...fitted, message: '', hint: '', details: {} });
  const kept =
    details &&
    fitDetails(details, Math.min(MAX_DETAILS, MAX_ERROR_CHARS - frame - LEAST_WORDS), shown.map(escapeInvisible));
  if (kept) fitted.details = kept;
  for (const field of ['message', 'hint'] as const) {
    const excess = sizeOf(fitted) - MAX_ERROR_CHARS;
    if (excess > 0) fitted[field] = beginningOf(fitted[field], JSON.stringify(fitted[field]).length - excess);
  }
  const short =
    errors === undefined ? undefined : fitErrors(errors, MAX_ERROR_CHARS - sizeOf({ ...fitted, errors: 0 }));
  // In the order in which a reader expects them.
  const { attempts, details: _, secret_file, request_id, retry_after_s, ...first } = fitted;
  return {
    ...first,
    ...(short !== undefined && { errors: short }),
    ...(kept !== undefined && { details: kept }),
    ...(secret_file !== undefined && { secret_file }),
    ...(request_id !== undefined && { request_id }),
    ...(retry_after_s !== undefined && { retry_after_s }),
    ...(attempts !== undefined && { attempts }),
  };
}

const sizeOf = (error: Explanation) => JSON.stringify({ error }).length;

/** As many of the errors as have room: whole items of a list, or else the beginning of their JSON. */
function fitErrors(errors: unknown, room: number): unknown {
  const text = JSON.stringify(errors);
  if (text.length <= room) return errors;
  if (room < LEAST_ERRORS) return undefined;
  if (Array.isArray(errors)) {
    let left = room - '["… 100000 more"]'.length;
    const cut = errors.findIndex((one) => {
      left -= JSON.stringify(one).length + 1;
      return left < 0;
    });
    if (cut > 0) return [...errors.slice(0, cut), `… ${errors.length - cut} more`];
  }
  return beginningOf(text, room);
}

/** The longest beginning of a text whose JSON has room. */
function beginningOf(text: string, room: number): string {
  let least = 0;
  let most = Math.min(text.length, Math.max(0, room));
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (JSON.stringify(truncate(text, middle)).length <= room) least = middle;
    else most = middle - 1;
  }
  return truncate(text, least);
}

function escapeDeep(value: unknown): unknown {
  if (typeof value === 'string') return escapeInvisible(value);
  if (Array.isArray(value)) return value.map(escapeDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [escapeInvisible(name), escapeDeep(item)]));
}
