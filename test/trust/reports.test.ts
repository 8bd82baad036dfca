import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Called, ConnectOptions } from '../harness.ts';
import { type Connected, connect, HARNESS_KEY } from '../harness.ts';
import { expectMode, WINDOWS } from '../platform.ts';
import { stdioClient } from '../stdio-client.ts';
import { FakePerson } from './fake-person.ts';

const open: Connected[] = [];
afterEach(async () => {
  for (const connected of open.splice(0)) await connected.close();
});

const DANA = { user: 'dana@acme.example' };
const RANGE = { organization_id: 'org_1', range_start: '2026-10-01', range_end: '2026-11-01' };
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const CSV = [
  'id,action,occurred_at,actor_id,actor_name,targets,context_location',
  '1,user.signed_in,2026-10-02T08:00:00Z,user_1,Ada,"[{""type"":""session"",""id"":""s_1""}]",192.0.2.1',
  '2,user.login_failed,2026-10-03T08:00:00Z,user_1,Ada,"[{""type"":""team"",""name"":""</script><script>alert(1)""}]",192.0.2.1',
  `3,key.copied,2026-10-04T08:00:00Z,user_2,${HARNESS_KEY},not json,${JWT}`,
  '4,user.signed_in,never,user_2,Ben,"[]",',
  `5,key.encoded,2026-10-05T08:00:00Z,user_2,${Buffer.from(HARNESS_KEY).toString('base64')},"[]",`,
].join('\n');

async function start(options: ConnectOptions = {}) {
  const person = new FakePerson();
  const connected = await connect({
    ...options,
    flags: ['--toolsets', 'all', '--max-retries', '0', ...(options.flags ?? [])],
    replies: (request) => {
      if (request.url.startsWith('/file')) return { body: CSV, headers: { 'content-type': 'text/csv' } };
      const ready = { id: 'export_1', state: 'ready', url: `${connected.api.url}/file` };
      return request.url.startsWith('/audit_logs') ? { body: ready } : person.reply(request);
    },
  });
  open.push(connected);
  return { ...connected, person };
}

const pageIn = ({ value }: Called) => readFileSync(String(value['report']), 'utf8');
const pagesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.html'));

describe('an HTML report', () => {
  it('is a private file, and the rest of the result is unchanged', async () => {
    const { call, outputDir } = await start();
    const plain = await call('offboard_user', DANA);
    expect(pagesIn(outputDir)).toEqual([]);
    const { value } = await call('offboard_user', { ...DANA, report: true });
    const { report, ...rest } = value;
    expect(rest).toEqual(plain.value);
    expect(pagesIn(outputDir).map((name) => join(outputDir, name))).toEqual([report]);
    expectMode(String(report), 0o600);
    const page = pageIn({ value } as Called);
    for (const text of ['Off-boarding dana@acme.example', 'om_user_7_2', 'Only admin', 'deactivate membership']) {
      expect(page).toContain(text);
    }
  });

  it('is linked in the result, and a client can read it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-reports-'));
    const client = await stdioClient(['--sandbox', '--toolsets', 'operators', '--output-dir', folder]);
    const input = { user: 'dana@whitfield-consulting.example', report: true };
    const result = await client.callTool({ name: 'offboard_user', arguments: input });
    const [, link] = [result.content].flat();
    expect(link).toMatchObject({ type: 'resource_link', mimeType: 'text/html' });
    const { contents } = await client.readResource({ uri: Object(link).uri });
    expect(contents[0]).toMatchObject({ mimeType: 'text/html', text: expect.stringMatching(/^<!doctype html>/) });
    await client.close();
    rmSync(folder, { recursive: true });
  });

  it('shows what was done in each step', async () => {
    const { call, person } = await start();
    person.overrides.set('PUT /user_management/organization_memberships/om_user_7_1/deactivate', {
      status: 403,
      body: { message: 'not <b>allowed</b>' },
    });
    const page = pageIn(await call('offboard_user', { ...DANA, apply: true, report: true }));
    expect(page.match(/<\/svg>done<\/span>/g)).toHaveLength(4);
    expect(page.match(/<\/svg>failed<\/span>/g)).toHaveLength(1);
    expect(page).toContain('&lt;b&gt;allowed&lt;/b&gt;');
  });

  it('has all steps, even if the result shows only a few', async () => {
    const { call, person } = await start();
    const [, one] = person.memberships;
    for (let at = 10; at < 60; at++) {
      person.memberships.push({ ...Object(one), id: `om_${at}`, organization_id: `org_${at}` });
    }
    const called = await call('offboard_user', { ...DANA, report: true });
    expect(called.value['omitted']).toBe(47);
    expect(pageIn(called)).toContain('om_59');
  });

  it('of an audit log has a timeline, the actors and the events', async () => {
    const { call, api } = await start();
    const called = await call('export_audit_logs', { ...RANGE, report: true });
    expect(called.value).toMatchObject({ rows: 5, path: expect.stringMatching(/\.csv$/) });
    expect(api.requests[0]?.body).toEqual(RANGE);
    const page = pageIn(called);
    expect(page).toContain('5 events by 2 actors.');
    expect([...page.matchAll(/class="lane"[^>]*>([^<]*)</g)].map(([, lane]) => lane)).toEqual([
      'user.signed_in',
      'user.login_failed',
      'key.copied',
      'key.encoded',
    ]);
    expect(page).toContain('Diamonds are failures.');
    expect(page).toContain('<time datetime="2026-10-02T08:00:00Z">2026-10-02 08:00:00</time>');
    expect(page).toContain('<td>session s_1</td>');
    expect(page).toContain('team &lt;/script&gt;&lt;script&gt;alert(1)');
  });

  it('never contains the key or anything that looks like a secret, even if the export does', async () => {
    const { call } = await start();
    const called = await call('export_audit_logs', { ...RANGE, report: true });
    expect(readFileSync(String(called.value['path']), 'utf8')).toContain(HARNESS_KEY);
    const page = pageIn(called);
    expect(page).toContain('key.copied');
    expect(page).not.toContain(HARNESS_KEY);
    expect(page).toContain('key.encoded');
    expect(page).not.toContain(Buffer.from(HARNESS_KEY).toString('base64').slice(0, 12));
    expect(page).not.toContain(JWT);
    expect(page).not.toContain(JWT.slice(20, 60));
  });

  it('is in the result with a query, in each row of a batch, and if the result is cut', async () => {
    const { call } = await start({ flags: ['--max-result-chars', '1000'] });
    const queried = await call('export_audit_logs', { ...RANGE, report: true, query: 'length(rows)' });
    expect(queried.value).toMatchObject({ result: 5, report: expect.stringMatching(/\.html$/) });
    const batch = await call('call_read_tool', {
      tool: 'export_audit_logs',
      arguments: [
        { ...RANGE, report: true },
        { ...RANGE, report: true },
      ],
    });
    const paths = Object(batch.value['rows']).map(({ value }: { value: { report: string } }) => value.report);
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(existsSync(path)).toBe(true);
    const cut = await call('offboard_user', { ...DANA, report: true });
    expect(cut.value).toMatchObject({ cut: true, report: expect.stringMatching(/\.html$/) });
  });

  it('can be written by a read-only server', async () => {
    const { call } = await start({ flags: ['--read-only'] });
    expect(pageIn(await call('export_audit_logs', { ...RANGE, report: true }))).toContain('Audit log');
  });

  it.skipIf(WINDOWS)('is refused before anything is sent if it cannot be written', async () => {
    const { call, api, outputDir } = await start();
    chmodSync(outputDir, 0o755);
    const { error } = await call('offboard_user', { ...DANA, apply: true, report: true });
    expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining('open to other users') });
    expect(api.requests).toEqual([]);
    chmodSync(outputDir, 0o700);
  });

  it.skipIf(WINDOWS)('that fails at the end does not turn the call into a failure', async () => {
    const { call, person, outputDir } = await start();
    person.before = ({ method }) => {
      if (method !== 'GET') chmodSync(outputDir, 0o755);
    };
    const { value } = await call('offboard_user', { ...DANA, apply: true, report: true });
    expect(value).toMatchObject({ succeeded: 5, failed: 0, report_error: expect.stringContaining('open to other') });
    expect(pagesIn(outputDir)).toEqual([]);
    chmodSync(outputDir, 0o700);
    rmSync(outputDir, { recursive: true, force: true });
  });

  it('is written by the confirmed call, not by the preview', async () => {
    const { call, person } = await start({ flags: ['--confirm', 'always'] });
    const input = { ...DANA, apply: true, report: true };
    const preview = await call('offboard_user', input);
    expect(preview.value['report']).toBeUndefined();
    const { value } = await call('offboard_user', { ...input, confirmation: preview.value['confirmation'] });
    expect(value).toMatchObject({ succeeded: 5, report: expect.stringMatching(/\.html$/) });
    expect(person.writes).toHaveLength(5);
  });
});
