import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyContext, VaultKey } from './resources/vault.ts';
import type { State } from './state.ts';

/** The actor of every vault operation. */
export const VAULT_ACTOR = { id: 'key_01KE0SANDB0X00000000000000', name: 'Sandbox API key' };

/** The same actor in the fields of vault events. */
export const EVENT_ACTOR = { actor_id: VAULT_ACTOR.id, actor_source: 'api', actor_name: VAULT_ACTOR.name };

export interface DataKey {
  id: string;
  /** 32 bytes in base64. */
  data_key: string;
}

const HEADER = 'WOS.EKM.v1\0';
const UUID_LENGTH = 36;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** The key for a context, which is created on first use. */
export function keyFor(state: State, context: KeyContext): VaultKey {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(pairs);
  const [existing] = state.where('vault_keys', { _context: text });
  if (existing) return existing;
  const key = state.add('vault_keys', {
    id: state.ids.uuid(state.now()),
    _context: text,
    _key: state.ids.bytes(32).toString('base64'),
  });
  const name = pairs.map(([field, value]) => `${field}=${value}`).join(',') || 'default';
  state.emit('vault.kek.created', { ...EVENT_ACTOR, key_name: name, key_id: key.id });
  return key;
}

/** Encrypts a data key with AES-256-GCM: its id, the encrypting key's id, and the ciphertext, in base64. */
export function wrapDataKey(state: State, { id, data_key }: DataKey, key: VaultKey): string {
  const iv = state.ids.bytes(IV_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key._key, 'base64'), iv).setAAD(Buffer.from(id));
  const secret = Buffer.concat([cipher.update(data_key, 'base64'), cipher.final()]);
  return Buffer.concat([Buffer.from(HEADER + id + key.id), iv, cipher.getAuthTag(), secret]).toString('base64');
}

/** Decrypts the output of `wrapDataKey`. Undefined for anything else, or if the key does not belong to this sandbox. */
export function unwrapDataKey(state: State, encrypted: string): (DataKey & { key_id: string }) | undefined {
  let rest = Buffer.from(encrypted, 'base64');
  const take = (length: number) => {
    const part = rest.subarray(0, length);
    rest = rest.subarray(length);
    return part;
  };
  const header = take(HEADER.length).toString();
  const id = take(UUID_LENGTH).toString();
  const key = state.table('vault_keys').get(take(UUID_LENGTH).toString());
  const iv = take(IV_LENGTH);
  const tag = take(TAG_LENGTH);
  if (header !== HEADER || !key || tag.length < TAG_LENGTH) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key._key, 'base64'), iv)
    .setAAD(Buffer.from(id))
    .setAuthTag(tag);
  try {
    const secret = Buffer.concat([decipher.update(rest), decipher.final()]);
    return { id, data_key: secret.toString('base64'), key_id: key.id };
  } catch {
    return undefined;
  }
}
