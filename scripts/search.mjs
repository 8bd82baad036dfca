#!/usr/bin/env node
// Measures the search of find_tools: how often it finds the right tool for the questions in test/fixtures, and how long it takes.
//
//   node scripts/search.mjs
//
// The held-out questions were written before the search and are never tuned on, so only their figures are meaningful.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { tools, toDocuments, isDestructive, questions, heldOutQuestions, rank } = await load();
const documents = toDocuments([...tools.values()].filter((tool) => tool.toolset !== 'discovery'));

const start = performance.now();
rank('warm up', documents, 1);
const first = performance.now() - start;
const heldOut = heldOutQuestions.map(([question, ...acceptable]) => ({ question, acceptable }));
const next = performance.now();
for (const { question } of heldOut) rank(question, documents, 10);
const each = (performance.now() - next) / heldOut.length;

print('| questions | first | in five | in ten | destructive first, unasked |');
print('|---|---:|---:|---:|---:|');
print(row(`${heldOut.length} held-out`, heldOut));
print(
  row(
    `${questions.length} tuned on`,
    questions.map(([question, ...acceptable]) => ({ question, acceptable })),
  ),
);
print(
  `\n${documents.length} entries; first search ${first.toFixed(1)} ms with its index, then ${each.toFixed(2)} ms each`,
);

/** One line of the table: the share of questions with an acceptable tool among the first one, five, and ten. */
function row(name, rows) {
  const found = rows.map(({ question, acceptable }) => {
    const names = rank(question, documents, 10).map((hit) => hit.name);
    const at = names.findIndex((one) => acceptable.includes(one));
    return { at: at < 0 ? Number.POSITIVE_INFINITY : at, unasked: destroys(names[0]) && !acceptable.some(destroys) };
  });
  const share = (most) => `${((100 * found.filter(({ at }) => at < most).length) / rows.length).toFixed(1)} %`;
  return `| ${name} | ${share(1)} | ${share(5)} | ${share(10)} | ${found.filter(({ unasked }) => unasked).length} |`;
}

function destroys(name) {
  const tool = tools.get(name);
  return tool !== undefined && isDestructive(tool.effect);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** Compiles and imports the sources, because Node 20 cannot import TypeScript. */
async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-search-'));
  try {
    const outfile = join(folder, 'search.mjs');
    const contents = [
      "export { tools } from './src/tools/catalog.ts';",
      "export { isDestructive } from './src/tools/effects.ts';",
      "export { toDocuments } from './src/tools/find-tools.ts';",
      "export { rank } from './src/search/ranking.ts';",
      "export { questions } from './test/fixtures/questions.ts';",
      "export { heldOutQuestions } from './test/fixtures/held-out-questions.ts';",
    ].join('\n');
    await build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
