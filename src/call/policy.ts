import type { Config } from '../config/config.ts';
import type { Effect } from '../tools/define.ts';

/** What the policy needs to know of a tool. */
interface Subject {
  name: string;
  effect: Effect;
}

/** The operations inside a composite: excluding one of them excludes what is made of it. */
const MADE_OF: Readonly<Record<string, readonly string[]>> = {
  download_audit_export: ['poll_audit_export'],
  export_audit_logs: ['start_audit_export', 'poll_audit_export', 'download_audit_export'],
};

/** The hint of a refusal by the settings. */
export const OPERATOR_HINT = 'Only the operator can change that; do not look for a way around it.';

/** Why this tool is not to be run under these settings, or nothing. Used where tools are listed and where they run. */
export function forbiddenReason(
  config: Pick<Config, 'readOnly' | 'excludeTools'>,
  { name, effect }: Subject,
): string | undefined {
  if (config.readOnly && effect !== 'read') return `${name} changes data and this server is read-only`;
  if (config.excludeTools.includes(name)) return `${name} is excluded by this server's settings`;
  const part = MADE_OF[name]?.find((one) => config.excludeTools.includes(one));
  return part && `${name} would run ${part}, which is excluded by this server's settings`;
}

/** Whether destructive calls need the user's consent under this key. */
export function needsConfirmation({ confirm, key }: Pick<Config, 'confirm' | 'key'>): boolean {
  return confirm === 'always' || (confirm === 'live' && key.kind !== 'test');
}
