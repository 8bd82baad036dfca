import { WorkOS } from '@workos-inc/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totpCode } from '../../src/sandbox/totp.ts';
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';
import { createUser, PASSWORD, redirected } from './sign-ins.ts';

const START = Date.parse('2026-11-02T09:00:00.000Z');

/** What only WorkOS's own client can tell: whether it understands the sandbox's answers. */
describe("WorkOS's own SDK", () => {
  let client: SandboxClient;
  let workos: WorkOS;
  beforeEach(async () => {
    client = await startSandboxClient();
    const { hostname, port } = new URL(client.sandbox.url);
    const { key, clientId } = client.sandbox;
    workos = new WorkOS(key, { clientId, apiHostname: hostname, port: Number(port), https: false });
  });
  afterEach(() => client.close());

  it('decrypts what it encrypted with a data key of the vault', async () => {
    const encrypted = await workos.vault.encrypt('grüße', { tenant: '1' }, 'associated');
    expect(await workos.vault.decrypt(encrypted, 'associated')).toBe('grüße');
  });

  it('keeps objects in the vault', async () => {
    const { id, versionId } = await workos.vault.createObject({
      name: 'token',
      value: 'one',
      context: { tenant: '1' },
    });
    await workos.vault.updateObject({ id, value: 'two', ...(versionId && { versionCheck: versionId }) });
    expect((await workos.vault.readObjectByName('token')).value).toBe('two');
    expect(await workos.vault.listObjectVersions({ id })).toHaveLength(2);
    await workos.vault.deleteObject({ id });
    expect((await workos.vault.listObjects()).data.map(({ name }) => name)).not.toContain('token');
  });

  it('signs in, reads the sealed session with the published keys, and refreshes it', async () => {
    const { clientId } = client.sandbox;
    const email = 'lin@signup.example';
    // The SDK checks the times in tokens against the machine's clock.
    client.advance(Date.now() - START);
    const cookiePassword = 'a password of thirty-two characters';
    await createUser(client, email);
    const session = { sealSession: true, cookiePassword };
    const signedIn = await workos.userManagement.authenticateWithPassword({
      clientId,
      email,
      password: PASSWORD,
      session,
    });
    const sealed = workos.userManagement.loadSealedSession({
      sessionData: signedIn.sealedSession ?? '',
      cookiePassword,
    });
    expect(await sealed.authenticate()).toMatchObject({ authenticated: true, user: { email } });
    expect(await sealed.refresh()).toMatchObject({ authenticated: true });
    expect(await sealed.getLogoutUrl()).toContain(`${client.sandbox.url}/user_management/sessions/logout?session_id=`);
  });

  it('exchanges the codes from the URLs that it creates, with and without PKCE', async () => {
    const redirectUri = 'http://localhost:3000/callback';
    const { clientId } = client.sandbox;
    const pkce = await workos.userManagement.getAuthorizationUrlWithPKCE({
      provider: 'authkit',
      redirectUri,
      clientId,
    });
    const codeOf = async (url: string) =>
      redirected(await client.call(`GET ${url.slice(client.sandbox.url.length)}`), 'code');
    const code = (await codeOf(pkce.url)) ?? '';
    const { codeVerifier } = pkce;
    expect(
      await workos.userManagement.authenticateWithCodeAndVerifier({ clientId, code, codeVerifier }),
    ).toHaveProperty('accessToken');
    const connection = 'conn_01KF5KQ9ZG9AZMSDQ7RRWWNR59';
    const ssoCode = (await codeOf(workos.sso.getAuthorizationUrl({ connection, redirectUri, clientId }))) ?? '';
    const { accessToken, profile } = await workos.sso.getProfileAndToken({ code: ssoCode, clientId });
    expect(await workos.sso.getProfile({ accessToken })).toMatchObject({ id: profile.id, connectionId: connection });
  });

  it('takes what the next step of a sign-in needs from a refusal', async () => {
    const { clientId } = client.sandbox;
    const userId = await createUser(client, 'lin@signup.example');
    const { authenticationFactor } = await workos.multiFactorAuth.createUserAuthFactor({
      userId,
      type: 'totp',
    });
    const refused = await workos.userManagement
      .authenticateWithPassword({ clientId, email: 'lin@signup.example', password: PASSWORD })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 403, rawData: { code: 'mfa_challenge' } });
    const { rawData } = refused as { rawData: { pending_authentication_token: string } };
    const challenge = await workos.multiFactorAuth.challengeFactor({ authenticationFactorId: authenticationFactor.id });
    const signedIn = await workos.userManagement.authenticateWithTotp({
      clientId,
      code: totpCode(authenticationFactor.totp?.secret ?? '', START),
      authenticationChallengeId: challenge.id,
      pendingAuthenticationToken: rawData.pending_authentication_token,
    });
    expect(signedIn.user.id).toBe(userId);
  });

  it('mints and refreshes agent tokens', async () => {
    const organizationId = await client.idOf('/organizations', 'Acme Robotics');
    const sessionSettings = { maxAgeSeconds: 3600, accessTokenTtlSeconds: 60, refreshTokenTtlSeconds: 600 };
    const { id: agentBlueprintId } = await workos.agents.createBlueprint({ name: 'Librarian', sessionSettings });
    const { refreshToken } = await workos.agents.mintToken({ agentBlueprintId, type: 'autonomous', organizationId });
    const { agentInstanceSessionId: session, expiresIn } = await workos.agents.mintToken({
      agentBlueprintId,
      type: 'refresh',
      refreshToken,
    });
    expect(expiresIn).toBe(60);
    expect(await workos.agents.revokeInstanceSession(session)).toMatchObject({ status: 'revoked' });
    expect((await workos.agents.listInstanceSessions({ agentBlueprintId })).data).toMatchObject([{ id: session }]);
  });

  it('sends audit log events that fit a schema that it created', async () => {
    const organization = await client.idOf('/organizations', 'Acme Robotics');
    const metadata = { cost: 'number' };
    await workos.auditLogs.createSchema({ action: 'robot.sold', targets: [{ type: 'robot', metadata }] });
    const event = (cost: string | number) => ({
      action: 'robot.sold',
      occurredAt: new Date('2026-11-01'),
      actor: { id: 'user_1', type: 'user' },
      targets: [{ id: 'robot_1', type: 'robot', metadata: { cost } }],
      context: { location: '192.0.2.1' },
    });
    await workos.auditLogs.createEvent(organization, event(3));
    await expect(workos.auditLogs.createEvent(organization, event('three'))).rejects.toMatchObject({
      message: 'Invalid Audit Log event.',
    });
  });
});
