import { type Keys, removeKey } from '../text/remove-key.ts';
import { asObject } from './result.ts';

/**
 * The body of a success as an object, without the key, because a response can end up in a file, a question, or an error. An
 * empty body becomes `{ok, status}` with the ids of the request. A 202 gets a note that WorkOS finishes later.
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

/** The fields of a response that a caller needs beside an expression's value: cursor, file paths, notes, and an early stop. */
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
