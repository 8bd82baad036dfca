import type { Config } from './config.ts';
import type { Effect } from './tool.ts';

/** What the policy needs to know of a tool. */
interface Subject {
  name: string;
  effect: Effect;
}

/** Why this tool is not to be run under these settings, or nothing. Used where tools are listed and where they run. */
export function forbids(
  config: Pick<Config, 'readOnly' | 'excludeTools'>,
  { name, effect }: Subject,
): string | undefined {
  if (config.readOnly && effect !== 'read') return `${name} changes data and this server is read-only`;
  if (config.excludeTools.includes(name)) return `${name} is excluded by this server's settings`;
  return undefined;
}

/** Whether destructive calls need the user's consent under this key. */
export function needsConfirmation({ confirm, key }: Pick<Config, 'confirm' | 'key'>): boolean {
  return confirm === 'always' || (confirm === 'live' && key.kind !== 'test');
}
