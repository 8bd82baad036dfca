// Replaces the lines that SECURITY.md's promises depend on, one at a time, in a copy, and expects the named tests to fail.
// `--only TEXT` runs the mutants whose promise, file, or line contains the text, and can be repeated; `--workers N` sets how many
// run at a time (2).
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [''] }, workers: { type: 'string', default: '2' } },
});

/** A mutant that makes a test hang longer than this has survived, because no test has failed. */
const MAX_RUN_MS = 5 * 60 * 1000;

/** All tests of all mutants together may take longer. */
const MAX_GREEN_RUN_MS = 30 * 60 * 1000;

const say = (line) => process.stdout.write(`${line}\n`);
const rows = readRows();
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-mutants-'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const copies = Array.from({ length: Math.min(Number(options.workers), rows.length) }, (_, at) => copyTo(`copy-${at}`));
await expectGreen(copies[0]);
for (const copy of copies.slice(1)) await build(copy);

const outcomes = [];
const left = [...rows];
await Promise.all(
  copies.map(async (copy) => {
    for (let row = left.shift(); row; row = left.shift()) {
      const outcome = { ...row, ...(await tryOut(copy, row)) };
      outcomes.push(outcome);
      say(`${`${outcomes.length}`.padStart(3)}/${rows.length} ${lineOf(outcome)}`);
    }
  }),
);

const survived = outcomes.filter(({ killer }) => killer === undefined);
say('');
say(tableOf(outcomes));
for (const one of survived) say(`\n${lineOf(one)}\n- ${one.find}\n+ ${one.replace}`);
say(`\n${rows.length} mutants, ${rows.length - survived.length} killed, ${survived.length} survived`);
process.exitCode = survived.length > 0 ? 1 : 0;

/** The chosen mutants, in the order of SECURITY.md. */
function readRows() {
  const promises = JSON.parse(readFileSync(join(root, 'test/trust/mutants.json'), 'utf8'));
  const all = Object.entries(promises).flatMap(([promise, list]) => list.map((row) => ({ promise, ...row })));
  const isChosen = ({ promise, file, find }) =>
    options.only.some((wanted) => [promise, file, find].some((text) => text.includes(wanted)));
  const chosen = all.filter(isChosen);
  if (chosen.length === 0) throw new Error(`no mutant holds ${options.only.join(' or ')}`);
  for (const { file, find } of chosen) {
    const times = readFileSync(join(root, file), 'utf8').split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has this ${times} times instead of once: ${find}`);
  }
  return chosen;
}

function copyTo(name) {
  const copy = join(folder, name);
  mkdirSync(copy);
  const skipped = ['.git', 'dist', 'node_modules'];
  cpSync(root, copy, { recursive: true, filter: (path) => !skipped.includes(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/**
 * Throws if the tests fail without any mutant, because then a failure with one would mean nothing. Failed files get a second
 * chance, because some measure time.
 */
async function expectGreen(copy) {
  await build(copy);
  const tests = [...new Set(rows.flatMap((row) => row.tests))];
  const first = await vitest(copy, tests, [], MAX_GREEN_RUN_MS);
  const again = first.failed.length > 0 ? await vitest(copy, first.files) : first;
  if (again.failed.length > 0 || first.passed === 0)
    throw new Error(`without a mutant: ${again.failed[0] ?? first.output}`);
  say(`the tests in ${tests.length} files pass without a mutant`);
}

/** Runs the tests of one mutant. `killer` is the test that failed, or undefined if none did. */
async function tryOut(copy, { file, find, replace, tests }) {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  // Tests that start a process use the built command.
  const built = tests.some((test) =>
    /from '\.\.\/(?:process|stdio-client)\.ts'/.test(readFileSync(join(copy, test), 'utf8')),
  );
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  try {
    if (built) await build(copy);
    const { failed, files, output } = await vitest(copy, tests, ['--bail', '1']);
    const [killer] = failed;
    if (killer === undefined) return { output };
    // On a busy machine a test can fail by chance, but hardly the same one twice.
    const name = killer.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const again = await vitest(copy, files, ['--bail', '1', '--testNamePattern', `^${name}$`]);
    return again.failed.includes(killer) ? { killer } : { output: `${killer} failed only once` };
  } finally {
    writeFileSync(path, original);
    if (built) await build(copy);
  }
}

async function build(copy) {
  const { code, output } = await run(copy, ['scripts/build.mjs']);
  if (code !== 0) throw new Error(`the build failed: ${output}`);
}

/** Runs test files. `failed` has the names of failed tests, without files that could not be loaded. */
async function vitest(copy, tests, flags = [], maxMs = MAX_RUN_MS) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const command = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...tests, ...flags];
  const { output } = await run(copy, [...command, '--reporter=json', `--outputFile=${report}`], maxMs);
  try {
    const { testResults, numPassedTests: passed } = JSON.parse(readFileSync(report, 'utf8'));
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = all.filter(({ status }) => status === 'failed').map((one) => one.fullName);
    return {
      failed,
      files: testResults.filter((one) => one.status === 'failed').map((one) => one.name),
      passed,
      output,
    };
  } catch {
    return { failed: [], files: [], passed: 0, output };
  }
}

function run(cwd, command, maxMs = MAX_RUN_MS) {
  return new Promise((resolve, reject) => {
    // In a separate process group, because a spinning test would survive when only the test runner is killed.
    const child = spawn(process.execPath, command, { cwd, detached: true });
    const stop = () => process.kill(-child.pid, 'SIGKILL');
    const timer = setTimeout(stop, maxMs);
    process.once('exit', stop);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-4_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      process.off('exit', stop);
      resolve({ code, output });
    });
  });
}

function lineOf({ file, find, killer, output }) {
  const line = find.trim().split('\n')[0].slice(0, 60);
  return killer === undefined
    ? `SURVIVED ${file}: ${line}${output ? ` (${output.trim().split('\n').at(-1)})` : ''}`
    : `killed ${file}: ${line} — ${killer.slice(0, 100)}`;
}

/** The table of results by promise. */
function tableOf(all) {
  const promises = [...new Set(rows.map(({ promise }) => promise))];
  const lines = promises.map((promise) => {
    const own = all.filter((one) => one.promise === promise);
    return `| ${promise} | ${own.length} | ${own.filter(({ killer }) => killer !== undefined).length} |`;
  });
  return ['| promise | mutants | killed |', '|---|---:|---:|', ...lines].join('\n');
}
