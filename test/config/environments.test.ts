import { describe, expect, it } from 'vitest';
import { keysIn } from '../../src/config/api-key.ts';
import { configsOf, readConfig } from '../../src/config/config.ts';

const NAMES = { toolsets: new Set(['organizations']), tools: new Set(['get_user']) };
const read = (environments: string, env: Record<string, string> = {}, flags: readonly string[] = []) =>
  readConfig(['--environments', environments, ...flags], env, NAMES);

const STAGING = 'sk_test_of_staging_1234';
const PRODUCTION = 'sk_live_of_production_5678';
const ENV = { STAGING_KEY: STAGING, STAGING_ID: 'client_staging', PRODUCTION_KEY: PRODUCTION };
const BOTH = 'staging=STAGING_KEY/STAGING_ID,production=PRODUCTION_KEY:read-only:confirm-always';

describe('several environments', () => {
  it('have their own credentials and settings, and the first is the default', () => {
    const { config, problems } = read(BOTH, ENV);
    expect(problems).toEqual([]);
    const [staging, production] = configsOf(config);
    expect(staging).toMatchObject({
      environment: 'staging',
      clientId: 'client_staging',
      readOnly: false,
      confirm: 'live',
    });
    expect(staging?.key).toMatchObject({ value: STAGING, variable: 'STAGING_KEY', kind: 'test' });
    expect(production).toMatchObject({
      environment: 'production',
      clientId: undefined,
      readOnly: true,
      confirm: 'always',
    });
    expect(production?.key).toMatchObject({ value: PRODUCTION, variable: 'PRODUCTION_KEY', kind: 'live' });
    expect(config).toMatchObject({ environment: 'staging', key: staging?.key });
  });

  it('each know the keys of the others, so that none of them is shown', () => {
    const { config } = read(BOTH, ENV);
    for (const { key } of configsOf(config)) expect(keysIn(key)).toEqual([PRODUCTION, STAGING]);
  });

  it('are all read-only on a read-only server', () => {
    const { config } = read(BOTH, ENV, ['--read-only']);
    expect(configsOf(config).map(({ readOnly }) => readOnly)).toEqual([true, true]);
  });

  it('use only the keys that they name', () => {
    const { config, problems } = read(BOTH, {
      WORKOS_TOKEN: 'sk_live_other_key_1234',
      WORKOS_CLIENT_ID: 'client_other',
    });
    expect(problems).toEqual([]);
    for (const { key, clientId } of configsOf(config)) {
      expect(key).toMatchObject({ value: undefined, problem: `${key.variable} is not set` });
      expect(clientId).toBeUndefined();
    }
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('can be called %s', (name) => {
    const { config, problems } = read(`${name}=STAGING_KEY,prod=PRODUCTION_KEY`, ENV);
    expect(problems).toEqual([]);
    expect(configsOf(config).map(({ environment }) => environment)).toEqual([name, 'prod']);
  });

  it('can be thirty, but not a hundred', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `e${at}=KEY_${at}`).join(',');
    expect(read(many(30)).problems).toEqual([]);
    expect(read(many(30)).config.environments).toHaveLength(30);
    expect(read(many(100)).problems).toEqual(['--environments names 100 environments; the maximum is 50']);
  });
});

describe('a value that names no environment', () => {
  it.each([',', ' , '])('is refused: %s', (value) => {
    expect(read(value).problems).toEqual([expect.stringContaining('--environments names no environment')]);
  });
});

describe('a single environment', () => {
  it('takes its key, client id and suffixes, and has no name', () => {
    const { config, problems } = read('production=PRODUCTION_KEY/STAGING_ID:read-only:confirm-always', ENV);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ environment: undefined, environments: [], readOnly: true, confirm: 'always' });
    expect(config).toMatchObject({ key: { value: PRODUCTION }, clientId: 'client_staging' });
  });
});

describe('a value that may be a key', () => {
  const SECRETS = [
    'sk_live_abcdefghij1234567890',
    'SK_LIVE_ABCDEFGHIJ1234567890',
    'sk_test_x',
    'client_01KE0SANDB0X00000000000000',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'a1B2c3D4e5F6g7H8i9J0',
    'ABCDEFGHIJKLMNOPQRSTUVWX12345678',
    'Zm9vYmFyYmF6cXV4Zm9vYmFy==',
  ];
  const PLACES: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => `a=${secret}`,
    (secret) => `a=A,b=${secret}`,
    (secret) => `a=A/${secret},b=B`,
    (secret) => `${secret}=A,b=B`,
    (secret) => `a=A:${secret},b=B`,
    (secret) => `a=A:read-only:${secret}`,
    (secret) => `a=\${A},b=${secret}`,
  ];
  it.each(SECRETS)('is refused wherever it appears, and never repeated: %s', (secret) => {
    for (const place of PLACES) {
      const { problems } = read(place(secret));
      expect(problems, place(secret)).not.toEqual([]);
      expect(problems.join('\n')).not.toContain(secret.replace(/=+$/, ''));
    }
  });

  it('is not shown if two variables hold it or a client id is a key', () => {
    const same = read('a=A,b=B', { A: STAGING, B: STAGING }).problems;
    expect(same).toEqual(['A and B hold the same key, so a and b are the same environment']);
    expect(read('a=A,b=A', { A: STAGING }).problems).toEqual([
      'The environments a and b both name A; each needs its own key',
    ]);
    for (const id of [STAGING, 'sk_live_another_1234']) {
      expect(read('a=A/ID,b=B', { A: STAGING, B: PRODUCTION, ID: id }).problems).toEqual([
        'ID contains a key, not the client id of a',
      ]);
    }
  });
});
