import type { Recorded, Reply } from '../harness.ts';

export interface FakeMembership {
  id: string;
  user_id: string;
  organization_id: string;
  organization_name?: string;
  status: string;
  directory_managed?: boolean;
  roles: { slug: string }[];
}

const of = (user_id: string, at: number, organization_name: string, status: string, role: string): FakeMembership => ({
  id: `om_${user_id}_${at}`,
  user_id,
  organization_id: `org_${at}`,
  organization_name,
  status,
  roles: [{ slug: role }],
});

/** A fake WorkOS API with one person whose access a test can set up, and the changes made to it. */
export class FakePerson {
  user: { id: string; email: string } | undefined = { id: 'user_7', email: 'dana@acme.example' };
  memberships = [
    of('user_7', 1, 'Acme', 'active', 'admin'),
    of('user_7', 2, 'Globex', 'active', 'member'),
    of('user_7', 3, 'Initech', 'pending', 'member'),
    of('user_7', 4, 'Hooli', 'inactive', 'member'),
    of('user_8', 1, 'Acme', 'active', 'member'),
    of('user_9', 2, 'Globex', 'active', 'admin'),
  ];
  sessions = [{ id: 'session_1', user_id: 'user_7', status: 'active', organization_id: 'org_1' }];
  invitations = [{ id: 'invitation_1', email: 'dana@acme.example', state: 'pending', organization_id: 'org_5' }];
  directoryUsers: { id: string; directory_id: string; email: string; state: string }[] = [];
  apiKeys: { id: string }[] = [];
  /** Whether lists are filtered at all. */
  filters = true;
  /** Responses to paths or `METHOD /path`, instead of those below. */
  overrides = new Map<string, Reply>();
  /** Every request that was not a GET, as `METHOD /path`, with a session's id. */
  writes: string[] = [];
  /** Called before each answer. */
  before: (request: Recorded) => void = () => {};

  readonly reply = (request: Recorded): Reply => {
    const { method, url, body } = request;
    this.before(request);
    const [path = '', search = ''] = url.split('?');
    const query = new URLSearchParams(search);
    if (method === 'GET') return this.overrides.get(path) ?? this.#read(path, query);
    const session = typeof body === 'object' && body !== null && 'session_id' in body ? ` ${body.session_id}` : '';
    this.writes.push(`${method} ${path}${session}`);
    return this.overrides.get(`${method} ${path}`) ?? this.#write(path, session.trim());
  };

  #read(path: string, query: URLSearchParams): Reply {
    const [user] = path.split('/').filter((step) => step.startsWith('user_') && step !== 'user_management');
    switch (path) {
      case '/user_management/users':
        return page(this.user && (!this.filters || query.get('email') === this.user.email) ? [this.user] : [], query);
      case '/user_management/organization_memberships':
        return page(
          this.memberships.filter(
            (one) =>
              !this.filters ||
              ((query.get('user_id') ?? one.user_id) === one.user_id &&
                (query.get('organization_id') ?? one.organization_id) === one.organization_id &&
                (query.get('statuses') ?? 'active').split(',').includes(one.status)),
          ),
          query,
        );
      case '/user_management/invitations':
        return page(
          this.invitations.filter(({ email }) => !this.filters || email === query.get('email')),
          query,
        );
      case '/directories': {
        const id = query.get('organization_id')?.replace('org', 'directory');
        const some = this.directoryUsers.some(({ directory_id }) => directory_id === id);
        const directory = { id: String(id), state: 'linked' };
        return page(some ? [directory] : [], query);
      }
      case '/directory_users':
        return page(
          this.directoryUsers.filter(
            (one) => one.directory_id === query.get('directory') && (!this.filters || one.email === query.get('email')),
          ),
          query,
        );
      case `/user_management/users/${user}`:
        return user === this.user?.id ? { body: this.user } : NOT_FOUND;
      case `/user_management/users/${user}/sessions`:
        return page(
          this.sessions.filter(({ status }) => status === 'active'),
          query,
        );
      case `/user_management/users/${user}/api_keys`:
        return page(this.apiKeys, query);
      case `/user_management/users/${user}/authorized_applications`:
        return page([], query);
    }
    return NOT_FOUND;
  }

  #write(path: string, session: string): Reply {
    const steps = path.split('/');
    const membership = this.memberships.find(({ id }) => steps.includes(id));
    const invitation = this.invitations.find(({ id }) => steps.includes(id));
    if (path.endsWith('/deactivate') && membership) {
      membership.status = 'inactive';
      return { body: membership };
    }
    if (path.endsWith('/revoke') && invitation) {
      invitation.state = 'revoked';
      return { body: invitation };
    }
    if (membership) {
      this.memberships = this.memberships.filter((one) => one !== membership);
      return { body: '' };
    }
    const found = this.sessions.find(({ id }) => id === session);
    if (!found) return path.endsWith('/sessions/revoke') ? { status: 400, body: { message: 'No session' } } : NOT_FOUND;
    found.status = 'revoked';
    return { body: '' };
  }
}

const NOT_FOUND: Reply = { status: 404, body: { message: 'Not found' } };

function page(all: readonly { id: string }[], query: URLSearchParams): Reply {
  const start = all.findIndex(({ id }) => id === query.get('after')) + 1;
  const data = all.slice(start, start + Number(query.get('limit') ?? 10));
  const after = start + data.length < all.length ? (data.at(-1)?.id ?? null) : null;
  return { body: { object: 'list', data, list_metadata: { before: null, after } } };
}
