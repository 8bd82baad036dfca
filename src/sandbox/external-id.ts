import { isAscii } from './http/body-fields.ts';
import { apiError, validationError } from './http/errors.ts';

/**
 * Checks that an external id is well-formed and that no other record uses it, and returns it.
 * @param records all records of the same kind
 * @param current the record being updated, which may keep its own external id; undefined on creation
 * @throws HttpError 422 if it is malformed, 400 if it is already in use
 */
export function checkExternalId<T extends { id: string; external_id: string | null }>(
  records: Iterable<T>,
  current: T | undefined,
  externalId: string | null,
): string | null {
  if (externalId === null) return null;
  if (externalId === '' || externalId.length > 128 || !isAscii(externalId)) {
    throw validationError('external_id', 'must be 1 to 128 ASCII characters long');
  }
  for (const record of records) {
    if (record.external_id === externalId && record.id !== current?.id) {
      throw apiError(400, 'external_id_already_used', `The external ID '${externalId}' has already been used.`);
    }
  }
  return externalId;
}
