import { forbiddenEverywhere } from '../call/policy.ts';
import type { Config } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import { withEnvironments } from '../tools/environment-schema.ts';

/**
 * The entries that tools/list shows under these settings, in catalog order. The entries of dispatchers name the operations that
 * can only be run through them. Pure.
 */
export function exposedTools(entries: readonly CatalogEntry[], config: Config): CatalogEntry[] {
  const chosen = new Set(config.toolsets);
  const allowed = allowedTools(entries, config);
  const listed = allowed.filter(
    ({ toolset, core, definition: { name } }) =>
      chosen.has('all') || chosen.has(toolset) || (core && chosen.has('core')) || config.tools.includes(name),
  );
  const shown = new Set(listed);
  const unlisted = allowed.filter((entry) => entry.dispatcher !== undefined && !shown.has(entry));
  const names = config.environments.map(({ name }) => name);
  const named = listed.map((entry) => withEnvironments(withNames(entry, unlisted), names));
  // If no tool is hidden, find_tools is useless and is listed only if the settings name it.
  const possible = entries.filter(({ between }) => !between || config.environments.length > 0);
  const someHidden = possible.some((entry) => entry.dispatcher !== undefined && !shown.has(entry));
  if (someHidden || config.tools.includes('find_tools')) return named;
  return named.filter(({ definition }) => definition.name !== 'find_tools');
}

/** Adds to a dispatcher's `tool` argument the names that tools/list does not show. */
function withNames(entry: CatalogEntry, unlisted: readonly CatalogEntry[]): CatalogEntry {
  const { definition } = entry;
  const names = unlisted.filter(({ dispatcher }) => dispatcher === definition.name);
  if (names.length === 0) return entry;
  const { inputSchema } = definition;
  const properties = fieldsOf(inputSchema['properties']);
  const tool = fieldsOf(properties['tool']);
  const description = `${tool['description']}. Not listed: ${names.map((one) => one.definition.name).join(' ')}`;
  const named = { ...properties, tool: { ...tool, description } };
  return { ...entry, definition: { ...definition, inputSchema: { ...inputSchema, properties: named } } };
}

function fieldsOf(schema: unknown): Record<string, unknown> {
  return typeof schema === 'object' && schema !== null ? { ...schema } : {};
}

/** The entries that may run under these settings, listed or not. */
export function allowedTools(entries: readonly CatalogEntry[], config: Config): CatalogEntry[] {
  return entries.filter((entry) => !forbiddenEntry(config, entry));
}

/** Why these settings forbid a tool, or undefined. With several environments, only if all of them forbid it. */
export function forbiddenEntry(config: Config, { definition: { name }, ...entry }: CatalogEntry): string | undefined {
  return forbiddenEverywhere(config, { name, ...entry });
}
