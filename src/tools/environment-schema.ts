import type { CatalogEntry } from './catalog.ts';
import type { McpDefinition } from './mcp-definition.ts';

/**
 * What tools/list shows of a tool where there are several environments: it takes `environment`, or `from` and `to`. Unchanged
 * where there is only one.
 * @param names All environments, the default first.
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
