import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { vault } from '../../src/tools/vault.ts';
import { sends } from '../harness.ts';

const context = { organization_id: 'org_1', region: 'eu' };

sends(vault, [
  [
    'list_vault_objects',
    { limit: 5, before: 'b', after: 'a', order: 'asc', search: 'db password', updatedAfter: '2026-01-01T00:00:00Z' },
    'GET /vault/v1/kv?order=asc&limit=5&before=b&after=a&search=db%20password&updatedAfter=2026-01-01T00%3A00%3A00Z',
  ],
  ['list_vault_objects', {}, 'GET /vault/v1/kv?order=desc'],
  ['get_vault_object', { vault_object_id: 'secret_1' }, 'GET /vault/v1/kv/secret_1'],
  ['get_vault_object_by_name', { name: 'db/main #1?' }, 'GET /vault/v1/kv/name/db%2Fmain%20%231%3F'],
  ['get_vault_object_metadata', { vault_object_id: 'secret_1' }, 'GET /vault/v1/kv/secret_1/metadata'],
  ['list_vault_object_versions', { vault_object_id: 'secret_1' }, 'GET /vault/v1/kv/secret_1/versions'],
  [
    'create_vault_object',
    { name: 'db/main', value: 's3cr3t', key_context: context },
    'POST /vault/v1/kv',
    { name: 'db/main', value: 's3cr3t', key_context: context },
  ],
  [
    'update_vault_object',
    { vault_object_id: 'secret_1', value: 'n3w', version_check: 'v1' },
    'PUT /vault/v1/kv/secret_1',
    { value: 'n3w', version_check: 'v1' },
  ],
  [
    'update_vault_object',
    { vault_object_id: 'secret_1', value: '', version_check: null },
    'PUT /vault/v1/kv/secret_1',
    { value: '', version_check: null },
  ],
  [
    'delete_vault_object',
    { vault_object_id: 'secret_1', version_check: 'v/1' },
    'DELETE /vault/v1/kv/secret_1?version_check=v%2F1',
  ],
  ['delete_vault_object', { vault_object_id: 'secret_1' }, 'DELETE /vault/v1/kv/secret_1'],
  ['create_vault_data_key', { context }, 'POST /vault/v1/keys/data-key', { context }],
  ['decrypt_vault_data_key', { keys: 'V09TLkVLTS52MQ==' }, 'POST /vault/v1/keys/decrypt', { keys: 'V09TLkVLTS52MQ==' }],
  [
    'rekey_vault_data_key',
    { encrypted_keys: 'V09TLkVLTS52MQ==', context },
    'POST /vault/v1/keys/rekey',
    { encrypted_keys: 'V09TLkVLTS52MQ==', context },
  ],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  [
    'create_vault_data_key',
    { context: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])) },
    /10 pairs at most/,
  ],
  ['create_vault_object', { name: 'n'.repeat(201), value: 'v', key_context: {} }, /name/],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = vault.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
