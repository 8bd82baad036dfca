import { HttpError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { KeyContext } from '../resources/vault.ts';
import type { State } from '../state.ts';
import { type DataKey, EVENT_ACTOR, keyFor, unwrapDataKey, wrapDataKey } from '../vault-keys.ts';

export const vaultKeyRoutes: Route[] = [
  ['POST /vault/v1/keys/data-key', createDataKey],
  ['POST /vault/v1/keys/decrypt', decryptDataKey],
  ['POST /vault/v1/keys/rekey', rekey],
];

/** The data key is not stored, because `encrypted_keys` is enough to recover it. */
function createDataKey({ body }: ApiRequest, state: State): ApiResponse {
  const dataKey = { id: state.ids.uuid(state.now()), data_key: state.ids.bytes(32).toString('base64') };
  return respond(state, dataKey, body);
}

function decryptDataKey({ body }: ApiRequest, state: State): ApiResponse {
  return { body: decrypt(state, body['keys']) };
}

/** The data key stays the same. */
function rekey({ body }: ApiRequest, state: State): ApiResponse {
  return respond(state, decrypt(state, body['encrypted_keys']), body);
}

/** @throws HttpError 400 if the text is not an encrypted data key of this sandbox */
function decrypt(state: State, encrypted: unknown): DataKey {
  const found = unwrapDataKey(state, String(encrypted));
  if (!found) throw new HttpError(400, { error: 'The encrypted keys could not be decrypted.' });
  state.emit('vault.dek.decrypted', { ...EVENT_ACTOR, key_id: found.key_id });
  return { id: found.id, data_key: found.data_key };
}

function respond(state: State, dataKey: DataKey, body: Record<string, unknown>): ApiResponse {
  // The type was checked against the document.
  const context = body['context'] as KeyContext;
  const key = keyFor(state, context);
  state.emit('vault.dek.read', { ...EVENT_ACTOR, key_ids: [key.id], key_context: context });
  return { body: { ...dataKey, encrypted_keys: wrapDataKey(state, dataKey, key), context } };
}
