import { type Explanation, explain } from '../errors/explain.ts';
import { redactDeep } from '../text/redact.ts';
import { removeKey, removeKeyFromText } from '../text/remove-key.ts';
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
    reads: tool?.effect === 'read',
    readBack: tool && readBackTool(tools, tool, { lists: true })?.name,
  });
  return { ...redactDeep(explanation, secrets), kind: explanation.kind, tool: name };
}

/** The same error without the key, in every spelling of it. */
export function withoutKey(error: unknown, key: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const parts = Object.entries(error).map(([name, value]) => [name, withoutKeyIn(value, key)]);
  return copyOf(error, removeKeyFromText(error.message, key), Object.fromEntries(parts));
}

function withoutKeyIn(value: unknown, key: string | undefined): unknown {
  try {
    return removeKey(value, key);
  } catch {
    return 'nested too deeply to show';
  }
}

/** An error of the same class with the same properties, but for these. */
function copyOf(error: Error, message: string, changed: object): Error {
  const copy: Error = Object.create(Object.getPrototypeOf(error));
  Object.assign(copy, error, changed);
  for (const [name, value] of Object.entries({ message, stack: error.stack, cause: error.cause })) {
    Object.defineProperty(copy, name, { value, configurable: true, writable: true });
  }
  return copy;
}
