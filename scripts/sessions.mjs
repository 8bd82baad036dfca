// Tasks of operators, each solved twice: `ours` uses everything this server offers, and `plain` works as with a server that only
// relays requests, where the model reads every page and every object. Both return the answer to the task, which must be the same.
// `call` runs a tool. `read` returns the contents of a downloaded file, which a client without a tool for it would have fetched
// in some other way and shown to the model.
import { parse } from 'csv-parse/sync';
import { daysAgo } from './days-ago.mjs';
import { fedSessions } from './fed-sessions.mjs';
import { allOf } from './relayed-list.mjs';
import { unlistedSessions } from './unlisted-sessions.mjs';

const ACME = { search: 'Acme' };
/** The night of the account takeover at Acme. */
const NIGHT = { range_start: `${daysAgo(16)}T00:00:00Z`, range_end: `${daysAgo(15)}T00:00:00Z` };
const FAILURES = {
  range_start: `${daysAgo(88)}T00:00:00Z`,
  range_end: `${daysAgo(1)}T00:00:00Z`,
  actions: ['user.login_failed'],
};
const EVERY_STATUS = { statuses: ['active', 'inactive', 'pending'] };
const NEW_HIRES = ['ana', 'ben', 'cleo', 'dev', 'eva', 'finn', 'gus', 'hana', 'ida', 'jon', 'kim', 'lou'];

export const sessions = [
  {
    name: 'How many users are there?',
    ours: async ({ call }) => (await call('list_users', { all_pages: true, query: 'length(data)' })).result,
    plain: async ({ call }) => (await allOf(call, 'list_users')).length,
  },
  {
    name: 'Who is dana@whitfield-consulting.example, and where is she a member?',
    ours: async ({ call }) => {
      const { data } = await call('list_users', { email: 'dana@whitfield-consulting.example' });
      const query = 'data[].{organization: organization_name, status: status, role: role.slug}';
      const input = { user_id: data[0].id, ...EVERY_STATUS, query };
      return (await call('list_organization_memberships', input)).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_users', { email: 'dana@whitfield-consulting.example' });
      const input = { user_id: data[0].id, ...EVERY_STATUS };
      const memberships = await allOf(call, 'list_organization_memberships', input);
      return memberships.map(({ organization_name, status, role }) => ({
        organization: organization_name,
        status,
        role: role.slug,
      }));
    },
  },
  {
    name: 'Which users have never signed in?',
    ours: async ({ call }) =>
      (await call('list_users', { all_pages: true, query: 'data[?last_sign_in_at==null].email' })).result,
    plain: async ({ call }) =>
      (await allOf(call, 'list_users')).filter((user) => user.last_sign_in_at === null).map(({ email }) => email),
  },
  {
    name: 'How many users of each directory are active, inactive and suspended?',
    ours: ({ call }) =>
      inEachDirectory(
        call,
        "{active: length(data[?state=='active']), inactive: length(data[?state=='inactive']), suspended: length(data[?state=='suspended'])}",
      ),
    plain: async ({ call }) => {
      const count = (users, state) => users.filter((user) => user.state === state).length;
      return (await everyDirectory(call)).map((users) => ({
        active: count(users, 'active'),
        inactive: count(users, 'inactive'),
        suspended: count(users, 'suspended'),
      }));
    },
  },
  {
    name: 'Who in Acme’s directory is suspended?',
    ours: async ({ call }) => {
      const { result } = await call('list_directories', { ...ACME, query: 'data[].{id: id, name: name}' });
      const query = "data[?state=='suspended'].{name: name, email: email}";
      return (await call('list_directory_users', { directory: result[0].id, all_pages: true, query })).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_directories', ACME);
      const users = await allOf(call, 'list_directory_users', { directory: data[0].id });
      return users.filter(({ state }) => state === 'suspended').map(({ name, email }) => ({ name, email }));
    },
  },
  {
    name: 'Which directory users are contractors in Sales?',
    ours: async ({ call }) => {
      const names = await inEachDirectory(
        call,
        "data[?custom_attributes.department=='Sales' && custom_attributes.employee_type=='Contractor'].name",
      );
      return names.flat();
    },
    plain: async ({ call }) => {
      const users = (await everyDirectory(call)).flat();
      const contractors = users.filter(
        ({ custom_attributes }) =>
          custom_attributes.department === 'Sales' && custom_attributes.employee_type === 'Contractor',
      );
      return contractors.map(({ name }) => name);
    },
  },
  {
    name: 'Which SSO connections are not active, and whose are they?',
    ours: async ({ call }) => {
      const query = "data[?state!='active'].{name: name, state: state, organization_id: organization_id}";
      const { result } = await call('list_connections', { all_pages: true, query });
      const names = await call('list_organizations', { all_pages: true, query: 'data[].{id: id, name: name}' });
      return withOwners(result, names.result);
    },
    plain: async ({ call }) => {
      const connections = await allOf(call, 'list_connections');
      const organizations = await allOf(call, 'list_organizations');
      return withOwners(
        connections.filter(({ state }) => state !== 'active'),
        organizations,
      );
    },
  },
  {
    name: 'Which domains are pending verification?',
    ours: async ({ call }) => {
      const query = "data[].domains[?state=='pending'].domain | []";
      return (await call('list_organizations', { all_pages: true, query })).result;
    },
    plain: async ({ call }) => {
      const domains = (await allOf(call, 'list_organizations')).flatMap((organization) => organization.domains);
      return domains.filter(({ state }) => state === 'pending').map(({ domain }) => domain);
    },
  },
  {
    name: 'Who are the admins of Acme?',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { ...ACME, query: 'data[].id' });
      const query = "data[?roles[?slug=='admin']].user.email";
      const input = { organization_id: result[0], all_pages: true, query };
      return (await call('list_organization_memberships', input)).result;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', ACME);
      const memberships = await allOf(call, 'list_organization_memberships', { organization_id: data[0].id });
      return memberships
        .filter(({ roles }) => roles.some(({ slug }) => slug === 'admin'))
        .map(({ user }) => user.email);
    },
  },
  {
    name: 'Which roles may manage billing?',
    ours: async ({ call }) =>
      (await call('list_roles', { query: "data[?contains(permissions, 'billing:manage')].slug" })).result,
    plain: async ({ call }) => {
      const { data } = await call('list_roles', {});
      return data.filter(({ permissions }) => permissions.includes('billing:manage')).map(({ slug }) => slug);
    },
  },
  {
    name: 'Onboard a customer: an organization and its first user as admin',
    ours: onboard,
    plain: onboard,
  },
  {
    name: 'Invite twelve new people to Kestrel',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { search: 'Kestrel', query: 'data[].id' });
      const sent = await call('call_write_tool', {
        tool: 'send_invitation',
        arguments: NEW_HIRES.map((name) => ({ email: `${name}@kestrel.example`, organization_id: result[0] })),
      });
      return sent.succeeded;
    },
    plain: async ({ call }) => {
      const { data } = await call('list_organizations', { search: 'Kestrel' });
      let sent = 0;
      for (const name of NEW_HIRES) {
        await call('send_invitation', { email: `${name}@kestrel.example`, organization_id: data[0].id });
        sent++;
      }
      return sent;
    },
  },
  {
    name: 'What happened at Acme on the night of 17 October?',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { ...ACME, query: 'data[].id' });
      return (await call('export_audit_logs', { organization_id: result[0], ...NIGHT })).by_action;
    },
    plain: async (step) => countsOf(await exportedRows(step, NIGHT), 'action'),
  },
  {
    name: 'From which IP addresses did sign-ins to Acme fail this quarter?',
    ours: async ({ call }) => {
      const { result } = await call('list_organizations', { ...ACME, query: 'data[].id' });
      const query = 'from_items(map(&[[0].context_location, length(@)], values(group_by(rows, &context_location))))';
      return (await call('export_audit_logs', { organization_id: result[0], ...FAILURES, query })).result;
    },
    plain: async (step) => countsOf(await exportedRows(step, FAILURES), 'context_location'),
  },
  {
    name: 'Recover from a wrong id by following the hint',
    ours: recover,
    plain: recover,
  },
  ...unlistedSessions,
  ...fedSessions,
];

/** Runs a query over the users of each directory, in one call. */
async function inEachDirectory(call, query) {
  const { result } = await call('list_directories', { query: 'data[].{id: id, name: name}' });
  const inputs = result.map(({ id }) => ({ directory: id, all_pages: true }));
  const { rows } = await call('call_read_tool', { tool: 'list_directory_users', arguments: inputs, query });
  return rows.map(({ value }) => value);
}

async function everyDirectory(call) {
  const { data } = await call('list_directories', {});
  const directories = [];
  for (const { id } of data) directories.push(await allOf(call, 'list_directory_users', { directory: id }));
  return directories;
}

function withOwners(connections, organizations) {
  const names = new Map(organizations.map(({ id, name }) => [id, name]));
  return connections.map(({ name, state, organization_id }) => ({ name, state, owner: names.get(organization_id) }));
}

async function onboard({ call }) {
  const organization = await call('create_organization', { name: 'Juniper Books', domains: ['juniper-books.example'] });
  const user = await call('create_user', {
    email: 'ada@juniper-books.example',
    first_name: 'Ada',
    last_name: 'Nkemelu',
  });
  const ids = { user_id: user.id, organization_id: organization.id };
  const membership = await call('create_organization_membership', { ...ids, role_slug: 'admin' });
  return `${membership.organization_name}: ${membership.role.slug}`;
}

async function recover({ call }) {
  const { error } = await call('get_organization', { organization_id: 'org_papaya' }, { fails: true });
  const finder = /list_\w+/.exec(error.hint)[0];
  const { data } = await call(finder, { search: 'Papaya' });
  return (await call('get_organization', { organization_id: data[0].id })).name;
}

/** Without a tool that waits and downloads, the model polls the export and reads the whole CSV file. */
async function exportedRows({ call, read }, range) {
  const { data } = await call('list_organizations', ACME);
  let { id, state } = await call('start_audit_export', { organization_id: data[0].id, ...range });
  while (state === 'pending') ({ state } = await call('poll_audit_export', { audit_log_export_id: id }));
  return parse(await read('download_audit_export', { audit_log_export_id: id }), { columns: true });
}

function countsOf(rows, column) {
  const counts = {};
  for (const { [column]: value } of rows) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
