import { escapeInvisible } from '../text/quote-untrusted.ts';
import { truncate } from '../text/truncate.ts';
import type { Explanation } from './explain.ts';
import { fitDetails } from './fit-details.ts';

/** The most characters in the JSON of one error. */
export const MAX_ERROR_CHARS = 4_000;

const MAX_NAME = 100;
/** With less room than this, `errors` is left out, because so little would say nothing. */
const LEAST_ERRORS = 100;
/** The most characters of `details`. A sign-in that can continue needs less than half of them. */
const MAX_DETAILS = 2_400;
/** The characters reserved for message and hint. */
const LEAST_WORDS = 900;

/**
 * Makes an error fit to show: escapes invisible and direction-changing characters, and cuts it to size. Cuts `errors` first,
 * then the parts of `details` that the next call does not need, then the message, then the hint. Secrets must be removed before,
 * while they are whole. The secrets in `shown`, which the caller asked to see, stay whole.
 */
export function fitError(explanation: Explanation, shown: readonly string[] = []): Explanation {
  // escapeDeep() replaces only strings, by strings, so the type stays the same.
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

/** As many of the errors as fit: whole items of a list, or else the beginning of their JSON. */
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

/** The longest beginning of a text whose JSON fits into `room` characters. */
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
