import { type Config, configsOf } from '../config/config.ts';
import type { Effect } from '../tools/types.ts';

/** What the policy needs to know about a tool. */
interface Subject {
  name: string;
  effect: Effect;
  /** The tools that run inside it. */
  madeOf: readonly string[];
  /** It needs two environments. */
  between: boolean;
}

/** The settings that forbid tools. */
export type Policy = Pick<Config, 'readOnly' | 'excludeTools'> & Partial<Pick<Config, 'environment'>>;

/** The hint of a refusal by the settings. */
export const OPERATOR_HINT = 'Only the operator can change this setting. Do not look for a way around it.';

/** The hint where a tool of this server tried what it may not do. */
export const BUG_HINT = 'This is a bug in workos-mcp.';

/** Why these settings forbid a tool, or undefined. Decides both what is listed and what runs. */
export function forbiddenReason(
  { readOnly, excludeTools, environment }: Policy,
  { name, effect, madeOf, between }: Subject,
): string | undefined {
  const where = environment === undefined ? 'this server' : `the environment ${environment}`;
  if (readOnly && effect !== 'read') return `${name} changes data and ${where} is read-only`;
  if (excludeTools.includes(name)) return `${name} is excluded by this server's settings`;
  const part = madeOf.find((one) => excludeTools.includes(one));
  if (part) return `${name} would run ${part}, which is excluded by this server's settings`;
  return between && environment === undefined
    ? `${name} needs two environments and this server has one: its operator can name several with --environments`
    : undefined;
}

/** Why no environment allows a tool, or undefined. With several of them, the reason of the first. */
export function forbiddenEverywhere(config: Config, subject: Subject): string | undefined {
  const reasons = configsOf(config).map((one) => forbiddenReason(one, subject));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** Whether destructive calls need the user's consent under this key. */
export function needsConfirmation({ confirm, key }: Pick<Config, 'confirm' | 'key'>): boolean {
  return confirm === 'always' || (confirm === 'live' && key.kind !== 'test');
}
