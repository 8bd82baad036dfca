import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { date, id, page } from './schemas.ts';

/** Determines which encryption key WorkOS uses. https://workos.com/docs/vault/key-context */
const keyContext = z
  .record(z.string(), z.string().max(500))
  .refine((pairs) => Object.keys(pairs).length <= 10, 'can have 10 pairs at most')
  .describe('10 pairs at most; selects the encryption key');

const object = { vault_object_id: id() };
const current = 'Only if this is the current version id';

const VERSION_CONFLICT = {
  conflict: 'The object has changed since. get_vault_object_metadata shows its current version_id.',
};

export const vault = toolset('vault', 'Encrypted values, and data keys for your own encryption', {
  list_vault_objects: endpoint('GET /vault/v1/kv', {
    title: 'List vault objects',
    description: 'List the ids and names of stored objects.',
    also: [
      'which secrets are stored',
      'search secrets, passwords, credentials',
      'keys in the vault',
      'what did we save',
    ],
    input: {
      ...page,
      search: z.string().optional().describe('Name'),
      updatedAfter: date().optional(),
    },
  }),

  get_vault_object: endpoint('GET /vault/v1/kv/{vault_object_id}', {
    title: 'Get vault object',
    description: 'Read and decrypt an object. Without its value: get_vault_object_metadata.',
    also: [
      'show a secret',
      'get or fetch a stored password or credential',
      'reveal an encrypted value',
      'decrypt what we stored',
    ],
    input: object,
    secrets: { out: ['value'], class: 'value' },
  }),

  get_vault_object_by_name: endpoint('GET /vault/v1/kv/name/{name}', {
    title: 'Get vault object by name',
    description: 'Read and decrypt an object by its exact name.',
    also: ['look up a secret, password', 'secret called, named', 'reveal a named value', 'what is the password of'],
    input: { name: z.string() },
    hints: { not_found: 'No object has exactly this name. list_vault_objects with search finds names like it.' },
    secrets: { out: ['value'], class: 'value' },
  }),

  get_vault_object_metadata: endpoint('GET /vault/v1/kv/{vault_object_id}/metadata', {
    title: 'Get vault object metadata',
    description: "Get an object's name, version and key context without decrypting it.",
    also: ['encrypted item, secret without its value', 'when was a secret last changed', 'who changed it'],
    input: object,
  }),

  list_vault_object_versions: endpoint('GET /vault/v1/kv/{vault_object_id}/versions', {
    title: 'List vault object versions',
    description: "List the ids, dates and sizes of an object's versions, without values.",
    also: ['history of a secret', 'older values', 'previous, before'],
    input: object,
    filterable: true,
  }),

  create_vault_object: endpoint('POST /vault/v1/kv', {
    title: 'Create vault object',
    description: 'Encrypt and store a value under a new name. Returns metadata only.',
    also: [
      'save a secret, API token, key',
      'keep a password or credential safe',
      'put something in the vault',
      'store encrypted data',
    ],
    input: {
      name: z.string().max(200).describe('Unique'),
      value: z.string().describe('Plain text'),
      key_context: keyContext,
    },
    hints: {
      conflict: 'An object has this name. get_vault_object_metadata shows it; update_vault_object replaces its value.',
    },
    secrets: { in: ['value'] },
  }),

  update_vault_object: endpoint('PUT /vault/v1/kv/{vault_object_id}', {
    title: 'Replace vault object value',
    description: "Replace an object's value; the old one can no longer be read.",
    also: [
      'change a secret, outdated token',
      'rotate a stored password',
      'overwrite an encrypted value',
      'new version',
    ],
    input: {
      ...object,
      value: z.string().describe('Plain text'),
      version_check: z.string().nullable().optional().describe(current),
    },
    effect: 'overwrite',
    // The tool with the same path would return the decrypted value.
    readBack: 'get_vault_object_metadata',
    hints: VERSION_CONFLICT,
    secrets: { in: ['value'] },
  }),

  delete_vault_object: endpoint('DELETE /vault/v1/kv/{vault_object_id}', {
    title: 'Delete vault object',
    description: 'Delete an object and its value.',
    also: ['remove a secret', 'destroy or get rid of a stored password'],
    input: { ...object, version_check: z.string().optional().describe(current) },
    readBack: 'get_vault_object_metadata',
    hints: VERSION_CONFLICT,
  }),

  create_vault_data_key: endpoint('POST /vault/v1/keys/data-key', {
    title: 'Create data key',
    description:
      'Create a key to encrypt data yourself. Store only encrypted_keys; decrypt_vault_data_key recovers data_key from it.',
    also: ['envelope encryption, encrypt data or files', 'BYOK, KMS', 'customer-managed encryption key per tenant'],
    input: { context: keyContext },
    secrets: { out: ['data_key', 'encrypted_keys'], class: 'value' },
  }),

  decrypt_vault_data_key: endpoint('POST /vault/v1/keys/decrypt', {
    title: 'Decrypt data key',
    description: 'Decrypt encrypted_keys to recover data_key.',
    also: ['unwrap a key', 'KMS', 'envelope decryption'],
    input: { keys: z.string().describe('encrypted_keys, base64') },
    effect: 'read',
    secrets: { in: ['keys'], out: ['data_key'], class: 'value' },
  }),

  rekey_vault_data_key: endpoint('POST /vault/v1/keys/rekey', {
    title: 'Re-encrypt data key',
    description: 'Re-encrypt an existing data key under another context.',
    also: ['rotate an encryption key', 'rewrap', 'KMS'],
    input: { encrypted_keys: z.string().describe('Base64'), context: keyContext },
    secrets: { in: ['encrypted_keys'], out: ['data_key', 'encrypted_keys'], class: 'value' },
  }),
});
