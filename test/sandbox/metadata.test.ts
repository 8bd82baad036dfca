import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from './sandbox-client.ts';

describe('a metadata update', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('keeps keys that start with an underscore, in responses and events', async () => {
    const metadata = { _plan: 'free', __proto: 'x' };
    const { body } = await client.call('POST /organizations', { name: 'Underscore', metadata });
    expect(body['metadata']).toEqual(metadata);
    expect((await client.call('GET /events?limit=1')).body.data[0]?.['data']).toMatchObject({ metadata });
  });

  it.each([
    ['merges keys', { seats: '300', tier: 'gold' }, { plan: 'enterprise', region: 'us', seats: '300', tier: 'gold' }],
    ['deletes a key whose value is null', { region: null }, { plan: 'enterprise', seats: '250' }],
    ['deletes all keys if it is {}', {}, {}],
    ['deletes all keys if it is null', null, {}],
    ['changes nothing if it is left out', undefined, { plan: 'enterprise', region: 'us', seats: '250' }],
  ])('%s', async (_case, metadata, expected) => {
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const updated = await client.call(`PUT /organizations/${acme}`, { metadata });
    expect(updated.body['metadata']).toEqual(expected);
    expect(updated.body).toMatchObject({ name: 'Acme Robotics', external_id: 'crm-1001' });
  });

  describeErrors(
    () => client,
    [
      ['POST /organizations', { name: 'Meta', metadata: { ['k'.repeat(41)]: 'v' } }, 400, { code: 'invalid_metadata' }],
      ['POST /organizations', { name: 'Meta', metadata: { key: 'ü' } }, 400, { code: 'invalid_metadata' }],
      ['POST /organizations', { name: 'Meta', metadata: { key: 1 } }, 400, { code: 'invalid_metadata' }],
    ],
  );
});
