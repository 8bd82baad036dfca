// Generates the types of the library: the types of the tools' arguments, from their schemas, and the package's declarations.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The text of src/library/tool-types.ts, with one line per tool. */
export function toolTypes(entries) {
  const lines = entries.map(({ definition: { name, inputSchema } }) => `  ${name}: ${objectType(inputSchema)};`);
  return `// Written by npm run docs.
import type { Json } from './json.ts';

/** What each tool takes. docs/tools.md explains it. */
export interface ToolArguments {
${lines.join('\n')}
}
`;
}

/** The text of dist/library.d.ts: all types of the library in one file. */
export function libraryDeclarations() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-types-'));
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'scripts/library-types.json', '--outDir', folder], {
      cwd: root,
      stdio: 'inherit',
    });
    const emitted = ['json', 'types', 'call-errors', 'library'].map((file) => join(folder, `src/library/${file}.d.ts`));
    return [join(root, 'src/library/tool-types.ts'), ...emitted]
      .map((path) => readFileSync(path, 'utf8'))
      .map((text) => text.replace(/^(?:import .*|export (?:type )?\* from .*|\/\/ .*)\n/gm, '').trim())
      .join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function objectType({ properties, required = [], additionalProperties }) {
  if (!properties) {
    if (additionalProperties === false) return '{}';
    return `{ [name: string]: ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'Json'} }`;
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  // `{}` would accept any object.
  return fields.length ? `{ ${fields.join('; ')} }` : '{ _?: never }';
}

function typeOf(schema) {
  const { anyOf, type, items } = schema;
  if (anyOf) return anyOf.map(typeOf).join(' | ');
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  if (type === 'array') return `readonly ${parenthesized(typeOf(items ?? {}))}[]`;
  if (type === 'object') return objectType(schema);
  if (type === undefined) return 'Json';
  return type === 'integer' ? 'number' : type;
}

function literal(value) {
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(value);
}

function parenthesized(type) {
  return type.includes(' | ') ? `(${type})` : type;
}
