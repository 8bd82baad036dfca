import type { Kinds, Row } from './kind.ts';

/** Values that select the encryption key. */
export type KeyContext = Record<string, string>;

/** An encrypted object. Its ids are UUIDs. The API returns the fields that start with `_` in other places. */
export interface VaultObject extends Row {
  name: string;
  _value: string;
  _context: KeyContext;
  _key_id: string;
  _version_id: string;
  /** Its cursor in lists, which is not its id. The cursor of a new object sorts after all others. */
  _cursor: string;
}

/** A version of an object. Only the value of the current version can be read. */
export interface VaultVersion extends Row {
  size: number;
  etag: string;
  _object_id: string;
}

/** A key that encrypts data keys, one for each context. */
export interface VaultKey extends Row {
  _context: string;
  /** 32 bytes in base64. */
  _key: string;
}

export interface VaultTables {
  vault_objects: VaultObject;
  vault_versions: VaultVersion;
  vault_keys: VaultKey;
}

export const vaultKinds: Kinds<VaultTables> = {
  vault_objects: { prefix: 'vault_object', noun: 'Object' },
  vault_versions: { prefix: 'vault_version', noun: 'Version' },
  vault_keys: { prefix: 'vault_key', noun: 'Key' },
};
