// Runs the schema portability check of the MCP Inspector, which npx fetches, over every tool. Prints the findings, and exits with
// 1 if there are any. The Inspector itself exits with 0 if there are only warnings.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0';
const server = [process.execPath, fileURLToPath(new URL('../dist/index.js', import.meta.url)), '--sandbox'];
// With all toolsets, find_tools is listed only on request.
const listed = ['--toolsets', 'all', '--tools', 'find_tools'];

const { status, stdout, stderr, error } = spawnSync(
  'npx',
  // The Inspector needs Node 22.19.
  ['-y', '-p', 'node@24', '-p', INSPECTOR, 'mcp-inspector', '--cli', ...server, ...listed].concat([
    '--method',
    'tools/list',
    '--strict',
    '--format',
    'json',
    '--quiet',
  ]),
  { encoding: 'utf8', maxBuffer: 64 << 20, timeout: 180_000, shell: process.platform === 'win32' },
);
const answer = stdout?.split('\n').find((line) => line.startsWith('{'));
if (error || !answer) {
  process.stderr.write(`${INSPECTOR} did not answer (exit ${status}): ${error?.message ?? stderr}\n`);
  process.exit(1);
}
const { result, schemaFindings = [] } = JSON.parse(answer);
for (const { toolName, findings } of schemaFindings) {
  for (const { severity, path, issue } of findings)
    process.stdout.write(`${severity}: ${toolName} ${path}: ${issue}\n`);
}
const found = schemaFindings.reduce((sum, { findings }) => sum + findings.length, 0);
process.stdout.write(`${INSPECTOR}: ${result.tools.length} tools, ${found} findings\n`);
process.exitCode = found > 0 ? 1 : 0;
