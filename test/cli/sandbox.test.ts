import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-sandbox-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts `workos-mcp sandbox` on a free port and waits until it answers. */
async function serve(...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, 'sandbox', '--port', '0', ...args], { env: cleanEnvironment() });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('Ctrl-C')) break;
  }
  const url = /http:\S+/.exec(lines[0] ?? '')?.[0] ?? '';
  const get = async (path: string) => {
    const response = await fetch(url + path, { headers: { Authorization: 'Bearer sk_test_sandbox' } });
    return response.json();
  };
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const [code] = await once(child, 'exit');
    return code;
  };
  return { url, text: lines.join('\n'), get, end };
}

/** One call in a separate process, with a sandbox that keeps its state. */
async function call(tool: string, input: object, stateFile: string, ...flags: string[]) {
  const args = ['call', tool, JSON.stringify(input), '--sandbox', '--sandbox-state', stateFile];
  const { code, out, err } = await runCommand([...args, '--output-dir', join(folder, 'output'), ...flags]);
  return { code, value: JSON.parse(out || err) };
}

describe.concurrent('workos-mcp sandbox', () => {
  it('serves the sample data over HTTP until it is stopped', async () => {
    const sandbox = await serve();
    expect(await sandbox.get('/organizations?search=Acme')).toMatchObject({ data: [{ name: 'Acme Robotics' }] });
    expect(sandbox.text).toContain('sk_test_sandbox');
    // Windows has no signals, so the process is killed there.
    expect(await sandbox.end()).toBe(WINDOWS ? null : 0);
  });

  it('serves another workos-mcp, which takes it for the API', async () => {
    const sandbox = await serve();
    const { code, out } = await runCommand(['check', '--base-url', sandbox.url], { WORKOS_TOKEN: 'sk_test_sandbox' });
    expect([code, out]).toEqual([0, expect.stringContaining('accepted the key')]);
    await sandbox.end();
  });

  it('keeps its state in a file despite kill -9, and says what it continues with', async () => {
    const stateFile = join(folder, 'killed.json');
    const first = await serve('--sandbox-state', stateFile);
    const headers = { Authorization: 'Bearer sk_test_sandbox' };
    await fetch(`${first.url}/organizations`, { method: 'POST', headers, body: '{"name":"Survivor"}' });
    await first.end('SIGKILL');
    const second = await serve('--sandbox-state', stateFile);
    expect(second.text).toContain(`the state in ${stateFile}`);
    expect(await second.get('/organizations?search=Survivor')).toMatchObject({ data: [{ name: 'Survivor' }] });
    await second.end();
  });

  it('tells a second process that the state file is in use', async () => {
    const stateFile = join(folder, 'shared.json');
    const sandbox = await serve('--sandbox-state', stateFile);
    const second = await runCommand(['sandbox', '--port', '0', '--sandbox-state', stateFile]);
    expect([second.code, second.err]).toEqual([2, expect.stringMatching(/^workos-mcp: .* is in use by process \d+/)]);
    const { code, value } = await call('list_organizations', {}, stateFile);
    expect([code, value.error.kind, value.error.message]).toEqual([
      1,
      'config',
      expect.stringContaining('is in use by'),
    ]);
    await sandbox.end();
  });

  it('starts from a seed file, but continues from the state file if there is one', async () => {
    const [seed, stateFile] = [join(folder, 'seed.yaml'), join(folder, 'seeded.json')];
    writeFileSync(seed, 'organizations:\n  - name: Seeded\n');
    const first = await serve('--seed', seed, '--sandbox-state', stateFile);
    expect(await first.get('/organizations')).toMatchObject({ data: [{ name: 'Seeded' }] });
    await first.end();
    const second = await serve('--seed', seed, '--sandbox-state', stateFile);
    expect(second.text).toContain(`${seed} was ignored`);
    await second.end();
  });

  it.each([
    [['--port', 'high'], '--port must be a whole number from 0 to 65535'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535'],
    [['--seed', '/nowhere/seed.yaml'], 'The seed /nowhere/seed.yaml cannot be read'],
    [['--sandbox-state', '/nowhere/state.json'], 'its folder does not exist'],
  ])('refuses %j with a reason and exit code 2', async (args, reason) => {
    const { code, err } = await runCommand(['sandbox', ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
  });
});

describe.concurrent('--sandbox-state', () => {
  it('lets a confirmation code of one process run the call in the next, once', async () => {
    const stateFile = join(folder, 'codes.json');
    const created = await call('create_organization', { name: 'Doomed' }, stateFile);
    const input = { organization_id: created.value.id };
    const { value } = await call('delete_organization', input, stateFile, '--confirm', 'always');
    const confirmed = { ...input, confirmation: value.confirmation };
    const deleted = await call('delete_organization', confirmed, stateFile, '--confirm', 'always');
    expect(deleted.value).toMatchObject({ ok: true });
    const again = await call('delete_organization', confirmed, stateFile, '--confirm', 'always');
    expect(again.value.error.kind).toBe('not_found');
  });

  it('lets an export that one process started become ready for the next ones', async () => {
    const stateFile = join(folder, 'exports.json');
    const { value } = await call('list_organizations', { search: 'Acme', query: 'data[0].id' }, stateFile);
    const day = 86_400_000;
    const range = (from: number) => new Date(Date.now() - from * day).toISOString();
    const input = { organization_id: value.result, range_start: range(30), range_end: range(1) };
    const started = await call('start_audit_export', input, stateFile);
    const poll = { audit_log_export_id: started.value.id };
    const states = [];
    for (let times = 0; times < 3; times++) {
      states.push((await call('poll_audit_export', { ...poll, wait_seconds: 0 }, stateFile)).value.state);
    }
    expect(states).toEqual(['pending', 'pending', 'ready']);
  });

  it('is a wrong setting without --sandbox, because calls would go to the API', async () => {
    const { code, err } = await runCommand(['call', 'list_users', '--sandbox-state', join(folder, 'unused.json')]);
    expect([code, err]).toEqual([2, expect.stringContaining('--sandbox-state needs --sandbox')]);
  });
});
