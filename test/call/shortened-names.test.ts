import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { placeholders } from '../../src/client/request-plan.ts';
import { tools } from '../../src/tools/catalog.ts';
import { routeOf } from '../../src/tools/define.ts';
import { type Connected, connect } from '../harness.ts';
import { validInputs } from '../trust/examples.ts';

/** Every placeholder of every tool that may be shortened to its last word, which is not itself an argument. */
const ends = [...tools.values()].flatMap((tool) => {
  const route = routeOf(tool);
  return (route ? placeholders(route) : []).flatMap((name) => {
    const end = name.split('_').at(-1) ?? '';
    return end !== name && !name.endsWith('external_id') && !Object.hasOwn(tool.input.shape, end)
      ? [[tool.name, end, name] as const]
      : [];
  });
});

describe('an unknown argument that is the last part of the only missing placeholder', () => {
  let server: Connected;
  beforeAll(async () => {
    server = await connect({
      flags: ['--toolsets', 'all', '--confirm', 'never'],
      replies: ({ url }) => {
        if (url.includes('later')) return { status: 202, body: { id: 'later' } };
        return url.includes('none') ? { status: 404, body: { message: 'No such user' } } : { body: { id: 'found' } };
      },
    });
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.api.requests.length = 0;
  });

  it.each(ends)('%s takes %s for %s', (name, end, meant) => {
    const tool = tools.get(name);
    if (!tool) throw new Error(`There is no ${name}`);
    const [input = {}] = fc.sample(validInputs(tool), { numRuns: 1, seed: 7 });
    const { [meant]: value, ...others } = input;
    expect(parseArguments(tool, { ...others, [end]: value })).toEqual(parseArguments(tool, input));
  });

  it('is used, and the result says so', async () => {
    const { value } = await server.call('get_role', { slug: 'billing-admin' });
    expect(server.api.requests.map(({ url }) => url)).toEqual(['/authorization/roles/billing-admin']);
    expect(value).toEqual({ id: 'found', note: 'slug was read as role_slug.' });
  });

  it('is used through a dispatcher, in each call of a batch', async () => {
    const { value } = await server.call('call_read_tool', {
      tool: 'get_vault_object',
      arguments: [{ object_id: 'a' }, { id: 'b' }],
    });
    expect(value['rows']).toMatchObject([
      { ok: true, value: { id: 'found', note: 'object_id was read as vault_object_id.' } },
      { ok: true, value: { id: 'found', note: 'id was read as vault_object_id.' } },
    ]);
  });

  it('keeps the other notes of the result', async () => {
    const { value } = await server.call('delete_organization', { id: 'later' });
    expect(value['note']).toMatch(/^Accepted\. .*\. id was read as organization_id\.$/);
  });

  it('is used with an expression, whose value is unchanged', async () => {
    const { value } = await server.call('call_read_tool', {
      tool: 'get_user',
      arguments: { id: 'user_1' },
      query: 'id',
    });
    expect(value).toEqual({ result: 'found', note: 'id was read as user_id.' });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['two placeholders are missing', 'get_organization_role', { slug: 'admin' }],
    ['two arguments are unknown', 'get_user', { id: 'user_1', name: 'Dana' }],
    ['nothing is missing', 'get_user', { user_id: 'user_1', id: 'user_2' }],
    ['it only ends in the same letters', 'get_user', { d: 'user_1' }],
    ['it is the beginning of the name', 'get_user', { user: 'user_1' }],
    ['its value is wrong', 'get_user', { id: 7 }],
    ['it may be a different kind of id', 'get_user_by_external_id', { id: 'user_1' }],
  ])('is refused if %s', async (_, name, input) => {
    const { error } = await server.call(name, input);
    expect(error).toMatchObject({ kind: 'input', hint: expect.stringContaining(`Call it as ${name}(`) });
    expect(server.api.requests).toEqual([]);
  });
});
