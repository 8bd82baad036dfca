import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

const all = ['test/**/*.test.ts'];
const http = ['test/http/whole/**/*.test.ts'];
const command = testsThatStartProcesses();

/** Three suites, because the first is to be quick: npm test, npm run test:command and npm run test:http. */
export default defineConfig({
  test: {
    // Only what hangs takes so long, also on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // The default keeps one processor free, which of two is half.
    maxWorkers: 2,
    // The catalog is loaded once per worker instead of once per file; no test changes what modules share.
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'source', include: all, exclude: [...configDefaults.exclude, ...http, ...command] },
      },
      // The built command and other programs.
      { extends: true, test: { name: 'command', include: command, exclude: http } },
      // The team server with real parts, some of which have to be fetched.
      { extends: true, test: { name: 'http', include: http } },
    ],
  },
});

/** The files of tests that import node:child_process, or a module of the tests that does. */
function testsThatStartProcesses(): string[] {
  const found = new Map<string, boolean>();
  const starts = (file: string): boolean => {
    const known = found.get(file);
    if (known !== undefined) return known;
    found.set(file, false);
    const text = readFileSync(file, 'utf8');
    const imported = [...text.matchAll(/(?:from |import\()'(\.[^']+\.ts)'/g)].map(([, path = '']) =>
      join(file, '..', path),
    );
    const result =
      text.includes("'node:child_process'") || imported.filter((path) => path.startsWith('test')).some(starts);
    found.set(file, result);
    return result;
  };
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((path) => join('test', path));
  return files.filter((path) => path.endsWith('.test.ts') && starts(path));
}
