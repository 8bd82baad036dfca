// Bundles the command and the library into dist/, with lazily loaded code in chunks of its own, and writes the tools/list
// result and the library's types there.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundling, importSource } from './import-source.mjs';
import { libraryDeclarations } from './library-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/**
 * Leaves out ajv, which the SDK loads to validate output schemas and elicitation forms. No tool here has an output schema
 * and the server passes a validator of its own, so loading ajv would only slow down the start.
 */
const withoutSchemaCompiler = {
  name: 'without-schema-compiler',
  setup({ onLoad }) {
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
    }));
  },
};

/** Leaves out what the command does not need of its manifest, such as the names of development dependencies. */
const manifestWithoutScripts = {
  name: 'manifest-without-scripts',
  setup({ onLoad }) {
    onLoad({ filter: /package\.json$/ }, ({ path }) => {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

/** Leaves out what nothing here uses of undici, such as its fetch and its WebSocket: half of what it takes to load. */
const undiciDispatchersOnly = {
  name: 'undici-dispatchers-only',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/]undici[\\/]index\.js$/ }, () => ({
      contents: `
        Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
        exports.Agent = require('./lib/dispatcher/agent');
        exports.Pool = require('./lib/dispatcher/pool');
        exports.ProxyAgent = require('./lib/dispatcher/proxy-agent');`,
    }));
  },
};

// Identifiers are not minified: that does not speed up the start and makes stack traces in bug reports unreadable.
const bundle = await build({
  ...bundling,
  plugins: [withoutSchemaCompiler, manifestWithoutScripts, undiciDispatchersOnly],
  // The process for large JSON is started by the file's path, which src/results/isolated-job.ts knows.
  entryPoints: {
    index: 'src/index.ts',
    library: 'src/library/library.ts',
    'chunks/json-process': 'src/results/json-process.ts',
  },
  outdir: 'dist',
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  // Node shows the line that threw an error which nobody catches.
  lineLimit: 160,
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
});
const { catalogEntries } = await importSource('src/tools/catalog.ts');
const tools = JSON.stringify(catalogEntries());
const licences = licencesOf(bundle.metafile);
const declarations = libraryDeclarations();

// Written last, so that a failed build leaves the previous one in place.
rmSync(dist, { recursive: true, force: true });
for (const { path, contents } of bundle.outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
writeFileSync(join(dist, 'tools.json'), tools);
writeFileSync(join(dist, 'library.d.ts'), declarations);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences);
chmodSync(join(dist, 'index.js'), 0o755);

/** The licences of all packages with code in the bundle. Most of them require being distributed with it. */
function licencesOf({ outputs }) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder && bytesInOutput > 0) folders.add(join(root, folder));
    }
  }
  const texts = [...folders].map((folder) => {
    const { name, version, license, repository, author } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (!files.length && !license) throw new Error(`${name} is bundled but has no licence`);
    const text = !files.length
      ? `The package comes without a licence file. Its manifest says: ${license}, by ${author?.name ?? author}.`
      : files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    const source = typeof repository === 'string' ? repository : repository?.url;
    return `${name} ${version} (${license}), source: ${source}\n\n${text}\n`;
  });
  return texts.sort().join(`\n${'-'.repeat(80)}\n\n`);
}
