import { describe, expect, it } from 'vitest';
import { runInProcess } from '../in-process.ts';

const env = { WORKOS_TOKEN: 'sk_live_settings' };

describe('a repeated flag', () => {
  const namesOf = async (args: readonly string[], variables: Record<string, string> = {}) => {
    const { code, out } = await runInProcess(['tools', '--json', ...args], { ...env, ...variables });
    expect(code).toBe(0);
    const rows: { name: string }[] = JSON.parse(out);
    return rows.map(({ name }) => name);
  };

  it('adds to the list if it takes one, however it is written', async () => {
    const flags = [
      '--exclude-tools',
      'list_users',
      '--exclude-tools=list_roles,get_user',
      '--exclude-tools',
      ' get_role ,',
    ];
    const names = await namesOf(flags);
    expect(names).toContain('list_organizations');
    for (const name of ['list_users', 'list_roles', 'get_user', 'get_role']) expect(names).not.toContain(name);
    const vaultAndRoles = await namesOf([
      '--toolsets=vault',
      '--tools=get_role',
      '--toolsets',
      'mfa',
      '--tools',
      'get_user',
    ]);
    expect(vaultAndRoles).toEqual(
      expect.arrayContaining(['list_vault_objects', 'get_role', 'get_user', 'enroll_auth_factor']),
    );
  });

  it('replaces the value of its variable, as a single flag does', async () => {
    const variables = { WORKOS_MCP_EXCLUDE_TOOLS: 'list_organizations,get_organization' };
    expect(await namesOf([], variables)).not.toContain('list_organizations');
    const names = await namesOf(['--exclude-tools=list_users', '--exclude-tools', 'get_user'], variables);
    expect(names).toContain('list_organizations');
    for (const name of ['list_users', 'get_user']) expect(names).not.toContain(name);
  });

  it.each([
    [['--confirm', 'always', '--confirm=never'], '--confirm'],
    [['--confirm=never', '--confirm=never'], '--confirm'],
    [['--read-only', '--read-only=false'], '--read-only'],
    [['--sandbox', '--sandbox'], '--sandbox'],
    [['--output-dir=/tmp/a', '--output-dir', '/tmp/b'], '--output-dir'],
    [['--base-url', 'https://a.example', '--base-url=https://b.example'], '--base-url'],
    [['--json', '--json'], '--json'],
  ])('is an error if it takes one value: %j', async (args, flag) => {
    const { code, out, err } = await runInProcess(['tools', ...args], env);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `workos-mcp: ${flag} is given more than once\n` });
  });
});
