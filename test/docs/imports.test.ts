import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';
import { codeBlocks } from './pages.ts';

const PAGE = 'docs/imports.md';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-migration-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the lines of a block as a shell does. Returns what each wrote. */
function run(block: string): string[] {
  const env = cleanEnvironment({
    HOME: folder,
    WORKOS_MCP_SANDBOX: 'true',
    WORKOS_MCP_SANDBOX_STATE: join(folder, 'sandbox.json'),
  });
  const command = `'${process.execPath}' '${COMMAND}'`;
  return block
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^workos-mcp/, command).replace(/^node/, `'${process.execPath}'`))
    .map((line) => execFileSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' }));
}

// The commands are for a POSIX shell.
describe.skipIf(WINDOWS)('the migration in docs/imports.md', () => {
  it('works as shown, and an imported password signs in', () => {
    const [exported = ''] = codeBlocks(PAGE, 'jsonl');
    const [map = ''] = codeBlocks(PAGE, 'js');
    const [commands = '', signIn = ''] = codeBlocks(PAGE, 'sh');
    const [answer = ''] = codeBlocks(PAGE, 'json');
    writeFileSync(join(folder, 'auth0.jsonl'), exported);
    writeFileSync(join(folder, 'map.mjs'), map);

    const [, dry = '', imported = ''] = run(commands);
    expect(JSON.parse(dry)).toMatchObject({ dry_run: true, rows: 3, created: 3 });
    const { file: _, journal: __, seconds: ___, ...shown } = JSON.parse(answer);
    const value = JSON.parse(imported);
    expect(value).toMatchObject(shown);
    expect(Object.keys(value)).toEqual(Object.keys(JSON.parse(answer)));
    expect(value.journal).toMatch(/users\.jsonl\.[0-9a-f]{8}\.journal\.jsonl$/);

    const [session = ''] = run(signIn);
    expect(JSON.parse(session)).toMatchObject({
      user: { email: 'lin@migrated.example', external_id: 'auth0|64f0a1', metadata: { plan: 'pro' } },
    });
    const text = readdirSync(folder)
      .filter((name) => name.endsWith('.journal.jsonl'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
    for (const secret of ['7RfJ1MTr4w0zYvF2mVZ9uO', 'migrated.example', 'Okafor']) expect(text).not.toContain(secret);
  });
});
