import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSeed } from '../../src/sandbox/seed.ts';
import { SECTIONS } from '../../src/sandbox/seed-sections.ts';
import { codeBlocks } from '../docs/pages.ts';
import { namesIn, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

let folder: string;
let client: SandboxClient | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-seed-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await client?.close();
  client = undefined;
});

let files = 0;
/** Starts a sandbox with this seed. A string is YAML. */
async function seeded(landscape: unknown): Promise<SandboxClient> {
  files += 1;
  const isYaml = typeof landscape === 'string';
  const seed = join(folder, `${files}.${isYaml ? 'yaml' : 'json'}`);
  writeFileSync(seed, isYaml ? landscape : JSON.stringify(landscape));
  client = await startSandboxClient({ seed });
  return client;
}

const rows = async (path: string) => (await client?.call(`GET ${path}`))?.body.data ?? [];

describe('a seed', () => {
  it('replaces the sample data; an empty one leaves only the roles that every environment has', async () => {
    await seeded({});
    expect(await rows('/organizations')).toEqual([]);
    expect((await rows('/authorization/roles')).map((role) => role['slug'])).toEqual(['admin', 'member']);
    expect(await rows('/user_management/users')).toEqual([]);
  });

  it('in docs/sandbox.md works, and uses every section', async () => {
    const [example = ''] = codeBlocks('docs/sandbox.md', 'yaml');
    await seeded(example);
    expect(namesIn((await client?.call('GET /organizations?order=asc')) ?? never())).toEqual([
      'Acme Robotics',
      'Northwind Freight',
    ]);
    for (const { name } of SECTIONS) expect(example).toMatch(new RegExp(`^${name}:`, 'm'));
  });

  it('can refer to organizations, people, directories and groups by name', async () => {
    await seeded({
      organizations: [{ name: 'Acme', external_id: 'acme' }],
      users: [{ email: 'ada@acme.example', first_name: 'Ada' }],
      organization_memberships: [
        { organization: 'acme', user: 'ada@acme.example', role_slug: 'admin', status: 'inactive' },
      ],
      directories: [{ organization: 'Acme', name: 'Acme Okta' }],
      directory_groups: [{ directory: 'Acme Okta', name: 'Engineering' }],
      directory_users: [{ directory: 'Acme Okta', email: 'ada@acme.example', groups: ['Engineering'] }],
    });
    const [organization] = await rows('/organizations');
    expect(
      await rows(`/user_management/organization_memberships?organization_id=${organization?.id}&statuses=inactive`),
    ).toMatchObject([
      { organization_name: 'Acme', status: 'inactive', role: { slug: 'admin' }, user: { first_name: 'Ada' } },
    ]);
    expect(await rows('/directory_users')).toMatchObject([
      { organization_id: organization?.id, state: 'active', groups: [{ name: 'Engineering' }] },
    ]);
  });

  it('can set ids and times', async () => {
    const created_at = '2026-03-01T10:00:00.000Z';
    await seeded({ organizations: [{ id: 'org_acme', name: 'Acme', created_at }] });
    expect((await client?.call('GET /organizations/org_acme'))?.body).toMatchObject({ name: 'Acme', created_at });
  });

  it('can set the id of any row', async () => {
    const [example = ''] = codeBlocks('docs/sandbox.md', 'yaml');
    // The example has a list of rows in each section.
    const landscape = parse(example) as Record<string, Record<string, unknown>[]>;
    for (const section of SECTIONS) {
      for (const [index, row] of (landscape[section.name] ?? []).entries()) row['id'] = `my_${section.name}_${index}`;
    }
    const seed = join(folder, 'ids.json');
    writeFileSync(seed, JSON.stringify(landscape));
    const { tables } = readSeed(seed, Date.now());
    for (const { name, table } of SECTIONS) {
      expect(tables[table]?.map(({ id }) => id)).toContain(`my_${name}_0`);
    }
  });

  it('can set short ids and still gets distinct derived records', async () => {
    const names = ['a', 'b'];
    await seeded({
      organizations: names.map((name) => ({ id: name, name })),
      users: names.map((name) => ({ id: `user_${name}`, email: `${name}@acme.example` })),
      organization_memberships: names.map((name) => ({ id: `om_${name}`, organization: 'a', user: `user_${name}` })),
    });
    const roots = await rows('/authorization/resources?resource_type_slug=organization');
    expect(new Set(roots.map(({ id }) => id)).size).toBe(2);
    const assignments = await rows('/authorization/organizations/a/resources/organization/a/role_assignments');
    expect(new Set(assignments.map(({ id }) => id)).size).toBe(2);
  });

  it('can have a default redirect URI without a host', async () => {
    await seeded({ redirect_uris: [{ uri: 'myapp:callback' }] });
    const link = await client?.call('POST /passwordless/sessions', { email: 'ada@acme.example' });
    expect(link?.status).toBe(201);
  });

  it('can be YAML with YAML timestamps', async () => {
    await seeded('organizations:\n  - name: Acme\n    created_at: 2026-03-01\n');
    expect(await rows('/organizations')).toMatchObject([{ created_at: '2026-03-01T00:00:00.000Z' }]);
  });

  it.each([
    ['an object instead of a list', { organizations: {} }, 'organizations must be a list of rows'],
    [
      'a section that does not exist',
      { organisations: [] },
      'there is no section organisations; the sections are permissions',
    ],
    ['a row that is not an object', { users: ['ada'] }, 'users[0]: a row must be an object'],
    [
      'a field that does not exist',
      { organizations: [{ name: 'A', plan: 'x' }] },
      'organizations[0] (A): there is no field plan',
    ],
    [
      'a field of the wrong type',
      { organizations: [{ name: 7 }] },
      'organizations[0]: Validation failed: name must be string',
    ],
    ['a missing field', { users: [{ first_name: 'Ada' }] }, 'users[0]: Validation failed: email is required'],
    ['a missing reference', { directories: [{ name: 'D' }] }, 'directories[0] (D): organization is required'],
    [
      'an unknown user',
      { organizations: [{ name: 'A' }], organization_memberships: [{ organization: 'A', user: 'b@a.example' }] },
      'organization_memberships[0]: user "b@a.example" is not in users',
    ],
    [
      'an ambiguous name',
      { organizations: [{ name: 'A' }, { name: 'A' }], directories: [{ name: 'D', organization: 'A' }] },
      'directories[0] (D): organization "A" is not unique in organizations; use its id',
    ],
    [
      'a duplicate id',
      {
        organizations: [
          { id: 'o', name: 'A' },
          { id: 'o', name: 'B' },
        ],
      },
      'organizations[1] (B): the id o is already used',
    ],
    [
      'a time in the future',
      { organizations: [{ name: 'A', created_at: '2030-01-01' }] },
      'created_at must be a time in the past',
    ],
    [
      'a value that the API refuses',
      { organizations: [{ name: 'A', domains: ['gmail.com'] }] },
      'is a consumer domain',
    ],
    [
      'a field named like a property of every object',
      { users: [{ email: 'a@b.example', constructor: 'x' }] },
      'no field constr',
    ],
    [
      'a type that does not exist',
      { organizations: [{ name: 'A' }], connections: [{ organization: 'A', name: 'C', connection_type: 'OktaSMAL' }] },
      'connections[0] (C): connection_type must be one of',
    ],
    [
      'a state that does not exist',
      { organizations: [{ name: 'A' }], directories: [{ organization: 'A', name: 'D', state: 'on' }] },
      'directories[0] (D): state must be one of linked',
    ],
    [
      'a status that does not exist',
      {
        organizations: [{ name: 'A' }],
        users: [{ email: 'a@b.example' }],
        organization_memberships: [{ organization: 'A', user: 'a@b.example', status: 'retired' }],
      },
      'organization_memberships[0]: status must be one of active, inactive, pending',
    ],
    [
      'an answer of the wrong type',
      { users: [{ email: 'a@b.example', last_sign_in_at: 5 }] },
      'last_sign_in_at has the wrong type',
    ],
    ['a string as an owner', { feature_flags: [{ slug: 'a', name: 'A', owner: 'Ada' }] }, 'owner has the wrong type'],
    [
      'a duplicate slug',
      {
        feature_flags: [
          { slug: 'a', name: 'A' },
          { slug: 'a', name: 'B' },
        ],
      },
      'feature_flags[1] (B): the slug a is already used',
    ],
    [
      'an id that does not exist',
      { directories: [{ organization_id: 'org_nowhere', name: 'D' }] },
      'organization "org_nowhere" is not in organizations',
    ],
    [
      'a group of another directory',
      {
        organizations: [{ name: 'A' }],
        directories: ['D', 'E'].map((name) => ({ organization: 'A', name })),
        directory_groups: [{ directory: 'D', name: 'G' }],
        directory_users: [{ groups: ['G'], directory: 'E', email: 'a@b.example' }],
      },
      'directory_users[0] (a@b.example): groups "G" is not in directory_groups',
    ],
    ['a list instead of an object', [], 'must have sections, such as organizations'],
    ['invalid YAML', 'a: [', 'cannot be parsed'],
  ])('with %s is refused with the place and the reason', async (_case, landscape, reason) => {
    await expect(seeded(landscape)).rejects.toThrow(reason);
  });

  it('is refused with all its problems at once, up to twenty', async () => {
    const users = Array.from({ length: 25 }, (_, index) => ({ first_name: `Ada ${index}` }));
    await expect(seeded({ users })).rejects.toThrow(/users\[0\][\s\S]*users\[19\][\s\S]*and 5 more$/);
  });
});

function never(): never {
  throw new Error('the client has not started');
}
