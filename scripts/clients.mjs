// Lets real clients with an empty home folder read what `init` writes, and the plugin: Claude Code and Codex, which npx fetches.
// Prints their output, and exits with 1 if one of them rejects it.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLAUDE = '@anthropic-ai/claude-code@2.1.197';
const CODEX = '@openai/codex@0.169.0';
const COMMAND = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 180_000;

const print = (text) => process.stdout.write(`${text}\n`);
const home = await realpath(await mkdtemp(join(tmpdir(), 'workos-mcp-clients-')));
const project = join(home, 'project');
const env = {
  PATH: process.env.PATH,
  HOME: home,
  // Reuses npx's cache.
  npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
  npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
};
let failed = 0;

/** Runs a program in the project. Resolves to its exit code and its output. */
function run(command, args, { shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: project,
      env,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

const init = (...args) => run(process.execPath, [COMMAND, 'init', ...args]);
const claude = (...args) => run('npx', ['-y', CLAUDE, 'mcp', ...args]);
const plugin = (...args) => run('npx', ['-y', CLAUDE, 'plugin', ...args]);
const codex = (...args) => run('npx', ['-y', CODEX, 'mcp', ...args]);

/** Awaits a run of a client, prints its output, and counts it as failed unless it exits with 0 and matches every pattern. */
async function step(title, running, ...patterns) {
  const { code, output } = await running;
  const missing = patterns.filter((pattern) => !pattern.test(output));
  if (code !== 0 || missing.length) failed++;
  print(`\n${code === 0 && !missing.length ? 'ok    ' : 'FAILED'}  ${title}`);
  print(output.replace(/^/gm, '        '));
  for (const pattern of missing) print(`        -> expected ${pattern}`);
  if (code !== 0) print(`        -> it exited with ${code}`);
}

try {
  await mkdir(project);
  await mkdir(join(home, '.codex'));
  // What Claude Code stores when the user has accepted a project's servers.
  const accepted = { hasTrustDialogAccepted: true, enabledMcpjsonServers: ['workos'] };
  await writeFile(join(home, '.claude.json'), JSON.stringify({ projects: { [project]: accepted } }));
  await writeFile(join(project, '.mcp.json'), '{"mcpServers": {"other": {"command": "true", "args": []}}}');
  await writeFile(join(home, '.codex/config.toml'), '# mine\n[mcp_servers.other]\ncommand = "true"\n');

  await step('init for a project of Claude Code', init('--client', 'claude-code', '--sandbox'), /Added the server/);
  await step('claude mcp get workos', claude('get', 'workos'), /Project config/, /workos/);
  await step('claude mcp list', claude('list'), /^workos: .*✔ Connected/m, /^other: /m);
  await rm(join(project, '.mcp.json'));

  const { output: command } = await run('sh', [
    '-c',
    `'${process.execPath}' '${COMMAND}' init --client claude-code --scope user 2>/dev/null`,
  ]);
  const added = command.replace(/^claude /, `npx -y ${CLAUDE} `);
  await step(command, run(added, [], { shell: true }), /Added stdio MCP server workos/);
  env.WORKOS_TOKEN = 'sk_test_clients';
  await step('claude mcp list, with the variable', claude('list'), /^workos: .*✔ Connected/m);
  delete env.WORKOS_TOKEN;
  await step('claude mcp list, without the variable', claude('list'), /Missing environment variables: WORKOS_TOKEN/);

  await step('the plugin', plugin('validate', '--strict', join(CHECKOUT, 'plugin')), /Validation passed/);
  await step('the marketplace', plugin('validate', '--strict', CHECKOUT), /Validation passed/);
  await step('claude plugin marketplace add', plugin('marketplace', 'add', CHECKOUT), /Successfully added/);
  const key = 'workos_token=sk_test_clients';
  await step(
    'claude plugin install',
    plugin('install', 'workos@workos-mcp', '--config', key),
    /Successfully installed/,
  );
  await step('claude mcp list, with the plugin', claude('list'), /^plugin:workos:workos: .*✔ Connected/m);

  await step('init for Codex', init('--client', 'codex', '--scope', 'user'), /Added the server/);
  await step('codex mcp list', codex('list'), /^workos +(?:node|npx) /m, /^other +true/m);
  await step(
    'codex mcp get workos',
    codex('get', 'workos'),
    /enabled: true/,
    /env: WORKOS_TOKEN/,
    /tool_timeout_sec: 300/,
  );
} finally {
  await rm(home, { recursive: true, force: true });
}
print(
  `\n${failed === 0 ? 'Both clients take what init writes, and Claude Code takes the plugin.' : `${failed} failed.`}`,
);
process.exitCode = failed === 0 ? 0 : 1;
