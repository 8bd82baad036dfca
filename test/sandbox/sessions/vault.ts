import { expect } from 'vitest';
import type { SandboxClient } from '../sandbox-client.ts';

/** Encrypted objects and data keys. */
export async function vaultSession({ call }: SandboxClient): Promise<void> {
  const kv = '/vault/v1/kv';
  const fields = { name: 'juniper/token', value: 'one', key_context: { organization_id: 'org_1' } };
  const { id } = (await call(`POST ${kv}`, fields)).body;
  await call(`GET ${kv}?order=asc&limit=2`);
  await call(`GET ${kv}/name/juniper%2Ftoken`);
  await call(`GET ${kv}/${id}`);
  await call(`PUT ${kv}/${id}`, { value: 'two' });
  await call(`GET ${kv}/${id}/metadata`);
  await call(`GET ${kv}/${id}/versions`);
  await call(`DELETE ${kv}/${id}`);

  const { encrypted_keys } = (await call('POST /vault/v1/keys/data-key', { context: { tenant: '1' } })).body;
  await call('POST /vault/v1/keys/rekey', { encrypted_keys, context: { tenant: '2' } });
  expect((await call('POST /vault/v1/keys/decrypt', { keys: encrypted_keys })).status).toBe(200);
}
