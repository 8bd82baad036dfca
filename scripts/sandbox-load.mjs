// Sends a steady stream of requests to a sandbox, half of which change something, and checks that it answers all of them and that
// its memory, its records, and its state file do not grow.
//   node --expose-gc scripts/sandbox-load.mjs [--seconds 60] [--per-second 50]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importSource } from './import-source.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, 'per-second': { type: 'string', default: '50' } },
});
const [seconds, perSecond] = [Number(values.seconds), Number(values['per-second'])];
if (!globalThis.gc) throw new Error('Start with node --expose-gc, which memory is measured with');

const { startSandbox } = await importSource('src/sandbox/server.ts');
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-load-'));
const stateFile = join(folder, 'state.json');
const sandbox = await startSandbox({ stateFile });
const headers = { Authorization: `Bearer ${sandbox.key}` };
const statuses = new Map();
const times = [];

async function send(method, path, body) {
  const started = performance.now();
  const response = await fetch(sandbox.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  times.push(performance.now() - started);
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  return text ? JSON.parse(text) : undefined;
}

/** Sends four requests: the record that they create is deleted again. */
async function round(number) {
  const created = await send('POST', '/organizations', { name: `Load ${number}` });
  await send('GET', '/user_management/users?limit=100');
  await send('GET', `/organizations/${created.id}`);
  await send('DELETE', `/organizations/${created.id}`);
}

function measure() {
  globalThis.gc();
  return { heap: process.memoryUsage().heapUsed / 2 ** 20, file: statSync(stateFile).size / 2 ** 20 };
}

async function run(duration) {
  const rounds = [];
  const started = performance.now();
  const count = (duration * perSecond) / 4;
  for (let number = 0; number < count; number++) {
    rounds.push(round(number));
    const due = started + ((number + 1) * 4_000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  await Promise.all(rounds);
  return (performance.now() - started) / 1_000;
}

// Warm up until the maximum number of events is stored.
await run(Math.ceil(2_400 / perSecond));
const before = measure();
const records = await send('GET', '/_sandbox');
times.length = 0;
const took = await run(seconds);
const after = measure();
const left = await send('GET', '/_sandbox');
times.sort((a, b) => a - b);
const slowest = times.at(-1);
const line = (text) => process.stdout.write(`${text}\n`);
line(`${times.length} requests in ${took.toFixed(1)} s, statuses ${JSON.stringify(Object.fromEntries(statuses))}`);
line(`median ${times[times.length >> 1].toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`);
line(
  `heap ${before.heap.toFixed(1)} -> ${after.heap.toFixed(1)} MiB, state ${before.file.toFixed(2)} -> ${after.file.toFixed(2)} MiB`,
);
await sandbox.close();
rmSync(folder, { recursive: true });
const problems = [
  [...statuses.keys()].some((status) => status >= 400) && 'not every request succeeded',
  JSON.stringify(records) !== JSON.stringify(left) && 'the number of records changed',
  after.heap > before.heap * 1.1 && 'the heap grew',
  after.file > before.file * 1.1 && 'the state file grew',
  took > seconds * 1.2 && 'it fell behind',
].filter(Boolean);
for (const problem of problems) line(`FAILED: ${problem}`);
process.exitCode = problems.length ? 1 : 0;
