// Bundled by importSource(), because it runs the server's own code.
import { callTool } from '../src/call/pipeline.ts';
import { createRuntime } from '../src/call/runtime.ts';
import { readConfig } from '../src/config/config.ts';
import { exposedTools } from '../src/mcp/exposure.ts';
import { startSandbox } from '../src/sandbox/server.ts';
import { catalogEntries } from '../src/tools/catalog.ts';

/**
 * What a call answers to a client that is shown the core tools, in a new sandbox with the sample data.
 * @param now the clock, in milliseconds; it does not move
 */
export async function callInSandbox(tool, input, now) {
  const clock = () => now;
  const sandbox = await startSandbox({ now: clock });
  const entries = catalogEntries();
  const { config } = readConfig(
    ['--base-url', sandbox.url],
    { WORKOS_TOKEN: sandbox.key, WORKOS_CLIENT_ID: sandbox.clientId, WORKOS_MCP_LOG_LEVEL: 'silent' },
    {
      toolsets: new Set(entries.map(({ toolset }) => toolset)),
      tools: new Set(entries.map(({ definition }) => definition.name)),
    },
  );
  const exposed = new Set(exposedTools(entries, config).map(({ definition }) => definition.name));
  const runtime = await createRuntime({ config, version: '0.0.0', exposed, now: clock });
  try {
    const caller = { origin: 'program', signal: new AbortController().signal, progress: () => {}, ask: undefined };
    const result = await callTool(runtime, caller, tool, input);
    if (result.isError) throw new Error(`${tool} failed: ${result.content[0].text}`);
    return result.structuredContent;
  } finally {
    await runtime.close();
    await sandbox.close();
  }
}
