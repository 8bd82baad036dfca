#!/usr/bin/env node
// Kills imports at random moments, while the network fails, and checks the final state.
//
//   node scripts/import-crashes.mjs [--rows 1000] [--kills 20] [--seed N] [--json]
//
// Runs twice: through a proxy that fails 10% of the requests, half of them after WorkOS has carried them out, and with the
// sandbox inside the killed process. Exits with 1 unless every person and every membership exists exactly once, and the journal
// has an end for every row and no secret. With --json, the last line contains the figures.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as sendRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean' },
  },
});
const [rows, kills, seed] = [flags.rows, flags.kills, flags.seed].map(Number);

const COMMAND = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const FAULT_RATE = 0.1;
const ORGANIZATION = 'Acme Robotics';
const ROLES = ['member', 'admin', 'billing-manager'];
/** A row can stay open if all of its attempts fail, so finishing may take a few more calls. */
const MOST_CALLS_AFTER = 10;
/** A made-up hash that occurs only in the file. */
const SECRET = '$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS';

const print = (line) => process.stdout.write(`${line}\n`);
const random = generator(seed);

if (!existsSync(COMMAND)) {
  process.stderr.write('dist/index.js is missing. Run npm run build first.\n');
  process.exit(2);
}
print(`${rows} rows, ${kills} kills, seed ${seed}`);
const network = await throughProxy();
const inside = await withSandboxInside();
const problems = [...network.problems, ...inside.problems];
for (const problem of problems) print(`WRONG: ${problem}`);
print(problems.length ? '' : 'every person and every membership is there exactly once');
const killed = network.killed + inside.killed;
if (flags.json) print(JSON.stringify({ rows, killed, ...network.counts, problems: problems.length }));
process.exitCode = problems.length ? 1 : 0;

/** Kills a process that talks over a failing network to a sandbox that stays alive. */
async function throughProxy() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-crashes-'));
  const sandbox = await startSandbox(join(folder, 'state.json'));
  const proxy = await startProxy(sandbox.url);
  try {
    const env = { WORKOS_TOKEN: sandbox.key };
    const runs = await importThroughCrashes(folder, ['--base-url', proxy.url, '--timeout-ms', '5000'], env);
    const { faults, afterwards, requests } = proxy.counts;
    print(`network: ${describe(runs)}; ${faults} of ${requests} requests failed, ${afterwards} of them carried out`);
    const found = await contents(sandbox.url, sandbox.key);
    const problems = [...check(found, folder, runs), ...proxy.repeated()];
    return { problems, killed: runs.killed, counts: proxy.counts };
  } finally {
    proxy.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills a process that contains the sandbox. */
async function withSandboxInside() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-crashes-'));
  const stateFile = join(folder, 'state.json');
  try {
    const runs = await importThroughCrashes(folder, ['--sandbox', '--sandbox-state', stateFile], {});
    print(`sandbox: ${describe(runs)}`);
    const sandbox = await startSandbox(stateFile);
    const found = await contents(sandbox.url, sandbox.key);
    await sandbox.close();
    return { problems: check(found, folder, runs), killed: runs.killed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe({ killed, calls, seconds }) {
  return `${killed} kills, ${calls} calls, ${seconds} s`;
}

/** Runs the command until everything is imported. The first runs are killed. */
async function importThroughCrashes(folder, args, env) {
  const started = performance.now();
  writeFileSync(join(folder, 'people.csv'), file());
  const command = ['import', 'people.csv', '--organization', ORGANIZATION, '--json', ...args];
  let [killed, calls] = [0, 0];
  for (; killed < kills; calls++) {
    // At a moment between the start of the process and the middle of the import.
    const { code } = await run(command, folder, env, 150 + random() * 1_500);
    if (code === 0) break;
    if (code === null) killed += 1;
  }
  let result = { code: 1, out: '', err: '' };
  for (let more = 0; more < MOST_CALLS_AFTER && result.code !== 0; more++, calls++) {
    result = await run(command, folder, env);
  }
  return { killed, calls, result, seconds: Math.round((performance.now() - started) / 1_000) };
}

function file() {
  const lines = Array.from({ length: rows }, (_, at) =>
    [`crash.${at}@imported.example`, `Person ${at}`, SECRET, 'bcrypt', ROLES[at % ROLES.length]].join(','),
  );
  return `email,first_name,password_hash,password_hash_type,role_slug\n${lines.join('\n')}\n`;
}

/** Runs the command, and kills it after `killAfter` milliseconds, if given. */
function run(args, cwd, env, killAfter) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, err });
    });
  });
}

/** The problems found, as sentences. */
function check({ users, memberships }, folder, { result, killed }) {
  const wrong = [];
  if (killed < kills) wrong.push(`the import was done after ${killed} kills: give it more --rows`);
  if (result.code !== 0) return [...wrong, `the last call exited with ${result.code}: ${result.out} ${result.err}`];
  const value = JSON.parse(result.out);
  if (value.created !== rows) wrong.push(`the answer counts ${value.created} created: ${result.out}`);
  const counts = new Map();
  for (const { email } of users) counts.set(email, (counts.get(email) ?? 0) + 1);
  for (let at = 0; at < rows; at++) {
    const email = `crash.${at}@imported.example`;
    if (counts.get(email) !== 1) wrong.push(`${email} is there ${counts.get(email) ?? 0} times`);
    const own = memberships.filter(({ user }) => user.email === email);
    const right = own.length === 1 && own[0].role.slug === ROLES[at % ROLES.length];
    if (!right) wrong.push(`${email} has ${own.length} memberships: ${own.map(({ role }) => role.slug)}`);
  }
  return [...wrong, ...checkJournal(folder)];
}

function checkJournal(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.journal.jsonl'));
  if (names.length !== 1) return [`there are ${names.length} journals`];
  const text = readFileSync(join(folder, names[0]), 'utf8');
  const wrong = text.includes(SECRET) || /sk_\w+/.test(text) ? ['the journal holds a secret'] : [];
  const ends = new Map();
  const intended = new Map();
  for (const [at, line] of text.trimEnd().split('\n').entries()) {
    let record;
    try {
      record = JSON.parse(line);
    } catch {
      wrong.push(`line ${at + 1} of the journal is not JSON`);
      continue;
    }
    const { row, will, did, end } = record;
    if (will) intended.set(row, [...(intended.get(row) ?? []), will]);
    if (did && !intended.get(row)?.includes(did)) wrong.push(`row ${row} did ${did} without saying so before`);
    if (end) ends.set(row, [...(ends.get(row) ?? []), end]);
  }
  for (let row = 1; row <= rows; row++) {
    if (ends.get(row)?.join() !== 'created') wrong.push(`row ${row} ends as ${ends.get(row)?.join() ?? 'nothing'}`);
  }
  const locks = readdirSync(folder).filter((name) => name.includes('.journal.jsonl.lock'));
  return locks.length ? [...wrong, `locks are left: ${locks}`] : wrong;
}

async function startSandbox(stateFile) {
  const child = spawn(process.execPath, [COMMAND, 'sandbox', '--port', '0', '--sandbox-state', stateFile], {
    env: { PATH: process.env.PATH, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const found = {};
  for await (const line of createInterface({ input: child.stdout })) {
    found.url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    found.key ??= /sk_test_\w+/.exec(line)?.[0];
    if (found.url && found.key) break;
  }
  return {
    ...found,
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Forwards requests. One in ten fails: half of these are not forwarded, and the others lose their response. */
async function startProxy(target) {
  const counts = { requests: 0, faults: 0, afterwards: 0 };
  const created = new Map();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      counts.requests += 1;
      const fault = random() < FAULT_RATE ? (random() < 0.5 ? 'before' : 'after') : undefined;
      if (fault) counts.faults += 1;
      const fail = () => {
        const kind = random();
        if (kind < 0.6) response.destroy();
        else response.writeHead(kind < 0.8 ? 500 : 503, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
      };
      if (fault === 'before') return fail();
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks);
      const forwarded = sendRequest(new URL(url, target), { method, headers }, async (answer) => {
        const parts = [];
        for await (const part of answer) parts.push(part);
        if (method === 'POST' && answer.statusCode < 300) {
          const { email, user_id } = JSON.parse(body);
          const what = `${url} ${email ?? user_id}`;
          created.set(what, (created.get(what) ?? 0) + 1);
        }
        if (fault === 'after') {
          counts.afterwards += 1;
          return fail();
        }
        response.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(parts));
      });
      forwarded.on('error', () => response.destroy());
      forwarded.end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    repeated: () => [...created].flatMap(([what, times]) => (times > 1 ? [`${what} was created ${times} times`] : [])),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** All users and memberships in the sandbox, read without the proxy. */
async function contents(url, key) {
  const list = async (path) => {
    const all = [];
    for (let after = ''; after !== undefined; ) {
      const separator = path.includes('?') ? '&' : '?';
      const response = await fetch(`${url}${path}${separator}limit=100&order=asc${after && `&after=${after}`}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const { data, list_metadata } = await response.json();
      for (const one of data) all.push(one);
      after = list_metadata.after ?? undefined;
    }
    return all;
  };
  // A request in flight when its sender was killed may still arrive.
  await delay(500);
  const organizations = await list('/organizations');
  const { id } = organizations.find(({ name }) => name === ORGANIZATION);
  const path = `/user_management/organization_memberships?organization_id=${id}&statuses=active,inactive,pending`;
  return { users: await list('/user_management/users'), memberships: await list(path) };
}

/** A seeded random number generator. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(start) {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
