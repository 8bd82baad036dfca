import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMAND } from '../process.ts';

const chunks = new URL('../../dist/chunks/', import.meta.url);

/** The code loaded before the first call: the command, the server and the transport, with their static imports. */
function loadedAtStart(): string {
  const texts = new Map<string, string>();
  const load = (url: URL) => {
    if (texts.has(url.href)) return;
    const text = readFileSync(url, 'utf8');
    texts.set(url.href, text);
    for (const [, target = ''] of text.matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) load(new URL(target, url));
  };
  const command = pathToFileURL(COMMAND);
  load(command);
  const serving = /import\("(\.\/chunks\/(?:server|stdio-transport)-[^"]+\.js)"\)/g;
  for (const [, target = ''] of readFileSync(command, 'utf8').matchAll(serving)) load(new URL(target, command));
  return [...texts.values()].join('\n');
}

describe('the built server', () => {
  const loaded = loadedAtStart();

  it.each([
    ['the HTTP client', 'UND_ERR_CONNECT_TIMEOUT'],
    ['the toolsets', 'list_fga_membership_resources'],
    ['the logger', 'asJson'],
    ['JMESPath', 'UnquotedIdentifier'],
    ['the search engine', 'MiniSearch'],
    ['the CSV parser', 'CsvParser='],
    ['the HTML reports', 'prefers-color-scheme'],
    ['the client configuration of init', 'mcp_config.json'],
    ['the sandbox', 'sk_test_sandbox'],
    ['the library', 'ConfirmationNeeded'],
    ['the prompts', 'Off-board a person'],
    ['the resources', 'What this server may do: tools'],
    ['the files that clients may read', 'workos://files/'],
    ['the team server', 'oauth-protected-resource'],
    ['the Redis client', 'reconnectStrategy'],
    ["the SDK's HTTP transport", 'Stateless transport cannot be reused'],
    ['the token verification', 'JWKSNoMatchingKey'],
    ['the audit log', 'audit log cannot be written'],
    ['a schema validator', 'ajv'],
  ])('does not load %s before the first call', (_, marker) => {
    const chunkTexts = [...readdirSync(chunks), '../library.js']
      .map((name) => readFileSync(new URL(name, chunks), 'utf8'))
      .join('\n');
    if (marker !== 'ajv') expect(chunkTexts).toContain(marker);
    expect(loaded).not.toContain(marker);
  });

  it('keeps the Redis client in a chunk that only a team server with --state loads', () => {
    const texts = readdirSync(chunks).map((name) => [name, readFileSync(new URL(name, chunks), 'utf8')] as const);
    const holders = texts.filter(([, text]) => text.includes('reconnectStrategy')).map(([name]) => name);
    expect(holders).toEqual([expect.stringMatching(/^shared-store-\w+\.js$/)]);
    const users = texts.filter(([, text]) => text.includes(holders[0] ?? ''));
    expect(users.map(([, text]) => /(.{7})"\.\/shared-store-/.exec(text)?.[1])).toEqual(['import(']);
  });

  it('loads the MCP server itself', () => {
    expect(loaded).toContain('tools/list');
  });
});
