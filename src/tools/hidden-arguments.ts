import type { McpDefinition } from './mcp-definition.ts';

/** The definition without these arguments, none of which may be required. */
export function withoutArguments(definition: McpDefinition, hidden: readonly string[]): McpDefinition {
  const { inputSchema } = definition;
  const { properties } = inputSchema;
  if (hidden.length === 0 || typeof properties !== 'object' || properties === null) return definition;
  const kept = Object.fromEntries(Object.entries(properties).filter(([name]) => !hidden.includes(name)));
  return { ...definition, inputSchema: { ...inputSchema, properties: kept } };
}
