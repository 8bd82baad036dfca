import { afterEach, describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { dispatcherFor } from '../../src/tools/effects.ts';
import { type Connected, type ConnectOptions, connect } from '../harness.ts';

const open: Connected[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function start(options: ConnectOptions = {}): Promise<{ server: Connected; text: string }> {
  const server = await connect(options);
  open.push(server);
  return { server, text: server.client.getInstructions() ?? '' };
}
const live = { WORKOS_TOKEN: 'sk_live_instructions' };
const test = { WORKOS_TOKEN: 'sk_test_instructions' };
const ASKS = 'Destructive calls ask the user. If this client cannot ask, they return changed: false with a preview';
const PREVIEWS = 'Destructive calls return changed: false with a preview and a confirmation code.';

const SETTINGS: [flags: string[]][] = [
  [[]],
  [['--read-only']],
  [['--toolsets', 'all']],
  [['--toolsets', 'all', '--read-only']],
  [['--toolsets', 'organizations']],
  [['--toolsets', 'vault,discovery']],
  [['--tools', 'list_vault_objects', '--toolsets', 'portal']],
  [['--exclude-tools', 'check_connector,find_tools,generate_portal_link,list_users']],
  [['--exclude-tools', 'call_read_tool,call_write_tool,call_destructive_tool,export_audit_logs']],
];

describe('the instructions', () => {
  it.each(SETTINGS)('with %j name only tools that can be run, in at most 2,000 characters', async (flags) => {
    const { server, text } = await start({ flags });
    const listed = new Set((await server.list()).map(({ name }) => name));
    const named = [...tools.values()].filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text));
    expect(named.length).toBeGreaterThan(0);
    const excluded = flags[0] === '--exclude-tools' ? (flags[1] ?? '').split(',') : [];
    for (const { name, effect } of named) {
      const runs = listed.has(name) || (listed.has(dispatcherFor(effect)) && !excluded.includes(name));
      expect({ name, runs }).toEqual({ name, runs: true });
    }
    expect(text.length).toBeLessThanOrEqual(2_000);
  });

  it.each<[string, ConnectOptions, string | undefined]>([
    ['a test key', { env: test }, 'Destructive calls run at once.'],
    ['a live key', { env: live }, ASKS],
    ['a live key and --ask code', { env: live, flags: ['--ask', 'code'] }, PREVIEWS],
    ['a test key and --confirm always', { env: test, flags: ['--confirm', 'always'] }, ASKS],
    ['a live key and --confirm never', { env: live, flags: ['--confirm', 'never'] }, 'Destructive calls run at once.'],
    ['--read-only', { env: live, flags: ['--read-only'] }, undefined],
  ])('with %s say what a destructive call does', async (_, options, sentence) => {
    const { text } = await start(options);
    if (sentence) expect(text).toContain(sentence);
    else expect(text).not.toContain('Destructive');
  });

  it.each<[string, string | undefined]>([
    ['masked', undefined],
    ['file', 'secret_output: file writes them to a private file.'],
    ['result', 'secret_output: file writes them to a private file and result shows them.'],
  ])('with --secrets %s say how far secrets are shown', async (level, sentence) => {
    const { text } = await start({ flags: ['--secrets', level] });
    expect(text).toContain('Secrets are masked.');
    if (sentence) expect(text).toContain(sentence);
    else expect(text).not.toContain('secret_output');
  });

  it('say which lists take search and which email', async () => {
    const { server, text } = await start();
    const lists = (await server.list()).filter(({ inputSchema }) => inputSchema.properties?.['all_pages']);
    for (const argument of ['search', 'email']) {
      const names = lists.filter(({ inputSchema }) => inputSchema.properties?.[argument]).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(1);
      expect(text).toContain(`${argument} (${names.join(', ')})`);
    }
  });

  it.each([
    [[], 'run any operation, also'],
    [['--read-only'], 'call_read_tool runs any operation that reads, also'],
    [['--exclude-tools', 'call_read_tool'], 'run any operation that adds or changes something or deletes or replaces'],
  ])('with %j say what the call_ tools run', async (flags, sentence) => {
    expect((await start({ flags })).text).toContain(sentence);
  });

  it('say which toolsets are listed if no call_ tool runs the others', async () => {
    const { text } = await start({ flags: ['--toolsets', 'organizations,vault'] });
    expect(text).toContain('Toolsets listed: organizations, vault.');
  });

  it.each<[string[], RegExp]>([
    [[], /SSO: create_connection if the environment has it, invite_it_contact .+, generate_portal_link for/],
    [['--exclude-tools', 'create_connection'], /SSO: invite_it_contact/],
    [['--read-only'], /cannot create directories\.$/m],
  ])('with %j say how a customer gets SSO', async (flags, sentence) => {
    expect((await start({ flags })).text).toMatch(sentence);
  });
});
