import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/errors/explain.ts';
import { NEXT_STEPS } from '../../src/tools/sign-in-grants.ts';
import { type Called, type Connected, connect, type Recorded, type Reply } from '../harness.ts';
import { expectMode } from '../platform.ts';
import { asSchema } from '../trust/examples.ts';

const PENDING = 'YQyCkYfuVw2mI3tzSrk2C1Y7S';
const COMPLETION = 'ect_9rTnq2LbW8xKc4VdM1sZ';
const SESSION = {
  user: { id: 'user_01HYG' },
  access_token: 'at_opaque_8Hq2LmZ41xT',
  refresh_token: 'rt_77wKpL0aQe13Nb',
};
const user = { object: 'user', id: 'user_01HYGGEB6FYMWQNWF3XDZG7VV3', email: 'ada@acme.example' };

type Input = Record<string, unknown>;

/** What is known at a step of the sign-in: what the error said, and what the calls have returned since. */
interface Known {
  details: Input;
  /** The secrets of the error, from its file. */
  secrets: Input;
  /** What the previous tool returned. */
  last: Input;
}

interface Flow {
  status?: number;
  /** The other fields of the body. */
  body: Input;
  /** The calls that the hint names, with their arguments. The last one returns a session. */
  calls: readonly [tool: string, input: (known: Known) => Input][];
}

const grant = (name: string) => `urn:workos:oauth:grant-type:${name}`;
const pending = { pending_authentication_token: PENDING };
const token = ({ secrets }: Known) => ({ pending_authentication_token: secrets['pending_authentication_token'] });
const first = (list: unknown): Input => asSchema(Array.isArray(list) ? list[0] : undefined);

const sms: Flow = {
  body: { ...pending, user },
  calls: [
    [
      'send_radar_sms_challenge',
      (known) => ({ user_id: asSchema(known.details['user'])['id'], phone_number: '+15005550006', ...token(known) }),
    ],
    [
      'authenticate_user',
      (known) => ({
        grant_type: grant('radar-sms-challenge:code'),
        code: '123456',
        verification_id: known.last['verification_id'],
        phone_number: known.last['phone_number'],
        ...token(known),
      }),
    ],
  ],
};
const radarEmail: Flow = {
  body: { ...pending, radar_challenge_id: 'radar_challenge_01HYG', user },
  calls: [
    [
      'authenticate_user',
      (known) => ({
        grant_type: grant('radar-email-challenge:code'),
        code: '123456',
        radar_challenge_id: known.details['radar_challenge_id'],
        ...token(known),
      }),
    ],
  ],
};

const callback = () => ({ grant_type: 'authorization_code', code: 'code_of_the_callback' });
const redirect_uri = 'https://app.acme.example/callback';

const flows: Record<string, Flow> = {
  organization_selection_required: {
    body: {
      ...pending,
      user,
      organizations: [
        { id: 'org_01HYGA', name: 'Acme' },
        { id: 'org_01HYGB', name: 'Initech' },
      ],
    },
    calls: [
      [
        'authenticate_user',
        (known) => ({
          grant_type: grant('organization-selection'),
          organization_id: first(known.details['organizations'])['id'],
          ...token(known),
        }),
      ],
    ],
  },
  mfa_enrollment: {
    body: { ...pending, user },
    calls: [
      ['enroll_user_auth_factor', ({ details }) => ({ user_id: asSchema(details['user'])['id'] })],
      [
        'authenticate_user',
        (known) => ({
          grant_type: grant('mfa-totp'),
          code: '123456',
          authentication_challenge_id: asSchema(known.last['authentication_challenge'])['id'],
          ...token(known),
        }),
      ],
    ],
  },
  mfa_challenge: {
    body: { ...pending, user, authentication_factors: [{ id: 'auth_factor_01HYG', type: 'totp' }] },
    calls: [
      [
        'challenge_auth_factor',
        ({ details }) => ({ authentication_factor_id: first(details['authentication_factors'])['id'] }),
      ],
      [
        'authenticate_user',
        (known) => ({
          grant_type: grant('mfa-totp'),
          code: '123456',
          authentication_challenge_id: known.last['id'],
          ...token(known),
        }),
      ],
    ],
  },
  mfa_verification: {
    body: { ...pending, authentication_challenge_id: 'auth_challenge_01HYG', user },
    calls: [
      [
        'authenticate_user',
        (known) => ({
          grant_type: grant('mfa-totp'),
          code: '123456',
          authentication_challenge_id: known.details['authentication_challenge_id'],
          ...token(known),
        }),
      ],
    ],
  },
  email_verification_required: {
    body: { ...pending, email: user.email, email_verification_id: 'email_verification_01HYG' },
    calls: [
      [
        'get_email_verification',
        ({ details }) => ({ email_verification_id: details['email_verification_id'], secret_output: 'result' }),
      ],
      [
        'authenticate_user',
        (known) => ({ grant_type: grant('email-verification:code'), code: known.last['code'], ...token(known) }),
      ],
    ],
  },
  extra_attributes_required: {
    status: 400,
    body: { email_completion_token: COMPLETION },
    calls: [
      [
        'authenticate_user',
        ({ secrets }) => ({
          grant_type: grant('email-completion'),
          email: user.email,
          email_completion_token: secrets['email_completion_token'],
        }),
      ],
    ],
  },
  radar_challenge: radarEmail,
  radar_email_challenge: radarEmail,
  radar_sign_up_challenge: sms,
  radar_sms_challenge: sms,
  radar_sms_sign_in_challenge: {
    body: { ...pending, user },
    calls: [
      [
        'authenticate_user',
        (known) => ({ grant_type: grant('radar-sms-challenge:code'), code: '123456', ...token(known) }),
      ],
    ],
  },
  sso_required: {
    status: 400,
    body: { ...pending, email: user.email, connection_ids: ['conn_01HYG'] },
    calls: [
      [
        'get_authorization_url',
        ({ details }) => ({ redirect_uri, connection_id: asList(details['connection_ids'])[0] }),
      ],
      ['authenticate_user', callback],
    ],
  },
  organization_authentication_methods_required: {
    status: 400,
    body: {
      ...pending,
      email: user.email,
      sso_connection_ids: ['conn_01HYG'],
      auth_methods: { google_oauth: true, password: false },
    },
    calls: [
      [
        'get_authorization_url',
        ({ details }) => ({ redirect_uri, connection_id: asList(details['sso_connection_ids'])[0] }),
      ],
      ['authenticate_user', callback],
    ],
  },
};

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The fields that each grant type needs, besides the client's. Anything else is refused. */
const GRANTS: Record<string, Input> = {
  [grant('organization-selection')]: { ...pending, organization_id: 'org_01HYGA' },
  [grant('mfa-totp')]: { ...pending, code: '123456', authentication_challenge_id: 'auth_challenge_01HYG' },
  [grant('email-verification:code')]: { ...pending, code: '654321' },
  [grant('email-completion')]: { email: user.email, email_completion_token: COMPLETION },
  [grant('radar-email-challenge:code')]: { ...pending, code: '123456', radar_challenge_id: 'radar_challenge_01HYG' },
  authorization_code: { code: 'code_of_the_callback' },
};

/** An AuthKit that answers a sign-in with a password with this error. */
function authKit(code: string, { status = 403, body }: Flow): (request: Recorded) => Reply {
  const sent = { challenge: false };
  const oauth = status === 400;
  const refused: Reply = { status: 400, body: { code: 'invalid_grant', message: 'That is not what was asked for.' } };
  return ({ method, url, body: given }) => {
    const { client_id: _, client_secret, grant_type, ...rest } = asSchema(given);
    switch (`${method} ${url}`) {
      case `POST /user_management/users/${user.id}/auth_factors`:
        return {
          status: 201,
          body: {
            authentication_factor: { id: 'auth_factor_01HYG', type: 'totp', totp: { secret: 'JBSWY3DPEHPK3PXP' } },
            authentication_challenge: { id: 'auth_challenge_01HYG' },
          },
        };
      case 'POST /auth/factors/auth_factor_01HYG/challenge':
        return { status: 201, body: { object: 'authentication_challenge', id: 'auth_challenge_01HYG' } };
      case 'GET /user_management/email_verification/email_verification_01HYG':
        return { body: { object: 'email_verification', code: '654321' } };
      case 'POST /user_management/radar_challenges':
        expect(rest).toEqual({ ...pending, user_id: user.id, phone_number: '+15005550006' });
        sent.challenge = true;
        return { status: 201, body: { verification_id: 'verification_01HYG', phone_number: '+15005550006' } };
      case 'POST /user_management/authenticate': {
        expect(client_secret).toBe('sk_test_harness');
        if (grant_type === 'password') {
          const name = oauth ? { error: code, error_description: 'Not yet.' } : { code, message: 'Not yet.' };
          return { status, body: { ...name, ...body } };
        }
        const wanted =
          grant_type === grant('radar-sms-challenge:code')
            ? {
                ...pending,
                code: '123456',
                ...(sent.challenge && { verification_id: 'verification_01HYG', phone_number: '+15005550006' }),
              }
            : GRANTS[String(grant_type)];
        return JSON.stringify(sorted(rest)) === JSON.stringify(sorted(wanted)) ? { body: SESSION } : refused;
      }
      default:
        return { status: 404, body: { message: `Nothing at ${method} ${url}` } };
    }
  };
}

function sorted(fields: Input | undefined): [string, unknown][] {
  return Object.entries(fields ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A plain word, so that the error leaves out texts of the API. */
const PASSWORD = { grant_type: 'password', email: user.email, password: 'horse' };
const STRONG = { ...PASSWORD, password: 'kR7#pL9x!vQ2' };

/** The ways to call a tool. Each returns the error and the value. */
const ways: Record<
  string,
  (server: Connected, tool: string, input: Input) => Promise<Pick<Called, 'value' | 'error'>>
> = {
  'by its name': (server, tool, input) => server.call(tool, input),
  'through call_write_tool': async (server, tool, input) => {
    const { value, error } = await server.call('call_write_tool', { tool, arguments: input });
    if (error) expect(error.tool).toBe('call_write_tool');
    return { value, error };
  },
  'in a batch': async (server, tool, input) => {
    const { value } = await server.call('call_write_tool', { tool, arguments: [input], query: '@' });
    const { value: whole, error } = first(value['rows']);
    const { result, ...beside } = asSchema(whole);
    // The error of a row does not name its tool.
    return { value: { ...asSchema(result), ...beside }, error: error as Explanation | undefined };
  },
};

let server: Connected;
afterEach(() => server.close());
const start = async (code: string, flow: Flow, most = 'result') => {
  server = await connect({
    flags: ['--toolsets', 'all', '--confirm', 'never', '--secrets', most],
    replies: authKit(code, flow),
  });
};

function fileOf(holder: unknown): Input {
  const { path } = asSchema(asSchema(holder)['secret_file']);
  expectMode(String(path), 0o600);
  return asSchema(JSON.parse(readFileSync(String(path), 'utf8')));
}

/** The tools that a sentence names, in order, except those in parentheses. */
function toolsIn(hint: string): string[] {
  return hint.replace(/\(.*?\)/g, '').match(/\b(?:get|send|enroll|challenge|authenticate)_\w+/g) ?? [];
}

describe.each(Object.entries(flows))('a sign-in with a password that fails with %s', (code, flow) => {
  it.each(Object.entries(ways))(
    'ends in a session if the client does what the error says, called %s',
    async (way, call) => {
      await start(code, flow);
      const { error } = await call(server, 'authenticate_user', PASSWORD);
      expect(error).toMatchObject({ status: flow.status ?? 403, code });
      expect(JSON.stringify(error)).not.toContain(PENDING);
      expect(JSON.stringify(error)).not.toContain(COMPLETION);
      const named = toolsIn(error?.hint ?? '').filter((name, at, all) => all.indexOf(name) === at);
      expect(named).toEqual(flow.calls.map(([tool]) => tool));
      const known: Known = { details: asSchema(error?.details), secrets: fileOf(error), last: {} };
      for (const [tool, inputOf] of flow.calls) {
        const input = inputOf(known);
        if (tool === 'authenticate_user') expect(error?.hint).toContain(`grant_type ${input['grant_type']}`);
        const run = ways[tool.startsWith('get_') ? 'by its name' : way] ?? call;
        const result = await run(server, tool, input);
        expect(result.error).toBeUndefined();
        known.last = result.value;
      }
      expect(fileOf(known.last)).toEqual({ access_token: SESSION.access_token, refresh_token: SESSION.refresh_token });
    },
  );

  it('shows its token if the caller asks for it and the settings allow it', async () => {
    await start(code, flow);
    for (const call of Object.values(ways)) {
      const { error } = await call(server, 'authenticate_user', { ...STRONG, secret_output: 'result' });
      expect(error?.details).toEqual(flow.body);
      expect(error?.secret_file).toBeUndefined();
    }
  });

  it('masks its token if the caller asks for that', async () => {
    await start(code, flow, 'masked');
    for (const call of Object.values(ways)) {
      const { error } = await call(server, 'authenticate_user', { ...STRONG, secret_output: 'masked' });
      const masked = Object.fromEntries(
        Object.entries(flow.body).map(([name, value]) => [name, name.endsWith('_token') ? '…' : value]),
      );
      expect(error?.details).toEqual(masked);
      expect(error?.secret_file).toBeUndefined();
    }
  });
});

it('every error code with a token has a flow', () => {
  const walked = Object.keys(flows);
  const withToken = Object.entries(NEXT_STEPS).flatMap(([code, hint]) =>
    hint.includes('_token of details') ? code : [],
  );
  // These two answer a call that already has the token.
  const asked = ['phone_number_required', 'verification_id_required'];
  expect(withToken.filter((code) => !walked.includes(code) && !asked.includes(code))).toEqual([]);
});

describe('a device that is not approved yet', () => {
  const device = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'dc_71TqLk02xN' };

  it.each(['authorization_pending', 'slow_down'])(
    'is polled again after %s, until there is a session',
    async (code) => {
      let polls = 0;
      server = await connect({
        flags: ['--toolsets', 'all'],
        replies: () =>
          ++polls < 3 ? { status: 400, body: { error: code, error_description: 'Not yet.' } } : { body: SESSION },
      });
      for (const _ of [1, 2]) {
        const { error } = await server.call('authenticate_user', device);
        expect(error).toMatchObject({
          kind: 'api',
          code,
          hint: expect.stringMatching(/same arguments.*interval|interval.*same arguments/),
        });
      }
      const { value } = await server.call('authenticate_user', device);
      expect(fileOf(value)).toMatchObject({ access_token: SESSION.access_token });
    },
  );
});

describe('a claim of a user with several organizations', () => {
  it.each(Object.entries(ways))('is linked after the client chooses one, called %s', async (_, call) => {
    const organizations = [{ id: 'org_01HYGA', name: 'Acme' }];
    server = await connect({
      flags: ['--toolsets', 'all'],
      replies: ({ body }) =>
        asSchema(body)['organization_id'] === 'org_01HYGA'
          ? { body: { user_code: 'ABCD-EFGH' } }
          : { status: 409, body: { code: 'organization_selection_required', message: 'Which one?', organizations } },
    });
    const claim = {
      type: 'link_external_user',
      claim_attempt_token: 'cla_tkn_01EHWNCE74X7JSDV0X3SZ3KJNY',
      user: { email: user.email, external_id: 'ada' },
    };
    const { error } = await call(server, 'link_agent_claim_to_user', claim);
    expect(error).toMatchObject({ kind: 'conflict', details: { organizations } });
    expect(error?.hint).toMatch(/details\.organizations.*link_agent_claim_to_user.*organization_id/);
    const chosen = first(error?.details?.['organizations'])['id'];
    expect(
      (await call(server, 'link_agent_claim_to_user', { ...claim, organization_id: chosen })).error,
    ).toBeUndefined();
  });
});
