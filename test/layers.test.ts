import { readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * The folders of src/ ("rooms") and which others each may import from. `.` is index.ts and logger.ts, where the command
 * is assembled. A new file needs no new rule.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  text: [],
  errors: ['text'],
  client: ['errors', 'text'],
  config: ['client', 'text'],
  results: ['errors', 'text'],
  search: [],
  reports: ['text'],
  tools: ['client', 'config', 'errors', 'reports', 'search', 'text'],
  sandbox: [],
  init: ['text'],
  call: ['client', 'config', 'errors', 'reports', 'results', 'sandbox', 'text', 'tools', '.'],
  http: ['call', 'client', 'config', 'errors', 'mcp', 'results', 'text', 'tools', '.'],
  mcp: ['call', 'config', 'results', 'text', 'tools'],
  cli: ['call', 'config', 'http', 'init', 'mcp', 'results', 'sandbox', 'text', 'tools'],
  library: ['call', 'config', 'results', 'tools'],
  '.': ['call', 'cli', 'config', 'mcp', 'text', 'tools'],
};

/** The packages and the only rooms that may import them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@cfworker/json-schema': ['sandbox'],
  '@jmespath-community/jmespath': ['results'],
  '@modelcontextprotocol/sdk': ['mcp', 'cli', 'http'],
  '@redis/client': ['http'],
  jose: ['http'],
  'jsonc-parser': ['init'],
  minisearch: ['search'],
  pino: ['.'],
  'smol-toml': ['init'],
  undici: ['client'],
  yaml: ['sandbox', 'tools'],
  zod: ['call', 'cli', 'http', 'tools'],
};

/** In lines. Split longer files. */
const LONGEST_FILE = 350;

interface Import {
  from: string;
  /** A path below src/, or the name of a package. */
  target: string;
  own: boolean;
  /** A type import, which is erased by the compiler. */
  type: boolean;
}

const root = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();
const text = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const imports = files.flatMap((from) => importsOf(from, text(from)));
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');

describe('the rooms of src/', () => {
  it('are the ones in the table, and only index.ts and logger.ts are outside', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(ROOMS).sort());
    expect(files.filter((file) => roomOf(file) === '.')).toEqual(['index.ts', 'logger.ts']);
  });

  it('import only from the rooms they may', () => {
    const strays = imports.filter(({ from, target, own }) => {
      const [room, other] = [roomOf(from), roomOf(target)];
      return own && room !== other && !ROOMS[room]?.includes(other);
    });
    expect(strays.map(({ from, target }) => `${from} imports ${target}`)).toEqual([]);
  });

  it('import logger.ts but never index.ts', () => {
    const reached = imports.filter(({ own, target, from }) => own && roomOf(target) === '.' && roomOf(from) !== '.');
    expect([...new Set(reached.map(({ target }) => target))]).toEqual(['logger.ts']);
  });

  it('have no unused permission', () => {
    const unused = Object.entries(ROOMS).flatMap(([room, others]) =>
      others
        .filter((other) => !imports.some((one) => one.own && roomOf(one.from) === room && roomOf(one.target) === other))
        .map((other) => `${room} no longer imports from ${other}`),
    );
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(PACKAGES))('import %s in %j only', (name, rooms) => {
    const users = imports.filter(({ own, target }) => !own && (target === name || target.startsWith(`${name}/`)));
    expect([...new Set(users.map(({ from }) => roomOf(from)))].sort()).toEqual([...rooms].sort());
  });

  it('import no other package', () => {
    const strays = imports.filter(
      ({ from, own, target }) =>
        !own &&
        !target.startsWith('node:') &&
        !isData(from, target) &&
        !Object.keys(PACKAGES).some((name) => target === name || target.startsWith(`${name}/`)) &&
        !(from === 'index.ts' && target === '../package.json') &&
        !(from === 'library/library.ts' && target === '../../package.json'),
    );
    expect(strays.map(({ from, target }) => `${from} imports ${target}`)).toEqual([]);
  });

  it('have no circular imports', () => {
    expect(cycles(imports.filter(({ type }) => !type))).toEqual([]);
  });

  it('have no circular types either', () => {
    expect(cycles(imports)).toEqual([]);
  });
});

describe('every file in src/', () => {
  it('has a kebab-case name', () => {
    expect(files.filter((file) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(file))).toEqual(
      [],
    );
  });

  it(`has at most ${LONGEST_FILE} lines`, () => {
    const long = files.filter((file) => text(file).trimEnd().split('\n').length > LONGEST_FILE);
    expect(long).toEqual([]);
  });

  it('imports files by their full name, which ends in .ts', () => {
    expect(imports.filter(({ own, target }) => own && !files.includes(target))).toEqual([]);
  });

  it('imports zod as a namespace, because its z object brings every language into the bundle', () => {
    expect(files.filter((file) => /^import \{ z \} from 'zod'/m.test(text(file)))).toEqual([]);
  });

  it('reads the environment only in index.ts and library.ts, which pass it to config/', () => {
    expect(files.filter((file) => /\bprocess\.env\b|\benv\b[^;]*from 'node:process'/.test(text(file)))).toEqual([
      'index.ts',
      'library/library.ts',
    ]);
  });

  it('never spreads a list into the arguments of a call, because a long one overflows the stack', () => {
    const spread =
      /\b(?:push|unshift|splice|concat|assign|max|min|hypot|fromCharCode|fromCodePoint)\((?:(?:[^()[\]{}]|\{\})*,)?\s*\.\.\.|\.apply\(/;
    expect(
      files.filter((file) =>
        text(file)
          .split('\n')
          .some((line) => spread.test(line)),
      ),
    ).toEqual([]);
  });

  it('leaves stdout to index.ts and the process for large JSON, because stdout is for the protocol', () => {
    const writers = files.filter((file) =>
      /\bprocess\.stdout\b|\bconsole\.|\bstdout\b[^;]*from 'node:process'/.test(text(file)),
    );
    expect(writers).toEqual(['index.ts', 'results/json-process.ts']);
  });
});

function importsOf(from: string, source: string): Import[] {
  const statements = source.matchAll(/^(?:import|export)\s+(?<names>[^;'"]*?)\s*from\s+'(?<target>[^']+)'/gm);
  const bare = source.matchAll(/^import\s+'(?<target>[^']+)'/gm);
  const dynamic = source.matchAll(/\bimport\(\s*'(?<target>[^']+)'/g);
  return [...statements, ...bare, ...dynamic].map(({ groups = {} }) => {
    const { names = '', target = '' } = groups;
    const own = target.startsWith('.') && !target.endsWith('.json');
    return {
      from,
      target: own ? posix.normalize(posix.join(posix.dirname(from), target)) : target,
      own,
      type: names.startsWith('type ') || onlyTypes(names),
    };
  });
}

/** A JSON file of the same room. */
function isData(from: string, target: string): boolean {
  const file = posix.normalize(posix.join(posix.dirname(from), target));
  return target.startsWith('.') && target.endsWith('.json') && roomOf(file) === roomOf(from);
}

/** `{ type One, type Other }`. */
function onlyTypes(names: string): boolean {
  const inBraces = /^\{(.*)\}$/s.exec(names)?.[1];
  const each = inBraces?.split(',').map((name) => name.trim()) ?? [];
  return each.some(Boolean) && each.filter(Boolean).every((name) => name.startsWith('type '));
}

/** Each cycle once, as `a.ts > b.ts > a.ts`. */
function cycles(considered: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, target, own } of considered) if (own) next.set(from, [...(next.get(from) ?? []), target]);
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(' > '));
    if (start >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}
