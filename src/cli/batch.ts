import { createReadStream } from 'node:fs';
import * as z from 'zod';
import { callTool } from '../call/pipeline.ts';
import { type Runtime, startFailure } from '../call/runtime.ts';
import type { Invocation } from '../config/argv.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { type InputLine, linesOf } from './batch-lines.ts';
import { openRuntime, shellCaller } from './call-once.ts';
import { exitCodeOf, textOf, writeFailure, writeJson } from './output.ts';
import type { Setup } from './setup.ts';

/** One line of input: a call. */
const Line = z.strictObject({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  query: z.string().optional(),
});

const LINE_HINT =
  'A line is an object: {"tool": "get_user", "arguments": {"user_id": "user_…"}, "query": "email"}. The last two may be left out.';

/**
 * Runs the call on each line of JSON in order, in one process, and writes a line of JSON for each. Returns the exit code: 1 if a
 * line failed or the run was interrupted, 2 if the input cannot be read, otherwise 3 if a call needs a confirmation, and 0 if
 * none does.
 */
export async function batch({ words: [source = '-'], options }: Invocation, setup: Setup): Promise<number> {
  const { streams, signal } = setup;
  let runtime: Runtime;
  try {
    runtime = await openRuntime(setup);
  } catch (error) {
    writeFailure(textOf(startFailure('batch', error)), true, streams);
    return 1;
  }
  const input = source === '-' ? process.stdin : createReadStream(source);
  const codes = new Set<number>();
  let index = 0;
  let isRunning = false;
  // The running call finishes, and its result is written.
  const end = () => {
    input.destroy();
    if (isRunning) streams.err('workos-mcp: stopping after the current call; press Ctrl-C again to stop at once');
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    for await (const line of linesOf(input)) {
      if (signal.aborted) break;
      isRunning = true;
      const { json, code } = await run(line, index++, runtime, setup, options['environment']);
      isRunning = false;
      codes.add(code);
      writeJson(json, streams);
      await streams.drained();
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) {
      const code = error instanceof Error && 'code' in error ? error.code : error;
      streams.err(`workos-mcp: ${source} cannot be read (${String(code)})`);
      return 2;
    }
  } finally {
    await runtime.close();
  }
  if (signal.aborted) {
    streams.err(
      `workos-mcp: stopped after ${index} ${index === 1 ? 'call' : 'calls'}; the remaining lines were not run`,
    );
    return 1;
  }
  return codes.has(1) ? 1 : codes.has(3) ? 3 : 0;
}

async function run(
  line: InputLine,
  index: number,
  runtime: Runtime,
  setup: Setup,
  environment: string | undefined,
): Promise<{ json: string; code: number }> {
  const { call, tool, problem } = parsed(line, runtime);
  if (!call) {
    const error = { kind: 'input', message: problem, hint: LINE_HINT, tool: tool ?? 'batch' };
    return { json: JSON.stringify({ index, tool: tool ?? null, ok: false, error }), code: 1 };
  }
  const { arguments: given = {}, query } = call;
  // Ctrl-C does not abort a running call.
  const caller = shellCaller(setup, new AbortController().signal, undefined);
  const input = { ...(environment !== undefined && { environment }), ...given, ...(query !== undefined && { query }) };
  const result = await callTool(runtime, caller, call.tool, input);
  const start = JSON.stringify({ index, tool: call.tool, ok: !result.isError }).slice(0, -1);
  const text = textOf(result);
  // The text of a failed call is an object that already has the field `error`.
  return { json: result.isError ? `${start},${text.slice(1)}` : `${start},"value":${text}}`, code: exitCodeOf(result) };
}

function parsed(
  { number, text, problem }: InputLine,
  { tools }: Runtime,
): { call?: z.infer<typeof Line>; tool?: string; problem?: string } {
  if (problem !== undefined) return { problem };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `Line ${number} is not JSON` };
  }
  const { error } = Line.safeParse(value);
  if (error) {
    return { problem: `Line ${number} is not a call: ${error.issues.map(wrongIn).join('; ')}` };
  }
  // Validated above. The copy that zod returns would lack `__proto__`, which must be refused, not ignored.
  const call = value as z.infer<typeof Line>;
  if (tools.has(call.tool)) return { call, tool: call.tool };
  const near = didYouMean(call.tool.slice(0, 60), [...tools.keys()]);
  return { tool: call.tool, problem: `There is no tool ${quoteUntrusted(call.tool)}${near}` };
}

function wrongIn(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.') || 'the line'}: ${issue.message}`;
  const known = Object.keys(Line.shape);
  return issue.keys
    .slice(0, 3)
    .map((key) => `unknown key ${quoteUntrusted(key, 60)}${didYouMean(key.slice(0, 60), known)}`)
    .join('; ');
}
