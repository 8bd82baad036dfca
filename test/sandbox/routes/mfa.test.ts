import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totpCode } from '../../../src/sandbox/totp.ts';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';
import { messages } from '../sign-ins.ts';

const NOW = Date.parse('2026-11-02T09:00:00.000Z');

describe('authentication factors', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('have the codes of RFC 6238 for its secret', () => {
    // The RFC's secret "12345678901234567890" in base 32, and the last six digits of its codes.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect([59_000, 1_111_111_109_000].map((time) => totpCode(secret, time))).toEqual(['287082', '081804']);
  });

  it.each([
    [-60_000, false],
    [-30_000, true],
    [0, true],
    [30_000, true],
    [60_000, false],
  ])('by TOTP accept a code that is %i ms off: %s', async (skew, valid) => {
    const body = { type: 'totp', totp_issuer: 'Juniper & Sons', totp_user: 'lin' };
    const factor = (await client.call('POST /auth/factors/enroll', body)).body;
    const totp = factor['totp'] as { secret: string; uri: string };
    expect(totp.uri).toBe(`otpauth://totp/Juniper%20%26%20Sons:lin?secret=${totp.secret}&issuer=Juniper%20%26%20Sons`);
    expect((await client.call(`GET /auth/factors/${factor.id}`)).text).not.toContain(totp.secret);
    const challenge = (await client.call(`POST /auth/factors/${factor.id}/challenge`, {})).body.id;
    const code = totpCode(totp.secret, NOW + skew);
    const verified = await client.call(`POST /auth/challenges/${challenge}/verify`, { code });
    expect(verified.body['valid']).toBe(valid);
  });

  it('by TOTP can be named with half of a surrogate pair', async () => {
    const body = { type: 'totp', totp_issuer: '\ud800', totp_user: 'lin' };
    const { status, body: factor } = await client.call('POST /auth/factors/enroll', body);
    expect([status, factor['totp']]).toEqual([
      201,
      expect.objectContaining({ uri: expect.stringContaining('%EF%BF%BD') }),
    ]);
  });

  it('by SMS accept the code that was sent, once', async () => {
    const body = { type: 'sms', phone_number: '+15005550006' };
    const factor = (await client.call('POST /auth/factors/enroll', body)).body;
    const challenge = (await client.call(`POST /auth/factors/${factor.id}/challenge`, {})).body;
    const [{ to, code } = {}] = await messages(client);
    expect(to).toBe('+15005550006');
    const path = `POST /auth/challenges/${challenge.id}/verify`;
    expect((await client.call(path, { code: 'wrong' })).body['valid']).toBe(false);
    expect((await client.call(path, { code })).body['valid']).toBe(true);
    expect((await client.call(path, { code })).status).toBe(422);
    await client.call(`DELETE /auth/factors/${factor.id}`);
    expect((await client.call(path, { code })).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      ['POST /auth/factors/enroll', { type: 'sms' }, 422, { errors: [{ field: 'phone_number' }] }],
      ['POST /auth/factors/enroll', { type: 'sms', phone_number: '555' }, 422, { errors: [{ field: 'phone_number' }] }],
      ['POST /auth/factors/enroll', { type: 'totp' }, 422, { errors: [{ field: 'totp_issuer' }] }],
      ['POST /auth/factors/enroll', { type: 'generic_otp', user_id: 'user_nope' }, 404, {}],
      ['POST /auth/factors/auth_factor_nope/challenge', {}, 404, {}],
      ['POST /user_management/users/user_nope/auth_factors', { type: 'totp' }, 404, {}],
      [
        'POST /user_management/users/user_01KHZQMEZGXTXNVR0DWKGA5733/auth_factors',
        { type: 'totp', totp_secret: '0189' },
        422,
        { errors: [{ field: 'totp_secret' }] },
      ],
    ],
  );
});
