import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const LUMEN = 'org_01KJTEZ9FA4WHZ04WP59SXXNJK';
/** A member of Acme. */
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const ANALYTICS = '/feature-flags/advanced-analytics';

describe('feature flags', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const flagsOf = async (owner: string) =>
    (await client.call(`GET ${owner}/feature-flags`)).body.data.map((row) => row['slug']).sort();

  it('are listed for the organizations that have them by default or as targets', async () => {
    expect(await flagsOf(`/organizations/${ACME}`)).toEqual(['advanced-analytics', 'bulk-export']);
    expect(await flagsOf(`/organizations/${LUMEN}`)).toEqual(['bulk-export']);
    await client.call(`POST ${ANALYTICS}/targets/${LUMEN}`);
    await client.call(`DELETE ${ANALYTICS}/targets/${ACME}`);
    expect(await flagsOf(`/organizations/${ACME}`)).toEqual(['bulk-export']);
    expect(await flagsOf(`/organizations/${LUMEN}`)).toEqual(['advanced-analytics', 'bulk-export']);
  });

  it('forget deleted targets', async () => {
    const { id } = (await client.call('POST /user_management/users', { email: 'new@signup.example' })).body;
    const flag = '/feature-flags/ai-summaries';
    await client.call(`DELETE ${flag}/targets/${AMARA}`);
    await client.call(`POST ${flag}/targets/${id}`);
    await client.call(`DELETE /user_management/users/${id}`);
    await client.call(`POST ${flag}/targets/${AMARA}`);
    const [event] = (await client.call('GET /events?events=flag.rule_updated&limit=1')).body.data;
    expect(event?.['context']).toMatchObject({ previous_attributes: { context: { access_type: 'none' } } });
  });

  it('are listed for users with those of their organizations', async () => {
    const all = ['advanced-analytics', 'ai-summaries', 'bulk-export'];
    expect(await flagsOf(`/user_management/users/${AMARA}`)).toEqual(all);
    await client.call(`DELETE /feature-flags/ai-summaries/targets/${AMARA}`);
    expect(await flagsOf(`/user_management/users/${AMARA}`)).toEqual(['advanced-analytics', 'bulk-export']);
  });

  it('are listed for no organization while disabled', async () => {
    expect((await client.call(`PUT ${ANALYTICS}/disable`)).body['enabled']).toBe(false);
    expect(await flagsOf(`/organizations/${ACME}`)).toEqual(['bulk-export']);
    await client.call('PUT /feature-flags/legacy-editor/enable');
    expect(await flagsOf(`/organizations/${ACME}`)).toEqual(['bulk-export', 'legacy-editor']);
  });

  describeErrors(
    () => client,
    [
      ['GET /feature-flags/nope', undefined, 404, { message: "Feature Flag not found: 'nope'." }],
      [`POST ${ANALYTICS}/targets/team_1`, undefined, 400, { statusCode: 400 }],
      [`POST ${ANALYTICS}/targets/org_nope`, undefined, 404, { entity_id: 'org_nope' }],
      [`DELETE ${ANALYTICS}/targets/user_nope`, undefined, 404, { entity_id: 'user_nope' }],
      ['GET /organizations/org_nope/feature-flags', undefined, 404, { entity_id: 'org_nope' }],
    ],
  );
});
