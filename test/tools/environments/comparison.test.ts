import { describe, expect, it } from 'vitest';
import { compareLandscapes } from '../../../src/tools/environments/comparison.ts';
import { shortComparison } from '../../../src/tools/environments/comparison-result.ts';
import type { Kind } from '../../../src/tools/environments/kinds.ts';
import { type Landscape, sectionOf } from '../../../src/tools/environments/landscape.ts';
import { planPromotion } from '../../../src/tools/environments/promotion.ts';

type Row = Record<string, unknown>;

/** A landscape with these rows, as WorkOS lists them. */
function landscape(rows: Partial<Record<Kind, readonly Row[]>>): Landscape {
  const sections = Object.entries(rows).map(([kind, list]) => [kind, sectionOf(kind as Kind, list)]);
  return { sections: Object.fromEntries(sections), unread: [] };
}

const promote = (from: Landscape, to: Landscape, only: readonly Kind[], permissions?: readonly string[]) =>
  planPromotion(compareLandscapes(from, to), {
    from: 'staging',
    to: 'production',
    only,
    permissions: permissions && new Set(permissions),
  });

describe('a comparison', () => {
  it.each<[string, Kind, Row, Row]>([
    [
      'ids, secrets and times',
      'webhook_endpoints',
      { endpoint_url: 'u', id: 'a', secret: 's', created_at: '1' },
      { endpoint_url: 'u', id: 'b', secret: 't', created_at: '2' },
    ],
    ['the order of lists', 'roles', { slug: 'r', permissions: ['a', 'b'] }, { slug: 'r', permissions: ['b', 'a'] }],
    [
      'null instead of an empty string',
      'permissions',
      { slug: 'p', description: null },
      { slug: 'p', description: '' },
    ],
    ['an empty list', 'feature_flags', { slug: 'f', tags: [] }, { slug: 'f' }],
    [
      'the order of fields',
      'audit_log_schemas',
      { action: 'a', targets: [{ type: 't', metadata: { x: 1, y: 2 } }] },
      { action: 'a', targets: [{ metadata: { y: 2, x: 1 }, type: 't' }] },
    ],
    [
      'an empty schema',
      'audit_log_schemas',
      { action: 'a', actor: { metadata: { type: 'object', properties: {} } } },
      { action: 'a' },
    ],
  ])('ignores %s', (_, kind, here, there) => {
    const [difference] = compareLandscapes(landscape({ [kind]: [here] }), landscape({ [kind]: [there] }));
    expect(difference).toMatchObject({ onlyFrom: [], onlyTo: [], different: [], same: 1 });
  });

  it.each<[string, Kind, Row, Row, string]>([
    ['another name', 'roles', { slug: 'r', name: 'A' }, { slug: 'r', name: 'B' }, 'name'],
    [
      'an additional permission',
      'roles',
      { slug: 'r', permissions: ['a', 'b'] },
      { slug: 'r', permissions: ['a'] },
      'permissions',
    ],
    [
      'another state of a flag',
      'feature_flags',
      { slug: 'f', enabled: true },
      { slug: 'f', enabled: false },
      'enabled',
    ],
    [
      'an additional description',
      'permissions',
      { slug: 'p', description: 'd' },
      { slug: 'p', description: null },
      'description',
    ],
    [
      'another order inside a schema',
      'audit_log_schemas',
      { action: 'a', metadata: { x: [{ a: 1 }, { b: 2 }] } },
      { action: 'a', metadata: { x: [{ b: 2 }, { a: 1 }] } },
      'metadata',
    ],
    [
      'a number instead of a string',
      'audit_log_schemas',
      { action: 'a', metadata: { x: 1 } },
      { action: 'a', metadata: { x: '1' } },
      'metadata',
    ],
  ])('reports %s', (_, kind, here, there, field) => {
    const [difference] = compareLandscapes(landscape({ [kind]: [here] }), landscape({ [kind]: [there] }));
    expect(difference?.different.map(({ fields }) => fields)).toEqual([[field]]);
  });

  it('skips a kind that one side could not read', () => {
    expect(compareLandscapes(landscape({ roles: [{ slug: 'r' }] }), landscape({}))).toEqual([]);
  });

  it('does not match objects by an ambiguous name', () => {
    const two = landscape({
      connect_apps: [{ name: 'A', description: 'x' }, { name: 'A', description: 'y' }, { name: 'B' }],
    });
    const [difference] = compareLandscapes(two, landscape({ connect_apps: [{ name: 'A' }] }));
    expect(difference).toMatchObject({ ambiguous: ['A'], onlyTo: [], different: [] });
    expect(difference?.onlyFrom.map(({ key }) => key)).toEqual(['B']);
    const { steps, findings } = promote(two, landscape({ connect_apps: [{ name: 'A' }] }), ['connect_apps']);
    expect(steps).toEqual([]);
    expect(findings.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('have the same name'));
  });

  it('works with the names of built-in properties', () => {
    const odd = ['constructor', '__proto__', 'toString', 'hasOwnProperty'].map((slug) => ({ slug, name: slug }));
    const [difference] = compareLandscapes(landscape({ permissions: odd }), landscape({ permissions: odd.slice(2) }));
    expect(difference?.onlyFrom.map(({ key }) => key)).toEqual(['__proto__', 'constructor']);
    expect(difference?.same).toBe(2);
  });
});

describe('the result of a comparison', () => {
  const many = Array.from({ length: 300 }, (_, at) => ({ slug: `permission-${at}`, name: 'N'.repeat(200) }));
  const compared = (from: Landscape, to: Landscape) => ({
    from: 'staging',
    to: 'production',
    differences: compareLandscapes(from, to),
    notCompared: [],
  });

  it('takes at most 3,200 characters, counts what it leaves out, and is marked as incomplete', () => {
    const renamed = many.map((one) => ({ ...one, name: 'M'.repeat(200) }));
    for (const [from, to] of [
      [landscape({ permissions: many }), landscape({ permissions: [] })],
      [landscape({ permissions: many }), landscape({ permissions: renamed })],
    ] as const) {
      const { result, isWhole } = shortComparison(compared(from, to));
      expect(isWhole).toBe(false);
      expect(JSON.stringify(result).length).toBeLessThanOrEqual(3_200);
      expect(JSON.stringify(result)).toMatch(/… \d+ more/);
      expect(result['summary']).toMatch(/^300 /);
    }
  });

  it('shows only the items that the other list lacks', () => {
    const roles = (permissions: string[]) => landscape({ roles: [{ slug: 'r', permissions }] });
    const { result } = shortComparison(compared(roles(['a', 'b', 'c']), roles(['b', 'd'])));
    expect(result['differences']).toEqual({
      roles: {
        different: [{ name: 'r', fields: { permissions: { staging: ['a', 'c'], production: ['d'] } } }],
        same: 0,
      },
    });
  });
});

describe('a promotion', () => {
  it('creates permissions before the roles that need them, and grants after creating', () => {
    const from = landscape({
      permissions: [{ slug: 'docs:read', name: 'Read', resource_type_slug: 'organization' }],
      roles: [{ slug: 'reader', name: 'Reader', description: 'Reads', permissions: ['docs:read'] }],
    });
    const to = landscape({ permissions: [], roles: [] });
    expect(promote(from, to, ['roles', 'permissions'], []).steps).toEqual([
      { step: 'create_permission', slug: 'docs:read', name: 'Read', resource_type_slug: 'organization' },
      { step: 'create_role', slug: 'reader', name: 'Reader', description: 'Reads' },
      { step: 'add_role_permissions', role_slug: 'reader', permissions: ['docs:read'] },
    ]);
  });

  it('does not grant a permission that will not exist, and says so', () => {
    const from = landscape({
      permissions: [{ slug: 'a', name: 'A' }],
      roles: [{ slug: 'r', name: 'R', permissions: ['a', 'w'] }],
    });
    const to = landscape({ permissions: [], roles: [{ slug: 'r', name: 'R' }] });
    const { steps, findings } = promote(from, to, ['roles'], ['w']);
    expect(steps).toEqual([{ step: 'add_role_permissions', role_slug: 'r', permissions: ['w'] }]);
    expect(findings).toContainEqual(
      expect.objectContaining({ status: 'warning', detail: expect.stringContaining('"a"') }),
    );
  });

  it('keeps what only the target has, in lists too', () => {
    const from = landscape({
      roles: [{ slug: 'r', name: 'R', permissions: ['a'] }],
      webhook_endpoints: [{ endpoint_url: 'https://a.example', events: ['x'], status: 'enabled' }],
      connect_apps: [{ name: 'App', scopes: ['openid'], redirect_uris: [{ uri: 'https://a.example/1' }] }],
    });
    const to = landscape({
      roles: [
        { slug: 'r', name: 'R', permissions: ['b'] },
        { slug: 'other', name: 'O' },
      ],
      webhook_endpoints: [{ id: 'we_1', endpoint_url: 'https://a.example', events: ['y'], status: 'enabled' }],
      connect_apps: [{ id: 'app_1', name: 'App', scopes: ['email'], redirect_uris: [{ uri: 'https://a.example/2' }] }],
    });
    const { steps, findings } = promote(from, to, ['roles', 'webhook_endpoints', 'connect_apps'], ['a', 'b']);
    expect(steps).toEqual([
      { step: 'add_role_permissions', role_slug: 'r', permissions: ['a'] },
      {
        step: 'update_webhook_endpoint',
        endpoint_url: 'https://a.example',
        webhook_endpoint_id: 'we_1',
        events: ['x', 'y'],
        was: { events: ['y'] },
      },
      {
        step: 'update_connect_app',
        name: 'App',
        connect_application_id: 'app_1',
        scopes: ['email', 'openid'],
        redirect_uris: [{ uri: 'https://a.example/2' }, { uri: 'https://a.example/1' }],
        was: { scopes: ['email'], redirect_uris: [{ uri: 'https://a.example/2' }] },
      },
    ]);
    expect(findings.filter(({ status }) => status === 'ok').map(({ detail }) => detail)).toEqual([
      'The role "r" keeps what it has only in production: "b"',
      '1 role only in production stays as it is',
      'The endpoint "https://a.example" keeps what it has only in production: "y"',
    ]);
  });

  it('has no steps if only the target has more', () => {
    const from = landscape({ roles: [{ slug: 'r', name: 'R' }], jwt_template: [] });
    const to = landscape({ roles: [{ slug: 'r', name: 'R', permissions: ['a'] }, { slug: 's' }], jwt_template: [] });
    expect(promote(from, to, ['roles', 'jwt_template'], []).steps).toEqual([]);
  });

  it('clears a description, and shows the old one', () => {
    const from = landscape({ permissions: [{ slug: 'p', name: 'P', description: null }] });
    const to = landscape({ permissions: [{ slug: 'p', name: 'P', description: 'Old' }] });
    expect(promote(from, to, ['permissions']).steps).toEqual([
      { step: 'update_permission', permission_slug: 'p', description: null, was: { description: 'Old' } },
    ]);
  });

  it.each<[string, Kind, readonly Row[], readonly Row[], string]>([
    ['a missing flag', 'feature_flags', [{ slug: 'f', enabled: true }], [], 'Create them in the dashboard'],
    [
      'a flag with another default',
      'feature_flags',
      [{ slug: 'f', default_value: true }],
      [{ slug: 'f', default_value: false }],
      'Change it in the dashboard',
    ],
    [
      'another resource type',
      'roles',
      [{ slug: 'r', resource_type_slug: 'team' }],
      [{ slug: 'r', resource_type_slug: 'organization' }],
      'Change it in the dashboard',
    ],
    [
      'another default URI',
      'redirect_uris',
      [{ uri: 'https://a.example', default: true }],
      [{ uri: 'https://a.example', default: false }],
      'To change the default, use the dashboard',
    ],
    [
      'a machine client',
      'connect_apps',
      [{ name: 'm', application_type: 'm2m', organization_id: 'org_1' }],
      [],
      'create_connect_app for an organization',
    ],
  ])('leaves %s to the user, and says where to change it', (_, kind, here, there, fix) => {
    const { steps, findings } = promote(landscape({ [kind]: here }), landscape({ [kind]: there }), [kind]);
    expect(steps).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ status: 'skipped', fix: expect.stringContaining(fix) }));
  });

  it.each(['http://localhost:3000/callback', 'http://127.0.0.1/cb', 'http://[::1]:1/', 'https://app.localhost/'])(
    'warns about %s',
    (uri) => {
      const { findings } = promote(landscape({ redirect_uris: [{ uri }] }), landscape({ redirect_uris: [] }), [
        'redirect_uris',
      ]);
      expect(findings).toContainEqual(expect.objectContaining({ status: 'warning', check: 'redirect_uris' }));
    },
  );

  it('leaves a value that it does not understand unchanged, and says so', () => {
    const from = landscape({
      webhook_endpoints: [{ endpoint_url: 'https://a.example', events: ['x'], status: 'paused' }],
    });
    const to = landscape({
      webhook_endpoints: [{ id: 'we', endpoint_url: 'https://a.example', events: ['x'], status: 'enabled' }],
    });
    const { steps, findings } = promote(from, to, ['webhook_endpoints']);
    expect(steps).toEqual([]);
    expect(findings.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('an unexpected form'));
  });

  it('leaves out the kinds that were not requested', () => {
    const all = landscape({ permissions: [{ slug: 'p', name: 'P' }], cors_origins: [{ origin: 'https://a.example' }] });
    const none = landscape({ permissions: [], cors_origins: [] });
    expect(promote(all, none, ['cors_origins']).steps).toEqual([
      { step: 'create_cors_origin', origin: 'https://a.example' },
    ]);
  });
});
