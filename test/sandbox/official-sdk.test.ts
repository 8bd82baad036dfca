import { WorkOS } from '@workos-inc/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';

/** What only a client of WorkOS's own can tell: whether the sandbox's answers mean the same to it. */
describe("WorkOS's own SDK", () => {
  let client: SandboxClient;
  let workos: WorkOS;
  beforeEach(async () => {
    client = await startSandboxClient();
    const { hostname, port } = new URL(client.sandbox.url);
    workos = new WorkOS(client.sandbox.key, { apiHostname: hostname, port: Number(port), https: false });
  });
  afterEach(() => client.close());

  it('decrypts what it has encrypted with a data key of the vault', async () => {
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

  it('sends audit log events that fit a schema of its making', async () => {
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
