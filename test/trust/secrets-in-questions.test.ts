import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hideSecrets } from '../../src/call/confirmation/hidden-secrets.ts';
import { type Connected, connect, type Replies } from '../harness.ts';
import { byName, dispatcherOf, inputsWithSecrets, withSecretInput } from './fake-secrets.ts';
import { LIVE } from './fake-workos.ts';

const exists: Replies = ({ method }) =>
  method === 'GET' ? { body: { id: 'thing_1', name: 'Thing', data: [] } } : { status: 204, body: '' };

let asking: Connected;
let previewing: Connected;
let question = '';
beforeAll(async () => {
  const flags = ['--toolsets', 'all', '--max-retries', '0'];
  const elicit = (text: string) => {
    question = text;
    return 'decline' as const;
  };
  asking = await connect({ flags, env: LIVE, replies: exists, elicit });
  previewing = await connect({ flags, env: LIVE, replies: exists });
});
afterAll(() => Promise.all([asking.close(), previewing.close()]));

/** What a partly masked secret would reveal: its last four characters or its first word. */
const piecesOf = (secret: string) => [secret.slice(-4), 'Planted'];

const asked = withSecretInput.filter((tool) => tool.mayNeedConsent);

it('several tools that need consent take secret arguments', () => {
  expect(asked.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'confirm_password_reset',
      'update_vault_object',
      'update_user',
      'configure_org_data_integration',
    ]),
  );
});

describe.each(byName(asked))('a secret argument of %s', (name, tool) => {
  // Makes an update need consent for another reason than the secret.
  const also = Object.entries(tool.consentFor).flatMap(([field, rule]) =>
    rule === 'equals:false' ? [[field, false]] : [],
  );
  const inputs = inputsWithSecrets(tool).map(
    ({ input, secret }) => [secret, { ...input, ...Object.fromEntries(also) }] as const,
  );
  it.each(inputs)('is in no question and no preview, not even its end: %s', async (secret, input) => {
    for (const [door, given] of [
      [name, input],
      [dispatcherOf(tool), { tool: name, arguments: input }],
      [dispatcherOf(tool), { tool: name, arguments: [input, input] }],
    ] as const) {
      question = '';
      const declined = await asking.call(door, given);
      const { value, text } = await previewing.call(door, given);
      expect(question).toContain('[secret]');
      expect(value['changed']).toBe(false);
      expect(text).toContain('[secret]');
      for (const piece of piecesOf(secret)) {
        for (const shown of [question, declined.text, text]) expect(shown).not.toContain(piece);
      }
    }
  });
});

it('each secret in a list is hidden, and the fields beside it are shown', () => {
  const keys = [{ id: 'key_1', value: 'Planted 1' }, { id: 'key_2', value: null }, { value: 'Planted 2' }];
  expect(hideSecrets({ name: 'x', keys }, ['keys[].value'])).toEqual({
    name: 'x',
    keys: [{ id: 'key_1', value: '[secret]' }, { id: 'key_2', value: null }, { value: '[secret]' }],
  });
});
