import type { CatalogEntry } from './catalog.ts';
import type { McpDefinition } from './mcp-definition.ts';

/**
 * Adds `environment`, or `from` and `to`, to the tools/list entry of a tool if there are several environments. Otherwise, the
 * entry is unchanged.
 * @param names All environments, the default first. Empty if there is only one.
 */
export function withEnvironments<E extends Pick<CatalogEntry, 'between' | 'everywhere' | 'definition'>>(
  entry: E,
  names: readonly string[],
): E {
  const [first] = names;
  if (first === undefined) return entry;
  const { definition, between, everywhere } = entry;
  const { inputSchema } = definition;
  const properties = { ...Object(inputSchema['properties']) };
  const one = { type: 'string', enum: names };
  const changed = between
    ? { ...properties, from: one, to: one }
    : { ...properties, environment: { ...one, description: `Default: ${everywhere ? 'all' : first}` } };
  const shown: McpDefinition = { ...definition, inputSchema: { ...inputSchema, properties: changed } };
  return { ...entry, definition: shown };
}
