import type { Machine } from '../../src/init/server-command.ts';

/** A machine on which the package is not published. */
export function machineWith(changes: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    home: '/home/ana',
    folder: '/src/app',
    env: {},
    node: '/opt/node/bin/node',
    entry: '/src/workos-mcp/dist/index.js',
    published: false,
    ...changes,
  };
}

/** Whether a text has every character of another except white space, in the same order. */
export function hasAllOf(text: string, other: string): boolean {
  const wanted = other.replace(/\s/g, '');
  let found = 0;
  for (const character of text) if (character === wanted[found]) found++;
  return found === wanted.length;
}
