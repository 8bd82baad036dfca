import { callTool } from '../call/pipeline.ts';
import { type Runtime, startFailure } from '../call/runtime.ts';
import type { Invocation } from '../config/argv.ts';
import type { CallResult } from '../results/result.ts';
import type { Tool } from '../tools/types.ts';
import { openRuntime, shellCaller } from './call-once.ts';
import { textOf, writeFailure, writeResult } from './output.ts';
import type { Setup } from './setup.ts';

const TOOL = 'apply_configuration';

/** Prints what applying a file would change. Returns the exit code: 0 if nothing, 1 if unknown, 3 if anything. */
export async function plan({ words: [path], options }: Invocation, setup: Setup): Promise<number> {
  const json = options['json'] !== undefined;
  const { environment } = options;
  const result = await planOnce({ path, ...(environment !== undefined && { environment }) }, setup);
  if (result.isError) {
    writeFailure(textOf(result), json, setup.streams);
    return 1;
  }
  writeResult(result, json, setup.streams);
  const { steps, findings } = result.structuredContent ?? {};
  if (Array.isArray(steps) && steps.length > 0) return 3;
  return Array.isArray(findings) && findings.some(isUnread) ? 1 : 0;
}

async function planOnce(input: Record<string, unknown>, setup: Setup): Promise<CallResult> {
  let runtime: Runtime | undefined;
  try {
    runtime = await openRuntime(setup);
    return await callTool(readingOnly(runtime), shellCaller(setup, setup.signal, undefined), TOOL, input);
  } catch (error) {
    return startFailure(TOOL, error);
  } finally {
    await runtime?.close();
  }
}

/** Declares the tool as read-only, so that it can plan even if the settings forbid changes. The policy then holds it to reads. */
function readingOnly(runtime: Runtime): Runtime {
  const tool = runtime.tools.get(TOOL);
  if (tool?.kind !== 'workflow') return runtime;
  const reading: Tool = { ...tool, effect: 'read', plan: undefined, mayNeedConsent: false };
  return { ...runtime, tools: new Map(runtime.tools).set(TOOL, reading) };
}

/** Whether a finding is about something that could not be read, and so may need a change. */
function isUnread(finding: unknown): boolean {
  return Object(finding).status === 'warning' && String(Object(finding).detail).startsWith('not compared: ');
}
