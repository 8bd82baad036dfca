import { afterAll, beforeAll, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { type Connected, connect } from '../harness.ts';
import { exampleOf, pathArguments } from '../trust/examples.ts';

let server: Connected;
beforeAll(async () => {
  server = await connect({
    flags: ['--toolsets', 'all', '--confirm', 'never'],
    replies: () => ({ status: 204, body: undefined }),
  });
});
afterAll(() => server.close());

const endpoints = [...tools.values()].filter((tool) => tool.kind === 'endpoint' && !tool.redirect);

it('an empty success of any tool repeats the arguments in its path, except secrets', async () => {
  const wrong: unknown[] = [];
  for (const tool of endpoints) {
    const input = exampleOf(tool);
    const { value } = await server.call(tool.name, input);
    const shown = pathArguments(tool).filter((name) => !tool.secrets.in?.includes(name));
    const expected = { ok: true, status: 204, ...Object.fromEntries(shown.map((name) => [name, input[name]])) };
    const { secret_file: _, ...rest } = value;
    if (JSON.stringify(rest) !== JSON.stringify(expected)) wrong.push([tool.name, value, expected]);
  }
  expect(wrong).toEqual([]);
});

it('an empty success never repeats a secret from the path', async () => {
  const token = 'invitation-token-0123456789';
  const { value, text } = await server.call('get_invitation_by_token', { token });
  expect(value).toEqual({ ok: true, status: 204 });
  expect(text).not.toContain(token);
});

it('an empty success of a composite repeats its id too, and a batch repeats it once in each row', async () => {
  expect((await server.call('get_role', { role_slug: 'admin' })).value).toEqual({
    ok: true,
    status: 204,
    role_slug: 'admin',
  });
  const batch = { tool: 'delete_user', arguments: [{ user_id: 'user_1' }, { user_id: 'user_2' }] };
  expect((await server.call('call_destructive_tool', batch)).value['rows']).toEqual([
    { index: 0, ok: true, user_id: 'user_1', value: { status: 204 } },
    { index: 1, ok: true, user_id: 'user_2', value: { status: 204 } },
  ]);
});

it('a delete whose retry finds nothing succeeds and says what is gone', async () => {
  let attempts = 0;
  server.api.respondWith(() => (++attempts === 1 ? { status: 500, body: {} } : { status: 404, body: {} }));
  const { value } = await server.call('delete_user', { user_id: 'user_1' });
  expect(value).toMatchObject({ ok: true, user_id: 'user_1' });
});
