import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { freePorts } from './free-ports.ts';

const SERVER = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** Whether this machine has Redis or Valkey. */
export const HAS_REDIS = SERVER !== undefined;

/** A Redis for one test, which keeps nothing on disk. */
export interface RedisServer {
  url: string;
  port: number;
  /** Kills it. Its data is lost. */
  stop(): Promise<void>;
  /** Starts it if it is not running, or resumes it if it is paused. */
  start(): Promise<void>;
  /** Stops it from answering until it is resumed. */
  pause(): void;
  resume(): void;
  /** Runs one command. */
  run(...words: string[]): Promise<unknown>;
  /** All its keys, sorted. */
  keys(): Promise<string[]>;
  /** Makes everything that expires older by this time. */
  age(ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function redisServer(flags: readonly string[] = []): Promise<RedisServer> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const client = createClient({ url, socket: { reconnectStrategy: 20 } });
  client.on('error', () => {});
  const server: RedisServer = {
    url,
    port,
    async start() {
      if (isRunning(child)) return void child.kill('SIGCONT');
      const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
      child = spawn(SERVER ?? 'redis-server', [...own, ...flags], { stdio: 'ignore' });
      await accepts(port, child);
    },
    async stop() {
      if (!isRunning(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async run(...words) {
      if (!client.isOpen) await client.connect();
      return client.sendCommand(words);
    },
    async keys() {
      return [await server.run('KEYS', '*')].flat().map(String).sort();
    },
    async age(ms) {
      for (const key of await server.keys()) {
        const left = Number(await server.run('PTTL', key));
        await server.run('PEXPIRE', key, String(left - ms));
      }
    },
    async close() {
      if (client.isOpen) client.destroy();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** A TCP proxy between an instance and its Redis. */
export interface Wire {
  url: string;
  /** How many connections were made so far. */
  connections(): number;
  /** Silently stops forwarding on all current connections. New ones work. */
  stall(): void;
  close(): Promise<void>;
}

/** Forwards bytes to a port, or, with `answer`, answers each message itself. */
export async function wireTo(port: number, answer?: (request: string) => string): Promise<Wire> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    open.add(near);
    near.on('error', () => {});
    if (answer) return void near.on('data', (bytes) => near.write(answer(String(bytes))));
    const far = connect(port, '127.0.0.1');
    open.add(far);
    far.on('error', () => {});
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    stall() {
      for (const socket of open) socket.unpipe().resume();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Resolves when a process listens on its port. @throws if it exits instead. */
async function accepts(port: number, child: ChildProcess): Promise<void> {
  while (isRunning(child)) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
  }
  throw new Error(`Redis ended instead of listening on port ${port}`);
}

/** Resolves when a condition is true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
