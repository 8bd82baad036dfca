import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../src/library/library.ts';
import { codeBlocks } from '../docs/pages.ts';
import { cleanEnvironment } from '../process.ts';
import { NODE, programFolder } from './package.ts';

const EMAIL = 'elif.mbeki@acme-robotics.example';
const [SCRIPT = ''] = codeBlocks('docs/scripting.md', 'js').filter((block) => block.includes('off-board.mjs'));

const { folder, remove } = programFolder();
const sandboxState = join(folder, 'sandbox.json');
const outputDir = join(folder, 'output');
afterAll(remove);

/** How many active sessions, active memberships, keys and pending invitations the person still has. */
const left = () =>
  inSandbox(async (workos) => {
    const user_id = await idOf(workos);
    const [sessions, memberships, keys, invitations] = await Promise.all([
      workos.call('list_user_sessions', { user_id, query: "length(data[?status=='active'])" }),
      workos.call('list_organization_memberships', { user_id, query: "length(data[?status=='active'])" }),
      workos.call('list_user_api_keys', { user_id, query: 'length(data)' }),
      workos.call('list_invitations', { email: EMAIL, query: "length(data[?state=='pending'])" }),
    ]);
    return [sessions, memberships, keys, invitations].map(({ result }) => result);
  });

beforeAll(() =>
  inSandbox(async (workos) => {
    const user_id = await idOf(workos);
    const organization_id = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
    await workos.call('create_user_api_key', { user_id, organization_id, name: 'Laptop', secret_output: 'masked' });
    await workos.call('send_invitation', { email: EMAIL, organization_id: 'org_01KG56M5XTG1JB7F752N5GR4AP' });
  }),
);

describe('the off-boarding script of docs/scripting.md', () => {
  writeFileSync(join(folder, 'off-board.mjs'), SCRIPT);

  it('shows what it would do, and does nothing', async () => {
    const before = await left();
    expect(before).toEqual([1, 1, 1, 1]);
    const { code, out, err } = await offBoard(EMAIL);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const tool of ['revoke_session', 'delete_api_key', 'revoke_invitation']) expect(out).toContain(tool);
    expect((await left()).filter((count) => count === 0)).toEqual([]);
  });

  it('removes everything with --yes', async () => {
    const { code, err } = await offBoard(EMAIL, '--yes');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(await left()).toEqual([0, 0, 0, 0]);
  });

  it('has nothing left to do afterwards', async () => {
    expect(await offBoard(EMAIL, '--yes')).toEqual({ code: 0, out: '', err: '' });
  });

  it('says that no user has the address', async () => {
    const { code, err } = await offBoard('nobody@acme-robotics.example');
    expect(code).toBe(1);
    expect(err).toContain('There is no user nobody@acme-robotics.example');
  });

  it('leaves nothing but the state of the sandbox', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => !file.startsWith('node_modules')).sort()).toEqual(['off-board.mjs', 'sandbox.json']);
  });
});

async function offBoard(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = cleanEnvironment({
    WORKOS_MCP_SANDBOX: 'true',
    WORKOS_MCP_SANDBOX_STATE: sandboxState,
    WORKOS_MCP_OUTPUT_DIR: outputDir,
  });
  const child = spawn(NODE, ['off-board.mjs', ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

async function inSandbox<T>(use: (workos: Connection) => Promise<T>): Promise<T> {
  const workos = connect({ env: {}, sandbox: true, sandboxState, outputDir });
  try {
    return await use(workos);
  } finally {
    await workos.close();
  }
}

async function idOf(workos: Connection): Promise<string> {
  return String((await workos.call('list_users', { email: EMAIL })).data[0]?.['id']);
}
