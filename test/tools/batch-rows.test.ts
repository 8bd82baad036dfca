import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskFields } from '../../src/text/mask-fields.ts';
import { briefRow } from '../../src/tools/batch-rows.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Tool } from '../../src/tools/types.ts';
import { pathArguments, replaceAt } from '../trust/examples.ts';

const ID = '01KYQD36M0JVN3ZMMRBQCBAMV3';

function tool(name: string): Tool {
  const found = tools.get(name);
  if (!found) throw new Error(`there is no tool ${name}`);
  return found;
}

function brief(name: string, input: Record<string, unknown>, value: unknown): Record<string, unknown> {
  return briefRow(tool(name), { index: 0, input, outcome: { ok: true, value } }, false);
}

const user = { object: 'user', id: `user_${ID}`, email: 'marcelina.davis@example.com', first_name: 'Marcelina' };
const invitation = { id: `invitation_${ID}`, email: user.email, state: 'pending', token: '…abcd', expires_at: '2026' };

describe('a batch row shows the id, the name and the state of', () => {
  it.each<[what: string, tool: string, input: Record<string, unknown>, value: unknown, row: unknown]>([
    [
      'an object that was read, without repeating its id',
      'get_user',
      { user_id: user.id },
      user,
      { value: { id: user.id, email: user.email } },
    ],
    [
      'an object that was created, with as many ids from the arguments as fit',
      'create_organization_membership',
      { user_id: user.id, organization_id: `org_${ID}` },
      { id: `om_${ID}`, user_id: user.id, organization_id: `org_${ID}`, status: 'active' },
      { user_id: user.id, value: { id: `om_${ID}`, status: 'active' } },
    ],
    [
      'an invitation that was sent, without its masked token',
      'send_invitation',
      { email: user.email, organization_id: `org_${ID}`, role_slug: 'admin' },
      invitation,
      { value: { id: invitation.id, email: user.email, state: 'pending' } },
    ],
    [
      'an object that was changed, with every id in its path',
      'update_group',
      { organization_id: `org_${ID}`, group_id: `group_${ID}`, name: 'Engineering' },
      { id: `group_${ID}`, name: 'Engineering' },
      { organization_id: `org_${ID}`, value: { id: `group_${ID}`, name: 'Engineering' } },
    ],
    [
      'an object with a long name, which is cut',
      'get_organization',
      { organization_id: `org_${ID}` },
      { id: `org_${ID}`, name: 'An organization with a name that is far longer than anybody would want to read it' },
      { value: { id: `org_${ID}`, name: 'An organization with a name that is far longer than anybody …' } },
    ],
    [
      'a link, which stays whole',
      'get_authorization_url',
      {},
      { url: `https://a.io/?${'x'.repeat(300)}` },
      { value: { url: `https://a.io/?${'x'.repeat(300)}` } },
    ],
    ['a list, as a number of items', 'list_users', {}, { data: [user, user] }, { value: { items: 2 } }],
    [
      'an object without a name, by its first short fields',
      'send_radar_sms_challenge',
      {},
      { object: 'sms', text: 'x'.repeat(90), digits: 6, again: false, more: 1 },
      { value: { object: 'sms', digits: 6, again: false } },
    ],
    [
      'an object with a secret that is shown once, with the file that holds it',
      'create_organization_api_key',
      { organization_id: `org_${ID}` },
      { id: `api_key_${ID}`, name: 'CI', value: '…abcd', secret_file: { path: '/out/a.json', fields: ['value'] } },
      {
        organization_id: `org_${ID}`,
        value: { id: `api_key_${ID}`, name: 'CI', secret_file: { path: '/out/a.json', fields: ['value'] } },
      },
    ],
  ])('%s', (_, name, input, value, row) => {
    expect(brief(name, input, value)).toEqual({ index: 0, ok: true, ...Object(row) });
  });

  it('a call that failed, with all ids from its arguments', () => {
    const input = { email: user.email, organization_id: `org_${ID}`, inviter_user_id: user.id, expires_in_days: 3 };
    const error = { kind: 'conflict', message: 'no' };
    const row = briefRow(tool('send_invitation'), { index: 7, input, outcome: { ok: false, error } }, false);
    const { expires_in_days: _, ...ids } = input;
    expect(row).toEqual({ index: 7, ok: false, ...ids, error });
  });
});

const anyText = fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom(`user_${ID}`, 'active', 'Ada', user.email));
const anyObject = fc.dictionary(
  fc.oneof(
    fc.constantFrom('object', 'id', 'email', 'name', 'slug', 'domain', 'state', 'status', 'created_at', 'data'),
    fc
      .stringMatching(/^[a-z_]{1,20}$/)
      .filter((name) => !/^(path|note|link|url|uri|secret_files?|changed)$/.test(name)),
  ),
  fc.oneof(anyText, fc.integer(), fc.boolean(), fc.constant(null), fc.array(anyText)),
  { maxKeys: 12 },
);

describe('a row of any tool', () => {
  const all = [...tools.values()].filter(
    ({ toolset, secrets }) => toolset !== 'discovery' && secrets.class !== 'deliver',
  );

  it('takes at most 150 characters, besides the ids in its path, its id and its state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), anyObject, (one, value) => {
        const path = pathArguments(one);
        const input = Object.fromEntries([...path, 'user_id', 'organization_id'].map((name) => [name, `some_${ID}`]));
        const row = briefRow(one, { index: 99, input, outcome: { ok: true, value } }, false);
        const inPath = Object.entries(row).filter(([name]) => path.includes(name));
        const { id = '', state = '', status = '', name = '' } = Object(row['value']);
        const unbounded = JSON.stringify([Object.fromEntries(inPath), id, state, status, name.slice?.(0, 17)]).length;
        // A control character takes six characters in JSON.
        const escapes = JSON.stringify(row).match(/\\/g)?.length ?? 0;
        expect(JSON.stringify(row).length).toBeLessThanOrEqual(150 + unbounded + escapes * 6);
      }),
    );
  });

  it('shows no secret, masked or not, unless the tool exists to deliver it', () => {
    const wrong: string[] = [];
    for (const one of all) {
      const plain = (one.secrets.out ?? []).reduce<unknown>(
        (sum, path) => replaceAt(sum, path.split(/\.|\[\]\.?/).filter(Boolean), 'secret-value-wxyz'),
        { object: 'thing' },
      );
      const { masked } = maskFields(plain, one.secrets.out ?? []);
      for (const value of [plain, masked]) {
        const row = JSON.stringify(briefRow(one, { index: 0, input: {}, outcome: { ok: true, value } }, false));
        if (row.includes('wxyz')) wrong.push(row);
      }
    }
    expect(wrong).toEqual([]);
  });
});
