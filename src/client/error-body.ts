/** What a failed answer's body says, whatever its shape. */
export interface ErrorBody {
  message: string;
  code: string | undefined;
  errors: unknown;
}

const MAX_MESSAGE = 600;

/**
 * Reads every error body that WorkOS is known to send: `{message}` with a string or a list, `{code, message, errors}`,
 * OAuth's `{error, error_description}`, `{error}` alone, a bare JSON string, HTML, plain text, and nothing at all.
 */
export function parseErrorBody(status: number, contentType: string, text: string): ErrorBody {
  const body = parse(text);
  if (body === undefined) return unreadable(status, contentType, text);
  if (typeof body === 'string' && body.trim() !== '') {
    return { message: cut(body), code: bareCode(body), errors: undefined };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return unreadable(status, contentType, text);
  // Any property may be read off a parsed object; each is checked below.
  const { message, code, error, error_description, errors } = body as Record<string, unknown>;
  const said = sentence(message) ?? sentence(error_description) ?? sentence(error);
  const oauth = typeof error === 'string' && /^[a-z][a-z0-9_]*$/.test(error) ? error : undefined;
  return {
    message: cut(said ?? `status ${status} without a message`),
    code: typeof code === 'string' ? code : oauth,
    errors: errors ?? undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (Array.isArray(value) && value.length) return value.map(String).join('; ');
  return undefined;
}

/** /directory_users answers 429 with nothing but the JSON string "Ratelimited". */
function bareCode(text: string): string | undefined {
  return /^rate\s?limited$/i.test(text) ? 'rate_limit_exceeded' : undefined;
}

function unreadable(status: number, contentType: string, text: string): ErrorBody {
  const what = text.trim() === '' ? 'an empty body' : `${contentType.split(';')[0] || 'a body'} that is no JSON object`;
  const title = /<title[^>]*>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  const plain =
    !title && /[^"\s]/.test(text) && !text.trimStart().startsWith('<') ? text.trim().slice(0, 200) : undefined;
  const quoted = title ?? plain;
  return {
    message: `status ${status} with ${what}${quoted ? ` (${JSON.stringify(quoted)})` : ''}`,
    code: undefined,
    errors: undefined,
  };
}

function cut(text: string): string {
  // Half of a surrogate pair at the end would make JSON that some clients cannot read.
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
