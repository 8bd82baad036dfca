import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { codeBlocks, root } from '../../docs/pages.ts';
import { freePorts } from '../../free-ports.ts';
import { WINDOWS } from '../../platform.ts';
import { cleanEnvironment } from '../../process.ts';

const PAGE = 'docs/teams.md';

it.skipIf(WINDOWS)('the commands in docs/teams.md work by copy and paste and print what the page shows', async () => {
  const [authPort = 0, teamPort = 0] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-walk-'));
  const [block = ''] = codeBlocks(PAGE, 'sh');
  const [shown = ''] = codeBlocks(PAGE, 'text');
  const [install = '', ...lines] = block.trim().split('\n');
  expect(install).toBe('npm ci && npm run build');
  const script = lines
    .join('\n')
    .replaceAll('8790', String(authPort))
    .replaceAll('8787', String(teamPort))
    .replaceAll('audit.jsonl', join(folder, 'audit.jsonl'));
  const env = cleanEnvironment({ WORKOS_MCP_OUTPUT_DIR: folder });
  // Jobs have numbers only with job control.
  const child = spawn('bash', ['-m', '-c', `(${script.replace(/^kill .*$/m, '')}\nkill %1 %2; wait) 2>&1`], {
    cwd: root,
    env,
  });
  const output = (await text(child.stdout)).split('\n').filter((line) => !isOfServers(line));
  const pattern = shown
    .trim()
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('…', '[\\s\\S]*?');
  expect(output.join('\n').trim()).toMatch(new RegExp(`^${pattern}$`));
  rmSync(folder, { recursive: true });
});

/** Whether a line comes from one of the two servers instead of the client. */
function isOfServers(line: string): boolean {
  return /stand-in at|^People:|^oidc-provider |WorkOS over MCP|^ {2}|^workos-mcp:|^Stopped:|^\[\d\]|Terminated|^$/.test(
    line,
  );
}
