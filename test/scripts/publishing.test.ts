import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { SETTINGS } from '../../src/config/settings.ts';
import { read, root } from '../docs/pages.ts';
import { cleanEnvironment } from '../process.ts';

const manifest = JSON.parse(read('package.json'));
const scripts: Record<string, string> = manifest.scripts;

describe('package.json', () => {
  it('has no dependencies and no install scripts', () => {
    expect(Object.keys(manifest).filter((field) => /dependencies$/i.test(field))).toEqual(['devDependencies']);
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });

  it('packs the build and the pages for users', () => {
    expect(manifest.files).toEqual(['dist', 'CHANGELOG.md', 'SECURITY.md', 'mcp.json.example']);
  });

  it('builds before each script that needs the build', () => {
    const usesBuild = (command: string) => {
      const file = /\bnode (\S+\.m?js)\b/.exec(command)?.[1] ?? '';
      return command.startsWith('vitest run') || file.startsWith('dist/') || (file !== '' && needsBuild(read(file)));
    };
    const needing = Object.entries(scripts).filter(([name, command]) => name !== 'build' && usesBuild(command));
    // Packing builds too.
    const packing = ['release:check'];
    expect(needing.map(([name]) => name)).toEqual(
      expect.arrayContaining(['test', 'test:command', 'test:http', 'demo', 'soak', 'bench', 'mcpb']),
    );
    for (const [name] of needing.filter(([one]) => !packing.includes(one))) {
      expect(scripts, name).toHaveProperty([`pre${name}`], 'npm run build');
    }
  });
});

/** Whether a script reads dist/, which test files do through test/process.ts. */
function needsBuild(script: string): boolean {
  return /['"./]dist\/(?:index|tools)|\bfuzz\.test/.test(script.replace(/^ *(?:\/\/|\*).*$/gm, ''));
}

describe('server.json', () => {
  const Variable = z.strictObject({
    name: z.string(),
    description: z.string(),
    format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
    default: z.string().optional(),
    choices: z.array(z.string()).optional(),
    isRequired: z.boolean().optional(),
    isSecret: z.boolean().optional(),
  });
  // What the registry's schema of 2025-12-11 says about the fields used here.
  const Server = z.strictObject({
    $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
    name: z.string().regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
    title: z.string().min(1).max(100),
    description: z.string().min(1).max(100),
    version: z.string().max(255),
    repository: z.strictObject({ url: z.url(), source: z.literal('github') }).optional(),
    packages: z.tuple([
      z.strictObject({
        registryType: z.literal('npm'),
        registryBaseUrl: z.literal('https://registry.npmjs.org'),
        identifier: z.string(),
        version: z.string(),
        runtimeHint: z.literal('npx'),
        transport: z.strictObject({ type: z.literal('stdio') }),
        environmentVariables: z.array(Variable),
      }),
    ]),
  });
  const server = Server.parse(JSON.parse(read('server.json')));
  const [{ identifier, version, environmentVariables }] = server.packages;

  it('describes this version of this package', () => {
    expect({ identifier, version }).toEqual({ identifier: manifest.name, version: manifest.version });
    expect(server.version).toBe(manifest.version);
    if (manifest.repository === undefined) expect(server.name).toBe('io.github.OWNER/workos-mcp');
  });

  it('has every setting, with a default that the setting accepts', () => {
    for (const { variable, parse } of Object.values(SETTINGS)) {
      const described = environmentVariables.find(({ name }) => name === variable);
      expect(described, variable).toBeDefined();
      for (const value of [described?.default, ...(described?.choices ?? [])]) {
        if (value !== undefined) expect(() => parse(value)).not.toThrow();
      }
    }
  });

  it('marks only the key as a secret', () => {
    expect(environmentVariables.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual(['WORKOS_TOKEN']);
  });
});

describe('publishing', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-publishing-'));
    mkdirSync(join(folder, 'src/init'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const NAME = 'io.github.acme/workos-mcp';
  /** What is ready to publish as 1.2.0. */
  const READY = {
    repository: 'github:acme/workos-mcp',
    mcpName: NAME,
    changelog: '1.2.0',
    published: 'true',
    described: '1.2.0',
    start: 'Run npx -y workos-mcp.',
    tag: 'v1.2.0',
  };

  function refusals(changed: Partial<Record<keyof typeof READY, string | undefined>>) {
    const { repository, mcpName, changelog, published, described, start, tag } = { ...READY, ...changed };
    const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
    write('package.json', JSON.stringify({ name: 'workos-mcp', version: '1.2.0', repository, mcpName }));
    write('server.json', JSON.stringify({ name: NAME, version: described, packages: [{ version: described }] }));
    write('README.md', `## Start\n\n${start}\n`);
    write('CHANGELOG.md', `# Changelog\n\n## [${changelog}]\n`);
    const source = read('src/init/server-command.ts');
    write('src/init/server-command.ts', source.replace(/(PUBLISHED: boolean = )\w+/, `$1${published}`));
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/ready-to-publish.mjs'), tag ?? ''], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnvironment(),
    });
    expect(status).toBe(stderr === '' ? 0 : 1);
    return stderr.trimEnd().split('\n').filter(Boolean);
  }

  it.each(['github:acme/workos-mcp', 'git+https://github.com/acme/workos-mcp.git', 'git@github.com:acme/workos-mcp'])(
    'goes ahead if nothing is missing: %s',
    (repository) => {
      expect(refusals({ repository })).toEqual([]);
    },
  );

  it.each([
    ['no repository', { repository: undefined }, /^Not published: package\.json has no `repository`.*set it/],
    ['a repository elsewhere', { repository: 'https://git.example/acme/workos-mcp' }, /has no `repository` on GitHub/],
    ['another mcpName', { mcpName: undefined }, /has to say "mcpName": "io\.github\.acme\/workos-mcp"/],
    ['no section in the changelog', { changelog: 'Unreleased' }, /no section for 1\.2\.0/],
    [
      'a README that still mentions a checkout',
      { start: 'You need a checkout; there is no npm package.' },
      /correct "Start"/,
    ],
    [
      'an init that writes the path of a checkout',
      { published: 'false' },
      /PUBLISHED in src\/init\/server-command\.ts is not true/,
    ],
    ['a stale server.json', { described: '1.1.0' }, /server\.json has another version.*npm run docs/],
    ['another tag', { tag: 'v1.3.0' }, /the tag is v1\.3\.0, but package\.json has version 1\.2\.0/],
  ])('is refused with %s', (_, changed, reason) => {
    const [first, ...others] = refusals(changed);
    expect(first).toMatch(reason);
    expect(others).toEqual([]);
  });

  it('is checked first by the workflow, and by npm', () => {
    expect(scripts['prepublishOnly']).toBe('node scripts/ready-to-publish.mjs');
    const { on, jobs } = workflow('publish.yml');
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs['ready']?.steps?.at(-1)?.run).toBe('node scripts/ready-to-publish.mjs "$GITHUB_REF_NAME"');
    expect([jobs['test']?.needs, jobs['publish']?.needs]).toEqual(['ready', 'test']);
    expect(jobs['publish']?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(jobs['publish']?.steps?.at(-1)?.run).toBe('npm publish --provenance --access public');
  });
});

describe('the workflows', () => {
  it.each(readdirSync(join(root, '.github/workflows')))('%s runs only scripts that exist', (name) => {
    const runs = Object.values(workflow(name).jobs).flatMap(({ steps = [] }) => steps.flatMap(({ run }) => run ?? []));
    expect(runs).not.toEqual([]);
    const named = runs.flatMap((run) => /^npm run ([\w:]+)/.exec(run)?.[1] ?? []);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});

function workflow(name: string) {
  const Job = z.object({
    needs: z.string().optional(),
    permissions: z.record(z.string(), z.string()).optional(),
    steps: z.array(z.object({ run: z.string().optional() })).optional(),
  });
  return z
    .object({ on: z.unknown(), jobs: z.record(z.string(), Job) })
    .parse(parseYaml(read(`.github/workflows/${name}`)));
}
