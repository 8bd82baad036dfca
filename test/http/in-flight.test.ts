import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runningLimit } from '../../src/mcp/call-queue.ts';
import { type HoldingApi, holdingApi } from '../holding-api.ts';
import { ALL, callOf, request, type TestTeam, testTeam } from './team.ts';

const READ = '/user_management/users/user_1';
const WRITE = '/user_management/users/user_2';
const THIRD = '/user_management/users/user_3';
const MEMBERSHIPS =
  '/user_management/organization_memberships?order=desc&organization_id=org_team&statuses=active&user_id=user_ada';
const reading = () => callOf('get_user', { user_id: 'user_1' });
const writing = () => callOf('call_destructive_tool', { tool: 'delete_user', arguments: { user_id: 'user_2' } });

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(...flags: string[]): Promise<{ team: TestTeam; api: HoldingApi; token: string }> {
  const api = await holdingApi();
  opened.push(api.close);
  const team = await testTeam({ flags: ['--confirm', 'never', ...flags], baseUrl: api.url });
  opened.push(team.close);
  return { team, api, token: await team.issuer.token({ permissions: ALL }) };
}

/** Sends a message on a separate connection, which can be closed. */
function sendAlone(team: TestTeam, message: object, token: string): ClientRequest {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const sent = httpRequest(team.url, { method: 'POST', headers, agent: false });
  sent.on('error', () => {});
  sent.end(JSON.stringify(message));
  return sent;
}

describe('a caller who hangs up', () => {
  it('cancels a call that only reads', async () => {
    const { team, api, token } = await start();
    const sent = sendAlone(team, reading(), token);
    await api.arrival(READ);
    sent.destroy();
    await api.aborted(READ);
  });

  it('does not cancel a call that writes, and the audit log records it', async () => {
    const log = join(mkdtempSync(join(tmpdir(), 'workos-mcp-hung-up-')), 'audit.jsonl');
    opened.push(async () => rmSync(dirname(log), { recursive: true }));
    const { team, api, token } = await start('--audit-log', log);
    const sent = sendAlone(team, writing(), token);
    await api.arrival(WRITE);
    sent.destroy();
    await new Promise((resolve) => sent.once('close', resolve));
    // It is still running after another call has finished.
    const other = team.post(reading(), token);
    api.release(READ);
    await other;
    let cut = false;
    void api.aborted(WRITE).then(() => {
      cut = true;
    });
    api.release(WRITE);
    await team.team.end();
    expect(cut).toBe(false);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        person: 'user_ada',
        tool: 'delete_user',
        targets: { user_id: 'user_2' },
        outcome: 'done',
      }),
    ]);
  });
});

describe('an idle stream', () => {
  afterEach(() => void vi.useRealTimers());

  it('gets keepalives, so that no proxy closes it', async () => {
    const { team, api, token } = await start();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    };
    const response = await fetch(team.url, { method: 'POST', headers, body: JSON.stringify(reading()) });
    await api.arrival(READ);
    const reader = response.body?.getReader();
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toMatch(/^: keepalive\n\n/);
    api.release(READ);
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toMatch(/^event: message\n/);
  });
});

describe('a cancellation in a separate message', () => {
  const cancel = (requestId: unknown) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

  it('cancels the call', async () => {
    const { team, api, token } = await start();
    const call = reading();
    const answer = team.post(call, token);
    await api.arrival(READ);
    expect((await team.post(cancel(call.id), token)).status).toBe(202);
    await api.aborted(READ);
    expect((await answer).text).toContain('cancelled');
  });

  it("cancels neither another person's call nor one whose id is ambiguous", async () => {
    const { team, api, token } = await start();
    const other = await team.issuer.token({ sub: 'user_bob', permissions: ALL });
    const call = reading();
    const answer = team.post(call, token);
    await api.arrival(READ);
    await team.post(cancel(call.id), other);
    await team.post(cancel(null), token);
    const again = team.post({ ...callOf('get_user', { user_id: 'user_3' }), id: call.id }, token);
    await api.arrival(THIRD);
    await team.post(cancel(call.id), token);
    api.release(READ);
    api.release(THIRD);
    for (const { message } of await Promise.all([answer, again])) expect(message.result?.isError).toBeUndefined();
  });
});

describe('a server that is shutting down', () => {
  it('first reports that it is not ready, and still answers', async () => {
    const { team, token } = await start();
    team.team.announceEnd();
    const ready = await fetch(new URL('/readyz', team.url));
    expect([ready.status, await ready.text()]).toEqual([503, 'draining\n']);
    expect((await fetch(new URL('/healthz', team.url))).status).toBe(200);
    expect((await team.post(request('ping'), token)).status).toBe(200);
  });

  it('finishes the calls in flight and accepts no new ones', async () => {
    const { team, api, token } = await start();
    const [read, write] = [team.post(reading(), token), team.post(writing(), token)];
    await Promise.all([api.arrival(READ), api.arrival(WRITE)]);
    const ended = team.team.end();
    await expect(fetch(new URL('/healthz', team.url), { headers: { connection: 'close' } })).rejects.toThrow();
    api.release(READ);
    api.release(WRITE);
    const [one, two] = await Promise.all([read, write]);
    expect(one.message.result?.isError).toBeUndefined();
    expect(two.message.result?.isError).toBeUndefined();
    await ended;
  });
});

describe('one person', () => {
  it('cannot lock others out with many concurrent calls', async () => {
    const { team, api, token } = await start();
    const other = await team.issuer.token({ sub: 'user_bob', permissions: ALL });
    const greedy = Array.from({ length: 80 }, () => sendAlone(team, reading(), token));
    const answers = greedy.map(async (sent) => {
      const [response] = await once(sent, 'response');
      response.resume();
      return response.statusCode;
    });
    // Calls above the limit are refused at once; the others wait.
    await Promise.race(answers);
    expect((await team.post(request('ping'), other)).status).toBe(200);
    for (const sent of greedy) sent.destroy();
    await Promise.allSettled(answers);
    await api.aborted(READ);
  });

  it('cannot lock others out while their role is looked up', async () => {
    const { team, api } = await start();
    const [token, other] = await Promise.all([
      team.issuer.token(),
      team.issuer.token({ sub: 'user_bob', permissions: ALL }),
    ]);
    const greedy = Array.from({ length: 80 }, () => sendAlone(team, request('ping'), token));
    const statuses = greedy.map(async (sent) => {
      const [response] = await once(sent, 'response');
      response.resume();
      return response.statusCode;
    });
    await api.arrival(MEMBERSHIPS);
    expect(await Promise.race(statuses)).toBe(503);
    expect((await team.post(request('ping'), other)).status).toBe(200);
    for (const sent of greedy) sent.destroy();
    await Promise.allSettled(statuses);
    api.release(MEMBERSHIPS);
  });

  it('cannot keep others waiting with slow calls, even if few calls may run at once', async () => {
    // Large results limit how many calls may run at once.
    const { team, api, token } = await start('--max-result-chars', '1000000');
    const other = await team.issuer.token({ sub: 'user_bob', permissions: ALL });
    const greedy = Array.from({ length: 60 }, () => sendAlone(team, reading(), token));
    const half = runningLimit(1_000_000) / 2;
    await expect.poll(() => api.count(READ), { timeout: 20_000 }).toBeGreaterThanOrEqual(half);
    api.release(THIRD);
    const { message } = await team.post(callOf('get_user', { user_id: 'user_3' }), other);
    expect(message.result?.isError).toBeUndefined();
    expect(api.count(READ)).toBe(half);
    for (const sent of greedy) sent.destroy();
    await api.aborted(READ);
  });

  it('cannot lock others out with large messages', async () => {
    const { team, api, token } = await start();
    const other = await team.issuer.token({ sub: 'user_bob', permissions: ALL });
    const padding = ' '.repeat(4_000_000);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const greedy = Array.from({ length: 34 }, () => {
      const sent = httpRequest(team.url, { method: 'POST', headers, agent: false });
      sent.on('error', () => {});
      sent.end(JSON.stringify(reading()) + padding);
      return sent;
    });
    const refused = greedy.map(async (sent) => {
      const [response] = await once(sent, 'response');
      response.resume();
      expect(response.statusCode).toBe(503);
    });
    // The server holds 32 MiB of them, which is eight, and refuses the rest.
    await new Promise<void>((resolve) => {
      let told = 0;
      for (const one of refused)
        void one.then(
          () => ++told === 26 && resolve(),
          () => {},
        );
    });
    expect((await team.post(JSON.stringify(request('ping')) + padding, other)).status).toBe(200);
    for (const sent of greedy) sent.destroy();
    await Promise.allSettled(refused);
    await api.aborted(READ);
  });
});
