import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectMode } from '../platform.ts';
import { startSandboxClient } from './sandbox-client.ts';

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-state-'));
  stateFile = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a sandbox with a state file', () => {
  it('continues where the last one stopped, with new ids', async () => {
    const first = await startSandboxClient({ stateFile });
    const { id } = (await first.call('POST /organizations', { name: 'Kept' })).body;
    const audit = await first.call('GET /audit_logs/exports/nope');
    expect(audit.status).toBe(404);
    await first.close();

    const second = await startSandboxClient({ stateFile });
    expect([first.sandbox.continued, second.sandbox.continued]).toEqual([false, true]);
    expect((await second.call(`GET /organizations/${id}`)).body['name']).toBe('Kept');
    expect((await second.call('POST /organizations', { name: 'New' })).body.id > id).toBe(true);
    await second.close();
  });

  it('writes a change to a private file before it answers, and leaves no other file behind', async () => {
    const client = await startSandboxClient({ stateFile });
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => client.call('POST /organizations', { name: `Org ${name}` })));
    const text = readFileSync(stateFile, 'utf8');
    for (const name of ['a', 'b', 'c', 'd']) expect(text).toContain(`"Org ${name}"`);
    expectMode(stateFile, 0o600);
    await client.close();
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('does not write if nothing changed', async () => {
    const client = await startSandboxClient({ stateFile });
    const { mtimeMs, ino } = statSync(stateFile);
    await client.call('GET /organizations');
    await client.call('POST /organizations', {});
    expect(statSync(stateFile)).toMatchObject({ mtimeMs, ino });
    await client.close();
  });

  it('finishes a deletion that was accepted before it stopped', async () => {
    const first = await startSandboxClient({ stateFile });
    const acme = await first.idOf('/organizations', 'Acme Robotics');
    expect((await first.call(`DELETE /organizations/${acme}`)).status).toBe(202);
    await first.close();
    const second = await startSandboxClient({ stateFile });
    expect((await second.call(`GET /organizations/${acme}`)).status).toBe(404);
    await second.close();
  });

  it('refuses a second sandbox with the same file, even under another name', async () => {
    const client = await startSandboxClient({ stateFile });
    const link = join(folder, 'link.json');
    symlinkSync(stateFile, link);
    const inUse = `is in use by process ${process.pid}`;
    await expect(startSandboxClient({ stateFile })).rejects.toThrow(inUse);
    await expect(startSandboxClient({ stateFile: link })).rejects.toThrow(inUse);
    await client.close();
    await (await startSandboxClient({ stateFile })).close();
  });

  it('takes over the lock of a process that has ended', async () => {
    // The kernel gives out process ids below 2^22.
    writeFileSync(`${stateFile}.lock`, `${2 ** 22 + 1}\n`);
    await (await startSandboxClient({ stateFile })).close();
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('removes unfinished files of a killed process, and nothing else', async () => {
    for (const name of ['state.json.17.tmp', 'state.json.tmp', 'other.json.17.tmp'])
      writeFileSync(join(folder, name), '');
    await (await startSandboxClient({ stateFile })).close();
    expect(readdirSync(folder).sort()).toEqual(['other.json.17.tmp', 'state.json', 'state.json.tmp']);
  });

  it('remembers the Idempotency-Keys of audit log events', async () => {
    const event = {
      action: 'user.signed_in',
      occurred_at: '2026-11-01T10:00:00Z',
      actor: { id: 'user_1', type: 'user' },
      targets: [{ id: 'session_1', type: 'session' }],
      context: { location: '192.0.2.1' },
    };
    const counts: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      const client = await startSandboxClient({ stateFile });
      const organization_id = await client.idOf('/organizations', 'Acme Robotics');
      await client.call('POST /audit_logs/events', { organization_id, event }, { 'Idempotency-Key': 'key-1' });
      counts.push((await client.call('GET /_sandbox')).body['audit_log_events']);
      await client.close();
    }
    expect(counts[1]).toBe(counts[0]);
  });

  it.each([
    ['invalid JSON', '{"format":'],
    ['other JSON', '{"organizations":[]}'],
    ['an empty file', ''],
  ])('refuses %s, leaves the file unchanged and releases the lock', async (_case, text) => {
    writeFileSync(stateFile, text);
    await expect(startSandboxClient({ stateFile })).rejects.toThrow('is not a state file of this sandbox');
    expect(readFileSync(stateFile, 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('says so if the folder does not exist', async () => {
    const missing = join(folder, 'nowhere', 'state.json');
    await expect(startSandboxClient({ stateFile: missing })).rejects.toThrow('its folder does not exist');
  });

  it('answers 500 with the reason if it cannot write', async () => {
    const client = await startSandboxClient({ stateFile });
    rmSync(folder, { recursive: true });
    const failed = await client.call('POST /organizations', { name: 'Lost' });
    expect([failed.status, failed.body['message']]).toEqual([500, expect.stringContaining('ENOENT')]);
    await client.close();
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-state-'));
  });
});
