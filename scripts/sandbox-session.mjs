// Bundled by importSource(), because it runs the server's own code.
import { callTool } from '../src/call/pipeline.ts';
import { createRuntime } from '../src/call/runtime.ts';
import { readConfig } from '../src/config/config.ts';
import { exposedTools } from '../src/mcp/exposure.ts';
import { startSandbox } from '../src/sandbox/server.ts';
import { catalogEntries } from '../src/tools/catalog.ts';

/**
 * The result of a call in a new sandbox with the sample data, for a client that is shown the core tools.
 * @param now the time, in milliseconds, at which the clock is fixed
 */
export async function callInSandbox(tool, input, now) {
  const { call, close } = await sandboxSession(now);
  try {
    const result = await call(tool, input);
    if (result.isError) throw new Error(`${tool} failed: ${result.content[0].text}`);
    return result.structuredContent;
  } finally {
    await close();
  }
}

/**
 * Starts a new sandbox and a server for it. Its calls return what a client would get.
 * @param environments the names of several environments, with suffixes as for --environments; by default, a single, unnamed one
 * @param flags more flags for the server
 */
export async function sandboxSession(now, environments = [], flags = []) {
  const clock = () => now;
  const names = environments.map((one) => one.split(':')[0]);
  const sandbox = await startSandbox({ now: clock, environments: names });
  const keys = [...sandbox.environments.values()].map(({ key }, at) => [`KEY_${at}`, key]);
  const named = environments.map((one, at) => one.replace(/(?=:|$)/, `=KEY_${at}`));
  const entries = catalogEntries();
  const { config } = readConfig(
    ['--base-url', sandbox.url, ...(named.length ? ['--environments', named.join(',')] : []), ...flags],
    {
      WORKOS_TOKEN: sandbox.key,
      WORKOS_CLIENT_ID: sandbox.clientId,
      WORKOS_MCP_LOG_LEVEL: 'silent',
      ...Object.fromEntries(keys),
    },
    {
      toolsets: new Set(entries.map(({ toolset }) => toolset)),
      tools: new Set(entries.map(({ definition }) => definition.name)),
    },
  );
  const exposed = new Set(exposedTools(entries, config).map(({ definition }) => definition.name));
  const runtime = await createRuntime({ config, version: '0.0.0', exposed, now: clock });
  const caller = { origin: 'program', signal: new AbortController().signal, progress: () => {}, ask: undefined };
  return {
    call: (tool, input) => callTool(runtime, caller, tool, input),
    async close() {
      await runtime.close();
      await sandbox.close();
    },
  };
}
