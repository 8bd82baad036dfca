// Bundles the command and the library into dist/, with lazily loaded code in separate chunks, and writes the tools/list result
// and the library's types there.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundling, importSource } from './import-source.mjs';
import { libraryDeclarations } from './library-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/**
 * Leaves out ajv, which the SDK loads to validate output schemas and elicitation forms. No tool has an output schema and the
 * server passes its own validator, so loading ajv would only slow down the start.
 */
const withoutSchemaCompiler = {
  name: 'without-schema-compiler',
  setup({ onLoad }) {
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
    }));
  },
};

/** Reduces the manifest to the fields that the command needs, without development dependencies and the like. */
const manifestWithoutScripts = {
  name: 'manifest-without-scripts',
  setup({ onLoad }) {
    onLoad({ filter: /package\.json$/ }, ({ path }) => {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

/** Leaves out unused parts of undici, such as fetch and WebSocket, which halves its load time. */
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

/** The copyright holders of packages that neither include a license file nor name an author. */
const HOLDERS = { '@redis/client': '2022-2025, Redis, inc.' };

// Identifiers are not minified, because that would not speed up the start and would make stack traces unreadable.
const bundle = await build({
  ...bundling,
  plugins: [withoutSchemaCompiler, manifestWithoutScripts, undiciDispatchersOnly],
  // The process for large JSON is started by this path, which src/results/isolated-job.ts knows.
  entryPoints: {
    index: 'src/index.ts',
    library: 'src/library/library.ts',
    'chunks/json-process': 'src/results/json-process.ts',
  },
  outdir: 'dist',
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  // Node prints the source line of an uncaught error, so lines must be short.
  lineLimit: 160,
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
});
const { catalogEntries } = await importSource('src/tools/catalog.ts');
const tools = JSON.stringify(catalogEntries());
const licenses = licensesOf(bundle.metafile);
const declarations = libraryDeclarations();

// Written last, so that a failed build leaves the previous one in place.
rmSync(dist, { recursive: true, force: true });
for (const { path, contents } of bundle.outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
writeFileSync(join(dist, 'tools.json'), tools);
writeFileSync(join(dist, 'library.d.ts'), declarations);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses);
chmodSync(join(dist, 'index.js'), 0o755);

/** https://spdx.org/licenses/MIT.html */
function mit(holder) {
  return `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify,
merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished
to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

/** The licenses of all packages with code in the bundle. Most of them must be distributed with it. */
function licensesOf({ outputs }) {
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
    if (!files.length && !license) throw new Error(`${name} is bundled but has no license`);
    const holder = HOLDERS[name] ?? author?.name ?? author;
    const text = !files.length
      ? `The package comes without a license file. Its manifest says: ${license}.${license === 'MIT' ? `\n\n${mit(holder)}` : ''}`
      : files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    const source = typeof repository === 'string' ? repository : repository?.url;
    return `${name} ${version} (${license}), source: ${source}\n\n${text}\n`;
  });
  return texts.sort().join(`\n${'-'.repeat(80)}\n\n`);
}
