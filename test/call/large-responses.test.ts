import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Connected, connect, HARNESS_KEY, type Recorded, type Reply } from '../harness.ts';

const COUNT = 12_000;
const token = (at: number) => `invitation-token-${String(at).padStart(6, '0')}`;
const invitations = Array.from({ length: COUNT }, (_, at) => ({
  object: 'invitation',
  id: `invitation_${at}`,
  email: `person${at}@example.com`,
  state: at % 3 === 0 ? 'pending' : 'accepted',
  token: token(at),
  accept_invitation_url: `https://example.com/?token=${token(at)}`,
  echo: at === 7 ? HARNESS_KEY : null,
}));
const list = JSON.stringify({ object: 'list', data: invitations, list_metadata: { before: null, after: null } });

/** Answers every request with 2 to 3 MB. */
const reply = ({ url, method }: Recorded): Reply => {
  if (method === 'POST')
    return { status: 201, body: { object: 'organization', id: 'org_1', notes: 'x'.repeat(2_000_000) } };
  if (url.startsWith('/organizations/')) return { body: '{"id": "org_1", "notes": "'.padEnd(2_000_000, 'x') };
  return { body: list };
};

let server: Connected;
beforeAll(async () => {
  server = await connect({ flags: ['--toolsets', 'all', '--secrets', 'result'], replies: reply });
});
afterAll(() => server.close());

describe('a large list', () => {
  it('is cut to size between its items, and says where it continues', async () => {
    const { value, text } = await server.call('list_invitations');
    const { data, omitted, list_metadata } = z
      .object({
        data: z.array(z.object({ id: z.string() })),
        omitted: z.int(),
        list_metadata: z.object({ after: z.string() }),
      })
      .parse(value);
    expect(data.length + omitted).toBe(COUNT);
    expect(list_metadata.after).toBe(data.at(-1)?.id);
    expect(text.length).toBeLessThanOrEqual(40_000);
  });

  it('has its secrets masked before an expression sees them, and the key removed', async () => {
    const { value } = await server.call('list_invitations', { query: 'data[].[token, echo][] | [6:10]' });
    expect(value).toEqual({ result: ['…0006', '…0007', '[key]', '…0008'] });
  });

  it('reports the keys of its items if an expression finds nothing', async () => {
    const keys = Object.keys(invitations[0] ?? {});
    const { value } = await server.call('list_invitations', { query: "data[?status=='pending'].id" });
    expect(value).toEqual({ result: [], no_item_has: ['status'], keys });
    const all = await server.call('list_invitations', { all_pages: true, max_items: 20_000, query: 'data[].mail' });
    expect(all.value).toEqual({ result: [], keys, items: COUNT, stopped: 'end' });
  });

  it('shows its secrets if the caller asks for them', async () => {
    const query = 'data[0].[token, accept_invitation_url]';
    const { value } = await server.call('list_invitations', { secret_output: 'result', query });
    expect(value['result']).toEqual([token(0), `https://example.com/?token=${token(0)}`]);
  });

  it('writes its secrets to a file if the caller asks for that', async () => {
    const { value, text } = await server.call('list_invitations', { secret_output: 'file', query: 'length(data)' });
    const { result, secret_file } = z
      .object({ result: z.int(), secret_file: z.object({ path: z.string() }) })
      .parse({ ...value, result: value['result'] ?? COUNT });
    expect(result).toBe(COUNT);
    const saved = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(secret_file.path, 'utf8')));
    expect(saved['data[11999].token']).toBe(token(11_999));
    expect(text).not.toContain('invitation-token-');
  });

  it('is followed with all_pages up to max_items', async () => {
    const query = "{count: length(data), pending: length(data[?state=='pending'])}";
    const { value } = await server.call('list_invitations', { all_pages: true, max_items: 9_000, query });
    expect(value).toMatchObject({ result: { count: 9_000, pending: 3_000 }, stopped: 'max_items' });
    const { value: whole } = await server.call('list_invitations', { all_pages: true, max_items: 20_000 });
    const lines = readFileSync(String(whole['path']), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(COUNT);
    expect(lines[7]).toContain('[key]');
    expect(lines.join('')).not.toContain('invitation-token-');
  });

  it('is the same through a dispatcher', async () => {
    const tool = 'list_invitations';
    const direct = await server.call(tool);
    expect((await server.call('call_read_tool', { tool })).value).toEqual(direct.value);
    const counted = await server.call('call_read_tool', { tool, query: 'length(data)' });
    expect(counted.value).toEqual({ result: COUNT });
    const inner = await server.call('call_read_tool', { tool, arguments: { query: 'data[0].id' } });
    expect(inner.value['result']).toBe('invitation_0');
  });

  it('is cut to size in a batch, but an expression sees all of it', async () => {
    const batch = { tool: 'list_invitations', arguments: [{}, {}] };
    const { value, text } = await server.call('call_read_tool', batch);
    expect(value).toMatchObject({ count: 2, succeeded: 2 });
    expect(text.length).toBeLessThanOrEqual(40_000);
    const { value: counted } = await server.call('call_read_tool', { ...batch, query: 'length(data)' });
    expect(counted['rows']).toMatchObject([{ value: COUNT }, { value: COUNT }]);
  });
});

describe('a large response that cannot be read', () => {
  it('is an API error, like a small one', async () => {
    const { error } = await server.call('get_organization', { organization_id: 'org_1' });
    expect(error).toMatchObject({
      kind: 'api',
      status: 200,
      message: expect.stringMatching(/a response that cannot be read/),
    });
  });
});

describe('a large response to a write', () => {
  const write = { tool: 'create_organization', arguments: { name: 'Acme' } };

  it('is returned with the error of the expression, because the write is done', async () => {
    const { value } = await server.call('call_write_tool', { ...write, query: 'sum(id)' });
    expect(value).toMatchObject({ id: 'org_1', query_error: expect.stringMatching(/^query does not fit this result/) });
  });

  it('is returned even if the expression has to be stopped', async () => {
    const { value } = await server.call('call_write_tool', { ...write, query: "pad_left('', `900000000`)" });
    expect(value).toMatchObject({ id: 'org_1', query_error: expect.stringMatching(/more than 360 MiB of memory/) });
  });
});
