import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsTable } from '../../src/cli/help.ts';
import { markdownTable } from '../../src/cli/markdown-table.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { toolsets } from '../../src/tools/catalog.ts';

const file = new URL('../../README.md', import.meta.url);

/** The README's table of all tools by toolset. */
function toolsTable(): string {
  return toolsets
    .map(({ name, description, tools }) =>
      [
        `<details><summary><b>${name}</b> (${tools.length}) – ${description}</summary>`,
        '',
        markdownTable(
          ['tool', 'core', 'effect', 'what it does'],
          tools.map((tool) => [`\`${tool.name}\``, tool.core ? '●' : '', tool.effect, tool.description]),
        ),
        '',
        '</details>',
      ].join('\n'),
    )
    .join('\n');
}

describe('README', () => {
  it.each([
    ['settings', settingsTable],
    ['tools', toolsTable],
  ] as const)('has an up-to-date table of %s (UPDATE=1 npm test rewrites it)', (name, generate) => {
    const readme = readFileSync(file, 'utf8');
    const section = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    const current = readme.replace(section, (_, open: string, close: string) => `${open}${generate()}\n${close}`);
    expect(readme).toMatch(section);
    if (process.env['UPDATE']) writeFileSync(file, current);
    else expect(readme).toBe(current);
  });

  it('mentions only npm scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    const named = [...readFileSync(file, 'utf8').matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('mentions every setting by its flag and its variable', () => {
    const readme = readFileSync(file, 'utf8');
    for (const { flag, variable } of Object.values(SETTINGS)) {
      expect(readme).toContain(`--${flag}`);
      expect(readme).toContain(variable);
    }
  });

  it('comes with an example configuration that is JSON and starts the built command', () => {
    const example = JSON.parse(readFileSync(new URL('../../mcp.json.example', import.meta.url), 'utf8'));
    const { command, args, env } = example.mcpServers.workos;
    expect([command, args, Object.keys(env)]).toEqual([
      'node',
      ['/path/to/workos-mcp/dist/index.js'],
      ['WORKOS_TOKEN'],
    ]);
  });
});
