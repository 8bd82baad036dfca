import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../free-ports.ts';
import { type Running, standIn, teamServer } from './processes.ts';
import { connectTo, SignIn } from './sign-in.ts';

let authkit: Running & { url: string };
let team: Running & { url: string };
let other: Running & { url: string };
beforeAll(async () => {
  const [authPort = 0, teamPort = 0, otherPort = 0] = await freePorts(3);
  const urls = [teamPort, otherPort].map((port) => `http://127.0.0.1:${port}/mcp`);
  authkit = await standIn(authPort, ...urls);
  const flags = ['--authkit-domain', authkit.url, '--confirm', 'always', '--toolsets', 'all'];
  [team, other] = await Promise.all([
    teamServer(teamPort, ...flags, '--require-organization', 'org_team'),
    teamServer(otherPort, ...flags),
  ]);
});
afterAll(() => Promise.all([team, other, authkit].map((one) => one?.stop())));

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
async function connect(signIn: SignIn, url = team.url): Promise<Client> {
  const client = await connectTo(url, signIn);
  clients.push(client);
  return client;
}
const textOf = ({ content }: Awaited<ReturnType<Client['callTool']>>) => {
  const [block] = Array.isArray(content) ? content : [];
  return JSON.parse(block?.type === 'text' ? block.text : '');
};

describe('an SDK client that knows only the URL', () => {
  it('gets from a 401 to a call through metadata, registration, PKCE and a token', async () => {
    const rita = new SignIn('rita');
    const client = await connect(rita);
    expect(rita.steps).toEqual(['registered', 'signs in', 'got a token']);
    expect(client.getServerVersion()).toMatchObject({ name: 'workos' });
    expect(
      textOf(await client.callTool({ name: 'list_users', arguments: { all_pages: true, query: 'length(data)' } })),
    ).toMatchObject({
      result: 57,
    });
  });

  it('refreshes its token without a new sign-in', async () => {
    const rita = new SignIn('rita');
    const client = await connect(rita);
    rita.useAccessToken('no.longer.valid');
    await client.ping();
    expect(rita.steps.slice(3)).toEqual(['refreshed']);
  });

  it("sees the tools that its user's role allows", async () => {
    const names = async (name: string) =>
      (await (await connect(new SignIn(name))).listTools()).tools.map((tool) => tool.name);
    const [reader, operator, admin] = await Promise.all(['rita', 'oscar', 'ada'].map(names));
    expect(reader).toContain('list_users');
    expect(reader).not.toContain('create_user');
    expect(operator).toContain('create_user');
    expect(operator).not.toContain('delete_user');
    expect(operator).not.toContain('create_organization_api_key');
    expect(admin).toEqual(expect.arrayContaining(['create_user', 'delete_user', 'create_organization_api_key']));
  });

  it('deletes with a preview and a code that no one else can use', async () => {
    const [ada, admin] = [await connect(new SignIn('ada')), await connect(new SignIn('ada'))];
    const created = textOf(await ada.callTool({ name: 'create_user', arguments: { email: 'tmp@kestrel.example' } }));
    const input = { user_id: created.id };
    const { confirmation } = textOf(await ada.callTool({ name: 'delete_user', arguments: input }));
    const rita = await connect(new SignIn('rita'));
    const refused = await rita.callTool({ name: 'delete_user', arguments: { ...input, confirmation } });
    expect(textOf(refused).error.message).toContain('workos-mcp:delete');
    // The code works for the same person in another client.
    const done = await admin.callTool({ name: 'delete_user', arguments: { ...input, confirmation } });
    expect(done.isError).toBeUndefined();
  });

  it('receives progress', async () => {
    const rita = await connect(new SignIn('rita'));
    const messages: string[] = [];
    const params = { name: 'list_users', arguments: { all_pages: true, limit: 10, query: 'length(data)' } };
    await rita.callTool(params, undefined, { onprogress: ({ message }) => void messages.push(message ?? '') });
    expect(messages).toEqual(expect.arrayContaining(['10 items', '20 items', '57 items']));
  });

  it('gets a secret as a resource, and reads it', async () => {
    const ada = await connect(new SignIn('ada'));
    const organizations = textOf(await ada.callTool({ name: 'list_organizations', arguments: { limit: 1 } }));
    const { content } = await ada.callTool({
      name: 'create_organization_api_key',
      arguments: { organization_id: organizations.data[0].id, name: 'CI' },
    });
    const link = (Array.isArray(content) ? content : []).find(({ type }) => type === 'resource_link');
    const { contents } = await ada.readResource({ uri: link.uri });
    expect(JSON.stringify(contents)).toMatch(/sk_/);
    const oscar = await connect(new SignIn('oscar'));
    await expect(oscar.readResource({ uri: link.uri })).rejects.toThrow('No such file');
    expect((await oscar.listResources()).resources.map(({ uri }) => uri)).not.toContain(link.uri);
  });

  it('gets an HTML report as a resource, and cannot grant a role its user does not have', async () => {
    const oscar = await connect(new SignIn('oscar'));
    const organizations = textOf(await oscar.callTool({ name: 'list_organizations', arguments: { limit: 1 } }));
    const organization_id = organizations.data[0].id;
    const diagnosis = await oscar.callTool({
      name: 'diagnose_organization',
      arguments: { organization: organization_id, report: true },
    });
    const link = (Array.isArray(diagnosis.content) ? diagnosis.content : []).find(
      ({ type }) => type === 'resource_link',
    );
    expect(link).toMatchObject({ mimeType: 'text/html' });
    expect(JSON.stringify(diagnosis)).not.toContain('workos-mcp-whole-');
    const { contents } = await oscar.readResource({ uri: link.uri });
    expect(JSON.stringify(contents)).toContain('<!doctype html>');
    const names = (await oscar.listTools()).tools.map(({ name }) => name);
    expect(names).not.toContain('add_role_permission');
    const invited = await oscar.callTool({
      name: 'send_invitation',
      arguments: { email: 'me@kestrel.example', organization_id, role_slug: 'workos-mcp-admin' },
    });
    expect(textOf(invited).error.message).toContain('send_invitation with role_slug needs the permission');
  });

  it('is refused if its user is in another organization', async () => {
    await expect(connect(new SignIn('olga'))).rejects.toThrow('admits members of org_team only');
    await connect(new SignIn('olga'), other.url);
  });

  it('is refused with a token for another server of the same AuthKit', async () => {
    const there = new SignIn('ada');
    await connect(there, other.url);
    const response = await fetch(team.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${there.tokens()?.access_token}`,
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('The token is for another audience');
  });
});

it('a team server exits with 0 on SIGTERM', async () => {
  const [port = 0] = await freePorts(1);
  const third = await teamServer(port);
  expect(await third.stop('SIGTERM')).toBe(0);
});
