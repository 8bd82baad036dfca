import { isNestedDeeper, MAX_NESTING } from '../text/json-nesting.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { parseJson } from '../text/redact.ts';
import { truncate } from '../text/truncate.ts';

/** The body of a failed response in a uniform shape. */
export interface ErrorBody {
  message: string;
  code: string | undefined;
  errors: unknown;
  /** All other fields of the body, such as the `pending_authentication_token` of an unfinished sign-in. */
  details: Readonly<Record<string, unknown>> | undefined;
}

/** How much of an error body is read: far more than WorkOS sends, and parsed in a few milliseconds. */
export const MAX_ERROR_BODY = 64 * 1024;

const MAX_MESSAGE = 600;
const MAX_EXCERPT = 200;

/**
 * Reads every error body that WorkOS is known to send: `{message}` with a string or a list, `{code, message, errors}`,
 * OAuth's `{error, error_description}`, `{error}` alone, a bare JSON string, HTML, plain text, and an empty body. Only the first
 * {@link MAX_ERROR_BODY} characters are read, once, because a page can have any size and shape.
 */
export function parseErrorBody(status: number, contentType: string, text: string): ErrorBody {
  const problem = problemOf(text);
  const body = problem === undefined ? parseJson(text) : undefined;
  if (typeof body === 'string' && body.trim() !== '') {
    return { ...NOTHING, message: truncate(body, MAX_MESSAGE), code: codeOfBareString(body) };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { ...NOTHING, message: describeUnreadable(status, contentType, text, problem) };
  }
  // Any property of a parsed object can be read; each is checked below.
  const { message, code, error, error_description, errors, ...rest } = body as Record<string, unknown>;
  const details = Object.fromEntries(Object.entries(rest).filter(([name]) => !OWN.has(name)));
  const sentence = toSentence(message) ?? toSentence(error_description) ?? toSentence(error);
  const oauthCode = typeof error === 'string' && /^[a-z][a-z0-9_]*$/.test(error) ? error : undefined;
  return {
    message: truncate(sentence ?? `status ${status} without a message`, MAX_MESSAGE),
    code: typeof code === 'string' ? code : oauthCode,
    errors: errors ?? undefined,
    details: Object.keys(details).length > 0 ? details : undefined,
  };
}

const NOTHING = { code: undefined, errors: undefined, details: undefined };

/** Fields that an error shows anyway, and the names that this server uses for the location of secrets. */
const OWN = new Set(['statusCode', 'status', 'secret_file', 'secret_files']);

/** Why a text is not parsed, although it may be JSON, or undefined. */
function problemOf(text: string): string | undefined {
  if (text.length > MAX_ERROR_BODY) return `longer than ${MAX_ERROR_BODY} bytes`;
  return isNestedDeeper(text) ? `nested deeper than ${MAX_NESTING} levels` : undefined;
}

function toSentence(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  // String() would call a toString that the body defines.
  return value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('; ');
}

/** The body of a 429 from GET /directory_users is only the JSON string "Ratelimited". */
function codeOfBareString(text: string): string | undefined {
  return /^rate\s?limited$/i.test(text) ? 'rate_limit_exceeded' : undefined;
}

/** Describes a body that is not usable JSON, with the title of a page or the beginning of a text. */
export function describeUnreadable(
  status: number,
  contentType: string,
  text: string,
  problem = 'that is not a JSON object',
): string {
  const beginning = text.slice(0, MAX_ERROR_BODY);
  if (beginning.trim() === '') return `status ${status} with an empty body`;
  const type = truncate(contentType.split(';')[0] ?? '', 100) || 'a body';
  // The beginning of an object is not shown: it may be a secret, and its field is known only after parsing.
  const trimmed = beginning.trim();
  const isPlainText = /[^"\s]/.test(trimmed) && !/^(?:<|\[?\s*\{)/.test(trimmed);
  const excerpt = titleOf(beginning) || (isPlainText ? trimmed : '');
  return `status ${status} with ${type} ${problem}${excerpt && ` (${quoteUntrusted(excerpt, MAX_EXCERPT)})`}`;
}

/** The beginning of an HTML page's title. A single pattern for the whole tag would scan the page again at each `<title`. */
function titleOf(text: string): string {
  const tag = text.search(/<title/i);
  const start = tag < 0 ? 0 : text.indexOf('>', tag) + 1;
  return start === 0 ? '' : (text.slice(start, start + MAX_EXCERPT).split('<')[0] ?? '').trim();
}
