import type { Invocation } from '../config/argv.ts';
import { escapeInvisible } from '../text/quote-untrusted.ts';
import { callOnce } from './call-once.ts';
import { textOf, writeFailure, writeJson } from './output.ts';
import type { Setup } from './setup.ts';
import { type Paint, paintFor, wrapped } from './terminal.ts';

/** Searches all tools, as find_tools does for a client. Returns the exit code. */
export async function find({ words, options }: Invocation, setup: Setup): Promise<number> {
  const { out, outTerminal } = setup.streams;
  const json = options['json'] !== undefined;
  const result = await callOnce('find_tools', { query: words.join(' ') }, setup);
  if (result.isError) {
    writeFailure(textOf(result), json, setup.streams);
    return 1;
  }
  if (json) {
    writeJson(textOf(result), setup.streams);
    return 0;
  }
  const { tools, hint } = result.structuredContent ?? {};
  const width = outTerminal?.columns ?? Number.POSITIVE_INFINITY;
  const hits = Array.isArray(tools) ? tools : [];
  for (const hit of hits) for (const line of hitLines(hit, width, paintFor(outTerminal))) out(line);
  if (hits.length) out('workos-mcp tools NAME explains one of them, workos-mcp call NAME runs it.');
  else out(escapeInvisible(String(hint)));
  return 0;
}

/** The lines for one hit: a tool, or something that the API cannot do. */
function hitLines(hit: Readonly<Record<string, unknown>>, width: number, paint: Paint): string[] {
  const { tool, effect, forbidden, signature, description, not_possible: impossible, nearest } = hit;
  const inside = (text: unknown) => wrapped(String(text), width - 2).map((line) => `  ${line}`);
  if (impossible !== undefined) {
    return [
      ...wrapped(String(impossible), width),
      ...(Array.isArray(nearest) ? inside(`Nearest: ${nearest.join(', ')}`) : []),
      '',
    ];
  }
  return [
    `${paint.bold(String(tool))} (${String(effect)})`,
    ...inside(description),
    ...inside(signature).map(paint.dim),
    ...(forbidden === undefined ? [] : inside(`Forbidden: ${String(forbidden)}`).map(paint.yellow)),
    '',
  ];
}
