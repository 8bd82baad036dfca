import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMAND } from '../process.ts';

const chunks = new URL('../../dist/chunks/', import.meta.url);

/** The code that a server runs before its first call: the command, server and transport, and what they import at once. */
function loadedAtStart(): string {
  const texts = new Map<string, string>();
  const load = (url: URL) => {
    if (texts.has(url.href)) return;
    const text = readFileSync(url, 'utf8');
    texts.set(url.href, text);
    for (const [, target = ''] of text.matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) load(new URL(target, url));
  };
  const command = new URL(`file://${COMMAND}`);
  load(command);
  const serving = /import\("(\.\/chunks\/(?:server|stdio-transport)-[^"]+\.js)"\)/g;
  for (const [, target = ''] of readFileSync(command, 'utf8').matchAll(serving)) load(new URL(target, command));
  return [...texts.values()].join('\n');
}

describe('the start of the built server', () => {
  const start = loadedAtStart();

  it.each([
    ['the HTTP client', 'UND_ERR_CONNECT_TIMEOUT'],
    ['the toolsets', 'list_fga_membership_resources'],
    ['the logger', 'asJson'],
    ['JMESPath', 'UnquotedIdentifier'],
    ['the CSV parser', 'CSV_INVALID'],
    ['the sandbox', 'sk_test_sandbox'],
    ['a schema validator', 'ajv'],
  ])('loads nothing of %s', (_, trace) => {
    const later = readdirSync(chunks)
      .map((name) => readFileSync(new URL(name, chunks), 'utf8'))
      .join('\n');
    if (trace !== 'ajv') expect(later).toContain(trace);
    expect(start).not.toContain(trace);
  });

  it('has the server itself in it', () => {
    expect(start).toContain('tools/list');
  });
});
