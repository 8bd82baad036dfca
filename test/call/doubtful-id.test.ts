import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect } from '../harness.ts';

let server: Connected;
beforeAll(async () => {
  server = await connect({
    flags: ['--toolsets', 'all'],
    replies: ({ url }) => ({ body: { object: 'list', data: url.includes('full') ? [{ id: 'x_1' }] : [] } }),
  });
});
afterAll(() => server.close());

const note = 'organization_id takes an id (org_…), and "Acme" is not one. list_organizations with search finds it.';

describe('the note on an empty list', () => {
  it.each<[tool: string, input: Record<string, unknown>, note: string]>([
    ['list_directories', { organization_id: 'Acme' }, note],
    ['list_connections', { organization_id: 'Acme', all_pages: true }, note],
    ['list_users', { organization_id: 'Acme', query: 'data[].email' }, note],
    ['list_users', { organization_id: 'Acme', query: 'length(data)' }, note],
    ['list_directory_users', { directory: 'Okta' }, expect.stringContaining('list_directories with search')],
    ['call_read_tool', { tool: 'list_directories', arguments: { organization_id: 'Acme' } }, note],
  ])('says that a name was given instead of an id: %s %j', async (tool, input, expected) => {
    expect((await server.call(tool, input)).value['note']).toEqual(expected);
  });

  it.each([
    { organization_id: 'org_1' },
    { organization_id: 'full' },
    { organization_id: 'full', query: 'data[].id' },
    {},
  ])('is absent if the filter is an id, is missing or matches: %j', async (input) => {
    expect((await server.call('list_directories', input)).value).not.toHaveProperty('note');
  });
});
