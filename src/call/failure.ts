import { type Explanation, explain } from '../errors/explain.ts';
import { fitError } from '../errors/fit-error.ts';
import { redactDeep } from '../text/redact.ts';
import type { Tool } from '../tools/types.ts';
import { readBackTool } from './read-back.ts';
import type { SentWrites } from './sent-writes.ts';

/**
 * What a client is told about a failure of this tool after these writes, without the given secrets and without anything that
 * looks like one.
 */
export function explainFailure(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  error: unknown,
  secrets: readonly string[],
  writes: SentWrites,
): Explanation {
  const readBackOf = (writer: string) => {
    const tool = tools.get(writer);
    return tool && readBackTool(tools, tool, { lists: true })?.name;
  };
  const explanation = explain(error, {
    tool: name,
    fields: tools.get(name)?.fields ?? [],
    written: writes.tools.map((writer) => ({ tool: writer, readBack: readBackOf(writer) })),
  });
  return fitError({ ...redactDeep(explanation, secrets), kind: explanation.kind, tool: name });
}
