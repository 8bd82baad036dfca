import { beforeEach, describe, expect, it } from 'vitest';
import { recordEvents } from '../../src/sandbox/events.ts';
import { State } from '../../src/sandbox/state.ts';

const ROLE = {
  slug: 'org-clerk',
  name: 'Clerk',
  description: null,
  type: 'OrganizationRole',
  resource_type_slug: 'organization',
  permissions: [],
} as const;

/** What no single request to the API shows. */
describe('recorded events', () => {
  let now: number;
  let state: State;
  beforeEach(() => {
    now = Date.parse('2026-11-02T09:00:00.000Z');
    state = new State({ now: () => now, exportPolls: 0 }, { ids: { seed: 1, latest: now }, tables: {} });
  });

  const recorded = () => state.where('events').map(({ event, data }) => [event, data]);

  it('distinguish the roles of organizations from those of the environment', () => {
    state.add('roles', { ...ROLE, permissions: [], _organization_id: null });
    state.add('roles', { ...ROLE, permissions: [], _organization_id: 'org_1' });
    recordEvents(state);
    const [[role, own] = [], [organizationRole, custom] = []] = recorded();
    expect([role, own]).toEqual(['role.created', expect.objectContaining({ object: 'role', slug: 'org-clerk' })]);
    expect(organizationRole).toBe('organization_role.created');
    expect(custom).toMatchObject({ object: 'organization_role', organization_id: 'org_1' });
    expect(custom).not.toHaveProperty('id');
  });

  it('leave out changes for which the document has no event', () => {
    state.add('webhook_endpoints', { endpoint_url: 'https://a.example', secret: 's', status: 'enabled', events: [] });
    state.emit('robot.started', {});
    expect([recordEvents(state), recorded()]).toEqual([[], []]);
  });

  it('do not change when their records change', () => {
    const domain = { id: 'org_domain_1', domain: 'then.example', nested: { value: 'then' } };
    state.emit('organization_domain.verified', domain);
    recordEvents(state);
    domain.domain = 'now.example';
    expect(recorded()).toEqual([['organization_domain.verified', { id: 'org_domain_1', domain: 'then.example' }]]);
  });

  it('are at most 1,000', () => {
    for (let count = 0; count < 1_001; count++) state.emit('vault.data.deleted', { kv_name: `${count}` });
    recordEvents(state);
    expect(recorded()).toHaveLength(1_000);
    expect(recorded()[0]).toEqual(['vault.data.deleted', { kv_name: '1' }]);
  });
});
