import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { tools } from '../../src/tools/catalog.ts';
import { type Connected, connect } from '../harness.ts';

let server: Connected;
let ids: Record<string, unknown>;
beforeAll(async () => {
  server = await connect({ flags: ['--sandbox', '--toolsets', 'all'] });
  const first = async (list: string) => Items.parse((await server.call(list)).value).data[0]?.['id'];
  const [acme] = Items.parse((await server.call('list_organizations', { search: 'Acme' })).value).data;
  ids = { organization_id: acme?.['id'], directory: await first('list_directories') };
});
afterAll(() => server.close());

const Items = z.object({ data: z.array(z.record(z.string(), z.unknown())) });

/** Lists whose descriptions name the fields of an item, so that a client need not fetch one to see them. */
it.each([
  ['list_users', []],
  ['list_organizations', []],
  ['list_organization_memberships', ['organization_id']],
  ['list_directory_users', ['directory']],
  ['list_connections', []],
  ['list_invitations', []],
])('the fields that %s names in its description exist', async (name, needed) => {
  const paths = /\((id, .+?)\)/.exec(tools.get(name)?.description ?? '')?.[1]?.split(/[,;] /) ?? [];
  const fields = paths
    .map((path) => path.replace(/: \w+/, ''))
    .filter((path) => /^[a-z]\w+(\[\])?(\.\w+)*$/.test(path));
  expect(fields.length).toBeGreaterThan(3);
  const input = Object.fromEntries(needed.map((argument) => [argument, ids[argument]]));
  const { data } = Items.parse((await server.call(name, { ...input, all_pages: true })).value);
  const missing = fields.filter((field) => data.every((item) => valueAt(item, field.split('.')) === undefined));
  expect(missing).toEqual([]);
});

/** The first value at a path such as `role.slug` or `groups[].name`. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = new Map(Object.entries(value ?? {})).get(step.replace('[]', ''));
  return valueAt(step.endsWith('[]') && Array.isArray(inner) ? inner[0] : inner, rest);
}
