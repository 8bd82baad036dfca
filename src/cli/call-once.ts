import { createInterface } from 'node:readline/promises';
import type { Caller } from '../call/caller.ts';
import { callTool } from '../call/pipeline.ts';
import { createRuntime, type Runtime, startFailure } from '../call/runtime.ts';
import { allowedTools } from '../mcp/exposure.ts';
import type { CallResult } from '../results/result.ts';
import { escapeInvisible } from '../text/quote-untrusted.ts';
import type { Tool } from '../tools/types.ts';
import type { Setup } from './setup.ts';

/**
 * Makes one call in this process, for a person or a script. Options: `asks`, whether the person at the terminal may be asked for
 * consent; `more`, tools besides those in the catalog; `report`, receives the progress that would otherwise go to the terminal.
 */
export async function callOnce(
  name: string,
  input: Record<string, unknown>,
  setup: Setup,
  { asks = true, more = [], report }: { asks?: boolean; more?: readonly Tool[]; report?: Caller['progress'] } = {},
): Promise<CallResult> {
  let runtime: Runtime | undefined;
  try {
    const opened = await openRuntime(setup);
    const tools = new Map([...opened.tools, ...more.map((tool) => [tool.name, tool] as const)]);
    runtime = more.length > 0 ? { ...opened, tools } : opened;
    // With a confirmation code, the user has already seen a preview in another process.
    const canAsk = asks && process.stdin.isTTY && setup.streams.errTerminal && input['confirmation'] === undefined;
    const ask = (question: string) => {
      setup.streams.status('');
      return askAtTerminal(question);
    };
    const caller = shellCaller(setup, setup.signal, canAsk ? ask : undefined);
    return await callTool(runtime, report ? { ...caller, progress: report } : caller, name, input);
  } catch (error) {
    return startFailure(name, error);
  } finally {
    await runtime?.close();
  }
}

/** Creates the runtime for a command's calls. Its confirmation codes also work in other processes. @throws {ConfigError} */
export function openRuntime({ config, version, entries, env }: Setup): Promise<Runtime> {
  const exposed = new Set(allowedTools(entries, config).map(({ definition }) => definition.name));
  return createRuntime({ config, version, exposed, env, codes: 'files' });
}

/** The caller of a tool that is run from a shell. */
export function shellCaller({ streams }: Setup, signal: AbortSignal, ask: Caller['ask']): Caller {
  return {
    origin: 'shell',
    signal,
    progress: (_done, _total, message) => {
      if (streams.errTerminal) streams.err(escapeInvisible(message));
    },
    ask,
  };
}

async function askAtTerminal(question: string): Promise<'accept' | 'decline'> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const reply = await terminal.question(`${question}\nType yes to continue: `);
  terminal.close();
  return reply.trim().toLowerCase() === 'yes' ? 'accept' : 'decline';
}
