import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Connected, type ConnectOptions, connect } from '../harness.ts';

/** A server with a working directory, and the sandbox that it calls. */
export interface Importing extends Connected {
  sandbox: Sandbox;
  folder: string;
  /** Writes a file into the working directory. */
  write(name: string, text: string | Uint8Array): string;
  read(name: string): string;
  exists(name: string): boolean;
  /** The lines of the only journal in the working directory. */
  journal(): Record<string, unknown>[];
  journals(): string[];
  /** Sends a request to the sandbox directly. */
  direct(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
}

/** An organization of the sandbox's sample data. */
export const ACME = 'Acme Robotics';

export async function importing(
  options: Pick<ConnectOptions, 'flags' | 'elicit' | 'runtime' | 'baseUrl'> & {
    sandbox?: Sandbox;
    folder?: string;
  } = {},
): Promise<Importing> {
  const own = options.sandbox === undefined;
  const sandbox = options.sandbox ?? (await startSandbox());
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'workos-mcp-import-'));
  const { flags = [], elicit, runtime } = options;
  const server = await connect({
    flags: ['--toolsets', 'all', ...flags],
    baseUrl: options.baseUrl ?? sandbox.url,
    env: { WORKOS_TOKEN: sandbox.key },
    ...(elicit && { elicit }),
    runtime: { folder, ...runtime },
  });
  const journals = () => readdirSync(folder).filter((name) => name.endsWith('.journal.jsonl'));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    ...server,
    sandbox,
    folder,
    write(name, text) {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    read,
    exists: (name) => existsSync(join(folder, name)),
    journals,
    journal: () =>
      read(journals()[0] ?? '')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    async direct(method, path, body) {
      const response = await fetch(`${sandbox.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return text === '' ? {} : JSON.parse(text);
    },
    async close() {
      await server.close();
      if (own) await sandbox.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The only user with this address. */
export async function userOf(server: Importing, email: string): Promise<Record<string, unknown> | undefined> {
  const { data } = await server.direct('GET', `/user_management/users?email=${encodeURIComponent(email)}`);
  const users = data as Record<string, unknown>[];
  if (users.length > 1) throw new Error(`${users.length} users have the address ${email}`);
  return users[0];
}

/** The memberships of the user with this address, in any status. */
export async function membershipsOf(server: Importing, email: string): Promise<Record<string, unknown>[]> {
  const user = await userOf(server, email);
  const path = `/user_management/organization_memberships?user_id=${user?.['id']}&statuses=active,inactive,pending`;
  return (await server.direct('GET', path))['data'] as Record<string, unknown>[];
}

/** Waits until the condition holds. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
