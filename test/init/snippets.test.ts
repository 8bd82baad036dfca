import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../../src/init/clients.ts';
import {
  allLinksSection,
  clientsSection,
  documentedSnippet,
  installLinks,
  linksSection,
} from '../../src/init/snippets.ts';
import { read } from '../docs/pages.ts';

/** What VS Code and Cursor start once the package is published. */
const NPX = { command: 'npx', args: ['-y', 'workos-mcp'] };

describe('the install links', () => {
  const { cursor, vscode } = installLinks(true);
  const query = (link: string) => new URL(link).searchParams;

  it.each([cursor.app, cursor.web])('hold what Cursor has in its file: %s', (link) => {
    const config = Buffer.from(query(link).get('config') ?? '', 'base64').toString();
    const { mcpServers }: { mcpServers: { workos: unknown } } = JSON.parse(documentedSnippet('cursor', true));
    expect(query(link).get('name')).toBe('workos');
    expect(JSON.parse(config)).toEqual(mcpServers.workos);
    expect(JSON.parse(config)).toMatchObject(NPX);
  });

  it('hold what VS Code has in its file, with the question for the key', () => {
    const { servers, inputs }: { servers: { workos: object }; inputs: unknown } = JSON.parse(
      documentedSnippet('vscode', true),
    );
    expect(servers.workos).toMatchObject(NPX);
    const app = vscode.app.slice('vscode:mcp/install?'.length);
    expect(JSON.parse(decodeURIComponent(app))).toEqual({ name: 'workos', inputs, ...servers.workos });
    expect(JSON.parse(query(vscode.web).get('inputs') ?? '')).toEqual(inputs);
    expect(JSON.parse(query(vscode.web).get('config') ?? '')).toEqual(servers.workos);
  });

  it('are shown only once the package is published', () => {
    expect(linksSection(true)).toContain(`(${cursor.web})`);
    expect(linksSection(true)).toContain(`(${vscode.web})`);
    for (const { app, web } of [cursor, vscode]) {
      expect(allLinksSection(true)).toContain(`\n${app}\n`);
      expect(allLinksSection(true)).toContain(`(${web})`);
    }
    expect(linksSection(false)).toContain('will follow when the package is on npm');
    expect(allLinksSection(false)).toBe(linksSection(false));
    expect(linksSection(false)).not.toContain('](');
  });
});

describe('one constant', () => {
  it('changes every snippet to npx', () => {
    const section = clientsSection(true);
    expect(section).not.toContain('/path/to/');
    expect(section).not.toContain('dist/index.js');
    expect(section).toContain('npx -y workos-mcp init');
    expect(section).toContain('-- npx -y workos-mcp\n');
    expect(section.match(/"npx"/g)).toHaveLength(3);
  });
});

it('docs/clients.md has each client under its title', () => {
  const page = read('docs/clients.md');
  for (const [name, { title }] of Object.entries(CLIENTS)) {
    expect(page).toContain(`\n## ${title}\n`);
    expect(page).toContain(`| \`${name}\` |`);
  }
});
