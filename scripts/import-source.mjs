import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Options of every bundle. */
export const bundling = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  write: false,
  // Bundled CommonJS dependencies still call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/** Imports a module of src/, such as `src/tools/catalog.ts`. Compiles it first, because Node 20 cannot import TypeScript. */
export async function importSource(module) {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-build-'));
  try {
    const file = join(folder, 'module.mjs');
    const { outputFiles } = await build({ ...bundling, entryPoints: [module], outfile: file });
    writeFileSync(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
