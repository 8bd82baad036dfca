import { posix, win32 } from 'node:path';

/** The package's name on npm. */
const PACKAGE = 'workos-mcp';

/**
 * Whether the package is on npm. Everything that `init`, README and docs/clients.md show follows from it: npx where it is,
 * the checkout's dist/index.js where it is not. After changing it, run `npm run docs` and correct README's Start.
 */
export const PUBLISHED: boolean = false;

/** What the configuration of a client depends on, so that each system can be tested on every other. */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  /** The project's folder, which is where the command was started. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The absolute path of node. */
  node: string;
  /** The absolute path of dist/index.js. */
  entry: string;
  published: boolean;
}

/** How a program is started. */
export interface Command {
  command: string;
  args: readonly string[];
}

/**
 * How a client starts the server. A client that is started from the desktop does not read the shell's profile, so it gets
 * the path of node, which it may not find by name.
 */
export function serverCommand({ platform, node, entry, published }: Machine, fromDesktop: boolean): Command {
  if (!published) return { command: fromDesktop ? node : 'node', args: [entry] };
  // npx is a batch file on Windows, which only cmd can start.
  if (platform === 'win32') return { command: 'cmd', args: ['/c', 'npx', '-y', PACKAGE] };
  return { command: 'npx', args: ['-y', PACKAGE] };
}

/** How a person starts this command in a shell. */
export function shellCommand(machine: Machine): string {
  return machine.published ? `npx -y ${PACKAGE}` : `node ${quoted(machine.entry, machine.platform)}`;
}

/** A word of a command line, quoted where the shell (sh, or cmd on Windows) needs it. */
export function quoted(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The functions for this machine's paths. */
export function pathsOf({ platform }: Pick<Machine, 'platform'>): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/**
 * A path of node that outlives an update, given the one that runs: package managers link `node` in a folder of programs to
 * a folder of one version, which they delete.
 */
export function lastingNode(node: string, realPath: (path: string) => string | undefined): string {
  const links = [
    '/opt/homebrew/bin/node',
    '/usr/local/bin/node',
    '/home/linuxbrew/.linuxbrew/bin/node',
    '/usr/bin/node',
  ];
  const real = realPath(node);
  return links.find((link) => real !== undefined && realPath(link) === real) ?? node;
}
