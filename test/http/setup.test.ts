import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../src/config/rights.ts';
import { rightsOf, TEAM_ROLES } from '../../src/http/permissions.ts';
import { missingSteps, setUpTeam } from '../../src/http/setup.ts';
import { runCommand } from '../process.ts';

const ALL = Object.values(PERMISSIONS);

describe('the missing setup of a team', () => {
  it('is everything in a new environment, in the order in which it can be created', () => {
    const steps = missingSteps({ permissions: ['posts:read'], roles: new Map([['member', []]]) });
    expect(steps.map(({ tool, arguments: given }) => `${tool} ${given['role_slug'] ?? ''} ${given['slug']}`)).toEqual([
      ...ALL.map((slug) => `create_permission  ${slug}`),
      'create_role  workos-mcp-reader',
      'add_role_permission workos-mcp-reader workos-mcp:read',
      'create_role  workos-mcp-operator',
      'add_role_permission workos-mcp-operator workos-mcp:read',
      'add_role_permission workos-mcp-operator workos-mcp:write',
      'create_role  workos-mcp-admin',
      ...ALL.map((slug) => `add_role_permission workos-mcp-admin ${slug}`),
    ]);
  });

  it('is what a role lacks, and extra permissions of a role are kept', () => {
    const roles = new Map([
      ['workos-mcp-reader', ['workos-mcp:read', 'posts:read']],
      ['workos-mcp-operator', ['workos-mcp:read']],
      ['workos-mcp-admin', ALL],
    ]);
    expect(missingSteps({ permissions: ALL, roles })).toEqual([
      { tool: 'add_role_permission', arguments: { role_slug: 'workos-mcp-operator', slug: 'workos-mcp:write' } },
    ]);
  });

  it('gives each role the rights that its name promises', () => {
    const rights = TEAM_ROLES.map(({ rights: given }) => rightsOf(given.map((right) => PERMISSIONS[right])));
    expect(rights).toEqual([
      { read: true, write: false, delete: false, secrets: false },
      { read: true, write: true, delete: false, secrets: false },
      { read: true, write: true, delete: true, secrets: true },
    ]);
  });

  it('is created by tools that can be excluded', () => {
    expect(setUpTeam.madeOf).toContain('create_permission');
  });
});

describe('workos-mcp http --setup', () => {
  let folder: string;
  let flags: string[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-setup-'));
    flags = ['--sandbox', '--sandbox-state', join(folder, 'sandbox.json'), '--output-dir', join(folder, 'out')];
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const setUp = (...more: string[]) => runCommand(['http', '--setup', ...more, ...flags]);

  it('changes nothing without a code, then makes the previewed changes once', async () => {
    const log = join(folder, 'audit.jsonl');
    const preview = await setUp();
    expect(preview.code).toBe(3);
    const { changed, confirmation, hint, preview: shown } = JSON.parse(preview.out);
    expect([changed, hint]).toEqual([false, expect.stringContaining(`workos-mcp http --setup ${confirmation}`)]);
    expect(shown[0].plan.steps).toHaveLength(14);
    expect((await setUp('AAAAAAAA')).code).toBe(1);

    const done = await setUp(confirmation, '--audit-log', log);
    expect([done.code, JSON.parse(done.out)]).toEqual([0, expect.objectContaining({ changed: true })]);
    const roles = JSON.parse((await runCommand(['call', 'list_roles', ...flags])).out).data;
    expect(roles.find(({ slug }: { slug: string }) => slug === 'workos-mcp-operator').permissions.sort()).toEqual([
      'workos-mcp:read',
      'workos-mcp:write',
    ]);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(15);

    const again = await setUp();
    expect([again.code, JSON.parse(again.out)]).toEqual([0, expect.objectContaining({ changed: false })]);
  });

  it('is refused by a read-only server, and http accepts a code only with it', async () => {
    expect((await setUp('--read-only')).err).toContain('set_up_team changes data and this server is read-only');
    const { code, err } = await runCommand(['http', 'ABCDEFGH', ...flags]);
    expect([code, err]).toEqual([2, 'workos-mcp: http takes no argument "ABCDEFGH" without --setup\n']);
  });
});
