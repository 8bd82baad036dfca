import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { WINDOWS } from './platform.ts';
import type { Session } from './process.ts';

/** Pings a server continuously. */
export interface PingMeter {
  /** Stops pinging. Resolves to the results. */
  stop(): Promise<Pings>;
}

export interface Pings {
  count: number;
  /** The slowest answer in milliseconds, less the delay of the machine. */
  slowest: number;
}

const BETWEEN_MS = 5;

/**
 * Pings a server until stopped or until the server exits. On a busy machine an answer may wait for a processor, which
 * is not the server's fault. So each ping counts as the lesser of two times: how much longer it took than a line
 * through `cat` at the same moment, and how long the server's main thread worked meanwhile, if the system reports that.
 */
export function startPingMeter(session: Session): PingMeter {
  const echo = WINDOWS ? spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)']) : spawn('cat');
  let [count, slowest, running] = [0, 0, true];
  const ping = async () => {
    const sent = performance.now();
    const since = () => performance.now() - sent;
    const workedBefore = workOf(session.child.pid);
    const id = `ping ${++count}`;
    const echoed = new Promise<number>((resolve) => echo.stdout.once('data', () => resolve(since())));
    echo.stdin.write('\n');
    session.send({ id, method: 'ping' });
    const [pinged, machine] = await Promise.all([session.response(id).then(since), echoed]);
    slowest = Math.max(slowest, Math.min(pinged - machine, workOf(session.child.pid) - workedBefore));
  };
  const pinging = (async () => {
    while (running) {
      await ping();
      await delay(BETWEEN_MS);
    }
  })();
  // If the server exits, stop() rejects.
  pinging.catch(() => {});
  return {
    async stop() {
      running = false;
      await pinging.finally(() => echo.kill());
      return { count, slowest };
    },
  };
}

/** How many milliseconds the main thread of a process has run, or Infinity if the system does not report it. */
function workOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
