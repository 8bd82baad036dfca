import { type Client, KEY_INPUT } from './clients.ts';
import { type Machine, serverCommand } from './server-command.ts';

/** The name of the entry in every client. */
export const SERVER_NAME = 'workos';

/** Where the server looks for the key. */
const KEY_VARIABLE = 'WORKOS_TOKEN';

/** What else the entry says of the server. */
export interface Wanted {
  /** The variable that holds the key; undefined where none was named. */
  variable?: string | undefined;
  /** The variables that hold the credentials of several environments, under which the server itself reads them. */
  variables?: readonly string[];
  /** Flags for the server. */
  flags: readonly string[];
  /** The server needs no key. */
  keyless: boolean;
}

/** A value that a client's file holds. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

/** The entry for the server in a client's own form. It refers to the key and never holds it. */
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

/** The entry in VS Code's `inputs` that asks for the key. Undefined where nothing is asked. */
export function keyInput(client: Client, wanted: Wanted): Readonly<Record<string, Value>> | undefined {
  if (!asksForKey(client, wanted)) return undefined;
  return { type: 'promptString', id: KEY_INPUT, description: 'WorkOS secret key', password: true };
}

/** Whether the client asks its user for the key. */
export function asksForKey({ asks }: Client, { variable, variables, keyless }: Wanted): boolean {
  return asks === true && variable === undefined && variables === undefined && !keyless;
}

/** The variables that the entry sets, each with what it refers to. None where the client hands its own variables on. */
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
