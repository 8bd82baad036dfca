import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ROOT = '/user_management';

describe('the settings of AuthKit', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('have no JWT template until one is set', async () => {
    expect((await client.call(`GET ${ROOT}/jwt_template`)).status).toBe(404);
    await client.call(`PUT ${ROOT}/jwt_template`, { content: '{"a": 1}' });
    await client.call(`PUT ${ROOT}/jwt_template`, { content: '{"b": "{{user.id}}"}' });
    expect((await client.call(`GET ${ROOT}/jwt_template`)).body['content']).toBe('{"b": "{{user.id}}"}');
  });

  it('have only one default MCP resource', async () => {
    const uri = 'https://mcp.other.example/mcp';
    await client.call(`POST ${ROOT}/authkit_oauth_resources`, { uri, default: true });
    const { data } = (await client.call(`GET ${ROOT}/authkit_oauth_resources`)).body;
    expect(data.filter((resource) => resource['default'])).toMatchObject([{ uri }]);
  });

  it('keep the default redirect URI', async () => {
    const { data } = (await client.call(`GET ${ROOT}/redirect_uris`)).body;
    const statuses = data.map(({ id }) => client.call(`DELETE ${ROOT}/redirect_uris/${id}`));
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([204, 409]);
  });

  describeErrors(
    () => client,
    [
      [`POST ${ROOT}/redirect_uris`, { uri: 'nonsense' }, 422, { errors: [{ field: 'uri' }] }],
      [`POST ${ROOT}/redirect_uris`, { uri: 'http://localhost:3000/callback' }, 422, { errors: [{ field: 'uri' }] }],
      [`POST ${ROOT}/cors_origins`, { origin: 'https://a.example/path' }, 422, { errors: [{ property: 'origin' }] }],
      [`POST ${ROOT}/cors_origins`, { origin: 'http://localhost:3000' }, 409, { code: 'duplicate_cors_origin' }],
      [`PUT ${ROOT}/jwt_template`, { content: '{"a": {{ }' }, 422, { code: 'invalid_request_parameters' }],
      [`PUT ${ROOT}/jwt_template`, { content: '{"sub": "me"}' }, 422, { code: 'invalid_request_parameters' }],
      [`DELETE ${ROOT}/authkit_oauth_resources/nope`, undefined, 404, {}],
    ],
  );
});

describe('a waitlist', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('holds an address once, and invites it on approval', async () => {
    const path = `${ROOT}/waitlists/default/entries`;
    const entry = await client.call(`POST ${path}`, { email: 'Pat@new.example', additional_fields: { team: 'A' } });
    expect(entry.body).toMatchObject({ email: 'pat@new.example', state: 'pending', approved_at: null });
    expect((await client.call(`POST ${path}`, { email: 'pat@new.example' })).body).toEqual(entry.body);
    await client.call(`POST ${ROOT}/waitlist_entries/${entry.body.id}/deny`);
    const approved = await client.call(`POST ${ROOT}/waitlist_entries/${entry.body.id}/approve`);
    expect(approved.body).toMatchObject({ state: 'approved', approved_at: '2026-11-02T09:00:00.000Z' });
    const invitations = await client.call(`GET ${ROOT}/invitations?email=pat@new.example`);
    expect(invitations.body.data).toMatchObject([{ state: 'pending' }]);
    const again = await client.call(`POST ${ROOT}/waitlist_entries/${entry.body.id}/approve`);
    expect(again.body['code']).toBe('invalid_state');
  });

  it('lists its entries by state and address', async () => {
    const emails = async (query: string) =>
      (await client.call(`GET ${ROOT}/waitlists/default/entries?${query}`)).body.data.map((entry) => entry['email']);
    expect(await emails('state=denied')).toEqual(['spam@offers.example']);
    expect(await emails('email=KENJI.ono@earlybird.example')).toEqual(['kenji.ono@earlybird.example']);
  });

  describeErrors(
    () => client,
    [
      [`GET ${ROOT}/waitlists/waitlist_nope`, undefined, 404, {}],
      [
        `POST ${ROOT}/waitlists/default/entries`,
        { email: 'amara.adeyemi@acme-robotics.example' },
        422,
        { code: 'user_already_exists' },
      ],
      [`POST ${ROOT}/waitlists/default/entries`, { email: 'a@b.example', additional_fields: { a: 1 } }, 422, {}],
    ],
  );
});

describe('Radar', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('blocks an attempt on a block list, unless it is also on an allow list', async () => {
    const verdict = async () => (await client.call('POST /radar/attempts', ATTEMPT)).body['verdict'];
    expect(await verdict()).toBe('allow');
    expect((await client.call('POST /radar/lists/domain/block', { entry: 'new.example' })).status).toBe(204);
    expect((await client.call('POST /radar/lists/domain/block', { entry: 'new.example' })).status).toBe(200);
    expect((await client.call('POST /radar/attempts', ATTEMPT)).body).toMatchObject({
      verdict: 'block',
      control: 'restriction',
      blocklist_type: 'domain',
    });
    await client.call('POST /radar/lists/email/allow', { entry: 'pat@new.example' });
    expect(await verdict()).toBe('allow');
  });

  const ATTEMPT = {
    ip_address: '192.0.2.1',
    user_agent: 'curl',
    email: 'pat@new.example',
    auth_method: 'Password',
    action: 'sign-in',
  };

  describeErrors(
    () => client,
    [
      ['POST /radar/attempts', {}, 400, { error: 'Bad Request' }],
      ['PUT /radar/attempts/radar_attempt_nope', { attempt_status: 'success' }, 404, {}],
      ['POST /radar/lists/shoe_size/block', { entry: '46' }, 400, { message: expect.any(String) }],
      ['DELETE /radar/lists/email/block', { entry: 'a@b.example' }, 404, {}],
    ],
  );
});
