import { truncate } from '../text/truncate.ts';

/** What the body of a failed response says, whatever its shape. */
export interface ErrorBody {
  message: string;
  code: string | undefined;
  errors: unknown;
}

const MAX_MESSAGE = 600;

/**
 * Reads every error body that WorkOS is known to send: `{message}` with a string or a list, `{code, message, errors}`,
 * OAuth's `{error, error_description}`, `{error}` alone, a bare JSON string, HTML, plain text, and an empty body.
 */
export function parseErrorBody(status: number, contentType: string, text: string): ErrorBody {
  const body = parseJson(text);
  if (typeof body === 'string' && body.trim() !== '') {
    return { message: truncate(body, MAX_MESSAGE), code: codeOfBareString(body), errors: undefined };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { message: describeUnreadable(status, contentType, text), code: undefined, errors: undefined };
  }
  // Any property of a parsed object can be read; each is checked below.
  const { message, code, error, error_description, errors } = body as Record<string, unknown>;
  const sentence = toSentence(message) ?? toSentence(error_description) ?? toSentence(error);
  const oauthCode = typeof error === 'string' && /^[a-z][a-z0-9_]*$/.test(error) ? error : undefined;
  return {
    message: truncate(sentence ?? `status ${status} without a message`, MAX_MESSAGE),
    code: typeof code === 'string' ? code : oauthCode,
    errors: errors ?? undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toSentence(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (Array.isArray(value) && value.length) return value.map(String).join('; ');
  return undefined;
}

/** The 429 of GET /directory_users is nothing but the JSON string "Ratelimited". */
function codeOfBareString(text: string): string | undefined {
  return /^rate\s?limited$/i.test(text) ? 'rate_limit_exceeded' : undefined;
}

function describeUnreadable(status: number, contentType: string, text: string): string {
  const body =
    text.trim() === '' ? 'an empty body' : `${contentType.split(';')[0] || 'a body'} that is not a JSON object`;
  const title = /<title[^>]*>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  const plainText =
    !title && /[^"\s]/.test(text) && !text.trimStart().startsWith('<') ? text.trim().slice(0, 200) : undefined;
  const excerpt = title ?? plainText;
  return `status ${status} with ${body}${excerpt ? ` (${JSON.stringify(excerpt)})` : ''}`;
}
