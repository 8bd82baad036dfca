import { createServer, type Server } from 'node:http';
import { WorkOS } from '@workos-inc/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

const DAY_MS = 86_400_000;

/** WorkOS's own SDK, as a program would use it: it parses every response into its own types. */
describe("WorkOS's SDK for Node", () => {
  let sandbox: Sandbox;
  let workos: WorkOS;
  let requests = 0;
  let receiver: Server;
  const deliveries: { payload: Record<string, unknown>; sigHeader: string }[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox();
    const { hostname, port } = new URL(sandbox.url);
    workos = new WorkOS(sandbox.key, {
      clientId: sandbox.clientId,
      apiHostname: hostname,
      port: Number(port),
      https: false,
      fetchFn: (...args) => {
        requests += 1;
        return fetch(...args);
      },
    });
    receiver = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const payload = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        deliveries.push({ payload, sigHeader: String(incoming.headers['workos-signature']) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    receiver.close();
    await sandbox.close();
  });

  it('manages organizations, domains, people and memberships', async () => {
    const organization = await workos.organizations.createOrganization({
      name: 'Juniper Books',
      externalId: 'juniper',
    });
    expect(await workos.organizations.getOrganization(organization.id)).toMatchObject({ name: 'Juniper Books' });
    expect((await workos.organizations.getOrganizationByExternalId('juniper')).id).toBe(organization.id);
    const update = { organization: organization.id, name: 'Juniper & Sons', metadata: { plan: 'pro' } };
    expect(await workos.organizations.updateOrganization(update)).toMatchObject({ metadata: { plan: 'pro' } });
    const { data } = await workos.organizations.listOrganizations({ limit: 5 });
    expect(data[0]?.name).toBe('Juniper & Sons');

    const domain = await workos.organizationDomains.createOrganizationDomain({
      organizationId: organization.id,
      domain: 'juniper.example',
    });
    expect((await workos.organizationDomains.verifyOrganizationDomain(domain.id)).state).toBe('verified');

    const users = workos.userManagement;
    const user = await users.createUser({ email: 'ada@juniper.example', firstName: 'Ada', emailVerified: true });
    expect((await users.getUser(user.id)).email).toBe('ada@juniper.example');
    expect(await users.updateUser({ userId: user.id, lastName: 'Nkemelu' })).toMatchObject({ firstName: 'Ada' });
    const member = await users.createOrganizationMembership({ userId: user.id, organizationId: organization.id });
    expect((await users.getOrganizationMembership(member.id)).role.slug).toBe('member');
    await users.updateOrganizationMembership(member.id, { roleSlug: 'admin' });
    expect((await users.deactivateOrganizationMembership(member.id)).status).toBe('inactive');
    expect((await users.reactivateOrganizationMembership(member.id)).status).toBe('active');
    const invitation = await users.sendInvitation({ email: 'ben@juniper.example', organizationId: organization.id });
    expect((await users.findInvitationByToken(invitation.token)).id).toBe(invitation.id);
    expect((await users.revokeInvitation(invitation.id)).state).toBe('revoked');
    expect(await users.listOrganizationMemberships({ organizationId: organization.id })).toMatchObject({
      data: [{ userId: user.id }],
    });
    await users.deleteUser(user.id);
    await workos.organizations.deleteOrganization(organization.id);
    await expect(workos.organizations.getOrganization(organization.id)).rejects.toMatchObject({ status: 404 });
  });

  it('defines roles, grants access to a resource, and checks it', async () => {
    const { authorization } = workos;
    await authorization.createPermission({ slug: 'robots:start', name: 'Start robots', resourceTypeSlug: 'robot' });
    await authorization.createEnvironmentRole({ slug: 'operator', name: 'Operator', resourceTypeSlug: 'robot' });
    await authorization.setEnvironmentRolePermissions('operator', { permissions: ['robots:start'] });
    const { data: organizations } = await workos.organizations.listOrganizations({ limit: 100 });
    const acme = organizations.find(({ name }) => name === 'Acme Robotics')?.id ?? '';
    const { data: members } = await workos.userManagement.listOrganizationMemberships({ organizationId: acme });
    const organizationMembershipId = members[0]?.id ?? '';
    const resource = await authorization.createResource({
      externalId: 'robot-1',
      name: 'Robot 1',
      resourceTypeSlug: 'robot',
      organizationId: acme,
    });
    const question = { organizationMembershipId, permissionSlug: 'robots:start', resourceId: resource.id };
    expect(await authorization.check(question)).toMatchObject({ authorized: false });
    await authorization.assignRole({ organizationMembershipId, roleSlug: 'operator', resourceId: resource.id });
    expect(await authorization.check(question)).toMatchObject({ authorized: true });
    const group = await workos.groups.createGroup({ organizationId: acme, name: 'Night shift' });
    await workos.groups.addOrganizationMembership({
      organizationId: acme,
      groupId: group.id,
      organizationMembershipId,
    });
    const { data: flags } = await workos.featureFlags.listFeatureFlags();
    const enabled = await workos.featureFlags.enableFeatureFlag(flags[0]?.slug ?? '');
    expect(enabled.enabled).toBe(true);
  });

  it('signs people in and shows their sessions', async () => {
    const users = workos.userManagement;
    const password = 'correct-horse-battery';
    const user = await users.createUser({ email: 'eve@signup.example', password, emailVerified: true });
    const { clientId } = sandbox;
    const signedIn = await users.authenticateWithPassword({ clientId, email: user.email, password });
    expect(signedIn.user.id).toBe(user.id);
    const refreshed = await users.authenticateWithRefreshToken({ clientId, refreshToken: signedIn.refreshToken });
    expect(refreshed.accessToken).not.toBe('');
    const { code } = await users.createMagicAuth({ email: user.email });
    expect((await users.authenticateWithMagicAuth({ clientId, email: user.email, code })).user.id).toBe(user.id);
    expect((await users.listSessions(user.id)).data).toHaveLength(2);
    const reset = await users.createPasswordReset({ email: user.email });
    const newPassword = 'another-horse-battery';
    await users.resetPassword({ token: reset.passwordResetToken, newPassword });
    expect(await users.authenticateWithPassword({ clientId, email: user.email, password: newPassword })).toBeDefined();
    await expect(users.authenticateWithPassword({ clientId, email: user.email, password })).rejects.toThrow();
  });

  it('reads directories and connections, keeps secrets, exports audit logs and verifies webhooks', async () => {
    const { data: directories } = await workos.directorySync.listDirectories();
    const { data: people } = await workos.directorySync.listUsers({ directory: directories[0]?.id ?? '' });
    expect(people.length).toBeGreaterThan(0);
    const { data: connections } = await workos.sso.listConnections();
    expect((await workos.sso.getConnection(connections[0]?.id ?? '')).id).toBe(connections[0]?.id);

    const endpointUrl = `http://127.0.0.1:${portOf(receiver)}/hook`;
    const endpoint = await workos.webhooks.createWebhookEndpoint({ endpointUrl, events: ['organization.created'] });
    const organization = await workos.organizations.createOrganization({ name: 'Watched' });
    await expect.poll(() => deliveries.length).toBe(1);
    const [{ payload, sigHeader } = { payload: {}, sigHeader: '' }] = deliveries;
    const event = await workos.webhooks.constructEvent({ payload, sigHeader, secret: endpoint.secret });
    expect(event).toMatchObject({ event: 'organization.created', data: { id: organization.id } });
    const { data: events } = await workos.events.listEvents({ events: ['organization.created'] });
    expect(events.some(({ data }) => 'id' in data && data.id === organization.id)).toBe(true);

    const secret = await workos.vault.createObject({ name: 'token', value: 's3cret', context: { tenant: 'juniper' } });
    expect((await workos.vault.readObject({ id: secret.id })).value).toBe('s3cret');
    const link = await workos.adminPortal.generateLink({ organization: organization.id, intent: 'sso' });
    expect(await (await fetch(link.link)).text()).toContain('Watched');
    const key = await workos.apiKeys.createOrganizationApiKey({ organizationId: organization.id, name: 'CI' });
    expect(await workos.apiKeys.createValidation({ value: key.value })).toMatchObject({ apiKey: { id: key.id } });

    await workos.auditLogs.createSchema({ action: 'robot.started', targets: [{ type: 'robot' }] });
    await workos.auditLogs.createEvent(organization.id, {
      action: 'robot.started',
      occurredAt: new Date(),
      actor: { id: 'user_1', type: 'user' },
      targets: [{ id: 'robot_1', type: 'robot' }],
      context: { location: '192.0.2.1' },
    });
    const rangeStart = new Date(Date.now() - DAY_MS);
    const range = { rangeStart, rangeEnd: new Date(Date.now() + DAY_MS) };
    const started = await workos.auditLogs.createExport({ organizationId: organization.id, ...range });
    await workos.auditLogs.getExport(started.id);
    await workos.auditLogs.getExport(started.id);
    const ready = await workos.auditLogs.getExport(started.id);
    expect(await (await fetch(ready.url ?? '')).text()).toContain('robot.started');
  });

  it('has made more than forty calls in these tests', () => {
    expect(requests).toBeGreaterThan(40);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}
