import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect, type Reply } from '../harness.ts';
import { asSchema } from '../trust/examples.ts';

/** Characters that must be escaped: they move the cursor, change the reading direction or are invisible. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const HOSTILE = 'Acme\u0000\u001b[2J\u009b31m\r\n\u202Egro.elpmaxe\u2066\u200b\u{e0041}"\\\ud800 ';
const fill = (size: number) => HOSTILE.repeat(Math.ceil(size / HOSTILE.length));
/** As JSON, just shorter than what is read of an error body. */
const LONG = fill(30_000);
/** Longer than that. */
const LONGER = fill(100_000);
/** All that a header can carry: the only control characters are those of the second half of Latin-1. */
const HEADER = '\u009b31m\u0085\u00ad'.repeat(2_000);

const MAX_ERROR = 4_000;
const MAX_PROGRESS = 200;

let server: Connected;
beforeAll(async () => {
  server = await connect({ flags: ['--toolsets', 'all', '--max-retries', '1', '--confirm', 'never'] });
});
afterAll(() => server.close());

/** The text of the failed call and its progress messages. */
async function failing(reply: Reply, tool = 'get_organization', input: object = { organization_id: 'org_1' }) {
  server.api.respondWith(() => reply);
  const told: string[] = [];
  const onprogress = ({ message = '' }: { message?: string | undefined }) => void told.push(message);
  const { text, isError, error } = await server.call(tool, { ...input }, { onprogress });
  expect(isError).toBe(true);
  return { text, told, error };
}

const fields = (value: string): [string, Reply][] => [
  ['message', { status: 400, body: { message: value } }],
  ['a list of messages', { status: 422, body: { message: [value, value, { [value]: value }] } }],
  ['code', { status: 403, body: { message: 'no', code: value } }],
  ['error', { status: 400, body: { error: value } }],
  ['error_description', { status: 400, body: { error: 'invalid_grant', error_description: value } }],
  ['errors, a string', { status: 422, body: { message: 'no', errors: value } }],
  ['errors, a list of strings', { status: 422, body: { message: 'no', errors: ['first', value] } }],
  ['errors, a list of objects', { status: 422, body: { message: 'no', errors: [{ code: 'a' }, { field: value }] } }],
  ['errors, a name in an object', { status: 422, body: { message: 'no', errors: { [value]: [value] } } }],
  ['errors, deep down', { status: 422, body: { message: 'no', errors: [[[[{ a: [[value]] }]]]] } }],
  ['details, a string', { status: 403, body: { message: 'no', user: value } }],
  ['details, a name', { status: 403, body: { message: 'no', [value]: value } }],
  ['details, an id', { status: 403, body: { message: 'no', user_id: value, user: [{ id: value }] } }],
  [
    'details, deep down',
    { status: 403, body: { message: 'no', user: { user: { user: { user: { user: { id: value } } } } } } },
  ],
  [
    'details beside everything else',
    { status: 403, body: { message: value, code: value, errors: [value], user: { id: value } } },
  ],
  ['everything at once', { status: 409, body: { message: value, code: value.slice(0, 5_000), errors: [value] } }],
  ['a bare string', { status: 429, body: JSON.stringify(value) }],
  ['plain text', { status: 502, body: value, headers: { 'content-type': 'text/plain' } }],
  ['the title of a page', { status: 502, body: `<title>${value}`, headers: { 'content-type': 'text/html' } }],
  ['text instead of a success', { status: 200, body: value, headers: { 'content-type': 'text/plain' } }],
];

const headers: [string, Reply][] = [
  ['the request id', { status: 404, body: { message: 'no' }, headers: { 'x-request-id': HEADER } }],
  ['the request id of an unreadable success', { body: 'OK', headers: { 'x-request-id': HEADER } }],
  ['Retry-After', { status: 429, headers: { 'retry-after': HEADER } }],
  ['Retry-After in digits', { status: 429, headers: { 'retry-after': '9'.repeat(9_000) } }],
  ['the content type', { status: 500, body: 'x', headers: { 'content-type': `text/${HEADER}` } }],
  ['the encoding', { body: 'x', headers: { 'content-encoding': HEADER } }],
  ['the location of a redirect', { status: 302, headers: { location: `https://${'a.'.repeat(4_000)}example/` } }],
];

describe('what a hostile server puts into a failed response is escaped and cut in the error:', () => {
  it.each([
    ...fields(LONG).map(([name, reply]) => [`${name}, long`, reply] as const),
    ...fields(LONGER).map(([name, reply]) => [`${name}, longer`, reply] as const),
    ...headers,
  ])('%s', async (_, reply) => {
    const { text, told, error } = await failing(reply);
    expect(text.length).toBeLessThanOrEqual(MAX_ERROR);
    expect(text).not.toMatch(INVISIBLE);
    for (const value of Object.values(error ?? {})) if (typeof value === 'string') expect(value).not.toMatch(INVISIBLE);
    for (const message of told) expect(message.length).toBeLessThan(MAX_PROGRESS);
    expect(told.join()).not.toMatch(INVISIBLE);
    expect(error).toMatchObject({ kind: expect.stringMatching(/\w/), message: expect.stringMatching(/^GET /) });
    expect(error?.hint).toMatch(/\w/);
  });

  it('in a row of a batch too', async () => {
    server.api.respondWith(() => ({ status: 422, body: { message: LONG.slice(0, 9_000), code: 'x', errors: [LONG] } }));
    const { value } = await server.call('call_read_tool', {
      tool: 'get_organization',
      arguments: [{ organization_id: 'org_1' }],
    });
    const text = JSON.stringify(value['rows']);
    const [row] = [value['rows']].flat();
    expect(JSON.stringify({ error: asSchema(row)['error'] }).length).toBeLessThanOrEqual(MAX_ERROR);
    expect(text).not.toMatch(INVISIBLE);
  });
});

describe('what a hostile server calls the state of an export is quoted and cut', () => {
  it('in progress', async () => {
    server.api.respondWith(() => ({ body: { id: 'e_1', state: LONGER } }));
    const told: string[] = [];
    await server.call(
      'poll_audit_export',
      { audit_log_export_id: 'e_1' },
      { onprogress: ({ message = '' }) => void told.push(message) },
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^export is "Acme.*…"$/);
    expect(told[0]?.length).toBeLessThan(MAX_PROGRESS);
    expect(told[0]).not.toMatch(INVISIBLE);
  });

  it('in the error of a download', async () => {
    const reply = { body: { id: 'e_1', state: LONGER } };
    const { text } = await failing(reply, 'download_audit_export', { audit_log_export_id: 'e_1' });
    expect(text).toContain('the export ended in state');
    expect(text.length).toBeLessThan(1_000);
    expect(text).not.toMatch(INVISIBLE);
  });

  it('as is the host of its link', async () => {
    const reply = { body: { id: 'e_1', state: 'ready', url: `http://${'a.'.repeat(30_000)}example/x` } };
    const { text } = await failing(reply, 'download_audit_export', { audit_log_export_id: 'e_1' });
    expect(text.length).toBeLessThanOrEqual(MAX_ERROR);
  });
});
