// Measures the built server against what could be had instead. Ratios within one run count; milliseconds are the machine's.
//   node bench/bench.mjs [--quick] [--openapi FILE]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { writeSection } from '../scripts/readme.mjs';
import { allUsers, calls, startApi, starts } from './measures.mjs';

const BRIDGE = '@ivotoby/openapi-mcp-server@1.16.1';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, openapi: { type: 'string' } } });
const effort = options.quick
  ? { runs: 7, rounds: 3, times: 150, users: 20_000 }
  : { runs: 31, rounds: 9, times: 400, users: 100_000 };
const widths = [1, 10, 50];

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const command = here('../dist/index.js');
const say = (line) => process.stdout.write(`${line}\n`);

if (!existsSync(command)) {
  process.stderr.write('There is no dist/index.js: npm run build\n');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bench-'));
const api = await startApi(1_000);
try {
  const env = { WORKOS_TOKEN: 'sk_test_bench', WORKOS_BASE_URL: api.url, WORKOS_MCP_OUTPUT_DIR: join(folder, 'out') };
  const core = { name: 'core', args: [command], env };
  const all = { name: 'all', args: [command, '--toolsets', 'all'], env };
  const bridge = findBridge(api.url);

  say(`Node ${process.version}, ${availableParallelism()} cores. Starting each server ${effort.runs} times …`);
  const started = await starts(
    [
      core,
      all,
      { name: 'bundled', args: [await bundleBaseline(folder)] },
      { name: 'unbundled', args: [here('baseline-server.mjs')] },
      { name: 'bare', args: [here('bare-server.mjs')] },
      ...(bridge ? [bridge] : []),
    ],
    effort.runs,
  );

  say(`Calling, ${effort.rounds} rounds of ${effort.times} …`);
  const called = await calls(
    [
      { ...core, name: 'ours', tool: 'list_organizations', input: { limit: 10 } },
      { name: 'relay', args: [here('relay-server.mjs')], env, tool: 'any', input: {} },
      ...(bridge ? [{ ...bridge, tool: 'organizations-lst', input: { limit: 10 } }] : []),
    ],
    api.url,
    { ...effort, widths },
  );

  say(`Reading ${effort.users} users by all_pages …`);
  const few = await allUsers(core, 1_000, 3);
  const tenth = await allUsers(core, effort.users / 10, 3);
  const many = await allUsers(core, effort.users, 3);

  const rows = rowsOf({ started, called, few, tenth, many, bridged: bridge !== undefined });
  const table = tableOf(rows);
  say(`\n${table}`);
  const machine = { node: process.version, cores: availableParallelism(), platform: process.platform };
  writeFileSync(here('results.json'), `${JSON.stringify({ ...machine, ...effort, rows }, null, 1)}\n`);
  // A quick run is for a developer's own eyes.
  if (!options.quick) writeSection('bench', `${table}\n\n${remark()}`);
  const missed = rows.filter(({ reached }) => reached === false);
  say(missed.length ? `\nMissed: ${missed.map(({ measure, against }) => `${measure} / ${against}`).join('; ')}` : '');
} finally {
  api.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Every ratio that is worth knowing, with the most (or least) that it should be. */
function rowsOf({ started, called, few, tenth, many, bridged }) {
  const ms = { unit: 'ms', digits: 0 };
  const mib = { unit: 'MiB', digits: 0 };
  const start = (name) => started.get(name).ms;
  const memory = (name) => started.get(name).memory;
  const perSecond = (name, width) => called.get(name).perSecond[width];
  const listed = { core: 'start to first list, core', all: 'start to first list, all tools' };
  const rows = [];
  const row = (measure, ours, against, theirs, format, reach = {}) => {
    const ratio = ours / theirs;
    const { most, least } = reach;
    const reached = most !== undefined ? ratio <= most : least !== undefined ? ratio >= least : undefined;
    rows.push({ measure, ours, against, theirs, ratio, ...reach, reached, ...format });
  };
  row(listed.core, start('core'), 'one tool on the SDK, bundled', start('bundled'), ms);
  row(listed.all, start('all'), 'one tool on the SDK, bundled', start('bundled'), ms, { most: 1.15 });
  row(listed.all, start('all'), 'one tool on the SDK, unbundled', start('unbundled'), ms, { most: 0.65 });
  row(listed.all, start('all'), 'bare node', start('bare'), ms);
  row('memory then, all tools', memory('all'), 'one tool on the SDK, bundled', memory('bundled'), mib, { most: 1.2 });
  row('one call', called.get('ours').ms, 'undici alone', called.get('raw').ms, { unit: 'ms', digits: 2 }, { most: 2 });
  for (const width of widths) {
    const reach = width === 50 ? { least: 0.6 } : {};
    const measure = `calls a second, ${width} in flight`;
    row(measure, perSecond('ours', width), 'undici alone', perSecond('raw', width), { unit: '/s', digits: 0 }, reach);
  }
  const relay = 'a relay of 20 lines';
  row('one call', called.get('ours').ms, relay, called.get('relay').ms, { unit: 'ms', digits: 2 });
  const [own, relayed] = [perSecond('ours', 50), perSecond('relay', 50)];
  row('calls a second, 50 in flight', own, relay, relayed, { unit: '/s', digits: 0 });
  const users = `most memory, ${effort.users.toLocaleString('en')} users by all_pages`;
  row(users, many.memory, '1,000 users', few.memory, mib, { most: 1.3 });
  row(users, many.memory, `${(effort.users / 10).toLocaleString('en')} users`, tenth.memory, mib);
  rows.push({ measure: 'time for that', ours: many.seconds, unit: 's', digits: 1 });
  if (bridged) {
    row(listed.all, start('all'), 'OpenAPI bridge', start('bridge'), ms);
    row('memory then, all tools', memory('all'), 'OpenAPI bridge', memory('bridge'), mib);
    row('one call', called.get('ours').ms, 'OpenAPI bridge', called.get('bridge').ms, { unit: 'ms', digits: 2 });
    const [ours, theirs] = [perSecond('ours', 50), perSecond('bridge', 50)];
    row('calls a second, 50 in flight', ours, 'OpenAPI bridge', theirs, { unit: '/s', digits: 0 });
  }
  return rows;
}

function tableOf(rows) {
  const shown = (value, { unit, digits }) =>
    value === undefined ? '' : `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
  const lines = rows.map((row) => {
    const { measure, ours, against = '', theirs, ratio, most, least, reached } = row;
    const goal = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : '';
    const mark = reached === false ? ' (missed)' : '';
    return `| ${[measure, shown(ours, row), against, shown(theirs, row), ratio?.toFixed(2) ?? '', goal + mark].join(' | ')} |`;
  });
  return [
    '| measure | workos-mcp | against | its value | ratio | goal |',
    '|---|---:|---|---:|---:|---|',
    ...lines,
  ].join('\n');
}

function remark() {
  const machine = `Node ${process.version}, ${availableParallelism()} cores, loopback API`;
  return `${machine}. “undici alone” sends the same requests from the process that measures; the relay has a pipe in between, as every stdio server has, and does nothing else. The OpenAPI bridge is ${BRIDGE} on WorkOS’s own document (\`npm run bench -- --openapi FILE\`).`;
}

async function bundleBaseline(into) {
  const outfile = join(into, 'baseline.mjs');
  await build({
    entryPoints: [here('baseline-server.mjs')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

/** The generic bridge on the same API, where its package can be had and an OpenAPI document is given. */
function findBridge(url) {
  const document = options.openapi ?? process.env['OPENAPI'];
  if (!document || !existsSync(document)) {
    say('The OpenAPI bridge is left out: give WorkOS’s OpenAPI document with --openapi FILE.');
    return undefined;
  }
  try {
    // The file itself, because npx in front of it would be measured with it.
    const find = ['-y', `--package=${BRIDGE}`, '-c', 'command -v openapi-mcp-server'];
    const script = execFileSync('npx', find, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const args = [script, '--transport', 'stdio', '--openapi-spec', resolve(document), '--api-base-url', url];
    return { name: 'bridge', args: [...args, '--headers', 'Authorization:Bearer sk_test_bench'] };
  } catch {
    say(`The OpenAPI bridge is left out: npx cannot fetch ${BRIDGE}.`);
    return undefined;
  }
}
