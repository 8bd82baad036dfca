import { type Client, KEY_INPUT } from './clients.ts';
import { type Machine, serverCommand } from './server-command.ts';

/** The name of the entry in every client. */
export const SERVER_NAME = 'workos';

/** The variable from which the server reads the key. */
const KEY_VARIABLE = 'WORKOS_TOKEN';

/** What the server's entry should contain. */
export interface Wanted {
  /** The variable that holds the key, or undefined if none was named. */
  variable?: string | undefined;
  /** The variables that hold the credentials of several environments. The server reads them under the same names. */
  variables?: readonly string[];
  /** Flags for the server. */
  flags: readonly string[];
  /** The server needs no key. */
  keyless: boolean;
}

/** A value in a client's file. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

/** The server's entry in the client's format. It refers to the key and never contains it. */
export function serverEntry(client: Client, machine: Machine, wanted: Wanted): { readonly [name: string]: Value } {
  const { command, args } = serverCommand(machine, client.fromDesktop === true);
  const started = { command, args: [...args, ...wanted.flags] };
  // Codex ends a call after 60 seconds; exports and long lists may take longer.
  if (client.format === 'toml') {
    return { ...started, ...(wanted.keyless ? {} : { env_vars: [...handedOn(wanted)] }), tool_timeout_sec: 300 };
  }
  const references = keyReferences(client, wanted);
  return {
    ...(client.asks ? { type: 'stdio' } : {}),
    ...started,
    ...(references.length === 0 ? {} : { env: Object.fromEntries(references) }),
  };
}

/** The entry in VS Code's `inputs` that asks for the key. Undefined if the client does not ask. */
export function keyInput(client: Client, wanted: Wanted): Readonly<Record<string, Value>> | undefined {
  if (!asksForKey(client, wanted)) return undefined;
  return { type: 'promptString', id: KEY_INPUT, description: 'WorkOS secret key', password: true };
}

/** Whether the client asks its user for the key. */
export function asksForKey({ asks }: Client, { variable, variables, keyless }: Wanted): boolean {
  return asks === true && variable === undefined && variables === undefined && !keyless;
}

/** The variables that the entry sets, each with its reference. Empty if the client passes its own variables on. */
export function keyReferences(client: Client, wanted: Wanted): [name: string, reference: string][] {
  if (wanted.keyless) return [];
  if (asksForKey(client, wanted)) return [[KEY_VARIABLE, `\${input:${KEY_INPUT}}`]];
  if (client.reference === undefined) return [];
  return handedOn(wanted).map((name) => [wanted.variables ? name : KEY_VARIABLE, `\${${client.reference}${name}}`]);
}

/** The variables that hold the credentials. */
export function handedOn({ variable = KEY_VARIABLE, variables = [variable] }: Wanted): readonly string[] {
  return variables;
}
