// Bundles the command into dist/, split where code is loaded late, and writes down the tools that the start lists.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

/** CommonJS dependencies inside an ES module still ask for require. */
const banner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: fileURLToPath(root),
  banner,
};

rmSync(path('dist'), { recursive: true, force: true });

await build({
  ...shared,
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist',
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: `${banner.js}` },
});

await build({ ...shared, entryPoints: ['src/catalog.ts'], outfile: 'dist/catalog-for-build.mjs' });
const { entries } = await import(pathToFileURL(path('dist/catalog-for-build.mjs')).href);
rmSync(path('dist/catalog-for-build.mjs'));
writeFileSync(path('dist/tools.json'), JSON.stringify(entries()));

chmodSync(path('dist/index.js'), 0o755);
