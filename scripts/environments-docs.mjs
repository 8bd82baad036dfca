// The session of docs/environments.md: real calls in a sandbox with two environments, with a fixed clock.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importSource } from './import-source.mjs';
import { page, spaced } from './operators-docs.mjs';

const NOW = Date.parse('2026-11-02T09:00:00.000Z');

const PROMOTION = { from: 'staging', to: 'production', only: ['permissions', 'roles'] };

/** In the order of the page. `arguments` may be a function of the previous result. */
const SESSION = [
  {
    words: 'Compare two environments. Ids, secrets, and times are ignored.',
    tool: 'compare_environments',
    arguments: PROMOTION,
  },
  {
    words: 'Plan the promotion. Without `apply`, nothing changes.',
    tool: 'promote_environment',
    arguments: PROMOTION,
  },
  {
    words:
      'With `apply`, production asks for consent first, because it is `:confirm-always`. This client cannot ask the user, so the call returns a preview.',
    tool: 'promote_environment',
    arguments: { ...PROMOTION, apply: true },
  },
  {
    words: 'The user agrees, so the agent repeats the call with the code.',
    tool: 'promote_environment',
    arguments: ({ confirmation }) => ({ ...PROMOTION, apply: true, confirmation }),
  },
  {
    words: 'Run it again: nothing is left to do.',
    tool: 'promote_environment',
    arguments: { ...PROMOTION, apply: true },
  },
  {
    words: 'Export the configuration to a file, for version control.',
    tool: 'export_configuration',
    arguments: {},
    file: 16,
  },
  {
    words: 'Plan applying it to production, where the roles already match.',
    tool: 'apply_configuration',
    arguments: ({ path }) => ({ path, environment: 'production' }),
  },
  {
    words: 'Look up an id from production in staging: the error names the environment that has it.',
    tool: 'get_organization',
    arguments: async (_, call) => {
      const { structuredContent } = await call('list_organizations', { limit: 1, environment: 'production' });
      return { organization_id: structuredContent.data[0].id };
    },
  },
];

/** The generated section of docs/environments.md. */
export async function environmentsSection() {
  const { sandboxSession } = await importSource('scripts/sandbox-session.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-docs-'));
  const flags = ['--output-dir', folder, '--toolsets', 'core,environments'];
  const { call, close } = await sandboxSession(NOW, ['staging', 'production:confirm-always'], flags);
  const shown = (text, { confirmation }) =>
    text
      .replaceAll(folder, '/tmp/workos-mcp')
      .replaceAll(/-[0-9a-f]{12}\.yaml/g, '.yaml')
      .replaceAll(confirmation ?? '\0', '…');
  const parts = [];
  let last = {};
  try {
    for (const { words, tool, arguments: given, file } of SESSION) {
      const input = typeof given === 'function' ? await given(last, call) : given;
      const { structuredContent, content } = await call(tool, input);
      const answer = structuredContent ?? JSON.parse(content[0].text);
      const codes = { confirmation: input.confirmation ?? answer.confirmation };
      parts.push(
        words,
        '',
        '```text',
        shown(Object.keys(input).length ? `${tool} ${spaced(input)}` : tool, codes),
        '```',
        '',
      );
      parts.push('```json', shown(page(answer), codes), '```', '');
      if (file) parts.push('The file begins with:', '', '```yaml', linesOf(answer.path, file), '```', '');
      last = answer;
    }
  } finally {
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
  return parts.join('\n').trimEnd();
}

function linesOf(path, count) {
  return readFileSync(path, 'utf8').split('\n').slice(0, count).join('\n');
}
