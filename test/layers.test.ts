import { readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Which own files a file may import, from the leaves up; a folder stands for all files in it. What is missing here may
 * import nothing, so that a new file has to be given its place.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'nearest.ts': [],
  'loopback.ts': [],
  'quote.ts': [],
  'secrets.ts': [],
  'tables.ts': [],
  'errors.ts': ['quote.ts'],
  'client/': ['client/', 'errors.ts'],
  'files.ts': ['errors.ts'],
  'pages.ts': ['errors.ts'],
  'query.ts': ['errors.ts'],
  'logger.ts': ['secrets.ts'],
  'confirm.ts': ['errors.ts', 'quote.ts'],
  'output.ts': ['errors.ts', 'pages.ts'],
  'tool.ts': ['client/route.ts', 'errors.ts'],
  'fields.ts': ['tool.ts'],
  'definition.ts': ['tool.ts'],
  'look.ts': ['client/route.ts', 'confirm.ts', 'tool.ts'],
  'arguments.ts': ['client/route.ts', 'errors.ts', 'nearest.ts', 'quote.ts', 'tool.ts'],
  'tools/': ['definition.ts', 'errors.ts', 'fields.ts', 'quote.ts', 'tool.ts', 'tools/'],
  'catalog.ts': ['definition.ts', 'tool.ts', 'tools/'],
  'settings.ts': ['loopback.ts'],
  'key.ts': [],
  'invocation.ts': ['nearest.ts', 'settings.ts'],
  'config.ts': ['client/proxy.ts', 'invocation.ts', 'key.ts', 'loopback.ts', 'nearest.ts', 'secrets.ts', 'settings.ts'],
  'help.ts': ['settings.ts', 'tables.ts'],
  'policy.ts': ['config.ts', 'tool.ts'],
  'selection.ts': ['catalog.ts', 'config.ts', 'policy.ts'],
  'facts.ts': ['client/proxy.ts', 'config.ts', 'key.ts', 'tool.ts'],
  'run.ts': [
    'client/client.ts',
    'client/route.ts',
    'config.ts',
    'errors.ts',
    'files.ts',
    'output.ts',
    'pages.ts',
    'query.ts',
    'secrets.ts',
    'settings.ts',
    'tool.ts',
  ],
  'targets.ts': [
    'arguments.ts',
    'config.ts',
    'confirm.ts',
    'errors.ts',
    'look.ts',
    'output.ts',
    'policy.ts',
    'quote.ts',
    'secrets.ts',
    'tool.ts',
  ],
  'context.ts': [
    'arguments.ts',
    'client/',
    'config.ts',
    'confirm.ts',
    'errors.ts',
    'facts.ts',
    'files.ts',
    'look.ts',
    'loopback.ts',
    'output.ts',
    'policy.ts',
    'query.ts',
    'quote.ts',
    'run.ts',
    'secrets.ts',
    'targets.ts',
    'tool.ts',
  ],
  'server.ts': ['catalog.ts', 'context.ts', 'output.ts'],
  'stdio.ts': [],
  'sandbox/': ['sandbox/'],
  'answer.ts': [
    'catalog.ts',
    'client/',
    'config.ts',
    'confirm.ts',
    'context.ts',
    'errors.ts',
    'files.ts',
    'logger.ts',
    'output.ts',
    'sandbox/sandbox.ts',
    'secrets.ts',
    'server.ts',
  ],
  'demo.ts': [],
  'commands.ts': [
    'answer.ts',
    'catalog.ts',
    'config.ts',
    'context.ts',
    'demo.ts',
    'invocation.ts',
    'output.ts',
    'policy.ts',
    'selection.ts',
    'tables.ts',
    'tools/diagnosis.ts',
  ],
  'index.ts': [
    'answer.ts',
    'catalog.ts',
    'commands.ts',
    'config.ts',
    'help.ts',
    'invocation.ts',
    'selection.ts',
    'server.ts',
    'stdio.ts',
  ],
};

/** Which files import a package or a part of Node; nobody else does. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  undici: ['client/client.ts', 'client/download.ts', 'client/proxy.ts'],
  '@modelcontextprotocol/sdk': ['demo.ts', 'server.ts', 'stdio.ts'],
  pino: ['logger.ts'],
  '@jmespath-community/jmespath': ['query.ts'],
  'csv-parse': ['tools/audit_export.ts'],
  zod: ['arguments.ts', 'definition.ts', 'demo.ts', 'fields.ts', 'tool.ts', 'tools/'],
  'node:crypto': ['client/client.ts', 'confirm.ts', 'files.ts', 'sandbox/'],
  'node:dns': ['client/download.ts'],
  'node:dns/promises': ['tools/diagnostics.ts'],
  'node:fs': ['files.ts', 'index.ts', 'tools/audit_export.ts'],
  'node:fs/promises': ['files.ts', 'run.ts'],
  'node:http': ['sandbox/'],
  'node:module': ['index.ts'],
  'node:net': ['client/download.ts', 'context.ts', 'tools/diagnostics.ts'],
  'node:os': ['config.ts'],
  'node:path': ['config.ts', 'files.ts'],
  'node:process': ['index.ts'],
  'node:readline/promises': ['commands.ts'],
  'node:timers/promises': ['client/', 'server.ts'],
  'node:tls': ['tools/diagnostics.ts'],
};

/** Tools that would gain nothing from being cut in two. */
const LONG: Readonly<Record<string, string>> = {
  'tools/vocabulary.ts': 'a list of words',
};

interface Import {
  from: string;
  /** A path below src, or the name of a package. */
  target: string;
  own: boolean;
  /** Gone once compiled. */
  type: boolean;
}

const root = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();
const text = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const imports = files.flatMap((from) => importsOf(from, text(from)));

describe('the source', () => {
  it('imports only what its layer may', () => {
    const strays = imports
      .filter(({ own }) => own)
      .filter(({ from, target }) => {
        const layer = Object.keys(MAY_IMPORT).find((one) => covers(one, from));
        return layer === undefined || !MAY_IMPORT[layer]?.some((one) => covers(one, target));
      });
    expect(strays.map(({ from, target }) => `${from} imports ${target}`)).toEqual([]);
  });

  it('has a layer for each file and a file for each layer', () => {
    const layers = Object.keys(MAY_IMPORT);
    expect(files.filter((file) => layers.filter((layer) => covers(layer, file)).length !== 1)).toEqual([]);
    expect(layers.filter((layer) => !files.some((file) => covers(layer, file)))).toEqual([]);
  });

  it('keeps no permission that nobody uses', () => {
    const unused = Object.entries(MAY_IMPORT).flatMap(([layer, targets]) =>
      targets
        .filter((target) => target !== layer)
        .filter((target) => !imports.some((one) => covers(layer, one.from) && covers(target, one.target)))
        .map((target) => `${layer} no longer imports ${target}`),
    );
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(OUTSIDE))('imports %s in %j only', (name, owners) => {
    const users = imports.filter(({ own, target }) => !own && (target === name || target.startsWith(`${name}/`)));
    const exact = users.filter(({ target }) => !(target !== name && target in OUTSIDE));
    expect(exact.map(({ from }) => from).filter((from) => !owners.some((owner) => covers(owner, from)))).toEqual([]);
    expect(owners.filter((owner) => !exact.some(({ from }) => covers(owner, from)))).toEqual([]);
  });

  it('imports no package and no part of Node that has no owner', () => {
    const known = Object.keys(OUTSIDE);
    const strays = imports.filter(
      ({ from, own, target }) =>
        !own &&
        !known.some((name) => target === name || target.startsWith(`${name}/`)) &&
        !(from === 'index.ts' && target === '../package.json'),
    );
    expect(strays.map(({ from, target }) => `${from} imports ${target}`)).toEqual([]);
  });

  it('takes only types of the SDK into the stdio transport, which replaces the SDK’s own', () => {
    expect(imports.filter(({ from, own, type }) => from === 'stdio.ts' && !own && !type)).toEqual([]);
  });

  it('imports zod as a namespace, because its z object brings every language into the bundle', () => {
    expect(files.filter((file) => /^import \{ z \} from 'zod'/m.test(text(file)))).toEqual([]);
  });

  it('keeps every path of its own extension: imports end in .ts', () => {
    expect(imports.filter(({ own, target }) => own && !files.includes(target))).toEqual([]);
  });

  it('reads the environment in index.ts only, which hands it to config.ts', () => {
    expect(files.filter((file) => /\bprocess\.env\b|\benv\b[^;]*from 'node:process'/.test(text(file)))).toEqual([
      'index.ts',
    ]);
  });

  it('writes to stdout in index.ts only, because stdout belongs to the protocol', () => {
    const writers = files.filter((file) =>
      /\bprocess\.stdout\b|\bconsole\.|\bstdout\b[^;]*from 'node:process'/.test(text(file)),
    );
    expect(writers).toEqual(['index.ts']);
  });

  it('runs in no circle', () => {
    expect(circles(imports.filter(({ type }) => !type))).toEqual([]);
  });

  it('has no circle of types either', () => {
    expect(circles(imports)).toEqual([]);
  });

  it('has no file of more than 350 lines', () => {
    const long = files.filter((file) => text(file).trimEnd().split('\n').length > 350);
    expect(long).toEqual(Object.keys(LONG));
    expect(Object.keys(LONG).filter((file) => !file.startsWith('tools/'))).toEqual([]);
  });
});

function importsOf(from: string, source: string): Import[] {
  const statements = source.matchAll(/^(?:import|export)\s+(?<names>[^;'"]*?)\s*from\s+'(?<target>[^']+)'/gm);
  const bare = source.matchAll(/^import\s+'(?<target>[^']+)'/gm);
  const dynamic = source.matchAll(/\bimport\(\s*'(?<target>[^']+)'/g);
  return [...statements, ...bare, ...dynamic].map(({ groups = {} }) => {
    const { names = '', target = '' } = groups;
    const own = target.startsWith('.') && target.endsWith('.ts');
    return {
      from,
      target: own ? posix.normalize(posix.join(posix.dirname(from), target)) : target,
      own,
      type: names.startsWith('type ') || onlyTypes(names),
    };
  });
}

/** `{ type One, type Other }`. */
function onlyTypes(names: string): boolean {
  const inBraces = /^\{(.*)\}$/s.exec(names)?.[1];
  const each = inBraces?.split(',').map((name) => name.trim()) ?? [];
  return each.some(Boolean) && each.filter(Boolean).every((name) => name.startsWith('type '));
}

function covers(layer: string, file: string): boolean {
  return layer.endsWith('/') ? file.startsWith(layer) : file === layer;
}

/** Each circle once, as the way around it. */
function circles(among: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, target, own } of among) if (own) next.set(from, [...(next.get(from) ?? []), target]);
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]) => {
    const start = way.indexOf(file);
    if (start >= 0) found.push([...way.slice(start), file].join(' > '));
    if (start >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}
