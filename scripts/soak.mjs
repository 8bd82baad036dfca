#!/usr/bin/env node
// Runs the built command for a long time against a server with faults, and with clients that vanish.
//
//   node scripts/soak.mjs [--seconds 600] [--concurrency 50]
//
// Exits with 1 where an answer is lost or belongs to another call, a creation happened twice, memory or connections grow,
// or a process does not end as it should.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, concurrency: { type: 'string', default: '50' } },
});
const seconds = whole('seconds', 5, 86_400);
const concurrency = whole('concurrency', 1, 1_000);

const COMMAND = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const FAULT_SHARE = 0.1;
const FAULTS = ['reset', 'busy', 'limit 0', 'limit 1', 'slow', 'truncated'];
/** Longer than any attempt with all its retries and waits. */
const LOST_AFTER_MS = 60_000;
/** What a process may take to end: the moment that writes get, and much more for a machine that is busy. */
const END_WITHIN_MS = 15_000;
const MOST_CALLS = 100_000_000;
const MIB = 1024 * 1024;

/** Shows its heap on a signal, after a collection; so that growth is what is kept and not what is not yet collected. */
const HEAP_REPORT = `data:text/javascript,${encodeURIComponent(
  'process.on("SIGUSR2", () => { gc(); process.stderr.write("heap " + process.memoryUsage().heapUsed + "\\n"); });',
)}`;

const counts = { calls: 0, ok: 0, errors: 0, refused: 0, cancelled: 0, vanished: 0, faults: 0, requests: 0 };
const errorKinds = new Map();
const created = new Map();
const latencies = [];
const violations = new Set();
const violated = (text) => violations.size < 50 && violations.add(text);

process.exitCode = await main();

async function main() {
  if (!existsSync(COMMAND)) {
    process.stderr.write('dist/index.js is missing: run npm run build first\n');
    return 2;
  }
  const api = await startApi();
  const started = performance.now();
  const until = started + seconds * 1000;
  const client = await startClient(api.url, ['--expose-gc', '--import', HEAP_REPORT]);
  const samples = [];
  const sampling = sample(client, until, samples);
  const vanishing = Promise.all(Array.from({ length: 3 }, () => vanish(api.url, until)));
  const working = Promise.all(Array.from({ length: concurrency }, () => work(client, until)));

  await delay(seconds * 1000 * 0.3);
  const warmHeap = await client.heap();
  await Promise.all([working, vanishing, sampling]);
  const endHeap = await client.heap();
  const { code, ms } = await client.end('end of input');
  api.close();

  if (code !== 0) violated(`the long-lived server ended with ${code}`);
  if (ms > END_WITHIN_MS) violated(`the long-lived server took ${Math.round(ms)} ms to end`);
  if (client.pending.size) violated(`${client.pending.size} calls were never answered`);
  for (const [name, times] of created) if (times > 1) violated(`${name} was created ${times} times by one call`);
  if (endHeap > warmHeap * 1.2 + 4 * MIB) violated(`the heap grew from ${mib(warmHeap)} to ${mib(endHeap)}`);
  const memory = compare(samples, 'rss');
  if (memory && memory.end > memory.warm * 1.3 + 24 * MIB) {
    violated(`the resident set grew from ${mib(memory.warm)} to ${mib(memory.end)}`);
  }
  const files = compare(samples, 'files');
  if (files && files.end > files.warm + concurrency) violated(`open files grew from ${files.warm} to ${files.end}`);

  summarize({ took: performance.now() - started, warmHeap, endHeap, memory, files });
  return violations.size ? 1 : 0;
}

/** Calls until the time is up; every answer has to be the one that was asked for. */
async function work(client, until) {
  while (performance.now() < until && counts.calls < MOST_CALLS && violations.size < 50) {
    const kind = Math.random();
    const id = `org_${randomUUID()}`;
    const began = performance.now();
    if (kind < 0.06) await cancelledCall(client, id);
    else if (kind < 0.1) await refusedCall(client);
    else if (kind < 0.2) expectOwn(id, await client.call('create_organization', { name: id }));
    else if (kind < 0.25) expectOwn(id, await client.call('list_organizations', { search: id, all_pages: true }));
    else if (kind < 0.3) {
      const answer = await client.call('list_organizations', { search: id, query: 'data[0].{id: id}' });
      expectOwn(id, answer.result ?? answer);
    } else expectOwn(id, await client.call('get_organization', { organization_id: id }));
    if (latencies.length < 1_000_000) latencies.push(performance.now() - began);
  }
}

function expectOwn(id, answer) {
  counts.calls++;
  if (answer.lost) return violated(`no answer about ${id} within ${LOST_AFTER_MS} ms`);
  if (answer.error) {
    counts.errors++;
    errorKinds.set(answer.error.kind, (errorKinds.get(answer.error.kind) ?? 0) + 1);
    const { kind, message = '' } = answer.error;
    if (!['network', 'timeout', 'api', 'rate_limited'].includes(kind)) violated(`unexpected ${kind}: ${message}`);
    const mentioned = /org_[0-9a-f-]{36}/.exec(message)?.[0];
    if (mentioned && mentioned !== id) violated(`asked for ${id}, got an error about ${mentioned}`);
    return;
  }
  const items = answer.data ?? [answer];
  counts.ok++;
  // A walk that broke off may hold fewer items, but never another call's.
  if (answer.data && answer.stopped === 'end' && items.length !== 3) violated(`${items.length} of 3 items for ${id}`);
  for (const item of items) if (item.id !== id) violated(`asked for ${id}, got ${JSON.stringify(item).slice(0, 100)}`);
}

async function cancelledCall(client, id) {
  const call = client.start('get_organization', { organization_id: id });
  await delay(Math.random() * 20);
  client.send({ method: 'notifications/cancelled', params: { requestId: call.id, reason: 'soak' } });
  counts.calls++;
  counts.cancelled++;
  // An answer that was faster than the cancellation is fine; one of another call is not.
  const answer = await Promise.race([call.answer, delay(50)]);
  client.pending.delete(call.id);
  if (answer && !answer.error && answer.id !== id) violated(`a cancelled call for ${id} got ${JSON.stringify(answer)}`);
}

async function refusedCall(client) {
  const answer = await client.call('get_organization', { organisation: 'org_1' });
  counts.calls++;
  counts.refused++;
  if (answer.error?.kind !== 'input') violated(`wrong arguments got ${JSON.stringify(answer).slice(0, 200)}`);
}

/** Clients that go away in the middle of their calls, one after the other; their servers have to go too. */
async function vanish(url, until) {
  const ways = ['end of input', 'closed pipes', 'SIGTERM', 'SIGINT'];
  for (let turn = 0; performance.now() < until && turn < 1_000_000; turn++) {
    const client = await startClient(url);
    for (let at = 0; at < 5; at++) {
      const id = `org_${randomUUID()}`;
      const call =
        at === 0
          ? client.start('create_organization', { name: id })
          : client.start('get_organization', { organization_id: id });
      // Left behind on purpose: its answer may never come.
      void call.answer.catch(() => {});
    }
    await delay(Math.random() * 500);
    const way = ways[turn % ways.length];
    const { code, ms } = await client.end(way);
    counts.vanished++;
    if (code !== 0) violated(`after ${way} a server ended with ${code}`);
    if (ms > END_WITHIN_MS) violated(`after ${way} a server took ${Math.round(ms)} ms to end`);
  }
}

/** A child that serves, and the least of a client for it. */
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
      return violated(`stdout held ${line.slice(0, 100)}`);
    }
    pending.get(message.id)?.(message);
    pending.delete(message.id);
  });
  let heapSeen = () => {};
  eachLine(child.stderr, (line) => {
    if (line.startsWith('heap ')) heapSeen(Number(line.slice(5)));
  });
  let last = 0;
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (method, params) => {
    const id = ++last;
    const answer = new Promise((resolve) => pending.set(id, resolve));
    send({ id, method, params });
    return { id, answer };
  };
  const start = (name, input) => {
    const { id, answer } = request('tools/call', { name, arguments: input });
    return { id, answer: answer.then(contentOf) };
  };
  const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } };
  await within(request('initialize', initialize).answer, LOST_AFTER_MS);
  send({ method: 'notifications/initialized' });
  return {
    pid: child.pid,
    pending,
    send,
    start,
    call: async (name, input) => (await within(start(name, input).answer, LOST_AFTER_MS)) ?? { lost: true },
    async heap() {
      const seen = new Promise((resolve) => {
        heapSeen = resolve;
      });
      child.kill('SIGUSR2');
      return (await within(seen, 30_000)) ?? Number.NaN;
    },
    async end(way) {
      const began = performance.now();
      if (way === 'end of input') child.stdin.end();
      else if (way === 'closed pipes') for (const one of [child.stdin, child.stdout, child.stderr]) one.destroy();
      else child.kill(way);
      const code = (await within(exited, 2 * END_WITHIN_MS)) ?? 'never';
      if (code === 'never') child.kill('SIGKILL');
      return { code, ms: performance.now() - began };
    },
  };
}

function contentOf({ result, error }) {
  if (error) return { error: { kind: 'protocol', message: error.message } };
  return JSON.parse(result.content[0].text);
}

function eachLine(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line);
  });
}

/** The promise's value, or undefined where it does not come in time. */
async function within(promise, ms) {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/** Answers with the id that was asked for, except when it does not. */
async function startApi() {
  const server = createServer((request, response) => {
    counts.requests++;
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const fault = Math.random() < FAULT_SHARE ? FAULTS[Math.floor(Math.random() * FAULTS.length)] : undefined;
      if (fault) counts.faults++;
      if (fault === 'limit 0' || fault === 'limit 1') {
        // A refusal: nothing is done, so the client may repeat even a creation.
        return json(response, 429, { message: 'slow down' }, { 'retry-after': fault.at(-1) });
      }
      const body = answerTo(request, Buffer.concat(chunks).toString('utf8'));
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

function answerTo({ method, url }, text) {
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

/** Loses or delays the answer to what was done. */
function misbehave(fault, response, body) {
  const text = JSON.stringify(body);
  switch (fault) {
    case 'reset':
      return response.socket?.resetAndDestroy();
    case 'busy':
      return json(response, 503, { message: 'busy' });
    case 'slow':
      // Sometimes longer than the client waits.
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
    const seen = look(pid);
    if (seen) samples.push(seen);
    await delay(Math.min(1_000, (seconds * 1000) / 30));
  }
}

/** Resident bytes and open files, where the system tells. */
function look(pid) {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { rss: Number(kib) * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

/** The middle value after the warm-up and at the end. */
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
    `${Math.round(took / 1000)} s, ${concurrency} at a time: ${counts.calls} calls, ${Math.round((counts.calls / took) * 1000)} per second`,
    `${counts.ok} answered, ${counts.errors} failed${kinds && ` (${kinds})`}, ${counts.refused} refused, ${counts.cancelled} cancelled`,
    `${counts.requests} requests, ${counts.faults} of them met a fault; ${created.size} created; ${counts.vanished} clients vanished`,
    `half within ${at(0.5)}, 99 of 100 within ${at(0.99)}, slowest ${at(0.999999)}`,
    `heap ${mib(warmHeap)} after the warm-up, ${mib(endHeap)} at the end`,
    memory
      ? `resident ${mib(memory.warm)} after the warm-up, ${mib(memory.end)} at the end`
      : 'resident set unknown here',
    ...(files ? [`${files.warm} open files after the warm-up, ${files.end} at the end`] : []),
    violations.size ? `${violations.size} violations:` : 'no violation',
    ...[...violations].map((text) => `  ${text}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function whole(name, least, most) {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`--${name} must be a whole number from ${least} to ${most}\n`);
  process.exit(2);
}
