import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { McpClient } from './mcp-client.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Measures the candidates alternately, `runs` times each after one warm-up round. Returns each candidate's values by name. */
async function alternate(candidates, runs, measure) {
  const values = new Map(candidates.map((candidate) => [candidate.name, []]));
  for (let run = -1; run < runs; run++) {
    for (const candidate of candidates) {
      const value = await measure(candidate);
      if (run >= 0) values.get(candidate.name).push(value);
    }
  }
  return values;
}

/** Each candidate's median milliseconds from start to the first tools/list result, and its memory then in MiB, by name. */
export async function starts(candidates, runs) {
  const samples = await alternate(candidates, runs, async ({ args, env }) => {
    const client = new McpClient(args, env);
    await client.initialize();
    await client.request('tools/list');
    const ms = client.elapsed();
    const memory = client.memory();
    await client.close();
    return { ms, memory };
  });
  return new Map(
    [...samples].map(([name, values]) => [
      name,
      { ms: median(values.map(({ ms }) => ms)), memory: median(values.map(({ memory }) => memory ?? Number.NaN)) },
    ]),
  );
}

/** Runs `task` `total` times, at most `width` at once. Returns the number per second. */
async function rate(task, total, width) {
  let left = total;
  const worker = async () => {
    while (left-- > 0) await task();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: width }, worker));
  return (total / (performance.now() - start)) * 1_000;
}

/** Runs `task` `times` times, one after the other. Returns the median milliseconds. */
async function latency(task, times) {
  const values = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    await task();
    values.push(performance.now() - start);
  }
  return median(values);
}

/** Each candidate's median milliseconds per call and calls per second at each width, by name. A call reads ten organizations. */
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
  const tasks = [raw];
  for (const { name, args, env, tool, input } of candidates) {
    const client = new McpClient(args, env);
    await client.initialize();
    tasks.push({ name, task: () => client.call(tool, input), close: () => client.close() });
  }
  // Warm up, so that the JIT compiler has done its work, as in a long session.
  for (const { task } of tasks) await rate(task, times * 2, 10);
  const ms = await alternate(tasks, rounds, ({ task }) => latency(task, times));
  const perSecond = new Map();
  for (const width of widths) {
    perSecond.set(width, await alternate(tasks, rounds, ({ task }) => rate(task, times * 2, width)));
  }
  for (const { close } of tasks) await close();
  return new Map(
    tasks.map(({ name }) => [
      name,
      {
        ms: median(ms.get(name)),
        perSecond: Object.fromEntries(widths.map((width) => [width, median(perSecond.get(width).get(name))])),
      },
    ]),
  );
}

/** The median peak memory in MiB and seconds of a fresh server that reads `count` users into a file. */
export async function allUsers(server, count, runs) {
  const api = await startApi(count);
  const samples = [];
  for (let run = 0; run < runs; run++) {
    const client = new McpClient(server.args, { ...server.env, WORKOS_BASE_URL: api.url });
    try {
      await client.initialize();
      const start = performance.now();
      const { structuredContent: list } = await client.call('list_users', { all_pages: true, max_items: count });
      if (list.items !== count || list.stopped !== 'end') throw new Error(`read ${list.items} users, not ${count}`);
      samples.push({ memory: client.memory('VmHWM'), seconds: (performance.now() - start) / 1_000 });
    } finally {
      await client.close();
    }
  }
  api.close();
  return {
    memory: median(samples.map(({ memory }) => memory ?? Number.NaN)),
    seconds: median(samples.map(({ seconds }) => seconds)),
  };
}

/** Starts the loopback API with this many users in a child process. */
export async function startApi(users) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('api-server.mjs', import.meta.url)), String(users)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the loopback API exited with ${code}`)));
  });
  return { url, close: () => child.stdin.end() };
}
