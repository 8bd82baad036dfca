import { once } from 'node:events';
import { stdin, stdout } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import { Budget, BudgetError } from './budget.ts';
import { InputBytes } from './input-bytes.ts';
import { toJobLines } from './job-lines.ts';
import { JobError, type JobHead, type JsonJob, MAX_QUERY_MS } from './json-job.ts';
import { decodeJson, runJob } from './run-job.ts';

/**
 * The process that runs one job. Its input is a line with the job, then the bytes of the JSON text; its output is the result in
 * lines. It stops itself shortly before it would be killed, so that it can still report why.
 */
const SOFT_DEADLINE_MS = MAX_QUERY_MS - 300;
const NEWLINE = 0x0a;

/**
 * About a minute's work. A search in a long string cannot be interrupted from within, so it is refused if it would take longer:
 * if the server were killed meanwhile, nothing else would end this process.
 */
const MAX_STEPS = 1_000_000_000;

const { job, text } = await readInput();
// If the reader is gone, nobody needs the result.
stdout.on('error', () => process.exit(1));
for (const line of resultLines(job, text)) {
  if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
}

function* resultLines(work: JsonJob, input: InputBytes): Generator<string> {
  const read = () => {
    const json = decodeJson(input.take());
    // The bytes are no longer needed, and parsing needs the memory.
    globalThis.gc?.();
    return json;
  };
  try {
    const { value, found } = runJob(work, read, longBudget());
    yield* toJobLines<JobHead>({ found }, value);
  } catch (error) {
    const failure =
      error instanceof JobError
        ? error.failure
        : error instanceof RangeError
          ? ({ reason: 'nested' } as const)
          : undefined;
    if (!failure) throw error;
    yield* toJobLines<JobHead>({ failure }, {});
  }
}

async function readInput(): Promise<{ job: JsonJob; text: InputBytes }> {
  let header = Buffer.alloc(0);
  let input: { job: JsonJob; text: InputBytes } | undefined;
  for await (const chunk of stdin) {
    if (input) {
      input.text.add(chunk);
      continue;
    }
    header = Buffer.concat([header, chunk]);
    const end = header.indexOf(NEWLINE);
    if (end < 0) continue;
    // Written by the server that started this process.
    const parsed = JSON.parse(header.toString('utf8', 0, end)) as JsonJob;
    input = { job: parsed, text: new InputBytes(parsed.bytes) };
    input.text.add(header.subarray(end + 1));
  }
  if (!input) throw new Error('no job came');
  return input;
}

/** Limited mainly by time and memory, because nothing else runs in this process. */
function longBudget(): Budget {
  return new Budget({
    steps: MAX_STEPS,
    maxLength: 16 * 1024 * 1024,
    check() {
      if (performance.now() > SOFT_DEADLINE_MS) throw new BudgetError('time');
      if (!isNearlyFull()) return;
      // Most of it may be garbage.
      globalThis.gc?.();
      if (isNearlyFull()) throw new BudgetError('memory');
    },
  });
}

function isNearlyFull(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used > limit * 0.8;
}
