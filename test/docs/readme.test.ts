import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { read } from './pages.ts';

const readme = read('README.md');
const lines = readme.trimEnd().split('\n');

describe('README', () => {
  it('has at most 200 lines', () => {
    expect(lines.length).toBeLessThanOrEqual(200);
  });

  it.each(['npm ci && npm run demo', 'npm ci && npm test'])('has "%s" on a separate line', (command) => {
    expect(lines).toContain(command);
  });

  it('leads to a first call before it explains the configuration of each client', () => {
    const start = readme.slice(0, readme.indexOf('## Configure your client'));
    for (const command of [
      'claude mcp add workos --scope user -- node "$PWD/dist/index.js" --sandbox',
      'node dist/index.js init --client codex --sandbox',
    ])
      expect(start.split('\n')).toContain(command);
    expect(start).not.toContain('/path/to');
  });

  it('shows every setting under the names that the command takes', () => {
    for (const { flag, variable } of Object.values(SETTINGS)) {
      expect(readme).toContain(`--${flag}`);
      expect(readme).toContain(variable);
    }
  });

  it('shows the same example configuration as the file', () => {
    const example: unknown = JSON.parse(read('mcp.json.example'));
    const blocks = [...readme.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = '']) => JSON.parse(json));
    expect(blocks).toContainEqual(example);
  });
});
