import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { Peer } from './peer.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs every candidate in turn, `runs` times over after one round that does not count, and collects what each gave. */
async function alternate(candidates, runs, measure) {
  const seen = new Map(candidates.map((candidate) => [candidate.name, []]));
  for (let run = -1; run < runs; run++) {
    for (const candidate of candidates) {
      const value = await measure(candidate);
      if (run >= 0) seen.get(candidate.name).push(value);
    }
  }
  return seen;
}

/** Median milliseconds to the first tools/list, and MiB then, by name. */
export async function starts(candidates, runs) {
  const seen = await alternate(candidates, runs, async ({ args, env }) => {
    const peer = new Peer(args, env);
    await peer.open();
    await peer.request('tools/list');
    const ms = peer.age();
    const memory = peer.memory();
    await peer.close();
    return { ms, memory };
  });
  return new Map(
    [...seen].map(([name, values]) => [
      name,
      { ms: median(values.map(({ ms }) => ms)), memory: median(values.map(({ memory }) => memory ?? Number.NaN)) },
    ]),
  );
}

/** Runs `task` `total` times, never more than `width` at once, and returns how many a second that made. */
async function rate(task, total, width) {
  let left = total;
  const worker = async () => {
    while (left-- > 0) await task();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: width }, worker));
  return (total / (performance.now() - start)) * 1_000;
}

async function latency(task, times) {
  const values = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    await task();
    values.push(performance.now() - start);
  }
  return median(values);
}

/** Median call time in ms and calls a second at each width, by name, for one read of ten organizations. */
export async function calls(candidates, api, { rounds, times, widths }) {
  const agent = new Agent({ connections: 64 });
  const raw = {
    name: 'raw',
    async task() {
      const { body } = await agent.request({
        origin: api,
        path: '/organizations?limit=10&order=desc',
        method: 'GET',
        headers: { authorization: 'Bearer sk_test_bench', accept: 'application/json' },
      });
      await body.json();
    },
    close: () => agent.close(),
  };
  const open = [raw];
  for (const { name, args, env, tool, input } of candidates) {
    const peer = new Peer(args, env);
    await peer.open();
    open.push({ name, task: () => peer.call(tool, input), close: () => peer.close() });
  }
  // Code that is called often is compiled well only after a while; a session is long enough for that.
  for (const { task } of open) await rate(task, times * 2, 10);
  const ms = await alternate(open, rounds, ({ task }) => latency(task, times));
  const perSecond = new Map();
  for (const width of widths) {
    perSecond.set(width, await alternate(open, rounds, ({ task }) => rate(task, times * 2, width)));
  }
  for (const { close } of open) await close();
  return new Map(
    open.map(({ name }) => [
      name,
      {
        ms: median(ms.get(name)),
        perSecond: Object.fromEntries(widths.map((width) => [width, median(perSecond.get(width).get(name))])),
      },
    ]),
  );
}

/** The most MiB that a fresh server takes while it reads that many users into a file, and the seconds it needs. */
export async function allUsers(server, count, runs) {
  const api = await startApi(count);
  const seen = [];
  for (let run = 0; run < runs; run++) {
    const peer = new Peer(server.args, { ...server.env, WORKOS_BASE_URL: api.url });
    try {
      await peer.open();
      const start = performance.now();
      const { structuredContent: got } = await peer.call('list_users', { all_pages: true, max_items: count });
      if (got.items !== count || got.stopped !== 'end') throw new Error(`read ${got.items} users, not ${count}`);
      seen.push({ memory: peer.memory('VmHWM'), seconds: (performance.now() - start) / 1_000 });
    } finally {
      await peer.close();
    }
  }
  api.close();
  return {
    memory: median(seen.map(({ memory }) => memory ?? Number.NaN)),
    seconds: median(seen.map(({ seconds }) => seconds)),
  };
}

/** Starts the loopback API in a process of its own. */
export async function startApi(users) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('api-server.mjs', import.meta.url)), String(users)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the loopback API ended with ${code}`)));
  });
  return { url, close: () => child.stdin.end() };
}
