import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { WINDOWS } from '../platform.ts';
import { cleanEnvironment } from '../process.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/import-crashes.mjs', import.meta.url));

// A short run of npm run test:crashes.
it.skipIf(WINDOWS)(
  'imports killed at random moments while requests fail create everyone exactly once',
  { timeout: 240_000 },
  async () => {
    const child = spawn(process.execPath, [SCRIPT, '--rows', '80', '--kills', '3'], { env: cleanEnvironment() });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (out += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    // A fast machine may be done before the last kill.
    const wrong = out.split('\n').filter((line) => line.startsWith('WRONG') && !line.includes('give it more --rows'));
    expect({ wrong, out: code === 0 || wrong.length === 0 ? '' : out }).toEqual({ wrong: [], out: '' });
    expect(out).toMatch(/network: \d+ kills/);
  },
);
