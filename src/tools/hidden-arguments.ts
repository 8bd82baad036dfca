import type { McpDefinition } from './mcp-definition.ts';

/** The definition without these arguments. A tool that needs one of them is refused. */
export function withoutArguments(definition: McpDefinition, hidden: readonly string[]): McpDefinition {
  const { inputSchema } = definition;
  const { properties } = inputSchema;
  if (hidden.length === 0 || typeof properties !== 'object' || properties === null) return definition;
  const kept = Object.fromEntries(Object.entries(properties).filter(([name]) => !hidden.includes(name)));
  const required = [inputSchema['required'] ?? []].flat().filter((name) => !hidden.includes(String(name)));
  return { ...definition, inputSchema: { ...inputSchema, properties: kept, required } };
}
