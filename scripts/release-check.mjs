// Packs the package as it would be published, installs it into an empty folder, and uses it there. Prints its size, and fails if
// it contains anything unexpected.
//   npm run release:check
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stdioSession } from './stdio-session.mjs';

/** The files of the package outside of dist/. */
const PAGES = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'mcp.json.example', 'package.json'];
const BUILT =
  /^dist\/(?:index\.js|library\.js|library\.d\.ts|tools\.json|THIRD-PARTY-LICENSES\.txt|chunks\/[\w-]+\.js)$/;
/** Paths outside of the package that README may link to, because it says that they are in the repository. */
const IN_REPOSITORY = /^(?:docs\/|plugin\/|CONTRIBUTING\.md)/;

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const print = (text) => process.stdout.write(`${text}\n`);
const expect = (truth, message) => {
  if (!truth) throw new Error(message);
};
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-release-'));

try {
  const packed = pack();
  checkFiles(packed);
  const installed = install(packed);
  await use(installed);
  const [size, unpacked] = [packed.size, packed.unpackedSize].map((bytes) => `${Math.round(bytes / 1024)} KB`);
  print(`${packed.filename}: ${size} packed, ${unpacked} unpacked, ${packed.files.length} files`);
} catch (error) {
  process.stderr.write(`The package cannot be published: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const { stdout } = npm(
    root,
    'pack',
    '--json',
    '--foreground-scripts=false',
    '--loglevel=error',
    '--pack-destination',
    folder,
  );
  return Object.values(JSON.parse(stdout))[0];
}

/** Installs offline, so that no other package can come with it. */
function install({ name, filename }) {
  const prefix = join(folder, 'prefix');
  mkdirSync(prefix);
  const flags = ['--offline', '--no-audit', '--no-fund', '--loglevel=warn'];
  const { stderr } = npm(prefix, 'install', '--prefix', prefix, ...flags, join(folder, filename));
  expect(stderr.trim() === '', `npm install complains: ${stderr.trim()}`);
  const installed = join(prefix, 'node_modules');
  const others = readdirSync(installed).filter((one) => one !== name && !one.startsWith('.'));
  expect(others.length === 0, `npm install added ${others.join(', ')}`);
  return installed;
}

function checkFiles({ files }) {
  const paths = files.map(({ path }) => path);
  const strays = paths.filter((path) => !PAGES.includes(path) && !BUILT.test(path));
  expect(strays.length === 0, `it holds ${strays.join(', ')}`);
  const missing = [...PAGES, 'dist/index.js', 'dist/library.js', 'dist/library.d.ts', 'dist/tools.json'].filter(
    (path) => !paths.includes(path),
  );
  expect(missing.length === 0, `it lacks ${missing.join(', ')}`);
  const read = (path) => readFileSync(join(root, path), 'utf8');
  const manifest = JSON.parse(read('package.json'));
  const fields = ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'];
  const scripts = ['preinstall', 'install', 'postinstall', 'prepare'].filter((one) => manifest.scripts?.[one]);
  const unwanted = [...fields.filter((field) => manifest[field]), ...scripts];
  expect(unwanted.length === 0, `its package.json has ${unwanted.join(', ')}`);
  const local = paths.filter((path) => read(path).includes(root));
  expect(local.length === 0, `${local.join(', ')} name a folder of this machine`);
  const links = [...read('README.md').matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link);
  const dead = links.filter((link) => !/^[a-z]+:/.test(link) && !paths.includes(link) && !IN_REPOSITORY.test(link));
  expect(dead.length === 0, `README links to ${dead.join(', ')}, which the package does not hold`);
}

/** Runs the command that npm linked, as users do, and the entry, as clients do. */
async function use(installed) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(run('--version').trim() === version, 'it shows another version than package.json');
  expect(/\blist_organizations\b/.test(run('tools')), '`tools` lists no list_organizations');
  expect(run('demo', '--fast').length > 500, '`demo` shows next to nothing');
  const entry = join(installed, 'workos-mcp', 'dist', 'index.js');
  const { server, tools, organizations } = await stdioSession({
    command: process.execPath,
    args: [entry, '--sandbox'],
  });
  expect(server.version === version, `the server says that it is version ${server.version}`);
  expect(tools.includes('find_tools') && organizations > 0, 'a session found no tools or no organizations');
  const program = `import { connect } from 'workos-mcp';
    const workos = connect({ sandbox: true });
    const { data } = await workos.call('list_organizations', { limit: 2 });
    await workos.close();
    process.stdout.write(String(data.length));`;
  const imported = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(installed, '..'),
    encoding: 'utf8',
  });
  expect(succeed(imported, 'A program that imports the package').stdout === '2', 'the import did not work');
  print(`--version, tools, demo, a session with ${tools.length} tools and an import work`);

  function run(...args) {
    const bin = join(installed, '.bin', windows ? 'workos-mcp.cmd' : 'workos-mcp');
    expect(existsSync(bin), 'npm did not link the command');
    const options = { cwd: folder, encoding: 'utf8', shell: windows };
    return succeed(spawnSync(windows ? `"${bin}"` : bin, args, options), args.join(' ')).stdout;
  }
}

/** Runs npm: through the npm script that runs this process, if any, because `npm` itself cannot be spawned on Windows. */
function npm(cwd, ...args) {
  const script = process.env.npm_execpath;
  const [command, first] = script ? [process.execPath, [script]] : ['npm', []];
  return succeed(spawnSync(command, [...first, ...args], { cwd, encoding: 'utf8' }), `npm ${args[0]}`);
}

function succeed(ended, what) {
  if (ended.error) throw ended.error;
  expect(ended.status === 0, `${what} exited with ${ended.status}: ${ended.stderr.trim()}`);
  return ended;
}
