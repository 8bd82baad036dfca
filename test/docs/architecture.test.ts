import { existsSync, readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { codeBlocks, read, root } from './pages.ts';

const PAGE = 'docs/architecture.md';
const page = read(PAGE);
const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((file) => `src/${file.split(sep).join('/')}`)
  .filter((file) => file.endsWith('.ts'));
const source = files.map(read).join('\n');

describe('docs/architecture.md', () => {
  it('names only files and folders that exist', () => {
    const inText = [...page.matchAll(/\b(?:src|test|docs|scripts)\/[\w./-]*[\w/]/g)].map(([path]) => path);
    expect([...inText, ...treePaths()].filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
  });

  it('lists every file of the rooms that it lists in full', () => {
    const shown = new Set(treePaths());
    const wholly = [
      'cli',
      'library',
      'http',
      'mcp',
      'call',
      'results',
      'client',
      'config',
      'errors',
      'text',
      'init',
    ].map((room) => `src/${room}/`);
    const missing = files.filter((file) => wholly.some((room) => file.startsWith(room)) && !shown.has(file));
    expect(missing).toEqual([]);
  });

  it('names only functions and types that exist', () => {
    const functions = [...page.matchAll(/`(\w+)\(\)`/g)].map(([, name = '']) => name);
    const types = [...page.matchAll(/`([A-Z][a-z]+[A-Za-z]*)`/g)].map(([, name = '']) => name);
    const missing = [
      ...functions.filter((name) => !new RegExp(`\\b${name}\\b\\s*(?:<[^(]*>)?\\(`).test(source)),
      ...types.filter((name) => !new RegExp(`\\b${name}\\b`).test(source)),
    ];
    expect(missing).toEqual([]);
  });

  it('names each function with the file that it is in', () => {
    const pairs = [...page.matchAll(/`(\w+)(?:\(\))?` \(`(src\/[\w./-]+)`\)/g)];
    expect(pairs.length).toBeGreaterThan(10);
    const misplaced = pairs.filter(([, name = '', file = '']) => !new RegExp(`\\b${name}\\b`).test(read(file)));
    expect(misplaced.map(([text]) => text)).toEqual([]);
  });

  it('lists what each room imports', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]*) \|$/gm)];
    const shown = rows.map(([, room = '', imports = '']) => [
      room,
      [...imports.matchAll(/`(\w+)`/g)].map((one) => one[1]),
    ]);
    expect(Object.fromEntries(shown)).toEqual(importsByRoom());
  });
});

/** The paths in the tree, whose indentation shows the folders. */
function treePaths(): string[] {
  const [tree = ''] = codeBlocks(PAGE, '').filter((block) => block.startsWith('src/\n'));
  const folders: string[] = [];
  return tree
    .trimEnd()
    .split('\n')
    .map((line) => {
      const depth = line.search(/\S/) / 2;
      folders.splice(depth, Number.POSITIVE_INFINITY, line.trim().split(/\s/)[0] ?? '');
      return folders.join('');
    });
}

/** Which other rooms the files of each room import from, sorted. */
function importsByRoom(): Record<string, string[]> {
  const rooms = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    rooms.map(({ name: room }) => {
      const own = files.filter((file) => file.startsWith(`src/${room}/`));
      const targets = own.flatMap((file) =>
        [...read(file).matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, target = '']) =>
          join(dirname(file), target),
        ),
      );
      const names = new Set(targets.map((path) => path.split('/').slice(1, -1)[0] ?? room));
      return [room, [...names].filter((name) => name !== room && existsSync(`${root}src/${name}`)).sort()];
    }),
  );
}
