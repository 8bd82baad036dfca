import { afterEach } from 'vitest';
import { type Called, type Connected, type ConnectOptions, connect, type Recorded, type Reply } from '../harness.ts';

export const LIVE = { WORKOS_TOKEN: 'sk_live_harness' };
export const ORGANIZATION = { organization_id: 'org_1' };

/** A fake WorkOS API whose organizations and users a test can change. */
export class FakeWorkos {
  names = new Map([
    ['/organizations/org_1', 'Acme'],
    ['/organizations/org_2', 'Globex'],
    ['/vault/v1/kv/vo_1/metadata', 'db-password'],
    ['/data-integrations/github', 'GitHub'],
  ]);
  members = 2;
  nextPage: string | null = null;
  /** The response to every GET of a single object, instead of that object. */
  override: Reply | undefined;
  /** Every request that was not a GET, as `METHOD /path`. */
  writes: string[] = [];

  readonly reply = ({ method, url }: Recorded): Reply => {
    if (method !== 'GET') {
      this.writes.push(`${method} ${url}`);
      return { status: 204, body: '' };
    }
    const [path = ''] = url.split('?');
    if (url.includes('limit=')) return { body: this.#list(path) };
    if (this.override) return this.override;
    const name = this.names.get(path) ?? (path.includes('/users/') ? 'ada@example.com' : undefined);
    if (name === undefined) return { status: 404, body: { message: 'Not found' } };
    return {
      body: { id: path.split('/').at(-1), name, domains: [{ domain: 'acme.test' }, { domain: 'acme.example' }] },
    };
  };

  #list(path: string) {
    const counts = { memberships: this.members, connections: 1, directories: 0, api_keys: 3 };
    const [, count] = Object.entries(counts).find(([ending]) => path.endsWith(ending)) ?? ['', 0];
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
  for (const connected of open.splice(0)) await connected.close();
});

/** Connects to a server with a live key. With `elicit`, the client can ask its user, and `elicit` is the reply. */
export async function connectLive(
  options: ConnectOptions & { workos?: FakeWorkos } = {},
): Promise<Connected & { workos: FakeWorkos }> {
  const workos = options.workos ?? new FakeWorkos();
  const flags = ['--toolsets', 'all', '--max-retries', '0', ...(options.flags ?? [])];
  const connected = await connect({ replies: workos.reply, env: LIVE, ...options, flags });
  open.push(connected);
  return { ...connected, workos };
}

/** The confirmation code in a preview. */
export const codeOf = ({ value }: Called) => String(value['confirmation']);
