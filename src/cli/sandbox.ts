import type { Invocation } from '../config/argv.ts';
import { SandboxStartError, startSandbox } from '../sandbox/server.ts';
import type { Setup } from './setup.ts';

/** Below the range of ephemeral ports. */
const DEFAULT_PORT = 8788;

/** Serves the sandbox over HTTP until the process is told to end. Returns the exit code. */
export async function sandbox({ options }: Invocation, { config, streams, signal }: Setup): Promise<number> {
  const port = Number(options['port'] ?? DEFAULT_PORT);
  if (!/^\d+$/.test(options['port'] ?? '0') || port > 65_535) {
    streams.err('workos-mcp: --port must be a whole number from 0 to 65535');
    return 2;
  }
  try {
    const seed = options['seed'];
    const running = await startSandbox({
      port,
      ...(config.sandboxState === undefined ? {} : { stateFile: config.sandboxState }),
      ...(seed === undefined ? {} : { seed }),
      environments: config.environments.map(({ name }) => name),
    });
    for (const line of welcome(running, config.sandboxState, seed)) streams.out(line);
    await ended(signal);
    await running.close();
    return 0;
  } catch (error) {
    if (!(error instanceof SandboxStartError)) throw error;
    streams.err(`workos-mcp: ${error.message}`);
    return 2;
  }
}

type Running = Awaited<ReturnType<typeof startSandbox>>;

function welcome(
  { url, key, clientId, continued, environments }: Running,
  stateFile: string | undefined,
  seed: string | undefined,
): string[] {
  const source = continued ? `the state in ${stateFile}` : (seed ?? 'the sample landscape');
  const unread = continued && seed !== undefined ? `; ${seed} was ignored` : '';
  return [
    `A WorkOS sandbox answers at ${url}`,
    ...credentials(key, clientId, environments),
    `  data       ${source}${unread}`,
    `  kept in    ${stateFile ?? 'memory only, lost on exit'}`,
    '',
    `  curl -H 'Authorization: Bearer ${key}' '${url}/organizations?limit=3'`,
    `  WORKOS_TOKEN=${key} workos-mcp --base-url ${url}`,
    '',
    'Press Ctrl-C to stop it.',
  ];
}

function credentials(key: string, clientId: string, environments: Running['environments']): string[] {
  if (environments.size === 0) return [`  key        ${key}`, `  client id  ${clientId}`];
  return [...environments].flatMap(([name, own]) => [
    `  ${name}`,
    `    key        ${own.key}`,
    `    client id  ${own.clientId}`,
  ]);
}

/** Keeps the process alive until it is told to end. */
async function ended(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 2 ** 30);
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  });
  clearInterval(alive);
}
