import { afterEach } from 'vitest';
import { type Called, type Connected, type ConnectOptions, connect, type Recorded, type Reply } from '../harness.ts';

export const LIVE = { WORKOS_TOKEN: 'sk_live_harness' };
export const ORGANIZATION = { organization_id: 'org_1' };

/** A WorkOS with organizations and users that a test can change. */
export class World {
  names = new Map([
    ['/organizations/org_1', 'Acme'],
    ['/organizations/org_2', 'Globex'],
    ['/vault/v1/kv/vo_1/metadata', 'db-password'],
    ['/data-integrations/github', 'GitHub'],
  ]);
  members = 2;
  nextPage: string | null = null;
  /** What an object answers instead of itself. */
  instead: Reply | undefined;
  deleted: string[] = [];

  readonly reply = ({ method, url }: Recorded): Reply => {
    if (method !== 'GET') {
      this.deleted.push(`${method} ${url}`);
      return { status: 204, body: '' };
    }
    const [path = ''] = url.split('?');
    if (url.includes('limit=')) return { body: this.#list(path) };
    if (this.instead) return this.instead;
    const name = this.names.get(path) ?? (path.includes('/users/') ? 'ada@example.com' : undefined);
    if (name === undefined) return { status: 404, body: { message: 'Not found' } };
    return {
      body: { id: path.split('/').at(-1), name, domains: [{ domain: 'acme.test' }, { domain: 'acme.example' }] },
    };
  };

  #list(path: string) {
    const many = { memberships: this.members, connections: 1, directories: 0, api_keys: 3 };
    const [, count] = Object.entries(many).find(([label]) => path.endsWith(label)) ?? ['', 0];
    const data = Array.from({ length: count }, (_, index) => ({ id: `item_${index}` }));
    return {
      object: 'list',
      data,
      list_metadata: { before: null, after: path.endsWith('memberships') ? this.nextPage : null },
    };
  }
}

const open: Connected[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A live environment with a client that can ask its user where `elicit` says what the user answers. */
export async function live(options: ConnectOptions & { world?: World } = {}): Promise<Connected & { world: World }> {
  const world = options.world ?? new World();
  const flags = ['--toolsets', 'all', '--max-retries', '0', ...(options.flags ?? [])];
  const connected = await connect({ replies: world.reply, env: LIVE, ...options, flags });
  open.push(connected);
  return { ...connected, world };
}

/** The one-time code of a preview. */
export const codeOf = ({ value }: Called) => String(value['confirmation']);
