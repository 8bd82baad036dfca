import { type Explanation, explain } from '../errors/explain.ts';
import { redactDeep } from '../text/redact.ts';
import type { Tool } from '../tools/types.ts';
import { readBackTool } from './read-back.ts';

/** What a client is told about a failure of this tool, without the given secrets and without anything that looks like one. */
export function explainFailure(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  error: unknown,
  secrets: readonly string[],
): Explanation {
  const tool = tools.get(name);
  const explanation = explain(error, {
    tool: name,
    fields: tool?.fields ?? [],
    hints: tool?.hints ?? {},
    reads: tool?.effect === 'read',
    readBack: tool && readBackTool(tools, tool, { lists: true })?.name,
  });
  return { ...redactDeep(explanation, secrets), kind: explanation.kind, tool: name };
}
