import * as z from 'zod';
import type { Tool } from './types.ts';

const known = new WeakMap<ReadonlyMap<string, Tool>, ReadonlyMap<string, Tool>>();

/** The tools as offered to callers on other machines. Returns the same map for the same tools. */
export function remoteTools(tools: ReadonlyMap<string, Tool>): ReadonlyMap<string, Tool> {
  const made = known.get(tools) ?? new Map([...tools].map(([name, tool]) => [name, forRemote(tool)]));
  known.set(tools, made);
  known.set(made, made);
  return made;
}

/** Removes the arguments that make sense only on the caller's machine, and adds the ones that replace them. */
export function forRemote(tool: Tool): Tool {
  const { localArguments, remoteArguments, remoteSecrets, fields, secrets, insteadOf, input } = tool;
  if (localArguments.length === 0) return tool;
  const [instead] = Object.keys(remoteArguments);
  const kept = Object.entries(input.shape).filter(([name]) => !localArguments.includes(name));
  const elsewhere = `This server is on another machine${instead === undefined ? '' : `: give ${instead} instead`}`;
  return {
    ...tool,
    fields: [...Object.keys(remoteArguments), ...fields.filter((name) => !localArguments.includes(name))],
    input: z.strictObject({ ...remoteArguments, ...Object.fromEntries(kept) }),
    insteadOf: { ...insteadOf, ...Object.fromEntries(localArguments.map((name) => [name, elsewhere])) },
    secrets: remoteSecrets.length > 0 ? { ...secrets, in: [...(secrets.in ?? []), ...remoteSecrets] } : secrets,
  };
}
