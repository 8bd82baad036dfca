import { posix, win32 } from 'node:path';

/** The package's name on npm. */
const PACKAGE = 'workos-mcp';

/**
 * Whether the package is on npm. It decides which command `init`, README, and docs/clients.md show: npx, or else node with the
 * checkout's dist/index.js. After changing it, run `npm run docs` and correct README's Start.
 */
export const PUBLISHED: boolean = false;

/**
 * Everything about the machine that a client's configuration depends on. As a value, so that tests on one system cover the
 * others.
 */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  /** The project's folder: the working directory of the command. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The absolute path of node. */
  node: string;
  /** The absolute path of dist/index.js. */
  entry: string;
  published: boolean;
}

/** A program to start, and its arguments. */
export interface Command {
  command: string;
  args: readonly string[];
}

/**
 * How a client starts the server. A client started from the desktop does not read the shell's profile and may not find node by
 * name, so it gets the path.
 */
export function serverCommand({ platform, node, entry, published }: Machine, fromDesktop: boolean): Command {
  if (!published) return { command: fromDesktop ? node : 'node', args: [entry] };
  // npx is a batch file on Windows, which only cmd can start.
  if (platform === 'win32') return { command: 'cmd', args: ['/c', 'npx', '-y', PACKAGE] };
  return { command: 'npx', args: ['-y', PACKAGE] };
}

/** How to start this command in a shell. */
export function shellCommand(machine: Machine): string {
  return machine.published ? `npx -y ${PACKAGE}` : `node ${quoted(machine.entry, machine.platform)}`;
}

/** Quotes a word of a command line if the shell (sh, or cmd on Windows) needs it. */
export function quoted(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The path functions for this machine's system. */
export function pathsOf({ platform }: Pick<Machine, 'platform'>): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/**
 * A path of node that survives updates. Package managers install each version in its own folder, which an update deletes, and
 * link to it from a stable path. Returns the given path if no known link leads to it.
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
