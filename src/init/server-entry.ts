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
    return { ...started, ...(wanted.keyless ? {} : { env_vars: [keyVariable(wanted)] }), tool_timeout_sec: 300 };
  }
  const reference = wanted.keyless ? undefined : keyReference(client, wanted);
  return {
    ...(client.asks ? { type: 'stdio' } : {}),
    ...started,
    ...(reference === undefined ? {} : { env: { [KEY_VARIABLE]: reference } }),
  };
}

/** The entry in VS Code's `inputs` that asks for the key. Undefined where nothing is asked. */
export function keyInput(client: Client, { variable, keyless }: Wanted): Readonly<Record<string, Value>> | undefined {
  if (!client.asks || variable !== undefined || keyless) return undefined;
  return { type: 'promptString', id: KEY_INPUT, description: 'WorkOS secret key', password: true };
}

/** How the entry refers to the key. Undefined where the client hands its own variables on. */
export function keyReference(client: Client, wanted: Wanted): string | undefined {
  if (client.asks && wanted.variable === undefined) return `\${input:${KEY_INPUT}}`;
  return client.reference === undefined ? undefined : `\${${client.reference}${keyVariable(wanted)}}`;
}

/** The variable that holds the key. */
export function keyVariable({ variable = KEY_VARIABLE }: Wanted): string {
  return variable;
}
