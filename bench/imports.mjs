// Measures imports and lists against a loopback API with WorkOS's latency and limits.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { McpClient } from './mcp-client.mjs';
import { median } from './measures.mjs';

const LATENCY_MS = 80;
/** https://workos.com/docs/reference/rate-limits */
const WRITES = { count: 500, seconds: 10 };
const FAST_CLOCK = fileURLToPath(new URL('fast-clock.mjs', import.meta.url));
const CRASHES = fileURLToPath(new URL('../scripts/import-crashes.mjs', import.meta.url));
const API = fileURLToPath(new URL('people-api.mjs', import.meta.url));

/** The rows of the table, and the result of the killed imports. With `scale` 10, everything is ten times smaller. */
export async function measureImports(command, { scale, runs, print }) {
  const few = 10_000 / scale;
  const many = 100_000 / scale;
  const count = (number) => number.toLocaleString('en');
  print(`Importing ${count(few)} people under the limits …`);
  const pace = await importPace(command, few);
  print(`Importing ${count(few)} and ${count(many)} people for the memory they take …`);
  const [small, large] = [await importMemory(command, few, runs), await importMemory(command, many, 1)];
  print(`Listing ${count(few)} users …`);
  const listing = await listPace(command, few);
  print('Killing imports …');
  const crashes = importCrashes(scale);
  const seconds = { unit: 's', digits: 1 };
  const rows = [
    {
      measure: `import of ${count(few)} people and memberships`,
      ours: pace.seconds,
      against: 'what the limits allow',
      theirs: pace.least,
      most: 1.15,
      ...seconds,
    },
    { measure: 'requests that were refused as too many', ours: pace.refused, unit: '', digits: 0 },
    {
      measure: `peak memory, import of ${count(many)} rows`,
      ours: large,
      against: `${count(few)} rows`,
      theirs: small,
      most: 1.3,
      unit: 'MiB',
      digits: 0,
    },
    {
      measure: `list_users with all_pages, ${count(few)} users`,
      ours: listing.list,
      against: 'page after page with undici',
      theirs: listing.raw,
      most: 1.1,
      ...seconds,
    },
    {
      measure: `export_users, ${count(few)} users`,
      ours: listing.export,
      against: 'page after page with undici',
      theirs: listing.raw,
      most: 1.1,
      ...seconds,
    },
  ];
  const measured = rows.map((row) => {
    const ratio = row.theirs === undefined ? undefined : row.ours / row.theirs;
    return { ...row, ratio, reached: row.most === undefined ? undefined : ratio <= row.most };
  });
  return { rows: measured, crashes };
}

/** Kills imports at random moments. @throws {Error} if a person is missing or exists twice, or a journal is incomplete */
function importCrashes(scale) {
  const args = ['--rows', String(Math.max(500, 1_000 / scale)), '--kills', scale > 1 ? '8' : '20', '--json'];
  const out = execFileSync(process.execPath, [CRASHES, ...args], { encoding: 'utf8' });
  return JSON.parse(out.trimEnd().split('\n').at(-1));
}

async function importPace(command, count) {
  const { seconds, counts } = await imported({ args: [command], latency: LATENCY_MS, limits: true }, count);
  // The last write can start only after all earlier windows, and needs one more round trip for its response.
  const windows = Math.floor((2 * count - 1) / WRITES.count);
  return { seconds, least: windows * WRITES.seconds + (3 * LATENCY_MS) / 1_000, refused: counts.refused };
}

/** The median peak memory of an import, in MiB. */
async function importMemory(command, count, runs) {
  const samples = [];
  for (let run = 0; run < runs; run++) {
    const { memory } = await imported({ args: ['--import', FAST_CLOCK, command], latency: 0, limits: false }, count);
    samples.push(memory ?? Number.NaN);
  }
  return median(samples);
}

async function imported({ args, latency, limits }, count) {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bench-'));
  const api = await startApi(latency, 0, limits);
  const flags = ['--toolsets', 'imports', '--timeout-ms', '600000', '--output-dir', folder];
  const client = new McpClient([...args, ...flags], { WORKOS_TOKEN: 'sk_test_bench', WORKOS_BASE_URL: api.url });
  try {
    const path = join(folder, 'people.csv');
    const lines = Array.from(
      { length: count },
      (_, at) => `person.${at}@imported.example,First ${at},"Last, ${at}",member`,
    );
    writeFileSync(path, `email,first_name,last_name,role_slug\n${lines.join('\n')}\n`);
    await client.initialize();
    const start = performance.now();
    const { structuredContent: value } = await client.call('import_users', { path, organization: 'org_bench' });
    const seconds = (performance.now() - start) / 1_000;
    const counts = await api.counts();
    if (value.created !== count || counts.users !== count || counts.memberships !== count) {
      throw new Error(`imported ${JSON.stringify(value)}, and the API has ${JSON.stringify(counts)}`);
    }
    return { seconds, counts, memory: client.memory('VmHWM') };
  } finally {
    await client.close();
    api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The seconds for reading a whole list: both ways with the server, and page by page with undici alone. */
async function listPace(command, count) {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bench-'));
  const api = await startApi(LATENCY_MS, count, true);
  const env = { WORKOS_TOKEN: 'sk_test_bench', WORKOS_BASE_URL: api.url };
  const client = new McpClient([command, '--toolsets', 'core,imports', '--output-dir', folder], env);
  const timed = async (run) => {
    const start = performance.now();
    await run();
    return (performance.now() - start) / 1_000;
  };
  try {
    await client.initialize();
    // Warm up, so that code loaded at the first call is not measured.
    await client.call('list_users', { limit: 1 });
    await client.call('export_users', { kind: 'organizations' });
    const raw = await timed(() => rawPages(api.url));
    const list = await timed(async () => {
      const { structuredContent: value } = await client.call('list_users', { all_pages: true, max_items: count });
      if (value.items !== count) throw new Error(`listed ${value.items} users`);
    });
    const exported = await timed(async () => {
      const { structuredContent: value } = await client.call('export_users', { kind: 'users' });
      if (value.rows !== count) throw new Error(`exported ${value.rows} users`);
    });
    return { raw, list, export: exported };
  } finally {
    await client.close();
    api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rawPages(origin) {
  const agent = new Agent({ connections: 1 });
  for (let after = ''; after !== null; ) {
    const path = `/user_management/users?limit=100&order=asc${after && `&after=${after}`}`;
    const { body } = await agent.request({ origin, path, method: 'GET' });
    after = (await body.json()).list_metadata.after;
  }
  await agent.close();
}

async function startApi(latency, users, limits) {
  const args = [API, String(latency), String(users), ...(limits ? ['limits'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the loopback API exited with ${code}`)));
  });
  return {
    url,
    counts: async () => (await fetch(`${url}/counts`)).json(),
    close: () => child.stdin.end(),
  };
}
