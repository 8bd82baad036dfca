// A loopback WorkOS API for users and memberships that delays each response by LATENCY_MS, with or without WorkOS's published
// limits.
//   node bench/people-api.mjs LATENCY_MS USERS [limits]
import { createServer } from 'node:http';
import { argv, stdin, stdout } from 'node:process';

const [latency, users, limited] = [Number(argv[2]), Number(argv[3]), argv[4] === 'limits'];

/** https://workos.com/docs/reference/rate-limits */
const LIMITS = [
  { of: (method) => method === 'GET', count: 1_000, ms: 10_000 },
  { of: (method) => method !== 'GET', count: 500, ms: 10_000 },
  { of: () => true, count: 6_000, ms: 60_000 },
].map((limit) => ({ ...limit, times: [] }));

const counts = { requests: 0, refused: 0, users, memberships: 0 };
/** The numbers of created users by email address. The initial users are generated on request. */
const byEmail = new Map();
const members = new Set();
let ids = users;

const timestamps = { created_at: '2026-01-12T09:14:03.120Z', updated_at: '2026-06-30T17:01:44.007Z' };
const user = (number, fields = {}) => ({
  object: 'user',
  id: `user_${String(number).padStart(26, '0')}`,
  email: `person.${number}@customer-${number % 50}.example`,
  first_name: 'Marcelina',
  last_name: 'Davis',
  email_verified: true,
  profile_picture_url: null,
  last_sign_in_at: null,
  external_id: `hr-${number}`,
  metadata: { department: 'Engineering' },
  locale: 'en-US',
  ...timestamps,
  ...fields,
});
const list = (data, after = null) => ({ object: 'list', data, list_metadata: { before: null, after } });

function answer(method, { pathname, searchParams }, body) {
  if (pathname === '/counts') return counts;
  if (pathname === '/user_management/users') {
    if (method === 'GET') return searchParams.has('email') ? found(searchParams.get('email')) : page(searchParams);
    const number = ids++;
    byEmail.set(body.email.toLowerCase(), number);
    counts.users += 1;
    return user(number, { email: body.email, external_id: null, locale: null });
  }
  if (pathname === '/user_management/organization_memberships') {
    if (method === 'GET') return list([]);
    members.add(Number(body.user_id.slice('user_'.length)));
    counts.memberships = members.size;
    const { user_id, organization_id } = body;
    return {
      object: 'organization_membership',
      id: `om_${counts.memberships}`,
      user_id,
      organization_id,
      status: 'active',
      role: { slug: 'member' },
      ...timestamps,
    };
  }
  if (pathname === '/organizations') return list([]);
  return { object: 'organization', id: pathname.split('/').at(-1), name: 'Acme', domains: [], ...timestamps };
}

function found(email) {
  const number = byEmail.get(email.toLowerCase());
  return list(number === undefined ? [] : [user(number, { email })]);
}

function page(query) {
  const limit = Number(query.get('limit') ?? 10);
  const start = query.has('after') ? Number(query.get('after').slice('user_'.length)) + 1 : 0;
  const end = Math.min(users, start + limit);
  const data = Array.from({ length: end - start }, (_, index) => user(start + index));
  return list(data, end < users ? data.at(-1).id : null);
}

/** How long a request over a limit has to wait, in milliseconds, or 0 if it is within all limits. */
function overLimit(method) {
  const now = performance.now();
  const applying = LIMITS.filter(({ of }) => of(method));
  for (const { times, ms } of applying) while (times.length > 0 && times[0] <= now - ms) times.shift();
  const full = applying.find(({ times, count }) => times.length >= count);
  if (full) return full.times[0] + full.ms - now;
  for (const { times } of applying) times.push(now);
  return 0;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url } = request;
    const target = new URL(url, 'http://loopback');
    const isCounted = target.pathname.startsWith('/user_management/');
    if (isCounted) counts.requests += 1;
    const waitMs = limited && isCounted ? overLimit(method) : 0;
    if (waitMs > 0) counts.refused += 1;
    const send = () => {
      const status = waitMs > 0 ? 429 : method === 'POST' ? 201 : 200;
      const refusal = { message: 'Too many requests.', code: 'rate_limit_exceeded' };
      const input = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks)) : undefined;
      const body = Buffer.from(JSON.stringify(waitMs > 0 ? refusal : answer(method, target, input)));
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': body.length,
        ...(waitMs > 0 && { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
      });
      response.end(body);
    };
    if (latency > 0 && isCounted) setTimeout(send, latency);
    else send();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => stdout.write(`http://127.0.0.1:${server.address().port}\n`));

// Exits with its parent process.
stdin.on('end', () => process.exit(0)).resume();
