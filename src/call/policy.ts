import type { Config } from '../config/config.ts';
import type { Effect } from '../tools/types.ts';

/** What the policy needs to know about a tool. */
interface Subject {
  name: string;
  effect: Effect;
  /** The tools that run inside it. */
  madeOf: readonly string[];
}

/** The hint of a refusal by the settings. */
export const OPERATOR_HINT = 'Only the operator can change this setting. Do not look for a way around it.';

/** The hint where a tool of this server tried what it may not do. */
export const BUG_HINT = 'This is a bug in workos-mcp.';

/** Why these settings forbid a tool, or undefined. Decides both what is listed and what runs. */
export function forbiddenReason(
  config: Pick<Config, 'readOnly' | 'excludeTools'>,
  { name, effect, madeOf }: Subject,
): string | undefined {
  if (config.readOnly && effect !== 'read') return `${name} changes data and this server is read-only`;
  if (config.excludeTools.includes(name)) return `${name} is excluded by this server's settings`;
  const part = madeOf.find((one) => config.excludeTools.includes(one));
  return part && `${name} would run ${part}, which is excluded by this server's settings`;
}

/** Whether destructive calls need the user's consent under this key. */
export function needsConfirmation({ confirm, key }: Pick<Config, 'confirm' | 'key'>): boolean {
  return confirm === 'always' || (confirm === 'live' && key.kind !== 'test');
}
