import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { WINDOWS } from './platform.ts';
import type { Session } from './process.ts';

/** Pings a server all the time. */
export interface PingMeter {
  /** Ends it. Resolves to what it saw. */
  stop(): Promise<Pings>;
}

export interface Pings {
  count: number;
  /** Milliseconds of the slowest answer, less what the machine took for it. */
  slowest: number;
}

const BETWEEN_MS = 5;

/**
 * Pings a server until it is stopped or the server exits. On a busy machine the answer to a ping waits for a processor, which
 * is none of the server's doing. So a ping counts with the lesser of two times: how much longer it took than a line through
 * `cat` at the same moment, and how long the server's main thread worked meanwhile (where the system tells).
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
  // A server that exits is seen where the meter is stopped.
  pinging.catch(() => {});
  return {
    async stop() {
      running = false;
      await pinging.finally(() => echo.kill());
      return { count, slowest };
    },
  };
}

/** Milliseconds that the main thread of a process has had a processor; without end where the system does not tell. */
function workOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
