import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, recordingApi } from '../harness.ts';
import { runInProcess } from '../in-process.ts';
import { startServer } from '../process.ts';

const env = { WORKOS_TOKEN: 'sk_live_settings' };

let api: Api;
beforeAll(async () => {
  api = await recordingApi();
});
afterAll(() => api.close());

describe('a command with wrong settings', () => {
  it.each<[string[], Record<string, string>]>([
    [['tools', '--json', '--toolsets', 'everything'], {}],
    [['tools', '--nonsense'], {}],
    [['call', 'list_users', '{}', '--read-only=never'], {}],
    [['call', 'delete_user', '{"user_id":"user_1"}'], { WORKOS_MCP_CONFIRMATION: 'never' }],
    [['check', '--json', '--timeout-ms', 'long'], {}],
    [['check'], { WORKOS_MCP_SECRETS: 'shown' }],
    [['demo'], { WORKOS_MCP_MAX_RETRIES: 'many' }],
    [['chek'], {}],
    [['list_users', '--sandbox'], {}],
    [['serve', 'now'], {}],
  ])('%j %j exits with 2 at once and sends nothing', async (args, variables) => {
    const before = api.requests.length;
    const { code, out, err } = await runInProcess([...args, '--base-url', api.url], { ...env, ...variables });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^workos-mcp: [^\n]+\n$/);
    expect(api.requests).toHaveLength(before);
  });

  it('does not wait for its input to end', async () => {
    const open = await startServer(['cal'], env, { handshake: false });
    expect(await open.ended).toMatchObject({
      code: 2,
      out: '',
      err: 'workos-mcp: Unknown command cal; did you mean call?\n',
    });
  });
});
