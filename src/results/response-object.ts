import { type Keys, removeKey } from '../text/remove-key.ts';
import { asObject } from './result.ts';

/**
 * The body of a success as an object, without the key: a response can end up in a file, a question or an error. An empty body
 * becomes `{ok, status}` with what the request was for; a 202 says that WorkOS finishes it later.
 * @param subject The ids in the request's path, none of them a secret.
 */
export function responseObject(
  body: unknown,
  status: number,
  keys: Keys,
  subject: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const clean = removeKey(body, keys);
  const later = status === 202 && { note: 'Accepted. WorkOS finishes this later.' };
  if (clean === undefined) return { ok: true, status, ...subject, ...later };
  return later ? { ...asObject(clean), ...later } : asObject(clean);
}

/** What a caller needs of a response beside an expression's value: the cursor, where files are, what is noted, and that a list is not complete. */
export function besideOf(response: Record<string, unknown>): Record<string, unknown> {
  const { list_metadata, secret_file, path, report, report_error, note, stopped, items, error } = response;
  return {
    ...(list_metadata !== undefined && { list_metadata }),
    ...(secret_file !== undefined && { secret_file }),
    ...(path !== undefined && { path }),
    ...(report !== undefined && { report }),
    ...(report_error !== undefined && { report_error }),
    ...(note !== undefined && { note }),
    ...(stopped !== undefined && stopped !== 'end' && { items, stopped, ...(error !== undefined && { error }) }),
  };
}
