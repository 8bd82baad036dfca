import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { progressBar } from '../../src/cli/progress-bar.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';
import { until } from '../tools/import-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-shell-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = () => ({ HOME: folder, WORKOS_MCP_SANDBOX: 'true', WORKOS_MCP_SANDBOX_STATE: join(folder, 'state.json') });
const run = (...args: string[]) => runCommand(args, env(), folder);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const people = (count: number) =>
  `email,role_slug\n${Array.from({ length: count }, (_, at) => `new.${at}@imported.example,member\n`).join('')}`;

describe('workos-mcp import', () => {
  it('imports a file, and writes JSON if stdout is not a terminal', async () => {
    write('people.csv', people(10));
    const { code, out, err } = await run('import', 'people.csv', '--organization', 'Acme', '--role', 'member');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ rows: 10, created: 10, failed: 0, stopped: 'end' });
    const again = await run('import', 'people.csv', '--organization', 'Acme', '--role', 'member');
    expect(JSON.parse(again.out)).toMatchObject({ created: 10, resumed: true });
  });

  it('only checks the file with --dry-run, and says how to continue', async () => {
    write('people.csv', people(3));
    const { code, out } = await run('import', 'people.csv', '--dry-run', '--organization', 'Acme');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dry_run: true,
      created: 3,
      hint: expect.stringContaining('Run it again without --dry-run'),
    });
    expect(readdirSync(folder).filter((name) => name.includes('journal'))).toEqual([]);
  });

  it('exits with 1 if rows fail or the file is invalid, and names the invalid line', async () => {
    write('people.csv', 'email,role_slug\na@imported.example,nobody\nb@imported.example,member\n');
    const failed = await run('import', 'people.csv', '--organization', 'Acme');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({ created: 1, failed: 1 });
    write('people.csv', 'email\nnobody\n');
    const wrong = await run('import', 'people.csv');
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.err).error.message).toContain('line 2: email: not an email address');
  });

  it.each([
    [['import'], 'import needs a file'],
    [['import', 'a.csv', 'b.csv'], 'import takes only one file; unexpected: "b.csv"'],
    [['import', 'a.csv', '--mod', 'create'], 'Unknown flag --mod; did you mean --mode?'],
    [['export'], 'export needs what to write'],
    [['export', 'people'], 'export writes users, organizations, memberships, not people'],
    [['export', 'users', '--dry-run'], 'Unknown flag --dry-run'],
  ])('exits with 2 for %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('exits with 3 if consent is needed, and runs with the code of the preview', async () => {
    write('people.csv', 'email\na@imported.example\n');
    const command = ['import', 'people.csv', '--mode', 'invite', '--confirm', 'always'];
    const preview = await run(...command);
    expect(preview.code).toBe(3);
    const { hint, confirmation } = JSON.parse(preview.out);
    expect(hint).toContain(`--confirmation ${confirmation}`);
    const done = await run(...command, '--confirmation', confirmation);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ invited: 1 });
  });

  it.skipIf(WINDOWS)('ends cleanly on Ctrl-C, and says how to continue', async () => {
    write('people.csv', people(150));
    const args = ['import', 'people.csv', '--organization', 'Acme'];
    const child = spawn(process.execPath, [COMMAND, ...args], { env: cleanEnvironment(env()), cwd: folder });
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    await until(() => {
      const journal = readdirSync(folder).find((name) => name.endsWith('.journal.jsonl'));
      return journal !== undefined && readFileSync(join(folder, journal), 'utf8').split('\n').length > 120;
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(1);
    const value = JSON.parse(out);
    expect(value).toMatchObject({
      stopped: 'cancelled',
      hint: expect.stringContaining('Run it again with the same arguments'),
    });
    expect(value.left).toBeGreaterThan(0);
    const rest = await run(...args);
    expect(JSON.parse(rest.out)).toMatchObject({ created: 150, failed: 0, resumed: true });
  });

  it('is explained by its help', async () => {
    const { out } = await run('import', '--help');
    expect(out).toContain('workos-mcp import FILE [flags]');
    expect(out).toContain('--mode create|invite|update');
  });
});

describe('workos-mcp export', () => {
  it('writes a file that import accepts, and never overwrites a file', async () => {
    const { code, out } = await run('export', 'users', 'users.jsonl');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rows: 57, format: 'jsonl', stopped: 'end' });
    expect(readFileSync(join(folder, 'users.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(57);
    expect((await run('import', 'users.jsonl')).out).toContain('"unchanged":57');
    const again = await run('export', 'users', 'users.jsonl');
    expect(again.code).toBe(1);
    expect(again.err).toContain('already exists');
  });

  it('takes the format from --format if no file is named', async () => {
    const { out } = await run('export', 'memberships', '--format', 'jsonl', '--output-dir', join(folder, 'out'));
    expect(JSON.parse(out).path).toMatch(/memberships-[\dT-]+\.jsonl$/);
  });
});

describe('follow_events in separate processes', () => {
  it('continues where the last process stopped, and repeats its events with again=true', async () => {
    const follow = async (...more: string[]) => {
      const { out } = await run('call', 'follow_events', 'name=shell', 'events:=["user.created"]', ...more);
      return JSON.parse(out);
    };
    await follow();
    await run('call', 'create_user', 'email=shell@imported.example');
    const first = await follow();
    expect(first).toMatchObject({ events: 1 });
    expect(await follow('again=true')).toMatchObject({ events: 1, data: first.data });
    expect(await follow()).toMatchObject({ events: 0 });
    // The temp folder, where other files go, does not outlive a reboot.
    expect(first.path.startsWith(join(folder, '.local', 'state', 'workos-mcp'))).toBe(true);
  });
});

describe('progress', () => {
  const bar = (columns: number | undefined) => {
    const lines: string[] = [];
    let time = 0;
    const streams = {
      err: (line: string) => void lines.push(line),
      status: (text: string) => void lines.push(text),
      errTerminal: columns === undefined ? undefined : { columns, colour: false },
    };
    return { ...progressBar(streams, () => time), lines, wait: (ms: number) => (time += ms) };
  };

  it('is a bar on the last line of a terminal, however narrow, and disappears at the end', () => {
    const { report, end, lines } = bar(120);
    report(1_200, 10_000, '1,200 of 10,000 rows done, about 6 min left');
    report(0, undefined, '5,000 rows checked');
    end();
    expect(lines).toEqual([
      '[###---------------------]  12 %  1,200 of 10,000 rows done, about 6 min left',
      '5,000 rows checked',
      '',
    ]);
    const narrow = bar(30);
    narrow.report(5, 10, '5 of 10 rows done');
    expect(narrow.lines[0]).toHaveLength(29);
  });

  it('is a line every ten seconds without a terminal', () => {
    const { report, end, lines, wait } = bar(undefined);
    for (let second = 0; second < 25; second++) {
      report(second, 25, `${second} of 25 rows done`);
      wait(1_000);
    }
    end();
    expect(lines).toEqual(['10 of 25 rows done', '20 of 25 rows done']);
  });

  it('escapes untrusted text, so that it cannot control the terminal', () => {
    const { report, lines } = bar(120);
    report(0, undefined, 'a\u001b[2Jb');
    expect(lines[0]).toBe('a\\u{1b}[2Jb');
  });
});
