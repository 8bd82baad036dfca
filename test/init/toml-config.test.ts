import { describe, expect, it } from 'vitest';
import { InitError } from '../../src/init/init-error.ts';
import { tomlValue, withTomlTable } from '../../src/init/toml-config.ts';

const PATH = ['mcp_servers', 'workos'];
const ENTRY = { command: 'C:\\node "20"\\node.exe', args: ['[ a ]', '#b', "c'd"], tool_timeout_sec: 300 };
const add = (text: string) => withTomlTable(text, PATH, ENTRY, '\n');

describe('a table appended to a TOML file', () => {
  it.each([
    ['', ''],
    ['a file without a final line break', 'model = "x"'],
    ['a comment', '# nothing yet\n'],
    ['other servers', '[mcp_servers.docs]\ncommand = "docs"\n[mcp_servers.docs.env]\nA = "b"\n'],
    ['an empty table of servers', '[mcp_servers]\n'],
    ['a list of tables at the end', '[[hooks]]\nname = "a"\n'],
    ['large numbers, dates and NaN', 'a = 9223372036854775807\nb = 1979-05-27T07:32:00Z\nc = nan\nd = -0.0\n'],
  ])('follows %s', (_, text) => {
    const after = add(text);
    expect(after.startsWith(text)).toBe(true);
    expect(tomlValue(after, PATH)).toEqual(ENTRY);
  });

  it.each([
    ['servers on one line', 'mcp_servers = { docs = { command = "docs" } }\n', 'a table cannot be added to'],
    ['servers that are a list', '[[mcp_servers]]\ncommand = "docs"\n', 'a table cannot be added to'],
    ['servers that are text', 'mcp_servers = "docs"\n', 'a table cannot be added to'],
    ['a syntax error', 'model = \nother = 1\n', 'is not TOML: invalid value at line 1, column'],
    ['a duplicate name', 'a = 1\na = 2\n', 'is not TOML'],
  ])('is refused after %s', (_, text, reason) => {
    expect(() => add(text)).toThrow(InitError);
    expect(() => add(text)).toThrow(reason);
  });

  it('is shown if it has to be added by hand', () => {
    const refused = () => add('mcp_servers = { docs = { command = "docs" } }\n');
    expect(refused).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('[mcp_servers.workos]\ncommand = ') }),
    );
  });
});
