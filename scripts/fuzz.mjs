#!/usr/bin/env node
// Fuzzing: runs test/trust/fuzz.test.ts with many random cases of each kind, and prints the results.
//
//   node scripts/fuzz.mjs [--runs 10000] [--seed N]
//
// Exits with 1 if a server exited, a ping took 250 ms, or a result was wrong; the output names the seed and the case.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
for (const [name, value] of Object.entries(flags)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue;
  process.stderr.write(`--${name} must be a whole number from 1 to 999999999\n`);
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-fuzz-'));
const figures = join(folder, 'figures.jsonl');
const { FUZZ_SEED: _, ...env } = process.env;
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/trust/fuzz.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, FUZZ_RUNS: flags.runs, FUZZ_FIGURES: figures, ...(flags.seed && { FUZZ_SEED: flags.seed }) },
  },
);
const lines = existsSync(figures) ? readFileSync(figures, 'utf8').trimEnd().split('\n') : [];
rmSync(folder, { recursive: true, force: true });

const number = (value) => value.toLocaleString('en', { maximumFractionDigits: 0 });
const rows = lines
  .map((line) => JSON.parse(line))
  .map(({ kind, runs, pings, slowestPing, exits, wrong }) =>
    [kind, number(runs), exits, wrong, number(pings), `${number(slowestPing)} ms`].join(' | '),
  );
const table = ['cases | runs | exits | wrong results | pings | slowest ping', '---|---:|---:|---:|---:|---:', ...rows];
process.stdout.write(`${table.map((row) => `| ${row} |`).join('\n')}\n`);
process.exitCode = status ?? 1;
