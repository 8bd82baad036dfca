import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const OMALLEY = 'org_01KWJ9858S2JEYJ67TBXDNJZN5';
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const SAM = 'user_01KYC15PC064ZDG4F4MZ47AE79';
const CONTACTS = `/organizations/${ACME}/it_contacts`;

describe('the Admin Portal', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const open = async (fields: object) => {
    const { body } = await client.call('POST /portal/generate_link', fields);
    const link = String(body['link']);
    return async () => {
      const response = await fetch(link);
      return { status: response.status, text: await response.text() };
    };
  };

  it('shows what would be set up, for five minutes', async () => {
    const page = await open({ organization: ACME, intent: 'dsync' });
    const { status, text } = await page();
    expect(status).toBe(200);
    for (const words of ['Acme Robotics', ACME, 'dsync', 'connect the directory', 'five minutes']) {
      expect(text).toContain(words);
    }
    client.advance(5 * 60_000);
    expect(await page()).toMatchObject({ status: 410, text: expect.stringContaining('This link has expired') });
  });

  it('escapes names, and links to no script', async () => {
    const page = await open({ organization: OMALLEY, return_url: 'javascript:alert(1)' });
    const { text } = await page();
    expect(text).toContain('O&#39;Malley &quot;Ink&quot; &amp; Paper, &lt;Inc.&gt;');
    expect(text).not.toContain('javascript:');
  });

  it('says so if there is no such link', async () => {
    const { status, text } = await client.call('GET /_sandbox/pages/portal/nope');
    expect([status, text.includes('does not exist')]).toEqual([404, true]);
  });

  it('adds the given IT contacts, each only once', async () => {
    await open({ organization: ACME, it_contact_emails: ['it@acme-robotics.example'] });
    await open({ organization: ACME, it_contact_emails: ['IT@acme-robotics.example'] });
    expect((await client.call(`GET ${CONTACTS}`)).body.data).toMatchObject([{ email: 'it@acme-robotics.example' }]);
  });

  it('allows one active invitation per organization', async () => {
    const add = async (email: string) => (await client.call(`POST ${CONTACTS}`, { email })).body.id;
    const [first, second] = [await add('one@acme.example'), await add('two@acme.example')];
    const invite = async (id: string) =>
      (await client.call(`POST ${CONTACTS}/${id}/invite`, { intents: ['sso'] })).status;
    expect([await invite(first), await invite(second)]).toEqual([204, 409]);
    expect((await client.call(`POST ${CONTACTS}/${second}/revoke`)).status).toBe(204);
    expect(await invite(second)).toBe(204);
    client.advance(30 * 24 * 3_600_000);
    expect(await invite(first)).toBe(204);
    await client.call(`DELETE ${CONTACTS}/${first}`);
    expect(await invite(second)).toBe(204);
  });

  it('gives widgets a token with their scopes', async () => {
    const scopes = ['widgets:sso:manage'];
    const { body } = await client.call('POST /widgets/token', { organization_id: ACME, user_id: AMARA, scopes });
    const claims = Buffer.from(String(body['token']).split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({ sub: AMARA, org_id: ACME, scopes });
  });

  it('allows one team per administrator', async () => {
    const create = () => client.call('POST /platform/teams', { name: 'Tideline', admin_email: 'ada@tideline.example' });
    const team = (await create()).body;
    expect((await client.call(`GET /platform/teams/${team.id}`)).body).toEqual(team);
    expect(await create()).toMatchObject({ status: 409, body: { code: 'user_already_exists' } });
  });

  describeErrors(
    () => client,
    [
      ['POST /portal/generate_link', { organization: ACME, intent: 'scim' }, 422, { errors: [{ field: 'intent' }] }],
      ['POST /portal/generate_link', { organization: 'org_nope' }, 404, { entity_id: 'org_nope' }],
      ['POST /widgets/token', { scopes: ['widgets:sso:manage'], user_id: AMARA }, 400, { error: 'Bad Request' }],
      ['POST /client/token', { organization_id: ACME, user_id: SAM }, 400, {}],
      ['POST /client/token', { organization_id: ACME, user_id: 'user_nope' }, 404, { entity_id: 'user_nope' }],
      [`POST ${CONTACTS}`, { email: 'nobody' }, 422, { errors: [{ field: 'email' }] }],
      [`DELETE ${CONTACTS}/it_contact_nope`, undefined, 404, { entity_id: 'it_contact_nope' }],
      ['GET /platform/teams/team_nope', undefined, 404, { entity_id: 'team_nope' }],
    ],
  );
});
