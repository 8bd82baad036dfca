import { describe, expect, it } from 'vitest';
import { ONLY } from '../../../src/sandbox/environment.ts';
import { sampleLandscape } from '../../../src/sandbox/landscape.ts';
import { handleRequest } from '../../../src/sandbox/router.ts';
import { type SavedState, State } from '../../../src/sandbox/state.ts';
import { differences } from '../documented-responses.ts';

const ROOT = '/user_management';
const now = Date.parse('2026-11-02T09:00:00.000Z');
const EMAIL = 'lin@signup.example';
const LIN = { email: EMAIL, password: 'correct horse battery' };
const GRANT = { client_id: ONLY.clientId, client_secret: ONLY.key, grant_type: 'password' };

function newState(saved: SavedState = sampleLandscape(now)): State {
  return new State({ now: () => now, exportPolls: 0 }, saved);
}

/** Answers a request as the server does, and returns the body. */
function call(state: State, request: string, body: Record<string, unknown> = {}) {
  const [method = '', target = ''] = request.split(' ');
  const [path = '', query] = target.split('?');
  const rest = { idempotencyKey: undefined, fault: undefined, token: ONLY.key, origin: '', filesOrigin: '' };
  const response = handleRequest({ method, path, query: new URLSearchParams(query), body, ...rest }, state, ONLY.key);
  // Every response in these tests has a body, which is a record.
  return response.body as Record<string, string>;
}

function newUser(state: State, verified: boolean): string {
  return call(state, `POST ${ROOT}/users`, { ...LIN, email_verified: verified })['id'] ?? '';
}

describe('the events of', () => {
  it.each<[subject: string, requests: (state: State) => void, names: string[]]>([
    [
      'a sign-in and its end',
      (state) => {
        newUser(state, true);
        call(state, `POST ${ROOT}/authenticate`, { ...GRANT, ...LIN, password: 'wrong' });
        call(state, `POST ${ROOT}/authenticate`, { ...GRANT, ...LIN });
        call(state, `POST ${ROOT}/sessions/revoke`, { session_id: state.where('sessions').at(-1)?.id });
      },
      [
        'user.created',
        'authentication.password_failed',
        'session.created',
        'authentication.password_succeeded',
        'session.revoked',
      ],
    ],
    [
      'a verification',
      (state) => {
        const path = `POST ${ROOT}/users/${newUser(state, false)}/email_verification`;
        call(state, `${path}/send`);
        call(state, `${path}/confirm`, { code: 'wrong' });
        call(state, `${path}/confirm`, { code: state.where('messages').at(-1)?.code });
      },
      [
        'user.created',
        'email_verification.created',
        'authentication.email_verification_failed',
        'user.updated',
        'authentication.email_verification_succeeded',
      ],
    ],
    [
      'magic auth and a password reset',
      (state) => {
        newUser(state, true);
        call(state, `POST ${ROOT}/magic_auth`, { email: EMAIL });
        const grant_type = 'urn:workos:oauth:grant-type:magic-auth:code';
        call(state, `POST ${ROOT}/authenticate`, { ...GRANT, grant_type, email: EMAIL, code: 'wrong' });
        const token = call(state, `POST ${ROOT}/password_reset`, { email: EMAIL })['password_reset_token'];
        call(state, `POST ${ROOT}/password_reset/confirm`, { token, new_password: 'another password' });
      },
      [
        'user.created',
        'magic_auth.created',
        'authentication.magic_auth_failed',
        'password_reset.created',
        'user.updated',
        'password_reset.succeeded',
      ],
    ],
    [
      'SSO',
      (state) => {
        const query = `client_id=${ONLY.clientId}&redirect_uri=http://localhost/&response_type=code`;
        call(state, `GET /sso/authorize?${query}&connection=conn_01KF5KQ9ZG9AZMSDQ7RRWWNR59`);
        const code = state.where('authorization_codes').at(-1)?.code;
        call(state, 'POST /sso/token', { ...GRANT, grant_type: 'authorization_code', code });
      },
      ['authentication.sso_started', 'authentication.sso_succeeded'],
    ],
    [
      'an invitation',
      (state) => {
        const id = call(state, `POST ${ROOT}/invitations`, { email: EMAIL })['id'];
        call(state, `POST ${ROOT}/invitations/${id}/resend`);
        newUser(state, true);
        call(state, `POST ${ROOT}/invitations/${id}/accept`);
        const other = call(state, `POST ${ROOT}/invitations`, { email: 'other@signup.example' })['id'];
        call(state, `POST ${ROOT}/invitations/${other}/revoke`);
      },
      [
        'invitation.created',
        'invitation.resent',
        'user.created',
        'invitation.accepted',
        'invitation.created',
        'invitation.revoked',
      ],
    ],
    [
      'a waitlist',
      (state) => {
        const id = call(state, `POST ${ROOT}/waitlists/default/entries`, { email: EMAIL })['id'];
        call(state, `POST ${ROOT}/waitlist_entries/${id}/deny`);
        call(state, `POST ${ROOT}/waitlist_entries/${id}/approve`);
      },
      ['waitlist_user.created', 'waitlist_user.denied', 'waitlist_user.approved', 'invitation.created'],
    ],
  ])('%s fit the document and hold no secrets', (_subject, requests, names) => {
    const state = newState();
    const before = state.where('events').length;
    requests(state);
    const events = state
      .where('events')
      .slice(before)
      .map(({ updated_at: _, ...event }) => event);
    expect(events.map(({ event }) => event)).toEqual(names);
    const list = { object: 'list', data: events, list_metadata: { after: null } };
    expect(differences('GET /events', 200, list)).toEqual([]);
    expect(JSON.stringify(events)).not.toMatch(/"_|reset_token|scrypt|"code":"\d/);
  });
});

describe('a saved state', () => {
  it('keeps the key of the access tokens, passwords, refresh tokens and codes', () => {
    const before = newState();
    newUser(before, true);
    const keys = call(before, `GET /sso/jwks/${ONLY.clientId}`);
    const { refresh_token } = call(before, `POST ${ROOT}/authenticate`, { ...GRANT, ...LIN });
    const { code } = call(before, `POST ${ROOT}/magic_auth`, { email: EMAIL });
    const after = newState(JSON.parse(JSON.stringify(before.save())));
    expect(call(after, `GET /sso/jwks/${ONLY.clientId}`)).toEqual(keys);
    const answers = [
      { ...LIN },
      { grant_type: 'refresh_token', refresh_token },
      { grant_type: 'urn:workos:oauth:grant-type:magic-auth:code', email: EMAIL, code },
    ].map((grant) => call(after, `POST ${ROOT}/authenticate`, { ...GRANT, ...grant }));
    expect(answers).toEqual(answers.map(() => expect.objectContaining({ access_token: expect.any(String) })));
  });
});
