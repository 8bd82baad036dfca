// Writes the extension for Claude Desktop, out/workos-mcp-<version>.mcpb, and prints its path. Needs dist/.
//   node scripts/mcpb.mjs [--check]
// With --check, also unpacks and validates it with the official tool, which npx fetches, and starts it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';
import { mcpbManifest } from './mcpb-manifest.mjs';
import { stdioSession } from './stdio-session.mjs';

const MCPB = '@anthropic-ai/mcpb@2.1.2';
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(join(root, path));
const print = (text) => process.stdout.write(`${text}\n`);

const { values: options } = parseArgs({ options: { check: { type: 'boolean' } } });
const manifest = JSON.parse(read('package.json'));
const { name, version, type, license } = manifest;
const files = {
  'manifest.json': json(mcpbManifest(manifest, JSON.parse(read('dist/tools.json')))),
  // Without "type", Node would not treat the files as ES modules.
  'package.json': json({ name, version, type, license }),
  LICENSE: read('LICENSE'),
  ...filesOfBuild(),
};
// One timestamp for all files, so that builds are reproducible. Zip files cannot store dates before 1980.
const zip = zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
const file = join(root, 'out', `${name}-${version}.mcpb`);
mkdirSync(join(root, 'out'), { recursive: true });
writeFileSync(file, zip);
print(`${file} (${Math.round(zip.length / 1024)} KB, ${Object.keys(files).length} files)`);
if (options.check) await check();

function filesOfBuild() {
  const entries = readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(root.length));
  // The extension does not need the library, because nothing imports it.
  const used = paths.filter((path) => !/[\\/]library\.(?:js|d\.ts)$/.test(path));
  return Object.fromEntries(used.sort().map((path) => [path.replaceAll('\\', '/'), read(path)]));
}

function json(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-mcpb-'));
  try {
    runMcpb('unpack', file, folder);
    runMcpb('validate', join(folder, 'manifest.json'));
    const { server } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const args = server.mcp_config.args.map((arg) => arg.replace(`$\{__dirname}`, () => folder));
    const session = await stdioSession({ command: process.execPath, args: [...args, '--sandbox'] });
    print(`It starts, lists ${session.tools.length} tools, and finds ${session.organizations} organizations.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runMcpb(...args) {
  // npx is a batch file on Windows, which only a shell can start.
  const { status, error } = spawnSync('npx', ['-y', MCPB, ...args], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`mcpb ${args[0]} exited with ${status}`);
}
