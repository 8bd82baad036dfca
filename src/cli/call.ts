import { createReadStream } from 'node:fs';
import type { Invocation } from '../config/argv.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { ArgumentsError, readArguments } from './call-arguments.ts';
import { callOnce } from './call-once.ts';
import { exitCodeOf, textOf, writeFailure, writeResult } from './output.ts';
import type { Setup } from './setup.ts';

/** Calls one tool. Returns the exit code. */
export async function call({ words, options }: Invocation, setup: Setup): Promise<number> {
  const [name = '', ...given] = words;
  const json = options['json'] !== undefined;
  const fail = (text: string) => writeFailure(text, json, setup.streams);
  const refuse = (message: string, hint: string) =>
    fail(JSON.stringify({ error: { kind: 'input', message, hint, tool: name } }));
  const entry = setup.entries.find(({ definition }) => definition.name === name);
  if (!entry) {
    const names = setup.entries.map(({ definition }) => definition.name);
    refuse(`There is no tool ${name}${didYouMean(name, names)}`, 'workos-mcp find WORDS searches all tools.');
    return 2;
  }
  let input: Record<string, unknown>;
  try {
    input = await readArguments(given, entry.definition.inputSchema, readText);
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error;
    refuse(error.message, `${error.hint} workos-mcp tools ${name} explains its arguments.`);
    return error.exitCode;
  }
  const { environment } = options;
  const placed = environment === undefined ? input : { environment, ...input };
  const result = await callOnce(name, placed, setup, { asks: !given.includes('-') });
  if (result.isError) {
    fail(textOf(result));
    return 1;
  }
  writeResult(result, json, setup.streams);
  return exitCodeOf(result);
}

async function readText(source: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of source === '-' ? process.stdin : createReadStream(source)) chunks.push(chunk);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new ArgumentsError(`${source} cannot be read (${String(code)})`, 'Check the path after @.', 2);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}
