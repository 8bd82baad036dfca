import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { readArguments } from '../../src/cli/call-arguments.ts';
import { exampleCall } from '../../src/cli/example-call.ts';
import { tools } from '../../src/tools/catalog.ts';
import { mcpDefinition } from '../../src/tools/mcp-definition.ts';
import { WINDOWS } from '../platform.ts';

describe('the example call of', () => {
  it.skipIf(WINDOWS).each([...tools.values()].map((tool) => [tool.name, tool] as const))(
    '%s can be pasted into a shell',
    async (_, tool) => {
      const { inputSchema } = mcpDefinition(tool);
      const command = exampleCall(tool);
      // A shell splits it into words.
      const { stdout } = spawnSync('sh', ['-c', command.replace('workos-mcp call', `printf '%s\\0'`)], {
        encoding: 'utf8',
      });
      const [name, ...words] = stdout.split('\0').slice(0, -1);
      expect(name).toBe(tool.name);
      const input = await readArguments(words, inputSchema, () => Promise.reject(new Error('reads nothing')));
      expect(() => parseArguments(tool, input)).not.toThrow();
    },
  );
});
