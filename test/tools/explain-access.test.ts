import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxSession, sandboxSession } from './sandbox-proxy.ts';

const MEMBERS = 130;
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-seed-'));
const seed = join(folder, 'landscape.json');

/** Acme has a directory, groups and resources; Globex has nothing but one member. */
const landscape = {
  permissions: [
    { slug: 'docs:read', name: 'Read' },
    { slug: 'billing:manage', name: 'Bill' },
    { slug: 'audit:export', name: 'Export' },
    { slug: 'nobody:has', name: 'Nobody' },
    { slug: 'project:edit', name: 'Edit', resource_type_slug: 'project' },
  ],
  roles: [
    { slug: 'member', name: 'Member', permissions: ['docs:read'] },
    { slug: 'admin', name: 'Admin', permissions: ['docs:read', 'billing:manage', 'project:edit'] },
    { slug: 'billing', name: 'Billing', permissions: ['billing:manage'] },
    { slug: 'editor', name: 'Editor', resource_type_slug: 'project', permissions: ['project:edit'] },
    { slug: 'lead', name: 'Lead', resource_type_slug: 'workspace', permissions: ['project:edit'] },
  ],
  organizations: [
    { id: 'org_acme', name: 'Acme', domain_data: [{ domain: 'acme.example', state: 'verified' }] },
    { id: 'org_globex', name: 'Globex' },
  ],
  organization_roles: [{ slug: 'org-auditor', name: 'Auditor', organization: 'Acme', permissions: ['audit:export'] }],
  users: ['ada', 'ben', 'cyd', 'dov', 'eve', ...Array.from({ length: MEMBERS }, (_, at) => `m${at}`)].map((name) => ({
    id: `user_${name}`,
    email: `${name}@acme.example`,
    first_name: name,
  })),
  organization_memberships: [
    { id: 'om_ada', organization: 'Acme', user: 'ada@acme.example', role_slug: 'admin' },
    { id: 'om_ben', organization: 'Acme', user: 'ben@acme.example', directory_managed: true },
    { id: 'om_cyd', organization: 'Acme', user: 'cyd@acme.example', role_slug: 'billing', status: 'inactive' },
    { id: 'om_dov', organization: 'Acme', user: 'dov@acme.example', status: 'pending' },
    { id: 'om_eve', organization: 'Globex', user: 'eve@acme.example' },
    ...Array.from({ length: MEMBERS }, (_, at) => ({
      id: `om_m${at}`,
      organization: 'Acme',
      user: `m${at}@acme.example`,
      role_slug: at < 12 ? 'billing' : 'member',
    })),
  ],
  groups: [{ id: 'group_1', name: 'Finance', organization: 'Acme' }],
  authorization_resources: [
    { id: 'authz_resource_w', external_id: 'w/1', name: 'W', resource_type_slug: 'workspace', organization: 'Acme' },
    {
      id: 'authz_resource_p',
      external_id: 'p1',
      name: 'P',
      resource_type_slug: 'project',
      organization: 'Acme',
      parent: 'w/1',
    },
    { id: 'authz_resource_g', external_id: 'g1', name: 'G', resource_type_slug: 'project', organization: 'Globex' },
  ],
  directories: [{ id: 'directory_1', name: 'Okta', organization: 'Acme' }],
  directory_groups: [{ id: 'directory_group_1', name: 'Sales', directory: 'Okta' }],
  directory_users: [{ id: 'directory_user_ben', email: 'ben@acme.example', directory: 'Okta', groups: ['Sales'] }],
};

async function prepared(session: SandboxSession): Promise<SandboxSession> {
  await session.send('POST /organizations/org_acme/groups/group_1/organization-memberships', {
    organization_membership_id: 'om_ben',
  });
  await session.send('POST /authorization/groups/group_1/role_assignments', { role_slug: 'billing' });
  await session.send('POST /authorization/groups/group_1/role_assignments', {
    role_slug: 'lead',
    resource_id: 'authz_resource_w',
  });
  await session.send('POST /authorization/organization_memberships/om_m20/role_assignments', {
    role_slug: 'editor',
    resource_id: 'authz_resource_p',
  });
  return session;
}

beforeAll(() => writeFileSync(seed, JSON.stringify(landscape)));
afterAll(() => rmSync(folder, { recursive: true }));

describe('explain_access', () => {
  let session: SandboxSession;
  beforeAll(async () => {
    session = await prepared(await sandboxSession({ seed }));
  });
  afterAll(() => session.close());
  const ask = async (input: Record<string, unknown>) => {
    const { value, error } = await session.call('explain_access', { organization: 'org_acme', ...input });
    expect(error).toBeUndefined();
    // Tests do not wait, so the sandbox rate-limits some requests for directory users, which are then retried.
    expect(new Set(session.requests).size, session.requests.join('\n')).toBeLessThanOrEqual(12);
    expect(countTokens(JSON.stringify(value))).toBeLessThan(700);
    return value;
  };

  it('distinguishes roles from a membership, a directory, a group and a resource', async () => {
    const value = await ask({ user: 'ben@acme.example' });
    expect(value).toMatchObject({
      membership: { organization_membership_id: 'om_ben', user_id: 'user_ben', status: 'active' },
      roles: expect.arrayContaining([
        { role: 'member', from: 'directory' },
        { role: 'billing', from: 'group', group: 'Finance', group_id: 'group_1' },
        {
          role: 'lead',
          from: 'group',
          group: 'Finance',
          group_id: 'group_1',
          on: 'workspace/w/1',
          resource_id: 'authz_resource_w',
        },
      ]),
      permissions: ['billing:manage', 'docs:read'],
    });
    expect(value['roles']).toHaveLength(3);
    expect(JSON.stringify(value['findings'])).toContain('in its groups Sales');
  });

  it.each([
    ['the domain of the organization', { organization: 'acme.example' }],
    ['the name of the organization', { organization: 'Acme' }],
    [
      'spaces around every argument',
      { organization: ' org_acme ', user: ' user_ben ', permission: ' billing:manage ' },
    ],
  ])('accepts %s', async (_, input) => {
    expect(await ask({ user: 'user_ben', permission: 'billing:manage', ...input })).toMatchObject({
      summary:
        'ben@acme.example is an active member of "Acme" with the roles member, billing; billing:manage is granted by the role billing through the group "Finance"',
    });
  });

  it('says which role is missing, and suggests a call that assigns it', async () => {
    const { next } = await ask({ user: 'm50@acme.example', permission: 'audit:export' });
    expect(next).toMatchObject({
      tool: 'update_organization_membership',
      arguments: { organization_membership_id: 'om_m50', role_slugs: ['member', 'org-auditor'] },
    });
    const step = next as { tool: string; arguments: Record<string, unknown> };
    expect((await session.call(step.tool, step.arguments)).error).toBeUndefined();
    expect(await ask({ user: 'user_m50', permission: 'audit:export' })).toMatchObject({
      summary: expect.stringContaining('audit:export is granted by the role org-auditor'),
    });
  });

  it.each([
    [
      'cyd@acme.example',
      'is an inactive member of "Acme" with the role billing, so no roles apply; billing:manage is granted by the role billing once',
    ],
    [
      'dov@acme.example',
      'is a pending member of "Acme" with the role member, so no roles apply; billing:manage is not granted',
    ],
    ['eve@acme.example', 'is not a member of "Acme"'],
    ['zed@acme.example', 'there is no user zed@acme.example'],
    ['om_ada', 'there is no user om_ada, which is the id of another object'],
    ['org_acme', 'there is no user org_acme, which is the id of another object'],
  ])('says of %s: %s', async (user, summary) => {
    expect((await ask({ user, permission: 'billing:manage' }))['summary']).toContain(summary);
  });

  it.each([
    ['user_m20', 'project/p1', 'is allowed: the role editor directly'],
    ['user_m20', 'authz_resource_p', 'is allowed: the role editor directly'],
    ['user_ben', 'project/p1', 'is allowed: the role lead inherited from workspace/w/1 through the group "Finance"'],
    ['user_ada', 'project/p1', 'is allowed: the role admin in the whole organization'],
    ['user_m21', 'project/p1', 'project:edit on project/p1 is not granted by member'],
    ['user_m20', 'workspace/w/1', 'is not granted by member, editor; only on project/p1'],
    ['user_ada', 'project/g1', 'there is no resource project/g1'],
    ['user_ada', 'authz_resource_g', 'belongs to another organization, org_globex'],
    ['user_ada', 'project/nope', 'there is no resource project/nope'],
    ['user_ada', 'p1', 'there is no resource p1'],
  ])('explains what %s may do on %s: %s', async (user, resource, detail) => {
    expect((await ask({ user, resource, permission: 'project:edit' }))['summary']).toContain(detail);
  });

  it('lists what a user may do on a resource', async () => {
    expect((await ask({ user: 'user_ben', resource: 'project/p1' }))['permissions']).toEqual(['project:edit']);
  });

  it('says who has a permission and from which role', async () => {
    const value = await ask({ permission: 'billing:manage' });
    expect(value).toMatchObject({
      summary: '14 people have billing:manage in "Acme"; the roles with it: admin, billing',
      people: [...Array(7).fill({ from: 'membership' }), { more: 7 }],
      next: { tool: 'list_fga_members_by_external_id' },
    });
    const step = value['next'] as { tool: string; arguments: Record<string, unknown> };
    expect((await session.call(step.tool, step.arguments)).value['items']).toBe(14);
  });

  it('says who has a permission on a resource, and from where', async () => {
    const { people, summary } = await ask({ permission: 'project:edit', resource: 'project/p1' });
    expect(summary).toBe('3 people have project:edit on project/p1 in "Acme"; the roles with it: admin, editor, lead');
    expect(people).toEqual(
      expect.arrayContaining([
        { email: 'ada@acme.example', organization_membership_id: 'om_ada', role: 'admin', from: 'membership' },
        {
          email: 'ben@acme.example',
          organization_membership_id: 'om_ben',
          role: 'lead',
          from: 'group',
          on: 'workspace/w/1',
        },
        {
          email: 'm20@acme.example',
          organization_membership_id: 'om_m20',
          role: 'editor',
          from: 'membership',
          on: 'project/p1',
        },
      ]),
    );
  });

  it.each([
    [{ permission: 'nobody:has' }, '0 people have nobody:has in "Acme"', 'no role has nobody:has'],
    [{ permission: 'docs:reed' }, 'there is no permission docs:reed', 'there is no permission docs:reed'],
    [{ permission: 'project:edit' }, '1 person has project:edit', 'is for resources of type project'],
    [{ permission: 'project:edit', resource: 'authz_resource_g' }, 'belongs to another', 'belongs to another'],
    [{ permission: 'project:edit', resource: 'project/x' }, 'there is no resource project/x', 'there is no resource'],
  ])('answers who has %j: %s', async (input, summary, finding) => {
    const value = await ask(input);
    expect(value['summary']).toContain(summary);
    expect(JSON.stringify(value['findings'])).toContain(finding);
  });

  it.each([
    [{}, 'Give user, or permission to see who has it'],
    [{ user: ' ' }, 'user: must not be empty'],
    [{ user: 'user_ada', permission: '' }, 'permission: must not be empty'],
    [{ user: 'user_ada', resource: '/' }, 'resource is incomplete'],
    [{ user: 'Ada Lovelace' }, '"Ada Lovelace" is not an email address or user id'],
    [{ user: '..' }, '".." is not an email address or user id'],
    [{ user: 'user_ada', organization: '' }, 'organization is empty'],
    [{ user: 'user_ada', organization: 'Initech' }, 'no organization with the id, name or domain "Initech"'],
    [{ user: 'user_ada', organization: 'org_nope' }, 'no organization with the id, name or domain "org_nope"'],
  ])('refuses %j: %s', async (input, message) => {
    const { error } = await session.call('explain_access', { organization: 'org_acme', ...input });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(message) });
  });

  it.each(['\u202eevil', 'a/../b', '%2e%2e', "'; drop--", 'ü:ß', 'x'.repeat(3_000)])(
    'says that there is no permission %j',
    async (permission) => {
      const value = await ask({ user: 'user_ada', permission });
      expect(value['summary']).toContain('there is no permission');
      expect(JSON.stringify(value)).not.toContain('\u202e');
      await ask({ permission });
    },
  );

  it.each(['project/../x', 'a/b/c/d', '..', '%2f/%2f', 'ü/ß', `x/${'y'.repeat(3_000)}`])(
    'finds no resource %j, or refuses it',
    async (resource) => {
      const { value, error } = await session.call('explain_access', {
        organization: 'org_acme',
        user: 'user_ada',
        permission: 'docs:read',
        resource,
      });
      expect(error?.kind ?? 'input').toBe('input');
      if (!error) expect(value['summary']).toContain('there is no resource');
    },
  );

  it('runs a JMESPath expression over its answer', async () => {
    const { value } = await session.call('explain_access', {
      organization: 'org_acme',
      user: 'user_ben',
      query: 'sort(roles[].role)',
    });
    expect(value).toEqual({ result: ['billing', 'lead', 'member'] });
  });
});

describe('explain_access without access to everything', () => {
  const sessions: SandboxSession[] = [];
  const start = async (options: Parameters<typeof sandboxSession>[0] = {}) => {
    const session = await prepared(await sandboxSession({ seed, ...options }));
    sessions.push(session);
    return session;
  };
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close();
  });
  const question = { organization: 'org_acme', user: 'ben@acme.example', permission: 'billing:manage' };
  const skippedIn = (value: Record<string, unknown>) =>
    (value['findings'] as { check: string; status: string }[])
      .filter(({ status }) => status === 'skipped')
      .flatMap(({ check }) => check.split(', '));

  it.each([
    [
      ['list_membership_role_assignments'],
      ['list_membership_role_assignments'],
      'billing:manage is not granted by member',
    ],
    [['list_organization_roles'], ['list_organization_roles'], 'is granted by the role billing through the group'],
    [['list_organization_roles', 'list_roles'], ['permission', 'list_organization_roles', 'list_roles'], 'is unknown'],
    [['list_group_role_assignments'], ['list_group_role_assignments'], 'by the role billing through a group'],
    [['list_organization_memberships'], ['membership', 'list_organization_memberships'], 'could not be read'],
    [['list_directories'], ['list_directories'], 'is granted by the role billing'],
    [['list_users'], ['user', 'list_users'], 'ben@acme.example could not be looked up'],
  ])('reports what it cannot read if %j is excluded', async (excluded, skipped, summary) => {
    const session = await start({ flags: ['--exclude-tools', excluded.join(',')] });
    const { value } = await session.call('explain_access', question);
    expect(skippedIn(value)).toEqual(skipped);
    expect(value['summary']).toContain(summary);
  });

  it('does not say that a permission is missing if group roles could not be read', async () => {
    const session = await start({ flags: ['--exclude-tools', 'list_membership_role_assignments'] });
    const { value } = await session.call('explain_access', question);
    expect(value['findings']).toContainEqual(expect.objectContaining({ check: 'permission', status: 'warning' }));
    expect(value['next']).toBeUndefined();
  });

  it('reports what it could not read because of a 403', async () => {
    const session = await start();
    await session.fail('/authorization/organization_memberships', 403, 5);
    const { value } = await session.call('explain_access', { ...question, resource: 'project/p1' });
    expect(skippedIn(value)).toEqual(
      expect.arrayContaining(['list_membership_role_assignments', 'check_authorization']),
    );
  });

  it('fails on a 401, which applies to every request', async () => {
    const session = await start({ env: { WORKOS_TOKEN: 'sk_test_wrong' } });
    expect((await session.call('explain_access', question)).error?.kind).toBe('auth');
  });

  it('works on a read-only server, and sends only reading requests', async () => {
    const session = await start({ flags: ['--read-only'] });
    const { value } = await session.call('explain_access', { ...question, resource: 'project/p1' });
    expect(value['summary']).toContain('WorkOS does not allow billing:manage on project/p1, although the role billing');
    expect(session.requests.filter((one) => !/^GET |\/check$/.test(one))).toEqual([]);
  });

  it.each([
    [[], 'the update', { tool: 'update_organization_membership', arguments: { role_slug: 'admin' } }],
    [
      ['--toolsets', 'core'],
      'the update through its dispatcher',
      { tool: 'call_write_tool', arguments: { tool: 'update_organization_membership' } },
    ],
    [['--read-only'], 'nothing', undefined],
    [['--exclude-tools', 'update_organization_membership'], 'nothing', undefined],
  ])('suggests with %j only what this server can run: %s', async (flags, _, next) => {
    const session = await start({ flags });
    const { value } = await session.call('explain_access', {
      organization: 'org_acme',
      user: 'user_m50',
      permission: 'project:edit',
    });
    if (next) expect(value['next']).toMatchObject(next);
    else expect(value).not.toHaveProperty('next');
  });

  it('finds people by their roles if WorkOS cannot be asked', async () => {
    const session = await start({ flags: ['--exclude-tools', 'list_fga_members_by_external_id'] });
    const { value } = await session.call('explain_access', { organization: 'Acme', permission: 'billing:manage' });
    expect(value).toMatchObject({ summary: expect.stringMatching(/^14 people have billing:manage/) });
    expect(skippedIn(value)).toEqual(['list_fga_members_by_external_id']);
  });

  it.each([
    ['user_ben', 'project/p1', 'project:edit'],
    ['ben@acme.example', undefined, 'billing:manage'],
    ['ben@acme.example', undefined, 'nobody:has'],
    [undefined, 'project/p1', 'project:edit'],
    [undefined, undefined, 'billing:manage'],
  ])('takes at most 12 requests in at most seven rounds: %s %s %s', async (user, resource, permission) => {
    const session = await start({ latencyMs: 80 });
    await session.call('explain_access', { organization: 'acme.example', user, resource, permission });
    expect(session.requests.length).toBeLessThanOrEqual(12);
    expect(session.rounds(), session.requests.join('\n')).toBeLessThanOrEqual(7);
  });

  it('stops at 12 requests, and says what it did not read', async () => {
    const session = await start();
    for (const name of ['Second', 'Third']) {
      const { id } = await session.send('POST /organizations/org_acme/groups', { name });
      await session.send(`POST /organizations/org_acme/groups/${id}/organization-memberships`, {
        organization_membership_id: 'om_ben',
      });
    }
    const { value } = await session.call('explain_access', {
      ...question,
      resource: 'project/p1',
      permission: 'project:edit',
    });
    expect(new Set(session.requests).size).toBe(12);
    expect(value['findings']).toContainEqual({
      check: expect.any(String),
      status: 'skipped',
      detail: 'not checked: the limit of 12 requests was reached',
    });
  });

  it('does not read the parent of a resource if a role on the resource is enough', async () => {
    const session = await start();
    await session.call('explain_access', {
      organization: 'org_acme',
      user: 'user_m20',
      permission: 'project:edit',
      resource: 'project/p1',
    });
    expect(session.requests.filter((one) => one.includes('authz_resource_w'))).toEqual([]);
  });

  it('uses the active one of several memberships', async () => {
    const session = await start({
      change: (path, body) =>
        path.includes('organization_memberships?')
          ? {
              ...body,
              data: [{ id: 'om_old', user_id: 'user_ben', status: 'inactive' }, ...(body['data'] as object[])],
            }
          : undefined,
    });
    const { value } = await session.call('explain_access', question);
    expect(value['membership']).toMatchObject({ organization_membership_id: 'om_ben', status: 'active' });
  });

  it("reads the environment's roles if an organization's list leaves them out", async () => {
    const session = await start({ change: (path) => (path.endsWith('org_acme/roles') ? { data: [] } : undefined) });
    const { value } = await session.call('explain_access', { ...question, permission: 'docs:read' });
    expect(value['summary']).toContain('docs:read is granted by the role member');
  });

  it.each<[string, (path: string, body: Record<string, unknown>) => unknown]>([
    ['null for every list', (path) => (path.includes('?') ? { data: null } : undefined)],
    ['rows that are null', (path) => (path.includes('?') ? { data: [null] } : undefined)],
    ['empty objects', (path) => (path.startsWith('/authorization') ? {} : undefined)],
    ['rows without fields', (path) => (path.startsWith('/authorization') ? { data: [{}] } : undefined)],
    [
      'a membership without roles',
      (path, body) =>
        path.includes('organization_memberships?')
          ? without(body, 'roles', 'role', 'user', 'directory_managed')
          : undefined,
    ],
    [
      'roles of the wrong type',
      (path) => (path.endsWith('/roles') ? { data: [{ slug: 7, permissions: 'all' }] } : undefined),
    ],
  ])('guesses nothing from %s', async (_, change) => {
    const session = await start({ change });
    for (const input of [
      question,
      { ...question, resource: 'project/p1' },
      { organization: 'org_acme', permission: 'billing:manage' },
    ]) {
      const { value, error } = await session.call('explain_access', input);
      expect(error?.kind ?? 'input').toBe('input');
      expect(error || skippedIn(value).length > 0 || value['roles']).toBeTruthy();
    }
  });
});

/** A list whose rows lack these fields. */
function without(body: Record<string, unknown>, ...names: string[]): unknown {
  const rows = (body['data'] as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))),
  );
  return { ...body, data: rows };
}
