// A loopback WorkOS API with two lists, as fast as node:http allows, so that it is not the bottleneck of a benchmark.
import { createServer } from 'node:http';
import { argv, stdin, stdout } from 'node:process';

const USERS = Number(argv[2] ?? 1_000);

const timestamps = { created_at: '2026-01-12T09:14:03.120Z', updated_at: '2026-06-30T17:01:44.007Z' };

const organizations = Array.from({ length: 10 }, (_, index) => ({
  object: 'organization',
  id: `org_${String(index).padStart(26, '0')}`,
  name: `Organization ${index}`,
  allow_profiles_outside_organization: false,
  metadata: { plan: 'enterprise', region: 'eu' },
  external_id: `crm-${index}`,
  domains: [
    { object: 'organization_domain', id: `org_domain_${index}`, domain: `o${index}.example`, state: 'verified' },
  ],
  ...timestamps,
}));
const firstOrganizations = Buffer.from(
  JSON.stringify({ object: 'list', data: organizations, list_metadata: { before: null, after: null } }),
);

const user = (number) => ({
  object: 'user',
  id: `user_${String(number).padStart(26, '0')}`,
  email: `person.${number}@customer-${number % 50}.example`,
  first_name: 'Marcelina',
  last_name: 'Davis',
  email_verified: true,
  profile_picture_url: null,
  last_sign_in_at: '2026-06-25T19:07:33.155Z',
  external_id: `hr-${number}`,
  metadata: { department: 'Engineering' },
  locale: 'en-US',
  ...timestamps,
});

function usersAfter(query) {
  const limit = Number(query.get('limit') ?? 10);
  const start = query.has('after') ? Number(query.get('after').slice('user_'.length)) + 1 : 0;
  const end = Math.min(USERS, start + limit);
  const data = Array.from({ length: end - start }, (_, index) => user(start + index));
  const after = end < USERS ? data.at(-1).id : null;
  return Buffer.from(JSON.stringify({ object: 'list', data, list_metadata: { before: null, after } }));
}

const server = createServer(({ url }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://loopback');
  const body = pathname === '/user_management/users' ? usersAfter(searchParams) : firstOrganizations;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => stdout.write(`http://127.0.0.1:${server.address().port}\n`));

// Exits with its parent process.
stdin.on('end', () => process.exit(0)).resume();
