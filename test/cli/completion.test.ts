import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates } from '../../src/cli/candidates.ts';
import { COMMANDS } from '../../src/config/commands.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { WINDOWS } from '../platform.ts';
import { cleanEnvironment, runCommand } from '../process.ts';

const entries = catalogEntries();
const names = entries.map(({ definition }) => definition.name);
/** The candidates for a line up to the cursor. */
const at = (line: string) => candidates(line.split(' ').slice(1), entries);

describe('the completion candidates for', () => {
  it.each<[string, string[]]>([
    ['workos-mcp ', [...COMMANDS.keys()]],
    ['workos-mcp c', ['check', 'call', 'compare', 'completion']],
    ['workos-mcp --sandbox c', ['check', 'call', 'compare', 'completion']],
    ['workos-mcp --output-dir check c', ['check', 'call', 'compare', 'completion']],
    ['workos-mcp call ', names],
    ['workos-mcp tools ', names],
    ['workos-mcp call --sandbox get_organization_by', ['get_organization_by_external_id']],
    ['workos-mcp call get_user ', ['user_id=']],
    ['workos-mcp call list_users ema', ['email=']],
    ['workos-mcp call list_users limit=5 ema', ['email=']],
    ['workos-mcp call no_such_tool ', []],
    [
      'workos-mcp check --',
      ['environment', 'env-name', 'url', 'method', 'json', ...flags(), 'help'].map((one) => `--${one}`),
    ],
    ['workos-mcp demo --f', ['--fast']],
    ['workos-mcp --conf', ['--confirm']],
    ['workos-mcp check --method ', ['GET', 'HEAD', 'OPTIONS']],
    ['workos-mcp --confirm ', ['always', 'live', 'never']],
    ['workos-mcp tools --toolsets va', ['vault']],
    ['workos-mcp tools --toolsets core,va', ['core,vault']],
    ['workos-mcp --exclude-tools delete_user,delete_organization_r', ['delete_user,delete_organization_role']],
    ['workos-mcp help c', ['check', 'call', 'compare', 'completion']],
    ['workos-mcp completion ', ['bash', 'zsh', 'fish']],
    ['workos-mcp batch ', []],
    ['workos-mcp --sandbox-state ', []],
    ['workos-mcp find ', []],
  ])('%s', (line, expected) => {
    expect(at(line)).toEqual(expected);
  });
});

function flags(): string[] {
  return Object.values(SETTINGS).map(({ flag }) => flag);
}

describe('completion in a shell', () => {
  let folder: string;
  const scripts: Record<string, string> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-completion-'));
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = await runCommand(['completion', shell], { WORKOS_MCP_NONSENSE: '1' });
      expect(code).toBe(0);
      scripts[shell] = join(folder, shell);
      writeFileSync(join(folder, shell), out);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const shellRun = (shell: string, args: readonly string[]) =>
    spawnSync(shell, args, { encoding: 'utf8', cwd: folder, env: cleanEnvironment({ HOME: folder, TERM: 'dumb' }) });
  // Bash on Windows expects other paths.
  const has = (shell: string) => !WINDOWS && spawnSync(shell, ['--version']).status === 0;

  it.skipIf(!has('bash')).each([
    ['workos-mcp call get_organization_by', 'get_organization_by_external_id'],
    ['workos-mcp call get_user ', 'user_id='],
    ['workos-mcp --sandbox compl', 'completion'],
    ['workos-mcp demo --f', '--fast'],
  ])('bash completes %s', (line, expected) => {
    const command = `source '${scripts['bash']}'; COMP_LINE='${line}' COMP_POINT=${line.length}; _workos_mcp; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = shellRun('bash', ['--norc', '-c', command]);
    expect({ stdout, stderr }).toEqual({ stdout: `${expected}\n`, stderr: '' });
  });

  // The `script` of util-linux gives bash a terminal, which it needs for line editing.
  const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
  it.skipIf(!has('bash') || !hasScript)('bash completes at the prompt when Tab is pressed', () => {
    const typed = [
      `source '${scripts['bash']}'`,
      'workos-mcp() { printf \'<%s>\' "$@"; }',
      'workos-mcp call get_organization_by\texternal_id=x',
      'exit',
    ];
    const { stdout } = spawnSync('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
      input: `${typed.join('\n')}\n`,
      encoding: 'utf8',
      env: cleanEnvironment({ HOME: folder, TERM: 'dumb' }),
    });
    expect(stdout).toContain('<call><get_organization_by_external_id><external_id=x>');
  });

  it.skipIf(!has('fish')).each([
    ['workos-mcp call get_organization_by', ['get_organization_by_external_id']],
    ['workos-mcp call get_user ', ['user_id=']],
    ['workos-mcp --confirm ', ['always', 'live', 'never']],
    ['workos-mcp batch fis', ['fish']],
  ])('fish completes %s', (line, expected) => {
    const { stdout } = shellRun('fish', ['-c', `source '${scripts['fish']}'; complete -C '${line}'`]);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((one) => one.split('\t')[0]),
    ).toEqual(expected);
  });

  it.skipIf(!has('zsh'))('zsh completes at the prompt when Tab is pressed', () => {
    const session = [
      'zmodload zsh/zpty',
      "zpty z 'PS1= TERM=dumb zsh -f -i'",
      `zpty -w z 'autoload -U compinit; compinit -D -u; source ${scripts['zsh']}; PS1=READY'`,
      "zpty -r z line '*READY*'",
      "zpty -w -n z $'workos-mcp call get_organization_by_e\\t'",
      "zpty -r z line '*get_organization_by_external_id*'",
      "zpty -w -n z $'\\t'",
      "zpty -r z line '*external_id=*' && print completed",
      'zpty -d z',
    ].join('\n');
    expect(shellRun('zsh', ['-f', '-c', session]).stdout).toBe('completed\n');
  });
});
