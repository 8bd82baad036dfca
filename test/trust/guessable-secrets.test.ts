import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainFailure, stackOf } from '../../src/call/failure.ts';
import { SentWrites } from '../../src/call/sent-writes.ts';
import { isGuessable, redactForeignDeep } from '../../src/text/redact-foreign.ts';
import { tools } from '../../src/tools/catalog.ts';
import { type Called, type Connected, connect, type Reply } from '../harness.ts';
import type { Input } from './examples.ts';

const GUESSABLE = ['password', 'error', 'a', '1234', 'not_found', 'user', 'email'];
const MORE_GUESSABLE = [
  'tool',
  'message',
  'POST',
  'hint',
  'input',
  'create_user',
  'write',
  'status',
  'code',
  'req_1',
  '400',
];

let server: Connected;
const lines: string[] = [];
beforeAll(async () => {
  const log = { writableLength: 0, write: (line: unknown) => lines.push(String(line)) > 0 };
  const flags = ['--toolsets', 'all', '--confirm', 'never', '--max-retries', '0', '--log-level', 'trace'];
  server = await connect({ flags, runtime: { log } });
});
afterAll(() => server.close());

function told(reply: Reply | undefined, name: string, input: Input): Promise<Called> {
  // The request id contains the number of requests.
  server.api.requests.length = 0;
  server.api.respondWith(() => reply);
  return server.call(name, input);
}

/** Errors of the API that repeat a secret, and errors whose own words resemble one. */
const errorsWith = (secret: string): readonly Reply[] => [
  {
    status: 422,
    body: {
      code: 'password_strength_error',
      message: `Password "${secret}" is not strong enough`,
      errors: [{ code: 'password_too_short', field: 'user.password', message: `'${secret}' is short`, value: secret }],
    },
  },
  { status: 404, body: { code: 'entity_not_found', message: `User not found: '${secret}'.`, entity_id: secret } },
  { status: 400, body: { error: 'invalid_grant', error_description: `you sent ${secret}` } },
  { status: 409, body: { message: [secret, 'email must be an email'], error: 'Conflict', errors: [secret] } },
  {
    status: 403,
    body: { code: 'email_verification_required', message: secret, errors: { email: secret, user: [secret] } },
  },
  { status: 500, body: secret },
  { status: 502, body: `<html><title>${secret}</title>`, headers: { 'content-type': 'text/html' } },
];

const CALLS: readonly [string, (secret: string) => Input][] = [
  ['create_user', (password) => ({ email: 'ada@example.com', password })],
  ['confirm_password_reset', (secret) => ({ token: 'Zx81-token-of-the-link', new_password: secret })],
  ['create_vault_object', (value) => ({ name: 'flag', value, key_context: { organization_id: 'org_1' } })],
  ['get_invitation_by_token', (token) => ({ token })],
];

/** Every text in a value, except field names and codes. */
function valuesIn(value: unknown, name = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesIn(item, name));
  if (typeof value !== 'object' || value === null) return /^(code|field)$/.test(name) ? [] : [String(value)];
  return Object.entries(value).flatMap(([inner, item]) => valuesIn(item, inner));
}

describe.each([...GUESSABLE, ...MORE_GUESSABLE])('the secret argument %j', (secret) => {
  it.each(CALLS)(
    'does not alter the words of an error, and appears in none of its values: %s',
    async (name, inputWith) => {
      const [sample, placebo] = ['Tr0ub4dor&3-horse', 'placebo'];
      for (const [index, reply] of errorsWith(secret).entries()) {
        const { error, text } = await told(reply, name, inputWith(secret));
        const usual = (await told(errorsWith(sample)[index], name, inputWith(sample))).error;
        expect(error).toMatchObject({ kind: usual?.kind, hint: usual?.hint, tool: name, status: reply.status });
        expect(error?.code).toBe(usual?.code);
        expect(Object.keys(error ?? {})).toEqual(Object.keys(usual ?? {}));
        // The server's own words around the API's message.
        const frame = (message = '') => message.replace(/"(?:[^"\\]|\\.)*"/g, '""');
        expect(frame(error?.message)).toBe(frame(usual?.message));
        expect(error?.message).not.toContain(`"${secret}"`);
        expect(error?.message).not.toContain(`'${secret}'`);
        expect(error?.message).not.toContain(`sent ${secret}`);
        expect(valuesIn(error?.errors)).not.toContain(secret);
        expect(text).not.toContain(`'${secret}'`);
        // Another guessable secret gets the same answer to the same error, so the answer does not reveal which it was.
        expect((await told(reply, name, inputWith(placebo))).error).toEqual(error);
      }
    },
  );
});

it('a dispatcher and a batch do not reveal a guessable secret either', async () => {
  const [reply = {}] = errorsWith('error');
  server.api.respondWith(() => reply);
  const input = { email: 'ada@example.com', password: 'error' };
  const told: Called[] = [
    await server.call('call_write_tool', { tool: 'create_user', arguments: JSON.stringify(input) }),
    await server.call('call_write_tool', { tool: 'create_user', arguments: [input, input] }),
  ];
  for (const { text } of told) {
    expect(text).toContain('"error":{');
    expect(text).toContain('"code":"password_strength_error"');
    expect(text).toContain('"kind":"input"');
    expect(text).not.toContain("'error'");
  }
});

it('an error about an invalid argument keeps its words', async () => {
  for (const password of ['password', 'email', 'expected', 'is']) {
    const { error } = await server.call('create_user', { password, emial: 'x' });
    expect(error?.message).toBe('email is required; Unknown argument "emial"; did you mean email?');
  }
});

describe('a secret that cannot be guessed', () => {
  const secret = 'Tr0ub4dor&3-horse';

  it('is masked in place, and the rest of the message is unchanged', async () => {
    const body = {
      code: 'weak',
      message: `The password ${secret} is on a list`,
      errors: [{ [secret]: secret, n: 10 }],
    };
    server.api.respondWith(() => ({ status: 422, body }));
    const { error } = await server.call('create_user', { email: 'ada@example.com', password: secret });
    expect(error).toMatchObject({
      message: 'POST /user_management/users returned 422: "The password [secret] is on a list"',
      code: 'weak',
      errors: [{ '[secret]': '[secret]', n: 10 }],
    });
  });

  it('is masked in the path of a request', async () => {
    server.api.respondWith(() => ({ status: 404, body: { message: 'no' } }));
    for (const token of [secret, 'by_token', 'user_management', 'invitations', 'a']) {
      const { error } = await server.call('get_invitation_by_token', { token });
      expect(error?.message).toContain('GET /user_management/invitations/by_token/[secret] returned 404');
    }
  });

  it('may be a one-time code, but longer numbers with its digits are unchanged', async () => {
    const body = { error: 'invalid_grant', error_description: "The code '482913' of auth_0148291377 has expired." };
    server.api.respondWith(() => ({ status: 400, body }));
    const input = {
      grant_type: 'urn:workos:oauth:grant-type:magic-auth:code',
      email: 'ada@example.com',
      code: '482913',
    };
    const { error } = await server.call('authenticate_user', input);
    expect(error?.message).toContain("The code '[secret]' of auth_0148291377 has expired.");
  });
});

it.each<[string, boolean]>([
  ['', false],
  ['a', true],
  ['hunter2', true],
  ['hunter22', true],
  ['Passw0rd', false],
  ['password_hash_type', true],
  ['organizationMembership', true],
  ['TOO_MANY_REQUESTS', true],
  ['not found', true],
  ['1234', true],
  ['12345', true],
  ['123456', false],
  ['12345678', false],
  ['sk_test_harness', false],
  ['x7#Kq', true],
  ['x7#KqPz9', false],
  ['ZmFzZGZhc2RmYXNkZg', false],
  ['organization'.repeat(4), false],
])('%j is guessable: %j', (secret, guessable) => {
  expect(isGuessable(secret)).toBe(guessable);
});

it('with a guessable secret, ids and tokens that the next call needs are kept, names and counts are not', () => {
  const detail = {
    code: 'organization_selection_required',
    pending_authentication_token: 'YQyCkYfuVw2mI3tzSrk2C1Y7S',
    organizations: [{ id: 'org_01HXYZ0123456789ABCDEF', name: 'Acme' }],
    count: 2,
    on: true,
    none: null,
  };
  expect(redactForeignDeep(detail, ['user'])).toEqual({
    ...detail,
    organizations: [{ id: 'org_01HXYZ0123456789ABCDEF', name: '[not shown]' }],
    count: '[not shown]',
  });
  expect(redactForeignDeep(detail, ['Tr0ub4dor&3-horse'])).toEqual(detail);
});

describe('a bug of this server', () => {
  const context = { tools, config: { readOnly: false, excludeTools: [] } };
  const bug = (secret: string) => new TypeError(`Cannot read "${secret}" of undefined (reading '${secret}')`);

  it('is explained and logged without the secret, with all other words unchanged', () => {
    for (const secret of ['error', 'bug', 'user', 'Error', 'Tr0ub4dor&3-horse']) {
      const { message, hint } = explainFailure(
        context,
        'create_user',
        bug(secret),
        [secret],
        new SentWrites(),
        'client',
      );
      expect(message).toMatch(/^create_user failed inside this server: "/);
      expect(hint).toBe('This is a bug in workos-mcp. Try other arguments, and report it.');
      const stack = stackOf(bug(secret), [secret]);
      expect(stack).toMatch(/^TypeError: /);
      expect(stack).toContain('guessable-secrets.test.ts');
      for (const text of [message, stack])
        expect(text).not.toMatch(/(reading '|"|\\")(error|bug|user|Error|Tr0ub4dor&3-horse)['"\\]/);
    }
  });
});
