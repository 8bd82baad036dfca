// Writes the generated parts of the documentation, between <!-- name --> and <!-- /name -->, the example configuration, and
// server.json for the MCP registry.
//   node scripts/docs.mjs [--check]
// With --check, writes nothing, names the stale files, and exits with 1 if there are any.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentsSection } from './environments-docs.mjs';
import { importSource } from './import-source.mjs';
import { toolTypes } from './library-types.mjs';
import { operatorsSection } from './operators-docs.mjs';
import { benchSection, httpBenchSection, importsSection, tokensSection } from './performance.mjs';
import { promptsSection } from './prompts-section.mjs';
import { differencesSection, notSimulatedSection, seedSection } from './sandbox-docs.mjs';
import { withSection } from './sections.mjs';
import { serverJson } from './server-json.mjs';
import { toolReference } from './tool-reference.mjs';

const { values: options } = parseArgs({ options: { check: { type: 'boolean' } } });
const fileOf = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(fileOf(path), 'utf8');

const { httpSettingsTable, settingsTable } = await importSource('src/cli/help.ts');
const {
  allLinksSection,
  claudeBlock,
  clientsSection,
  documentedSnippet,
  initBlock,
  pluginServers,
  skillCommand,
  snippetBlock,
} = await importSource('src/init/snippets.ts');
const { SETTINGS } = await importSource('src/config/settings.ts');
const { toolsets, catalogEntries } = await importSource('src/tools/catalog.ts');
const { simulatedOperations } = await importSource('src/sandbox/router.ts');
const documented = Object.keys(JSON.parse(read('src/sandbox/document/requests.json')));
const { SECTIONS } = await importSource('src/sandbox/seed-sections.ts');
const { PROCEDURES } = await importSource('src/mcp/prompt-procedures.ts');
const { signature } = await importSource('src/tools/signature.ts');

const pages = {
  'docs/tools.md': {
    tools: toolReference(toolsets, catalogEntries(), signature),
    'not-in-the-sandbox': notSimulatedSection(toolsets, documented, simulatedOperations),
  },
  'docs/environments.md': { session: await environmentsSection() },
  'docs/operators.md': { sessions: await operatorsSection() },
  'docs/prompts-and-resources.md': { prompts: promptsSection(PROCEDURES) },
  'docs/sandbox.md': {
    seed: seedSection(SECTIONS),
    differences: differencesSection(JSON.parse(read('scripts/emulator-differences.json'))),
  },
  'docs/teams.md': { 'http-settings': httpSettingsTable() },
  'README.md': { clients: clientsSection(), settings: settingsTable() },
  'docs/clients.md': {
    init: initBlock(),
    'claude-command': claudeBlock(),
    'claude-code': snippetBlock('claude-code'),
    cursor: snippetBlock('cursor'),
    vscode: snippetBlock('vscode'),
    codex: snippetBlock('codex'),
    antigravity: snippetBlock('antigravity'),
    windsurf: snippetBlock('windsurf'),
    zed: snippetBlock('zed'),
    links: allLinksSection(),
  },
  'plugin/skills/workos/SKILL.md': { command: skillCommand() },
  'docs/performance.md': {
    tokens: tokensSection(JSON.parse(read('bench/tokens.json'))),
    imports: importsSection(JSON.parse(read('bench/imports.json'))),
    bench: benchSection(JSON.parse(read('bench/results.json'))),
    'http-bench': httpBenchSection(JSON.parse(read('bench/http.json'))),
  },
};

const files = {
  'mcp.json.example': documentedSnippet('cursor'),
  'plugin/.mcp.json': pluginServers(),
  'server.json': serverJson(JSON.parse(read('package.json')), SETTINGS),
  'src/library/tool-types.ts': toolTypes(catalogEntries()),
};

const stale = [];
for (const [path, text] of Object.entries(files)) {
  if (read(path) === text) continue;
  stale.push(path);
  if (!options.check) writeFileSync(fileOf(path), text);
}
for (const [path, sections] of Object.entries(pages)) {
  const before = read(path);
  let after = before;
  for (const [name, section] of Object.entries(sections)) after = withSection(after, name, section);
  if (after === before) continue;
  stale.push(path);
  if (!options.check) writeFileSync(fileOf(path), after);
}
if (options.check && stale.length) {
  process.stderr.write(`${stale.join(', ')}: stale. Run npm run docs.\n`);
  process.exitCode = 1;
} else process.stdout.write(stale.length ? `wrote ${stale.join(', ')}\n` : 'the docs are current\n');
