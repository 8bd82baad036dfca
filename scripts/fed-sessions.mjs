// Tasks in which the result of one call feeds many others. `ours` uses `from`, so that no id passes through the model.
import { daysAgo } from './days-ago.mjs';
import { allOf } from './relayed-list.mjs';

const EVERY_STATUS = { statuses: ['active', 'inactive', 'pending'] };

export const fedSessions = [
  {
    name: 'How many members does each customer have?',
    ours: async ({ call }) => {
      const { rows } = await call('call_read_tool', {
        tool: 'list_organization_memberships',
        query: 'length(data)',
        from: {
          tool: 'list_organizations',
          query: 'data[].{organization_id: id}',
          with: { ...EVERY_STATUS, all_pages: true },
        },
      });
      return rows.map(({ value }) => value);
    },
    plain: async ({ call }) => {
      const counts = [];
      for (const { id } of await allOf(call, 'list_organizations')) {
        const input = { organization_id: id, ...EVERY_STATUS };
        counts.push((await allOf(call, 'list_organization_memberships', input)).length);
      }
      return counts;
    },
  },
  {
    name: 'How many people are in each group of each directory?',
    ours: async ({ call }) => {
      const { rows } = await call('call_read_tool', {
        tool: 'list_directory_users',
        query: 'length(data)',
        from: {
          tool: 'call_read_tool',
          arguments: {
            tool: 'list_directory_groups',
            from: { tool: 'list_directories', query: 'data[].{directory: id}' },
          },
          query: 'rows[].value.data[].{group: id}',
          with: { all_pages: true },
        },
      });
      return rows.map(({ value }) => value);
    },
    plain: async ({ call }) => {
      const counts = [];
      for (const { id } of await allOf(call, 'list_directories')) {
        for (const group of await allOf(call, 'list_directory_groups', { directory: id })) {
          counts.push((await allOf(call, 'list_directory_users', { group: group.id })).length);
        }
      }
      return counts;
    },
  },
  {
    name: 'Start verifying every domain that is pending',
    ours: async ({ call }) =>
      (
        await call('call_write_tool', {
          tool: 'verify_organization_domain',
          from: {
            tool: 'list_organizations',
            query: "data[].domains[?state=='pending'].{organization_domain_id: id} | []",
          },
        })
      ).succeeded,
    plain: async ({ call }) => {
      const domains = (await allOf(call, 'list_organizations')).flatMap((organization) => organization.domains);
      const pending = domains.filter(({ state }) => state === 'pending');
      for (const { id } of pending) await call('verify_organization_domain', { organization_domain_id: id });
      return pending.length;
    },
  },
  {
    name: 'Revoke the pending invitations from before 9 October',
    ours: async ({ call }) =>
      (
        await call('call_destructive_tool', {
          tool: 'revoke_invitation',
          from: {
            tool: 'list_invitations',
            query: `data[?state=='pending' && created_at < '${daysAgo(24)}'].{invitation_id: id}`,
          },
        })
      ).succeeded,
    plain: async ({ call }) => {
      const old = (await allOf(call, 'list_invitations')).filter(
        ({ state, created_at }) => state === 'pending' && created_at < daysAgo(24),
      );
      for (const { id } of old) await call('revoke_invitation', { invitation_id: id });
      return old.length;
    },
  },
  {
    name: 'Suspend every member of Northwind who has never signed in',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { search: 'Northwind', query: 'data[].id' });
      const suspended = await call('call_destructive_tool', {
        tool: 'deactivate_organization_membership',
        from: {
          tool: 'list_organization_memberships',
          arguments: { organization_id: result[0] },
          query: 'data[?user.last_sign_in_at==null].{organization_membership_id: id}',
        },
      });
      return suspended.succeeded;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Northwind' });
      const memberships = await allOf(call, 'list_organization_memberships', { organization_id: data[0].id });
      const unused = memberships.filter(({ user }) => !user.last_sign_in_at);
      for (const { id } of unused) {
        await call('deactivate_organization_membership', { organization_membership_id: id });
      }
      return unused.length;
    },
  },
];
