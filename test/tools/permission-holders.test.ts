import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import type { Assignment, Membership, Role } from '../../src/tools/operators/access-facts.ts';
import { answerHolders, type HolderFacts } from '../../src/tools/operators/permission-holders.ts';

const role = (slug: string, permissions: string[] | undefined): Role => ({
  slug,
  type: 'EnvironmentRole',
  resource_type_slug: 'organization',
  permissions,
});
const roles = [role('admin', ['bill', 'read']), role('billing', ['bill']), role('member', ['read'])];
const person = (name: string, ...slugs: string[]): Membership => ({
  id: `om_${name}`,
  user_id: `user_${name}`,
  status: 'active',
  roles: slugs.map((slug) => ({ slug })),
  user: { id: `user_${name}`, email: `${name}@acme.example` },
});
const assigned = (name: string, slug: string, type: 'direct' | 'group', resource = 'organization'): Assignment => ({
  organization_membership_id: `om_${name}`,
  role: { slug },
  resource: { id: `authz_resource_${resource}`, external_id: '1', resource_type_slug: resource },
  source: { type },
});
const list = <T>(...items: T[]) => ({ items, more: false });
const ada = person('ada', 'admin');
const ben = person('ben', 'member');

/** WorkOS lists one person, an admin. */
const well: HolderFacts = {
  organization: { id: 'org_1', name: 'Acme' },
  permission: 'bill',
  permissionFound: { slug: 'bill', resource_type_slug: 'organization' },
  roles,
  named: list(ada),
  memberships: list(ada, ben),
  assignments: [assigned('ada', 'admin', 'direct')],
  unread: [],
};
const unread = (...tools: string[]) => ({ unread: tools.map((tool) => ({ tool, why: 'it is excluded' })) });
const project = {
  id: 'authz_resource_project',
  external_id: '1',
  resource_type_slug: 'project',
  organization_id: 'org_1',
};

const rows: readonly (readonly [
  when: string,
  facts: Partial<HolderFacts>,
  summary: string,
  people: object[],
  finding?: string,
])[] = [
  [
    'WorkOS lists them',
    {},
    '1 person has bill in "Acme"; the roles with it: admin, billing',
    [{ email: 'ada@acme.example', role: 'admin', from: 'membership' }],
  ],
  [
    'one person has it through a group',
    { named: list(ada, ben), assignments: [assigned('ben', 'billing', 'group')] },
    '2 people have bill',
    [{ role: 'admin' }, { email: 'ben@acme.example', role: 'billing', from: 'group' }],
  ],
  [
    'one person has it through two roles',
    { assignments: [assigned('ada', 'admin', 'direct'), assigned('ada', 'billing', 'group')] },
    '1 person has',
    [{ role: 'admin', also: 'billing' }],
  ],
  ['WorkOS lists a person twice', { named: list(ada, ada) }, '1 person has', [{ role: 'admin' }]],
  [
    'the role of a person is unknown',
    { named: list(person('eve')), assignments: [] },
    '1 person has',
    [{ email: 'eve@acme.example', role: null }],
  ],
  [
    'a membership has no user',
    { named: list({ ...ada, id: 'om_x', user: null }), memberships: undefined },
    '1 person has',
    [{ user_id: 'user_ada', role: null }],
  ],
  [
    'WorkOS lists no one, but a role has it',
    { named: list() },
    '1 person has',
    [{ email: 'ada@acme.example', role: 'admin' }],
  ],
  [
    'WorkOS could not be asked',
    { named: undefined, ...unread('list_fga_members_by_external_id') },
    '1 person has',
    [{ role: 'admin' }],
    'skipped list_fga_members',
  ],
  [
    'only some memberships were read',
    { named: undefined, memberships: { items: [ada, ben], more: true } },
    'at least 1 person has',
    [{ role: 'admin' }],
    'skipped people: only the newest 2 active memberships were checked',
  ],
  [
    'nobody has it',
    { named: list(), memberships: list(ben), assignments: [] },
    '0 people have',
    [],
    'warning people: no one has a role with bill',
  ],
  [
    'no role has it',
    { permission: 'nix', named: list(), assignments: [] },
    '0 people have nix',
    [],
    'problem roles: no role has nix',
  ],
  [
    'roles could not be read',
    { roles: undefined, named: undefined, ...unread('list_organization_roles', 'list_roles') },
    'the people with bill in "Acme" could not be read',
    [],
    'skipped list_organization_roles, list_roles',
  ],
  [
    "only the environment's roles were read",
    { permission: 'own', named: undefined, ...unread('list_organization_roles') },
    'the people with own in "Acme" could not be read',
    [],
    'skipped list_organization_roles',
  ],
  [
    'roles come without permissions',
    { roles: [role('admin', undefined)], named: list() },
    'the people with bill in "Acme" could not be read',
    [],
    'skipped roles: WorkOS did not return',
  ],
  ['memberships could not be read', { named: undefined, memberships: undefined }, 'could not be read', []],
  ['there is no such permission', { permissionFound: null }, 'there is no permission bill', [], 'problem permission'],
  [
    'the permission is for resources',
    { permissionFound: { slug: 'bill', resource_type_slug: 'project' }, named: list() },
    '1 person has',
    [{ role: 'admin' }],
    'warning permission: bill is for resources of type project',
  ],
  [
    'the question is about a resource',
    {
      resource: { asked: 'project/1', found: project },
      assignments: [assigned('ben', 'billing', 'direct', 'project')],
      named: list(ben),
    },
    '1 person has bill on project/1 in "Acme"',
    [{ email: 'ben@acme.example', role: 'billing', on: 'project/1' }],
  ],
  [
    'nobody has it on a resource',
    { resource: { asked: 'project/1', found: project }, named: list() },
    '0 people have',
    [],
  ],
  [
    'there is no such resource',
    { resource: { asked: 'project/1', found: null } },
    'there is no resource project/1',
    [],
    'problem resource',
  ],
  [
    'another organization has the resource',
    { resource: { asked: 'project/1', found: { ...project, organization_id: 'org_2' } } },
    'belongs to another organization, org_2',
    [],
  ],
];

describe('explain_access says who has a permission when', () => {
  it.each(rows.map(([when, facts, summary, people, finding]) => ({ when, facts, summary, people, finding })))(
    '$when',
    ({ facts, summary, people, finding }) => {
      const answer = answerHolders({ ...well, ...facts });
      expect(answer.summary).toContain(summary);
      expect(answer.people).toMatchObject(people);
      expect(answer.people).toHaveLength(people.length);
      const told = answer.findings.map(({ check, status, detail }) => `${status} ${check}: ${detail}`);
      if (finding)
        expect(
          told.filter((one) => one.startsWith(finding)),
          told.join('\n'),
        ).toHaveLength(1);
      expect(answer.next).toEqual(facts.memberships?.more ? expect.anything() : undefined);
    },
  );

  it.each([
    ['several roles give it', {}, 'list_fga_members_by_external_id'],
    ['one role gives it', { roles: roles.slice(1) }, 'list_members'],
    ['WorkOS could not be asked', { named: undefined }, 'list_members'],
    [
      'the question is about a resource',
      { resource: { asked: 'project/1', found: project } },
      'list_fga_resource_members',
    ],
  ])('many people have it and %s: lists the first, and suggests how to list all', (_, facts, tool) => {
    const many = Array.from({ length: 40 }, (__, at) =>
      person(`a-long-name-of-somebody-${at}-01KHZQMKVRXSZNDPZ5J76021QD`, 'billing'),
    );
    const answer = answerHolders({
      ...well,
      named: list(...many),
      memberships: list(...many),
      assignments: [],
      ...facts,
    });
    expect(answer.people).toHaveLength(8);
    expect(answer.people.at(-1)).toEqual({ more: 33 });
    expect(answer.next?.tool).toBe(tool);
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(700);
  });
});
