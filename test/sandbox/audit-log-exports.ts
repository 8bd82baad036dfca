import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import type { SandboxClient } from './sandbox-client.ts';

const EVERYTHING = { range_start: '2026-08-02T00:00:00.000Z', range_end: '2026-11-30T00:00:00.000Z' };

/** Exports Acme's audit log and polls until the file is ready. Returns the export's path and its download URL. */
export async function exportAuditLog(
  client: SandboxClient,
  filter: object = {},
): Promise<{ path: string; url: string }> {
  const organization_id = await client.idOf('/organizations', 'Acme Robotics');
  const created = await client.call('POST /audit_logs/exports', { organization_id, ...EVERYTHING, ...filter });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ object: 'audit_log_export', state: 'pending', url: null });
  const path = `/audit_logs/exports/${created.body.id}`;
  const states = [];
  for (let poll = 0; poll < 3; poll++) states.push((await client.call(`GET ${path}`)).body['state']);
  expect(states).toEqual(['pending', 'pending', 'ready']);
  return { path, url: String((await client.call(`GET ${path}`)).body['url']) };
}

/** The rows of such an export. */
export async function exportedRows(client: SandboxClient, filter: object = {}): Promise<Record<string, string>[]> {
  const { url } = await exportAuditLog(client, filter);
  return parse(await (await fetch(url)).text(), { columns: true });
}
