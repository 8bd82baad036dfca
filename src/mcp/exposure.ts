import { forbiddenReason } from '../call/policy.ts';
import type { Config } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

/** The entries that tools/list shows under these settings, in catalog order. Pure. */
export function exposedTools(entries: readonly CatalogEntry[], config: Config): CatalogEntry[] {
  const chosen = new Set(config.toolsets);
  const allowed = allowedTools(entries, config).filter(
    ({ toolset, core, definition: { name } }) =>
      chosen.has('all') || chosen.has(toolset) || (core && chosen.has('core')) || config.tools.includes(name),
  );
  // With nothing hidden there is nothing to find, unless find_tools was asked for by name.
  const shown = new Set(allowed);
  const someHidden = entries.some((entry) => entry.toolset !== 'discovery' && !shown.has(entry));
  if (someHidden || config.tools.includes('find_tools')) return allowed;
  return allowed.filter(({ definition }) => definition.name !== 'find_tools');
}

/** The entries that may run under these settings, listed or not. */
export function allowedTools(entries: readonly CatalogEntry[], config: Config): CatalogEntry[] {
  return entries.filter(
    ({ definition: { name }, effect, madeOf }) => !forbiddenReason(config, { name, effect, madeOf }),
  );
}
