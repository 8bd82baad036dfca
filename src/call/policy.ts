import { type Config, configsOf } from '../config/config.ts';
import { PERMISSIONS, type Rights } from '../config/rights.ts';
import { effectClass } from '../tools/effects.ts';
import type { Effect, GrantsAccess, Secrets } from '../tools/types.ts';

/** The properties of a tool that the policy depends on. */
interface Subject {
  name: string;
  effect: Effect;
  /** The tools that run inside it. */
  madeOf: readonly string[];
  /** It needs two environments. */
  between: boolean;
  /** It uses files on the server's machine. */
  localOnly?: boolean;
  secrets?: Pick<Secrets, 'class'>;
  grantsAccess?: GrantsAccess;
}

/** The settings that forbid tools. */
export type Policy = Pick<Config, 'readOnly' | 'excludeTools' | 'remote'> & Partial<Pick<Config, 'environment'>>;

/** The hint for a tool of this server that attempts something forbidden. */
export const BUG_HINT = 'This is a bug in workos-mcp.';

/** Why these settings forbid a tool, or undefined. Decides both what is listed and what runs. */
export function forbiddenReason(config: Policy, subject: Subject): string | undefined {
  const { readOnly, excludeTools, environment } = config;
  const { name, effect, madeOf, between, localOnly } = subject;
  const where = environment === undefined ? 'this server' : `the environment ${environment}`;
  if (readOnly && effect !== 'read') return `${name} changes data and ${where} is read-only`;
  if (excludeTools.includes(name)) return `${name} is excluded by this server's settings`;
  const part = madeOf.find((one) => excludeTools.includes(one));
  if (part) return `${name} would run ${part}, which is excluded by this server's settings`;
  if (localOnly && config.remote) {
    return `${name} uses files on the server's machine, so a shared server does not offer it: run it with workos-mcp on your own machine`;
  }
  if (between && environment === undefined) {
    return `${name} needs two environments, but this server has one: its operator can add more with --environments`;
  }
  return lacking(config, name, rightsFor(subject));
}

/** Why no environment allows a tool, or undefined if one does. The reason is that of the first environment. */
export function forbiddenEverywhere(config: Config, subject: Subject): string | undefined {
  const reasons = configsOf(config).map((one) => forbiddenReason(one, subject));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** Why these arguments are forbidden to a caller who may use the tool itself, or undefined. */
export function forbiddenArguments(
  config: Policy,
  { name, grantsAccess }: Pick<Subject, 'name' | 'grantsAccess'>,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  const granting = grantsAccess === 'always' ? undefined : grantsAccess?.find((one) => input[one] !== undefined);
  return granting && lacking(config, `${name} with ${granting}`, EVERY_RIGHT);
}

/** Why a call of this tool that needs consent is forbidden, or undefined. */
export function forbiddenConsent(config: Pick<Config, 'remote'>, name: string): string | undefined {
  return lacking(config, `${name} with these arguments`, ['delete']);
}

const EVERY_RIGHT: readonly (keyof Rights)[] = ['read', 'write', 'delete', 'secrets'];

function lacking(config: Pick<Config, 'remote'>, what: string, rights: readonly (keyof Rights)[]): string | undefined {
  const right = rights.find((one) => !hasRight(config, one));
  return right && `${what} needs the permission ${PERMISSIONS[right]}, which your role does not have`;
}

/** The rights that every call of a tool needs, whatever its arguments. */
function rightsFor({ effect, secrets, grantsAccess }: Subject): readonly (keyof Rights)[] {
  if (grantsAccess === 'always') return EVERY_RIGHT;
  const [right] = ({ read: ['read'], write: ['write'], destructive: ['delete'] } as const)[effectClass(effect)];
  // A caller without this right would get it masked, and WorkOS shows it only once.
  return secrets?.class === 'once' ? [right, 'secrets'] : [right];
}

/** Whether the caller has a right. Callers on this machine have every right. */
export function hasRight({ remote }: Pick<Config, 'remote'>, right: keyof Rights): boolean {
  return remote?.rights[right] ?? true;
}

/** True if nothing that changes data can run. */
export function changesNothing(config: Pick<Config, 'readOnly' | 'remote'>): boolean {
  return config.readOnly || !(hasRight(config, 'write') || hasRight(config, 'delete'));
}

/** Whether destructive calls need the user's consent under this key. */
export function needsConfirmation({ confirm, key }: Pick<Config, 'confirm' | 'key'>): boolean {
  return confirm === 'always' || (confirm === 'live' && key.kind !== 'test');
}
