import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/call/request.ts';
import { ConfigError } from '../../src/errors/errors.ts';
import { inShell } from '../../src/text/in-shell.ts';
import { tools } from '../../src/tools/catalog.ts';
import { configured } from '../harness.ts';

const isTool = (name: string) => tools.has(name);

describe('a hint in a shell', () => {
  it.each([
    ['Find ids with list_users, list_roles.', 'Find ids with workos-mcp call list_users, workos-mcp call list_roles.'],
    [
      'Call download_audit_export again; each call signs a new link.',
      'Run workos-mcp call download_audit_export again; each call signs a new link.',
    ],
    ['Run check_connector, and check the base URL.', 'Run workos-mcp check, and check the base URL.'],
    ['find_tools searches all of them.', 'workos-mcp find searches all of them.'],
    [
      'Nothing was sent. Call it as get_role(role_slug).',
      'Nothing was sent. It takes get_role(role_slug). workos-mcp tools get_role explains it.',
    ],
    [
      'Respect the decision. Do not try again unless the user asks for it. If a client without a user refuses, set --ask code.',
      'To agree, run it again and type yes.',
    ],
    ['Call again to ask about its current state.', 'Run it again to ask about its current state.'],
    ['Correct organization_id, or leave out role_slug.', 'Correct organization_id, or leave out role_slug.'],
    [
      'Its path is /list_users/x and list_users_of is no tool.',
      'Its path is /list_users/x and list_users_of is no tool.',
    ],
    ['Run workos-mcp call list_users.', 'Run workos-mcp call list_users.'],
  ])('%s', (hint, shown) => {
    expect(inShell(hint, isTool)).toBe(shown);
    // A second pass changes nothing.
    expect(inShell(shown, isTool)).toBe(shown);
  });

  it('says what to set if the key is missing, not how to configure a client', () => {
    const config = configured([], { WORKOS_TOKEN: '' });
    let error: unknown;
    try {
      keyOf(config);
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof ConfigError)) throw new Error('there is a key');
    expect(error.hint).toContain('restart this server');
    expect(inShell(error.hint, isTool)).toBe(
      'Set WORKOS_TOKEN to a secret key (sk_test_… or sk_live_…) from the WorkOS dashboard, or WORKOS_TOKEN_FILE to a file that holds it. Or try --sandbox, which needs no key.',
    );
  });
});
