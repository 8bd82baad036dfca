import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportAuditLog, exportedRows } from '../audit-log-exports.ts';
import { type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('an export file', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('is served by a separate host, which rejects requests with an API key', async () => {
    const { url } = await exportAuditLog(client);
    expect(new URL(url).host).not.toBe(new URL(client.sandbox.url).host);
    const response = await fetch(url, { headers: { Authorization: `Bearer ${client.sandbox.key}` } });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument')]);
  });

  it('cannot be fetched with a changed URL', async () => {
    const { url } = await exportAuditLog(client);
    const forged = await fetch(url.replace(/expires=\d+/, 'expires=9999999999'));
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  });

  it('can be fetched for ten minutes, and gets a new URL each time the export is read', async () => {
    const { path, url } = await exportAuditLog(client);
    client.advance(599_000);
    expect((await fetch(url)).status).toBe(200);
    const newUrl = String((await client.call(`GET ${path}`)).body['url']);
    expect(newUrl).not.toBe(url);
    client.advance(2000);
    const expired = await fetch(url);
    expect([expired.status, expired.headers.get('content-type')]).toEqual([403, 'application/xml']);
    expect(await expired.text()).toContain('<Code>AccessDenied</Code>');
    expect((await fetch(newUrl)).status).toBe(200);
  });

  it('is valid CSV even with quotes, commas, line breaks and formulas in its cells', async () => {
    const rows = await exportedRows(client);
    expect(Object.keys(rows[0] ?? {}).slice(0, 6)).toEqual([
      ...['id', 'action', 'occurred_at', 'actor_id', 'actor_name', 'actor_type'],
    ]);
    const actors = new Set(rows.map((row) => row['actor_name']));
    for (const name of ['=SUM(A1:A9)', 'Nightly\nsync job', '@backup, "weekly"']) expect(actors).toContain(name);
    expect(rows.some((row) => row['targets']?.includes('"Q3 \\"final\\", revised"'))).toBe(true);
  });
});
