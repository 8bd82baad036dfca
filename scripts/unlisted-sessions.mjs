// Tasks that need unlisted tools. `ours` finds their names in the descriptions of the call_ tools, and looks up signatures that a
// name does not reveal.
import { allOf } from './relayed-list.mjs';

export const unlistedSessions = [
  {
    name: 'Revoke Blue Harbor’s pending invitations, with unlisted tools',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { search: 'Blue Harbor', query: 'data[].id' });
      await call('find_tools', { names: ['list_invitations', 'revoke_invitation'] });
      const open = await call('call_read_tool', {
        tool: 'list_invitations',
        arguments: { organization_id: result[0] },
        query: "data[?state=='pending'].id",
      });
      const revoked = await call('call_destructive_tool', {
        tool: 'revoke_invitation',
        arguments: open.result.map((invitation_id) => ({ invitation_id })),
      });
      return revoked.succeeded;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Blue Harbor' });
      const invitations = await allOf(call, 'list_invitations', { organization_id: data[0].id });
      const open = invitations.filter(({ state }) => state === 'pending');
      for (const { id } of open) await call('revoke_invitation', { invitation_id: id });
      return open.length;
    },
  },
  {
    name: 'Rename Papaya Learning to Papaya Education',
    ours: async ({ call }) => {
      const organization_id = await organizationId(call, 'Papaya');
      await call('find_tools', { names: ['update_organization'] });
      const input = { organization_id, name: 'Papaya Education' };
      return (await call('call_write_tool', { tool: 'update_organization', arguments: input, query: 'name' })).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Papaya' });
      return (await call('update_organization', { organization_id: data[0].id, name: 'Papaya Education' })).name;
    },
  },
  {
    name: 'Which customer is crm-1004 in our CRM?',
    ours: async ({ call }) => {
      await call('find_tools', { names: ['get_organization_by_external_id'] });
      const input = { external_id: 'crm-1004' };
      const called = { tool: 'get_organization_by_external_id', arguments: input, query: 'name' };
      return (await call('call_read_tool', called)).result;
    },
    plain: async ({ call }) => (await call('get_organization_by_external_id', { external_id: 'crm-1004' })).name,
  },
  {
    name: 'Start verifying acme-labs.example',
    ours: async ({ call }) => {
      const query = "data[].domains[?domain=='acme-labs.example'].id | []";
      const { result } = await call('list_organizations', { search: 'Acme', query });
      await call('find_tools', { names: ['verify_organization_domain'] });
      const input = { organization_domain_id: result[0] };
      return (await call('call_write_tool', { tool: 'verify_organization_domain', arguments: input })).domain;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Acme' });
      const { id } = data[0].domains.find(({ domain }) => domain === 'acme-labs.example');
      return (await call('verify_organization_domain', { organization_domain_id: id })).domain;
    },
  },
  {
    name: 'Add kestrel-labs.example to Kestrel',
    ours: async ({ call }) => {
      const organization_id = await organizationId(call, 'Kestrel');
      await call('find_tools', { names: ['create_organization_domain'] });
      const input = { organization_id, domain: 'kestrel-labs.example' };
      return (await call('call_write_tool', { tool: 'create_organization_domain', arguments: input })).state;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Kestrel' });
      const input = { organization_id: data[0].id, domain: 'kestrel-labs.example' };
      return (await call('create_organization_domain', input)).state;
    },
  },
  {
    name: 'Whose HR number is emp-4045?',
    ours: async ({ call }) => {
      await call('find_tools', { names: ['get_user_by_external_id'] });
      const input = { external_id: 'emp-4045' };
      return (await call('call_read_tool', { tool: 'get_user_by_external_id', arguments: input, query: 'email' }))
        .result;
    },
    plain: async ({ call }) => (await call('get_user_by_external_id', { external_id: 'emp-4045' })).email,
  },
  {
    name: 'Correct the last name of kavya.tanaka@papaya-learning.example',
    ours: async ({ call }) => {
      const user_id = await userId(call, 'kavya.tanaka@papaya-learning.example');
      await call('find_tools', { names: ['update_user'] });
      const called = { tool: 'update_user', arguments: { user_id, last_name: 'Tanaka-Ode' }, query: 'last_name' };
      return (await call('call_write_tool', called)).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_users', { email: 'kavya.tanaka@papaya-learning.example' });
      return (await call('update_user', { user_id: data[0].id, last_name: 'Tanaka-Ode' })).last_name;
    },
  },
  {
    name: 'Suspend yusuf.rossi@kestrel.example at Kestrel',
    ours: async ({ call }) => {
      const user_id = await userId(call, 'yusuf.rossi@kestrel.example');
      const { result } = await call('list_organization_memberships', { user_id, query: 'data[].id' });
      await call('find_tools', { names: ['deactivate_organization_membership'] });
      const input = { organization_membership_id: result[0] };
      const called = { tool: 'deactivate_organization_membership', arguments: input, query: 'status' };
      return (await call('call_destructive_tool', called)).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_users', { email: 'yusuf.rossi@kestrel.example' });
      const memberships = await allOf(call, 'list_organization_memberships', { user_id: data[0].id });
      const input = { organization_membership_id: memberships[0].id };
      return (await call('deactivate_organization_membership', input)).status;
    },
  },
  {
    name: 'Make kavya.tanaka@papaya-learning.example an admin of Papaya',
    ours: async ({ call }) => {
      const user_id = await userId(call, 'kavya.tanaka@papaya-learning.example');
      const { result } = await call('list_organization_memberships', { user_id, query: 'data[].id' });
      await call('find_tools', { names: ['update_organization_membership'] });
      const input = { organization_membership_id: result[0], role_slug: 'admin' };
      const called = { tool: 'update_organization_membership', arguments: input, query: 'role.slug' };
      return (await call('call_write_tool', called)).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_users', { email: 'kavya.tanaka@papaya-learning.example' });
      const memberships = await allOf(call, 'list_organization_memberships', { user_id: data[0].id });
      const input = { organization_membership_id: memberships[0].id, role_slug: 'admin' };
      return (await call('update_organization_membership', input)).role.slug;
    },
  },
  {
    name: 'Who is in the Operations group of Northwind’s directory?',
    ours: async ({ call }) => {
      const { result } = await call('list_directories', { search: 'Northwind', query: 'data[].id' });
      const query = "data[?name=='Operations'].id";
      const groups = await call('list_directory_groups', { directory: result[0], query });
      await call('find_tools', { names: ['get_directory_group'] });
      const { name } = await call('call_read_tool', {
        tool: 'get_directory_group',
        arguments: { directory_group_id: groups.result[0] },
      });
      const input = { group: groups.result[0], all_pages: true, query: 'length(data)' };
      return `${name}: ${(await call('list_directory_users', input)).result}`;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_directories', { search: 'Northwind' });
      const groups = await allOf(call, 'list_directory_groups', { directory: data[0].id });
      const { id } = groups.find(({ name }) => name === 'Operations');
      const { name } = await call('get_directory_group', { directory_group_id: id });
      return `${name}: ${(await allOf(call, 'list_directory_users', { group: id })).length}`;
    },
  },
  {
    name: 'Delete the SSO connections that are not active',
    ours: async ({ call }) => {
      const query = "data[?state=='inactive'].{connection_id: id}";
      const { result } = await call('list_connections', { all_pages: true, query });
      await call('find_tools', { names: ['delete_connection'] });
      return (await call('call_destructive_tool', { tool: 'delete_connection', arguments: result })).succeeded;
    },
    plain: async ({ call }) => {
      const idle = (await allOf(call, 'list_connections')).filter(({ state }) => state === 'inactive');
      for (const { id } of idle) await call('delete_connection', { connection_id: id });
      return idle.length;
    },
  },
];

async function organizationId(call, search) {
  return (await call('list_organizations', { search, query: 'data[].id' })).result[0];
}

async function userId(call, email) {
  return (await call('list_users', { email, query: 'data[].id' })).result[0];
}
