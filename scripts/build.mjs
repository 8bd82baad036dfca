// Bundles the command into dist/, split where code is loaded late, and writes down the tools that the start lists.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/**
 * The SDK loads a JSON Schema compiler for output schemas and forms. No tool here has an output schema and the server
 * brings a validator of its own, so the start need not wait for it.
 */
const withoutSchemaCompiler = {
  name: 'without-schema-compiler',
  setup({ onLoad }) {
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
    }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
  write: false,
  plugins: [withoutSchemaCompiler],
  // CommonJS dependencies inside an ES module still ask for require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

// Names stay as they are: short ones start no faster and make stack traces in bug reports unreadable.
const bundle = await build({
  ...shared,
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist',
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
});
const tools = JSON.stringify((await catalog()).catalogEntries());
const licences = licencesOf(bundle.metafile);

// Written only now, so that a build that fails leaves the last one in place.
rmSync(dist, { recursive: true, force: true });
for (const { path, contents } of bundle.outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
writeFileSync(join(dist, 'tools.json'), tools);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences);
chmodSync(join(dist, 'index.js'), 0o755);

/** The module that declares the tools, compiled aside: Node 20 does not read TypeScript. */
async function catalog() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-build-'));
  try {
    const file = join(folder, 'catalog.mjs');
    const { outputFiles } = await build({ ...shared, entryPoints: ['src/tools/catalog.ts'], outfile: file });
    writeFileSync(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The licences of every package of which some code is in the bundle; most of them ask to be kept beside it. */
function licencesOf({ outputs }) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder && bytesInOutput > 0) folders.add(join(root, folder));
    }
  }
  const texts = [...folders].map((folder) => {
    const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (!files.length) throw new Error(`${name} is bundled and has no licence file`);
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    const source = typeof repository === 'string' ? repository : repository?.url;
    return `${name} ${version} (${license}), source: ${source}\n\n${text}\n`;
  });
  return texts.sort().join(`\n${'-'.repeat(80)}\n\n`);
}
