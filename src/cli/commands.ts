import { createInterface } from 'node:readline/promises';
import type { Caller } from '../call/caller.ts';
import { callTool } from '../call/pipeline.ts';
import { createRuntime, type Runtime, startFailure } from '../call/runtime.ts';
import type { Invocation } from '../config/argv.ts';
import { allowedTools, exposedTools } from '../mcp/exposure.ts';
import type { CallResult } from '../results/result.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import type { Diagnosis } from '../tools/diagnosis.ts';
import type { Finding } from '../tools/finding.ts';
import { signature } from '../tools/signature.ts';
import { markdownTable } from './markdown-table.ts';
import type { Setup } from './setup.ts';

/** Longer than any description of an argument. */
const MAX_DESCRIPTION = 10_000;

/** Runs a command other than serving. Returns the exit code. */
export async function run(invocation: Invocation, setup: Setup): Promise<number> {
  switch (invocation.command) {
    case 'check':
      return check(invocation, setup);
    case 'call':
      return call(invocation, setup);
    case 'tools':
      return tools(invocation, setup);
    case 'sandbox': {
      const { sandbox } = await import('./sandbox.ts');
      return sandbox(invocation, setup);
    }
    default: {
      const { demo } = await import('./demo.ts');
      return demo(setup.streams.out);
    }
  }
}

async function check({ options }: Invocation, setup: Setup): Promise<number> {
  const input = Object.fromEntries(
    [
      ['env_name', options['env-name']],
      ['url', options['url']],
      ['method', options['method']],
    ].filter(([, value]) => value !== undefined),
  );
  const { out, err } = setup.streams;
  const result = await callOnce('check_connector', input, setup);
  if (result.isError) {
    err(textOf(result));
    return 1;
  }
  // check_connector's result is what diagnose() returns.
  const diagnosis = result.structuredContent as unknown as Diagnosis;
  if (options['json']) out(textOf(result));
  else for (const line of readable(diagnosis)) out(line);
  return diagnosis.healthy ? 0 : 1;
}

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok  ',
  warning: 'warn',
  problem: 'FAIL',
  skipped: 'skip',
};

function readable({ summary, findings }: Diagnosis): string[] {
  const lines = findings.flatMap(({ check: name, status, detail, fix }) => [
    `${MARKS[status]}  ${name.padEnd(10)}  ${detail}`,
    ...(fix ? [`${' '.repeat(18)}-> ${fix}`] : []),
  ]);
  return [...lines, '', summary];
}

async function call({ words }: Invocation, setup: Setup): Promise<number> {
  const { out, err } = setup.streams;
  const [name = '', json = '{}'] = words;
  const entry = setup.entries.find(({ definition }) => definition.name === name);
  const refuse = (message: string, hint: string) => {
    err(JSON.stringify({ error: { kind: 'input', message, hint, tool: name } }));
    return 2;
  };
  if (!entry) return refuse(`There is no tool ${name}`, 'Run workos-mcp tools --toolsets all to list them.');
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch (error) {
    return refuse(
      `The arguments are not JSON: ${error instanceof Error ? error.message : String(error)}`,
      `Quote the JSON for the shell: workos-mcp call ${name} '{"limit": 5}'`,
    );
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse('The arguments are not a JSON object', `workos-mcp call ${name} '{}'`);
  }
  const result = await callOnce(name, { ...input }, setup);
  (result.isError ? err : out)(textOf(result));
  return result.isError ? 1 : 0;
}

/** Makes one call in this process, for a person or a script. */
async function callOnce(name: string, input: Record<string, unknown>, setup: Setup): Promise<CallResult> {
  const { config, version, entries, env, signal, streams } = setup;
  const exposed = new Set(allowedTools(entries, config).map(({ definition }) => definition.name));
  const caller: Caller = {
    origin: 'shell',
    signal,
    progress: (_done, _total, message) => {
      if (process.stderr.isTTY) streams.err(message);
    },
    // Whoever passes a code has seen the preview of another process.
    ask: process.stdin.isTTY && process.stderr.isTTY && input['confirmation'] === undefined ? askAtTerminal : undefined,
  };
  let runtime: Runtime | undefined;
  try {
    runtime = await createRuntime({ config, version, exposed, env, codesInFiles: true });
    return await callTool(runtime, caller, name, input);
  } catch (error) {
    return startFailure(name, error);
  } finally {
    await runtime?.close();
  }
}

async function askAtTerminal(question: string): Promise<'accept' | 'decline'> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const reply = await terminal.question(`${question}\nType yes to continue: `);
  terminal.close();
  return reply.trim().toLowerCase() === 'yes' ? 'accept' : 'decline';
}

function tools({ words: [name], options }: Invocation, { config, entries, streams }: Setup): number {
  const exposed = exposedTools(entries, config);
  const listed = name === undefined ? exposed : entries.filter(({ definition }) => definition.name === name);
  if (name !== undefined && listed.length === 0) {
    const names = entries.map(({ definition }) => definition.name);
    streams.err(`workos-mcp: There is no tool ${name}${didYouMean(name, names)}`);
    return 2;
  }
  const rows = listed.map(({ toolset, effect, definition: { name, title, description, inputSchema } }) => ({
    name,
    toolset,
    effect,
    title,
    signature: signature(name, inputSchema),
    description,
    input_schema: inputSchema,
  }));
  const [only] = rows;
  if (options['json']) {
    const short = rows.map(({ input_schema: _, ...row }) => row);
    streams.out(JSON.stringify(name === undefined ? short : only, null, 1));
  } else if (options['markdown']) {
    const cells = rows.map((row) => [`\`${row.signature}\``, row.toolset, row.effect, row.description]);
    streams.out(markdownTable(['tool', 'toolset', 'effect', 'what it does'], cells));
  } else if (name !== undefined && only) {
    const described = signature(name, only.input_schema, { describe: MAX_DESCRIPTION });
    streams.out([`${only.title} (${only.toolset}, ${only.effect})`, described, only.description].join('\n\n'));
  } else {
    const width = rows.reduce((longest, { toolset }) => Math.max(longest, toolset.length), 0);
    for (const row of rows) {
      streams.out(`${row.toolset.padEnd(width)}  ${row.effect.padEnd(9)}  ${row.signature}`);
    }
    streams.out(`\n${rows.length} of ${entries.length} tools`);
  }
  return 0;
}

function textOf({ content }: CallResult): string {
  return content.map(({ text }) => text).join('\n');
}
