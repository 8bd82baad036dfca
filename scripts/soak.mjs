#!/usr/bin/env node
// Soak test: runs the built server for a long time against an API that misbehaves, while other clients disconnect abruptly
// and hostile responses and expressions arrive.
//
//   node scripts/soak.mjs [--seconds 600] [--concurrency 50]
//
// Exits with 1 if a response is lost or belongs to another call, a record is created twice, memory or open files grow, or
// a server does not exit cleanly.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HOSTILE_LIST, HOSTILE_QUERIES, HOSTILE_RESPONSES, HOSTILE_SEARCH } from './soak-attacks.mjs';

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, concurrency: { type: 'string', default: '50' } },
});
const seconds = integerFlag('seconds', 5, 86_400);
const concurrency = integerFlag('concurrency', 1, 1_000);

const COMMAND = fileURLToPath(new URL('../dist/index.js', import.meta.url));
/** The share of API requests that fail. */
const FAULT_RATE = 0.1;
const FAULTS = ['reset', 'busy', 'limit 0', 'limit 1', 'slow', 'truncated'];
/** Longer than any call takes, including retries and waits. */
const LOST_AFTER_MS = 60_000;
/** How long a server may take to exit: the grace period for writes, plus slack for a busy machine. */
const EXIT_WITHIN_MS = 15_000;
/** The kinds of error with which an injected fault may end a call. */
const FAULT_KINDS = ['network', 'timeout', 'api', 'rate_limited'];
const MAX_CALLS = 100_000_000;
const MAX_VIOLATIONS = 50;
const MIB = 1024 * 1024;

/** Makes a server print its heap size on SIGUSR2, after a garbage collection, so that only live memory is counted. */
const HEAP_REPORT = `data:text/javascript,${encodeURIComponent(
  'process.on("SIGUSR2", () => { gc(); process.stderr.write("heap " + process.memoryUsage().heapUsed + "\\n"); });',
)}`;

const counts = {
  calls: 0,
  ok: 0,
  errors: 0,
  rejected: 0,
  cancelled: 0,
  disconnected: 0,
  faults: 0,
  requests: 0,
  attacks: 0,
};
const errorKinds = new Map();
const created = new Map();
const latencies = [];
const violations = new Set();
const violated = (text) => violations.size < MAX_VIOLATIONS && violations.add(text);

process.exitCode = await main();

async function main() {
  if (!existsSync(COMMAND)) {
    process.stderr.write('dist/index.js is missing. Run npm run build first.\n');
    return 2;
  }
  const api = await startApi();
  const started = performance.now();
  const until = started + seconds * 1000;
  const client = await startClient(api.url, ['--expose-gc', '--import', HEAP_REPORT]);
  const samples = [];
  const sampling = sample(client, until, samples);
  const disconnecting = Promise.all(Array.from({ length: 3 }, () => disconnect(api.url, until)));
  const working = Promise.all(Array.from({ length: concurrency }, () => work(client, until)));
  const attacking = Promise.all([sendHostileQueries(client, until), receiveHostileResponses(client, until)]);

  await delay(seconds * 1000 * 0.3);
  const warmHeap = await client.heap();
  await Promise.all([working, disconnecting, attacking, sampling]);
  const endHeap = await client.heap();
  const { code, ms } = await client.end('end of input');
  api.close();

  if (code !== 0) violated(`the long-running server exited with ${code}`);
  if (ms > EXIT_WITHIN_MS) violated(`the long-running server took ${Math.round(ms)} ms to exit`);
  if (client.pending.size) violated(`${client.pending.size} calls never got a result`);
  for (const [name, times] of created) if (times > 1) violated(`one call created ${name} ${times} times`);
  if (endHeap > warmHeap * 1.2 + 4 * MIB) violated(`the heap grew from ${mib(warmHeap)} to ${mib(endHeap)}`);
  const memory = compare(samples, 'rss');
  if (memory && memory.end > memory.warm * 1.3 + 24 * MIB) {
    violated(`resident memory grew from ${mib(memory.warm)} to ${mib(memory.end)}`);
  }
  const files = compare(samples, 'files');
  if (files && files.end > files.warm + concurrency) violated(`open files grew from ${files.warm} to ${files.end}`);

  summarize({ took: performance.now() - started, warmHeap, endHeap, memory, files });
  return violations.size ? 1 : 0;
}

/** Makes calls until the time is up and checks that each result belongs to its call. */
async function work(client, until) {
  while (performance.now() < until && counts.calls < MAX_CALLS && violations.size < MAX_VIOLATIONS) {
    const kind = Math.random();
    const id = `org_${randomUUID()}`;
    const began = performance.now();
    if (kind < 0.06) await cancelledCall(client, id);
    else if (kind < 0.1) await rejectedCall(client);
    else if (kind < 0.2) expectOwn(id, await client.call('create_organization', { name: id }));
    else if (kind < 0.25) expectOwn(id, await client.call('list_organizations', { search: id, all_pages: true }));
    else if (kind < 0.3) {
      const result = await client.call('list_organizations', { search: id, query: 'data[0].{id: id}' });
      expectOwn(id, result.result ?? result);
    } else expectOwn(id, await client.call('get_organization', { organization_id: id }));
    if (latencies.length < 1_000_000) latencies.push(performance.now() - began);
  }
}

function expectOwn(id, result) {
  counts.calls++;
  if (result.lost) return violated(`no result for ${id} within ${LOST_AFTER_MS} ms`);
  if (result.error) {
    counts.errors++;
    errorKinds.set(result.error.kind, (errorKinds.get(result.error.kind) ?? 0) + 1);
    const { kind, message = '' } = result.error;
    if (!FAULT_KINDS.includes(kind)) violated(`unexpected ${kind}: ${message}`);
    const mentioned = /org_[0-9a-f-]{36}/.exec(message)?.[0];
    if (mentioned && mentioned !== id) violated(`requested ${id}, got an error about ${mentioned}`);
    return;
  }
  const items = result.data ?? [result];
  counts.ok++;
  // A list that was cut short may have fewer items, but never those of another call.
  if (result.data && result.stopped === 'end' && items.length !== 3) violated(`${items.length} of 3 items for ${id}`);
  for (const item of items) if (item.id !== id) violated(`requested ${id}, got ${JSON.stringify(item).slice(0, 100)}`);
}

async function cancelledCall(client, id) {
  const call = client.start('get_organization', { organization_id: id });
  await delay(Math.random() * 20);
  client.send({ method: 'notifications/cancelled', params: { requestId: call.id, reason: 'soak' } });
  counts.calls++;
  counts.cancelled++;
  // A result that arrived before the cancellation is fine, but not the result of another call.
  const result = await Promise.race([call.result, delay(50)]);
  client.pending.delete(call.id);
  if (result && !result.error && result.id !== id)
    violated(`the cancelled call for ${id} got ${JSON.stringify(result)}`);
}

async function rejectedCall(client) {
  const result = await client.call('get_organization', { organisation: 'org_1' });
  counts.calls++;
  counts.rejected++;
  if (result.error?.kind !== 'input') violated(`invalid arguments got ${JSON.stringify(result).slice(0, 200)}`);
}

/** Runs hostile expressions one after another. */
async function sendHostileQueries(client, until) {
  for (let turn = 0; performance.now() < until && violations.size < MAX_VIOLATIONS; turn++) {
    const query = HOSTILE_QUERIES[turn % HOSTILE_QUERIES.length];
    const result = await client.call('list_organizations', { search: HOSTILE_SEARCH, query });
    expectHarmless(`the expression ${query.slice(0, 60)}`, result, ['input'], 'result' in result);
  }
}

/** Requests each hostile response repeatedly. */
async function receiveHostileResponses(client, until) {
  const receive = async ([organization_id, { kinds }]) => {
    while (performance.now() < until && violations.size < MAX_VIOLATIONS) {
      const result = await client.call('get_organization', { organization_id });
      // A response that was only delayed counts as an ordinary success.
      expectHarmless(organization_id, result, kinds, result.id === organization_id);
      await delay(200);
    }
  };
  await Promise.all(Object.entries(HOSTILE_RESPONSES).map(receive));
}

function expectHarmless(what, { lost, error }, kinds, succeeded) {
  counts.attacks++;
  if (lost) return violated(`no result for ${what} within ${LOST_AFTER_MS} ms`);
  if (succeeded) return;
  if (![...kinds, ...FAULT_KINDS].includes(error?.kind))
    violated(`${what} got ${JSON.stringify(error)?.slice(0, 300)}`);
  if (/inside this server/.test(error?.message)) violated(`${what} got ${error.message}`);
}

/** Starts clients, one after another, that disconnect in the middle of their calls, and checks that their servers exit. */
async function disconnect(url, until) {
  const ways = ['end of input', 'closed pipes', 'SIGTERM', 'SIGINT'];
  for (let turn = 0; performance.now() < until && turn < 1_000_000; turn++) {
    const client = await startClient(url);
    for (let at = 0; at < 5; at++) {
      const id = `org_${randomUUID()}`;
      const call =
        at === 0
          ? client.start('create_organization', { name: id })
          : client.start('get_organization', { organization_id: id });
      // Abandoned on purpose. It may never settle.
      void call.result.catch(() => {});
    }
    await delay(Math.random() * 500);
    const way = ways[turn % ways.length];
    const { code, ms } = await client.end(way);
    counts.disconnected++;
    if (code !== 0) violated(`a server exited with ${code} after ${way}`);
    if (ms > EXIT_WITHIN_MS) violated(`a server took ${Math.round(ms)} ms to exit after ${way}`);
  }
}

/** Starts a server as a child process, with a minimal client for it. */
async function startClient(url, nodeFlags = []) {
  const args = ['--base-url', url, '--timeout-ms', '2000', '--max-retries', '5', '--log-level', 'debug'];
  const child = spawn(process.execPath, [...nodeFlags, COMMAND, ...args], {
    env: { PATH: process.env.PATH, WORKOS_TOKEN: 'sk_test_soak' },
  });
  const pending = new Map();
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  eachLine(child.stdout, (line) => {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      return violated(`stdout contained ${line.slice(0, 100)}`);
    }
    pending.get(message.id)?.(message);
    pending.delete(message.id);
  });
  let onHeap = () => {};
  eachLine(child.stderr, (line) => {
    if (line.startsWith('heap ')) onHeap(Number(line.slice(5)));
  });
  let lastId = 0;
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (method, params) => {
    const id = ++lastId;
    const response = new Promise((resolve) => pending.set(id, resolve));
    send({ id, method, params });
    return { id, response };
  };
  const start = (name, input) => {
    const { id, response } = request('tools/call', { name, arguments: input });
    return { id, result: response.then(toResult) };
  };
  const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } };
  await within(request('initialize', initialize).response, LOST_AFTER_MS);
  send({ method: 'notifications/initialized' });
  return {
    pid: child.pid,
    pending,
    send,
    start,
    call: async (name, input) => (await within(start(name, input).result, LOST_AFTER_MS)) ?? { lost: true },
    async heap() {
      const heap = new Promise((resolve) => {
        onHeap = resolve;
      });
      child.kill('SIGUSR2');
      return (await within(heap, 30_000)) ?? Number.NaN;
    },
    async end(way) {
      const began = performance.now();
      if (way === 'end of input') child.stdin.end();
      else if (way === 'closed pipes') for (const one of [child.stdin, child.stdout, child.stderr]) one.destroy();
      else child.kill(way);
      const code = (await within(exited, 2 * EXIT_WITHIN_MS)) ?? 'never';
      if (code === 'never') child.kill('SIGKILL');
      return { code, ms: performance.now() - began };
    },
  };
}

function toResult({ result, error }) {
  if (error) return { error: { kind: 'protocol', message: error.message } };
  return JSON.parse(result.content[0].text);
}

function eachLine(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
}

/** The promise's value, or undefined if it does not settle in time. */
async function within(promise, ms) {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/** An API that returns records with the requested id and fails some of the requests. */
async function startApi() {
  const server = createServer((request, response) => {
    counts.requests++;
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const fault = Math.random() < FAULT_RATE ? FAULTS[Math.floor(Math.random() * FAULTS.length)] : undefined;
      if (fault) counts.faults++;
      if (fault === 'limit 0' || fault === 'limit 1') {
        // Nothing was done yet, so the client may even retry a creation.
        return json(response, 429, { message: 'slow down' }, { 'retry-after': fault.at(-1) });
      }
      const hostile = fault ? undefined : hostileResponse(request.url);
      if (hostile) return response.writeHead(hostile.status, hostile.headers).end(hostile.body);
      const body = handleRequest(request, Buffer.concat(chunks).toString('utf8'));
      if (fault) misbehave(fault, response, body);
      else json(response, 200, body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The response to a request of the attacks. Undefined for any other request. */
function hostileResponse(url) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (searchParams.get('search') === HOSTILE_SEARCH) return { status: 200, headers: {}, body: HOSTILE_LIST };
  const found = HOSTILE_RESPONSES[pathname.split('/').at(-1)];
  if (!found) return undefined;
  const { status, type = 'application/json', headers, body } = found;
  return { status, headers: { 'content-type': type, ...headers }, body: body() };
}

function handleRequest({ method, url }, text) {
  const target = new URL(url, 'http://localhost');
  if (method === 'POST') {
    const { name } = JSON.parse(text);
    created.set(name, (created.get(name) ?? 0) + 1);
    return { id: name };
  }
  const search = target.searchParams.get('search');
  if (!search) return { id: target.pathname.split('/').at(-1), pad: 'x'.repeat(500) };
  const page = Number(target.searchParams.get('after') ?? 0);
  return {
    object: 'list',
    data: [{ id: search }],
    list_metadata: { before: null, after: page < 2 ? `${page + 1}` : null },
  };
}

/** Loses or delays the response to a request that was carried out. */
function misbehave(fault, response, body) {
  const text = JSON.stringify(body);
  switch (fault) {
    case 'reset':
      return response.socket?.resetAndDestroy();
    case 'busy':
      return json(response, 503, { message: 'busy' });
    case 'slow':
      // Sometimes exceeds the client's timeout.
      return setTimeout(() => json(response, 200, body), Math.random() * 2_500).unref();
    default:
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
      response.write(text.slice(0, text.length / 2));
      return setImmediate(() => response.socket?.destroy());
  }
}

function json(response, status, body, headers = {}) {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function sample({ pid }, until, samples) {
  while (performance.now() < until) {
    const usage = readUsage(pid);
    if (usage) samples.push(usage);
    await delay(Math.min(1_000, (seconds * 1000) / 30));
  }
}

/** Resident memory in bytes and open files, or undefined without /proc. */
function readUsage(pid) {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { rss: Number(kib) * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

/** The median after the warm-up and at the end, or undefined if there are too few samples. */
function compare(samples, field) {
  if (samples.length < 10) return undefined;
  const part = (from, to) =>
    median(samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)).map((one) => one[field]));
  return { warm: part(0.3, 0.5), end: part(0.8, 1) };
}

function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

function summarize({ took, warmHeap, endHeap, memory, files }) {
  const sorted = latencies.sort((one, other) => one - other);
  const at = (share) => `${Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)} ms`;
  const kinds = [...errorKinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const lines = [
    `${Math.round(took / 1000)} s with ${concurrency} concurrent calls: ${counts.calls} calls, ${Math.round((counts.calls / took) * 1000)} per second`,
    `${counts.ok} succeeded, ${counts.errors} failed${kinds && ` (${kinds})`}, ${counts.rejected} rejected, ${counts.cancelled} cancelled`,
    `${counts.requests} API requests, ${counts.faults} of them with a fault; ${created.size} records created; ${counts.disconnected} clients disconnected`,
    `${counts.attacks} hostile responses and expressions`,
    `latency p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.999999)}`,
    `heap ${mib(warmHeap)} after the warm-up, ${mib(endHeap)} at the end`,
    memory
      ? `resident memory ${mib(memory.warm)} after the warm-up, ${mib(memory.end)} at the end`
      : 'resident memory not available on this system',
    ...(files ? [`${files.warm} open files after the warm-up, ${files.end} at the end`] : []),
    violations.size ? `${violations.size} violations:` : 'no violations',
    ...[...violations].map((text) => `  ${text}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function integerFlag(name, min, max) {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  process.stderr.write(`--${name} must be an integer from ${min} to ${max}\n`);
  process.exit(2);
}
