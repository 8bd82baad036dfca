import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const KV = '/vault/v1/kv';

describe('the vault', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const create = (name: string, value = 'secret') =>
    client.call(`POST ${KV}`, { name, value, key_context: { tenant: '1' } });

  it('returns a value by id and by name, and nowhere else', async () => {
    const created = await create('a/b', 'päss');
    expect(created.text).not.toContain('päss');
    const { id, version_id } = created.body;
    const read = await client.call(`GET ${KV}/${id}`);
    expect(read.body).toMatchObject({
      id,
      name: 'a/b',
      value: 'päss',
      metadata: { context: { tenant: '1' }, version_id },
    });
    expect((await client.call(`GET ${KV}/name/a%2Fb`)).body).toEqual(read.body);
    for (const path of [KV, `${KV}/${id}/metadata`, `${KV}/${id}/versions`, '/events']) {
      expect((await client.call(`GET ${path}`)).text).not.toContain('päss');
    }
  });

  it('keeps versions, and marks the latest as current', async () => {
    const { id } = (await create('counted', 'one')).body;
    client.advance(60_000);
    const updated = await client.call(`PUT ${KV}/${id}`, { value: 'three' });
    expect(updated.status).toBe(201);
    const { data } = (await client.call(`GET ${KV}/${id}/versions`)).body;
    expect(data.map(({ current_version, size }) => [current_version, size])).toEqual([
      [true, 5],
      [false, 3],
    ]);
    expect(updated.body['metadata']).toMatchObject({ version_id: data[0]?.id, updated_at: '2026-11-02T09:01:00.000Z' });
  });

  it('updates and deletes only the expected version', async () => {
    const { id, version_id } = (await create('checked')).body;
    const updated = await client.call(`PUT ${KV}/${id}`, { value: 'two', version_check: version_id });
    expect(updated.status).toBe(201);
    const conflict = { error: expect.stringContaining(String(version_id)) };
    const late = await client.call(`PUT ${KV}/${id}`, { value: 'three', version_check: version_id });
    expect([late.status, late.body]).toEqual([409, conflict]);
    const deletion = await client.call(`DELETE ${KV}/${id}?version_check=${version_id}`);
    expect([deletion.status, deletion.body]).toEqual([409, conflict]);
    expect((await client.call(`GET ${KV}/${id}`)).body['value']).toBe('two');
    expect((await client.call(`PUT ${KV}/${id}`, { value: 'four', version_check: null })).status).toBe(201);
    expect((await client.call(`DELETE ${KV}/${id}`)).body).toEqual({ success: true, name: 'checked' });
    expect((await client.call(`GET ${KV}/${id}`)).status).toBe(404);
    expect((await create('checked')).status).toBe(201);
  });

  it('lists pages in both directions with cursors that are not ids', async () => {
    for (const name of ['one', 'two', 'three', 'four', 'five']) await create(`page-${name}`);
    const page = async (query: string) => await client.call(`GET ${KV}?search=PAGE-&limit=2&${query}`);
    const first = await page('order=asc');
    expect(namesIn(first)).toEqual(['page-one', 'page-two']);
    expect(first.body.list_metadata.before).toBeNull();
    const cursor = first.body.list_metadata.after;
    expect(first.body.data.map(({ id }) => id)).not.toContain(cursor);
    const second = await page(`order=asc&after=${cursor}`);
    expect(namesIn(second)).toEqual(['page-three', 'page-four']);
    expect(namesIn(await page(`order=asc&before=${second.body.list_metadata.before}`))).toEqual([
      'page-one',
      'page-two',
    ]);
    const last = await page(`order=asc&after=${second.body.list_metadata.after}`);
    expect([namesIn(last), last.body.list_metadata.after]).toEqual([['page-five'], null]);
    expect(namesIn(await page('order=desc'))).toEqual(['page-five', 'page-four']);
  });

  it('keeps the position of a cursor even if the objects before it are deleted', async () => {
    for (const name of ['one', 'two', 'three']) await create(`page-${name}`);
    const first = (await client.call(`GET ${KV}?search=page-&limit=2&order=asc`)).body;
    for (const { id } of first.data) await client.call(`DELETE ${KV}/${id}`);
    const next = await client.call(`GET ${KV}?search=page-&order=asc&after=${first.list_metadata.after}`);
    expect(namesIn(next)).toEqual(['page-three']);
  });

  it('lists the objects that were updated after a time', async () => {
    expect(namesIn(await client.call(`GET ${KV}?updatedAfter=2026-10-01T00:00:00Z`))).toEqual([
      'blue-harbor-swift-pin',
    ]);
    await create('new');
    expect(namesIn(await client.call(`GET ${KV}?updatedAfter=2026-11-01T00:00:00Z`))).toEqual(['new']);
  });

  it('decrypts the data keys that it issued, even after a rekey', async () => {
    const context = { organization_id: 'org_1' };
    const key = (await client.call('POST /vault/v1/keys/data-key', { context })).body;
    expect(Buffer.from(String(key['data_key']), 'base64')).toHaveLength(32);
    expect(key['encrypted_keys']).not.toContain(key['data_key']);
    const expected = { id: key.id, data_key: key['data_key'] };
    expect((await decrypt(key['encrypted_keys'])).body).toEqual(expected);
    const rekeyed = (
      await client.call('POST /vault/v1/keys/rekey', {
        encrypted_keys: key['encrypted_keys'],
        context: { organization_id: 'org_2' },
      })
    ).body;
    expect(rekeyed).toMatchObject({ ...expected, context: { organization_id: 'org_2' } });
    expect(rekeyed['encrypted_keys']).not.toBe(key['encrypted_keys']);
    expect((await decrypt(rekeyed['encrypted_keys'])).body).toEqual(expected);
  });

  it('does not decrypt keys that were changed or cut', async () => {
    const key = (await client.call('POST /vault/v1/keys/data-key', { context: {} })).body;
    const bytes = Buffer.from(String(key['encrypted_keys']), 'base64');
    for (const position of [0, 20, 60, 90, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect((await decrypt(changed.toString('base64'))).status).toBe(400);
    }
    for (const length of [0, 40, 100, bytes.length - 1]) {
      expect((await decrypt(bytes.subarray(0, length).toString('base64'))).status).toBe(400);
    }
  });

  const decrypt = (keys: unknown) => client.call('POST /vault/v1/keys/decrypt', { keys });

  const tooMany = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`key${index}`, 'x']));
  describeErrors(
    () => client,
    [
      [`GET ${KV}/nope`, undefined, 404, { error: "Object not found: 'nope'." }],
      [`GET ${KV}/name/nope`, undefined, 404, { error: "Object not found: 'nope'." }],
      [`GET ${KV}/nope/metadata`, undefined, 404, { error: "Object not found: 'nope'." }],
      [`GET ${KV}/nope/versions`, undefined, 404, { error: "Object not found: 'nope'." }],
      [`PUT ${KV}/nope`, { value: 'x' }, 404, { error: "Object not found: 'nope'." }],
      [`DELETE ${KV}/nope`, undefined, 404, { error: "Object not found: 'nope'." }],
      [`GET ${KV}?limit=0`, undefined, 400, { error: expect.stringContaining('limit') }],
      [`GET ${KV}?after=object_1`, undefined, 400, { error: expect.stringContaining('after') }],
      [`GET ${KV}?updatedAfter=now`, undefined, 400, { error: expect.stringContaining('updatedAfter') }],
      [`GET ${KV}?order=normal`, undefined, 400, { error: expect.stringContaining('order') }],
      [`GET ${KV}?search={"name":"x"}`, undefined, 400, { error: expect.stringContaining('by name') }],
      [`PUT ${KV}/nope`, {}, 400, { error: expect.stringContaining('value') }],
      [`POST ${KV}`, { name: 'x', value: 'x' }, 422, { error: expect.stringContaining('key_context') }],
      [
        `POST ${KV}`,
        { name: 'x', value: 'x', key_context: tooMany },
        422,
        { error: expect.stringContaining('key_context') },
      ],
      [`POST ${KV}`, { name: '', value: 'x', key_context: {} }, 422, { error: expect.stringContaining('name') }],
      [
        `POST ${KV}`,
        { name: 'acme-erp-password', value: 'x', key_context: {} },
        409,
        { error: expect.stringContaining('already exists') },
      ],
      ['POST /vault/v1/keys/rekey', { encrypted_keys: 'AAAA', context: {} }, 400, { error: expect.any(String) }],
    ],
  );
});
