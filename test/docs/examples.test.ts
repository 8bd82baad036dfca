import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';
import { codeBlocks, pages, root } from './pages.ts';

let outputDir: string;
beforeAll(() => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-docs-'));
});
afterAll(() => rmSync(outputDir, { recursive: true, force: true }));

/** A command of a `console` block, with the output that the page shows for it. */
const examples = pages.flatMap((page) =>
  codeBlocks(page, 'console').flatMap((block) =>
    block.split(/^\$ /m).flatMap((part) => {
      const [command = '', ...output] = part.split('\n');
      return command === '' ? [] : [{ page, command, shown: output.join('\n') }];
    }),
  ),
);

describe.concurrent('examples', () => {
  // They are written for a POSIX shell.
  it.skipIf(WINDOWS).each(examples)('in $page: $command', async ({ command, shown }) => {
    expect(command).toContain('node dist/index.js ');
    const output = await outputOf(command.replace('dist/index.js', `'${COMMAND}'`));
    expect(withoutSpace(output)).toMatch(patternOf(shown));
  });
});

describe.each(pages)('%s', (page) => {
  it('has only valid JSON blocks', () => {
    for (const block of codeBlocks(page, 'json')) expect(() => JSON.parse(block), block).not.toThrow();
  });
});

/** What a command writes, to stdout and then to stderr. Without a terminal, it cannot ask anyone. */
async function outputOf(command: string): Promise<string> {
  const env = cleanEnvironment({ WORKOS_MCP_OUTPUT_DIR: outputDir });
  const child = spawn('sh', ['-c', command], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + err;
}

/** Pages break and indent long lines, and show `…` for what they leave out. */
function patternOf(shown: string): RegExp {
  const parts = withoutSpace(shown)
    .split('…')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`);
}

function withoutSpace(output: string): string {
  return output.replace(/\s+/g, '');
}
