import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { pluginServers, skillCommand } from '../../src/init/snippets.ts';
import { read } from '../docs/pages.ts';

const manifest: { name: string; version: string; userConfig: Record<string, { sensitive?: boolean }> } = JSON.parse(
  read('plugin/.claude-plugin/plugin.json'),
);

describe('the plugin', () => {
  it('has the version of the package', () => {
    const { version }: { version: string } = JSON.parse(read('package.json'));
    expect(manifest.version).toBe(version);
  });

  it('asks for the key as a secret, and passes every option to the server', () => {
    expect(manifest.userConfig.workos_token).toMatchObject({ sensitive: true });
    const options = [...pluginServers().matchAll(/\$\{user_config\.(\w+)\}/g)].map(([, name]) => name);
    expect(options).toEqual(Object.keys(manifest.userConfig));
    expect(pluginServers()).toContain(`"${SETTINGS.readOnly.variable}"`);
  });

  it('is in the marketplace under its name', () => {
    const { plugins } = JSON.parse(read('.claude-plugin/marketplace.json'));
    expect(plugins).toMatchObject([{ name: manifest.name, source: './plugin' }]);
  });

  it('starts the checkout, or npx once the package is published', () => {
    expect(pluginServers(false)).toContain('_ROOT}/../dist/index.js"');
    expect(JSON.parse(pluginServers(true)).mcpServers.workos).toMatchObject({
      command: 'npx',
      args: ['-y', 'workos-mcp'],
    });
    expect(skillCommand(false)).toContain('node dist/index.js');
    expect(skillCommand(true)).toContain('npx -y workos-mcp');
  });
});
