import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CancelledError } from '../errors/errors.ts';
import { JobLineReader } from './job-lines.ts';
import {
  JobError,
  type JobHead,
  type JobResult,
  type JsonJob,
  MAX_JOB_MEMORY,
  MAX_QUERY_MS,
  MAX_READING_MS,
} from './json-job.ts';

/**
 * A separate file of the build, beside this one. Tests run the source, which Node 20 cannot run in a separate process, so they
 * use the file of the last build.
 */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/chunks/json-process.js' : './json-process.js',
  import.meta.url,
);

/** Limits V8 to less than {@link MAX_JOB_MEMORY}, which is enforced separately because not all memory is V8's. */
const V8_OPTIONS = ['--max-old-space-size=256', '--max-semi-space-size=8', '--expose-gc'];
const WATCH_MS = 25;
/** The most jobs that run at once, because each may use all of its memory limit. */
const MAX_RUNNING = 2;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Runs a job in a separate process. A worker thread is not enough: an allocation that fails there can end the whole process,
 * and JSON.parse ignores both the thread's memory limit and `terminate()`.
 * @param text The JSON text, in pieces that are freed as they are sent.
 * @throws {JobError} if the job failed or exceeded its limits.
 * @throws {CancelledError} as soon as the signal is aborted.
 */
export async function runIsolated(
  job: JsonJob,
  text: Iterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<JobResult> {
  const release = await turn(signal);
  try {
    return await runNow(job, text, signal);
  } finally {
    release();
  }
}

async function runNow(job: JsonJob, text: Iterable<Uint8Array | string>, signal: AbortSignal): Promise<JobResult> {
  const child = startProcess();
  const limits = watch(child, job.expression === undefined ? MAX_READING_MS : MAX_QUERY_MS, signal);
  try {
    const [lines] = await Promise.all([readLines(child), send(child, job, text), spawned(child)]);
    const result = lines.result();
    // If this process did not kill it, it ran out of memory: that is when V8 ends a process.
    if (!result) throw limits.broken() ?? new JobError({ reason: 'memory' });
    if ('failure' in result.head) throw new JobError(result.head.failure);
    return { value: result.value, found: result.head.found };
  } catch (error) {
    throw limits.broken() ?? error;
  } finally {
    limits.end();
    child.kill('SIGKILL');
  }
}

async function spawned(child: Child): Promise<void> {
  await once(child, 'spawn').catch(() => {
    throw new JobError({ reason: 'no-process' });
  });
}

function startProcess(): Child {
  try {
    // No environment variables, because the key is among them.
    const child = spawn(process.execPath, [...V8_OPTIONS, fileURLToPath(ENTRY)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      windowsHide: true,
    });
    child.on('error', () => {});
    // The streams are missing if the system had no descriptor left for a pipe.
    if (child.stdin && child.stdout) return child;
  } catch {
    // Reported below.
  }
  throw new JobError({ reason: 'no-process' });
}

/** Kills the process when it exceeds a limit or the call is cancelled, and remembers the first reason. */
function watch(child: Child, maxMs: number, signal: AbortSignal) {
  let broken: Error | undefined;
  const deadline = performance.now() + maxMs;
  const stop = (why: Error) => {
    broken ??= why;
    child.kill('SIGKILL');
  };
  const cancel = () => stop(new CancelledError());
  const timer = setInterval(() => {
    if (performance.now() > deadline) stop(new JobError({ reason: 'time' }));
    else if (residentBytes(child.pid) > MAX_JOB_MEMORY) stop(new JobError({ reason: 'memory' }));
  }, WATCH_MS);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return {
    broken: () => broken,
    end() {
      clearInterval(timer);
      signal.removeEventListener('abort', cancel);
    },
  };
}

/** The memory of a process in bytes on Linux. Elsewhere 0, so that only V8's own limit applies. */
function residentBytes(pid: number | undefined): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function send({ stdin }: Child, job: JsonJob, text: Iterable<Uint8Array | string>): Promise<void> {
  // A killed process stops reading; its output shows what happened.
  stdin.on('error', () => {});
  const closed = new Promise((resolve) => stdin.once('close', resolve));
  stdin.write(`${JSON.stringify(job)}\n`);
  for (const piece of text) {
    if (stdin.destroyed) return;
    if (!stdin.write(piece)) await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), closed]);
    // If the pipe takes everything at once, the event loop would get no turn.
    await setImmediate();
  }
  stdin.end();
}

async function readLines({ stdout }: Child): Promise<JobLineReader<JobHead>> {
  const reader = new JobLineReader<JobHead>();
  let parts: Buffer[] = [];
  for await (const chunk of stdout) {
    let rest: Buffer = chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      parts.push(rest.subarray(0, end));
      reader.add(Buffer.concat(parts).toString('utf8'));
      parts = [];
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
  }
  return reader;
}

let running = 0;
const waiting: (() => void)[] = [];

/** Waits until a job may run. Resolves to a function that must be called when the job is done. */
async function turn(signal: AbortSignal): Promise<() => void> {
  if (signal.aborted) throw new CancelledError();
  if (running < MAX_RUNNING) running++;
  else await inLine(signal);
  return () => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };
}

function inLine(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      signal.removeEventListener('abort', cancel);
      resolve();
    };
    const cancel = () => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(new CancelledError());
    };
    signal.addEventListener('abort', cancel, { once: true });
    waiting.push(go);
  });
}
