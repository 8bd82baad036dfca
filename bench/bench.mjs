// Compares the built server with its alternatives. Only the ratios within one run are meaningful, not the milliseconds. Stores
// the result in bench/results.json and updates docs/performance.md; with --quick, only prints it.
//   node bench/bench.mjs [--quick] [--openapi FILE] [--only imports|servers]
// Imports have a separate section. --quick imports a tenth of the people.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { benchSection, benchTable, importsSection, writePerformance } from '../scripts/performance.mjs';
import { measureImports } from './imports.mjs';
import { allUsers, calls, startApi, starts } from './measures.mjs';

const BRIDGE = '@ivotoby/openapi-mcp-server@1.16.1';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, openapi: { type: 'string' }, only: { type: 'string' } },
});
const settings = options.quick
  ? { runs: 7, rounds: 3, times: 150, users: 20_000 }
  : { runs: 31, rounds: 9, times: 400, users: 100_000 };
/** Numbers of concurrent calls. */
const widths = [1, 10, 50];

const resolveHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const command = resolveHere('../dist/index.js');
const print = (line) => process.stdout.write(`${line}\n`);

if (!existsSync(command)) {
  process.stderr.write('dist/index.js is missing. Run npm run build first.\n');
  process.exit(1);
}

if (options.only !== 'servers') await publishImports();
if (options.only !== 'imports') await measureServers();

async function publishImports() {
  const size = options.quick ? { scale: 10, runs: 1 } : { scale: 1, runs: 3 };
  const measured = await measureImports(command, { ...size, print });
  const results = { node: process.version, cores: availableParallelism(), ...measured };
  print(`\n${importsSection(results)}`);
  const { rows } = measured;
  if (!options.quick) {
    writeFileSync(resolveHere('imports.json'), `${JSON.stringify(results, null, 1)}\n`);
    writePerformance('imports', importsSection(results));
  }
  reportMissed(rows);
}

function reportMissed(rows) {
  const missed = rows.filter(({ reached }) => reached === false);
  print(missed.length ? `\nMissed: ${missed.map(({ measure, against }) => `${measure} / ${against}`).join('; ')}` : '');
  if (missed.length && options.only === 'imports') process.exitCode = 1;
}

async function measureServers() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bench-'));
  const api = await startApi(1_000);
  try {
    const env = { WORKOS_TOKEN: 'sk_test_bench', WORKOS_BASE_URL: api.url, WORKOS_MCP_OUTPUT_DIR: join(folder, 'out') };
    const core = { name: 'core', args: [command], env };
    const all = { name: 'all', args: [command, '--toolsets', 'all'], env };
    const bridge = findBridge(api.url);

    print(`Node ${process.version}, ${availableParallelism()} cores. Starting each server ${settings.runs} times …`);
    const started = await starts(
      [
        core,
        all,
        { name: 'bundled', args: [await bundleBaseline(folder)] },
        { name: 'unbundled', args: [resolveHere('baseline-server.mjs')] },
        { name: 'bare', args: [resolveHere('bare-server.mjs')] },
        ...(bridge ? [bridge] : []),
      ],
      settings.runs,
    );

    print(`Calling tools, ${settings.rounds} rounds of ${settings.times} calls …`);
    const called = await calls(
      [
        { ...core, name: 'ours', tool: 'list_organizations', input: { limit: 10 } },
        { name: 'relay', args: [resolveHere('relay-server.mjs')], env, tool: 'any', input: {} },
        ...(bridge ? [{ ...bridge, tool: 'organizations-lst', input: { limit: 10 } }] : []),
      ],
      api.url,
      { ...settings, widths },
    );

    print(`Reading ${settings.users} users with all_pages …`);
    const few = await allUsers(core, 1_000, 3);
    const tenth = await allUsers(core, settings.users / 10, 3);
    const many = await allUsers(core, settings.users, 3);

    const rows = rowsOf({ started, called, few, tenth, many, bridged: bridge !== undefined });
    print(`\n${benchTable(rows)}`);
    // A quick run is not precise enough to publish.
    if (!options.quick) {
      const machine = { node: process.version, cores: availableParallelism(), platform: process.platform };
      const results = { ...machine, ...settings, ...(bridge && { bridge: BRIDGE }), rows };
      writeFileSync(resolveHere('results.json'), `${JSON.stringify(results, null, 1)}\n`);
      writePerformance('bench', benchSection(results));
    }
    reportMissed(rows);
  } finally {
    api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rows of the table. A row may have a goal: `most` is the maximum of its ratio, and `least` the minimum. */
function rowsOf({ started, called, few, tenth, many, bridged }) {
  const ms = { unit: 'ms', digits: 0 };
  const mib = { unit: 'MiB', digits: 0 };
  const start = (name) => started.get(name).ms;
  const memory = (name) => started.get(name).memory;
  const perSecond = (name, width) => called.get(name).perSecond[width];
  const listed = { core: 'start to first tools/list, core', all: 'start to first tools/list, all tools' };
  const rows = [];
  const row = (measure, ours, against, theirs, format, goal = {}) => {
    const ratio = ours / theirs;
    const { most, least } = goal;
    const reached = most !== undefined ? ratio <= most : least !== undefined ? ratio >= least : undefined;
    rows.push({ measure, ours, against, theirs, ratio, ...goal, reached, ...format });
  };
  row(listed.core, start('core'), 'SDK with one tool, bundled', start('bundled'), ms);
  row(listed.all, start('all'), 'SDK with one tool, bundled', start('bundled'), ms, { most: 1.15 });
  row(listed.all, start('all'), 'SDK with one tool, unbundled', start('unbundled'), ms, { most: 0.65 });
  row(listed.all, start('all'), 'bare Node', start('bare'), ms);
  row('memory at that time, all tools', memory('all'), 'SDK with one tool, bundled', memory('bundled'), mib, {
    most: 1.2,
  });
  row('one call', called.get('ours').ms, 'undici alone', called.get('raw').ms, { unit: 'ms', digits: 2 }, { most: 2 });
  for (const width of widths) {
    const goal = width === 50 ? { least: 0.6 } : {};
    const measure = `calls per second, ${width} in flight`;
    row(measure, perSecond('ours', width), 'undici alone', perSecond('raw', width), { unit: '/s', digits: 0 }, goal);
  }
  const relay = '20-line relay';
  row('one call', called.get('ours').ms, relay, called.get('relay').ms, { unit: 'ms', digits: 2 });
  const [own, relayed] = [perSecond('ours', 50), perSecond('relay', 50)];
  row('calls per second, 50 in flight', own, relay, relayed, { unit: '/s', digits: 0 });
  const users = `peak memory, ${settings.users.toLocaleString('en')} users with all_pages`;
  row(users, many.memory, '1,000 users', few.memory, mib, { most: 1.3 });
  row(users, many.memory, `${(settings.users / 10).toLocaleString('en')} users`, tenth.memory, mib);
  rows.push({ measure: 'time for that', ours: many.seconds, unit: 's', digits: 1 });
  if (bridged) {
    row(listed.all, start('all'), 'OpenAPI bridge', start('bridge'), ms);
    row('memory at that time, all tools', memory('all'), 'OpenAPI bridge', memory('bridge'), mib);
    row('one call', called.get('ours').ms, 'OpenAPI bridge', called.get('bridge').ms, { unit: 'ms', digits: 2 });
    const [ours, theirs] = [perSecond('ours', 50), perSecond('bridge', 50)];
    row('calls per second, 50 in flight', ours, 'OpenAPI bridge', theirs, { unit: '/s', digits: 0 });
  }
  return rows;
}

async function bundleBaseline(outputDir) {
  const outfile = join(outputDir, 'baseline.mjs');
  await build({
    entryPoints: [resolveHere('baseline-server.mjs')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

/** A generic OpenAPI bridge for the same API, if there is an OpenAPI document and npx can fetch the bridge. */
function findBridge(url) {
  const document = options.openapi ?? process.env['OPENAPI'];
  if (!document || !existsSync(document)) {
    print('Skipping the OpenAPI bridge. Pass WorkOS’s OpenAPI document with --openapi FILE to include it.');
    return undefined;
  }
  try {
    // The path of the script, so that the overhead of npx is not measured.
    const find = ['-y', `--package=${BRIDGE}`, '-c', 'command -v openapi-mcp-server'];
    const script = execFileSync('npx', find, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const args = [script, '--transport', 'stdio', '--openapi-spec', resolve(document), '--api-base-url', url];
    return { name: 'bridge', args: [...args, '--headers', 'Authorization:Bearer sk_test_bench'] };
  } catch {
    print(`Skipping the OpenAPI bridge: npx cannot fetch ${BRIDGE}.`);
    return undefined;
  }
}
