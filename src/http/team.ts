import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { turnedAwayRecorder } from '../call/audit.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '../call/runtime.ts';
import { documentFetcher } from '../client/fetch-document.ts';
import type { Proxies } from '../client/proxy.ts';
import type { Config } from '../config/config.ts';
import { endpointUrl, type HttpSettings } from '../config/http-settings.ts';
import type { Logger } from '../logger.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import { tokenVerifier } from './authorization.ts';
import { teamServer } from './calls.ts';
import type { FileLimits } from './files.ts';
import { InFlight } from './in-flight.ts';
import { permissionLookup } from './membership.ts';
import { audiencesOf } from './metadata.ts';
import { type Authorization, answerTeam, createTeamServer } from './server.ts';
import { ownStore, type StoreOptions, type TeamStore } from './store.ts';

/** Options for startTeam(). */
export interface TeamStart {
  config: Config;
  settings: HttpSettings;
  /** The proxies for requests to AuthKit. */
  authkitProxy: Proxies | undefined;
  /** The key that encrypts the files that several instances share. */
  stateKey?: Buffer | undefined;
  version: string;
  entries: readonly CatalogEntry[];
  env: Readonly<Record<string, string | undefined>>;
  /** Clock, limits, and connections are injectable for tests. */
  runtime?: Partial<RuntimeOptions>;
  files?: Partial<FileLimits>;
  maxConnections?: number;
  openStore?(options: StoreOptions): TeamStore | Promise<TeamStore>;
}

/** A running team server. */
export interface Team {
  /** The URL that clients use. */
  publicUrl: string;
  /** The address and port on which it listens. */
  address: string;
  /** Reports from now on that the server is not ready, but still answers, so that proxies notice before it ends. */
  announceEnd(): void;
  /** Takes no new connections, waits until the calls in flight have ended, and closes. No write is cut off. */
  end(): Promise<void>;
  /** Why the state that instances share is unreachable, or undefined. */
  stateProblem(): string | undefined;
}

/** How long calls that only read may continue after the server is told to end, in milliseconds. */
const READS_END_AFTER_MS = 20_000;

/** How often expired files are removed, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/**
 * Starts a team server.
 * @throws {ConfigError} if the audit log, the output folder, or the sandbox cannot be used.
 * @throws {Error} if it cannot listen.
 */
export async function startTeam(start: TeamStart): Promise<Team> {
  const { settings, version, entries, env } = start;
  const { openStore = storeOf(start) } = start;
  const { outputDir } = start.config;
  const store = await openStore({ outputDir, now: start.runtime?.now ?? Date.now, files: start.files });
  const sweeping = setInterval(() => void store.files.sweep().catch(() => {}), SWEEP_EVERY_MS);
  const opened: (() => Promise<unknown>)[] = [() => store.close(), async () => clearInterval(sweeping)];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const runtime = await createRuntime({
      version,
      exposed: new Set(),
      env,
      codes: store.codes,
      ...start.runtime,
      config: { ...start.config, outputDir: store.files.folder },
      client: { ...start.runtime?.client, limits: store.limits },
    });
    opened.push(() => runtime.close());
    logChanges(store, runtime.logger);
    const inFlight = new InFlight();
    const turnedAway = turnedAwayRecorder(runtime);
    const server = createTeamServer(start.maxConnections);
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    // A TCP server's address is never a string.
    const { port } = server.address() as AddressInfo;
    const publicUrl = settings.publicUrl ?? endpointUrl(settings.host, port);
    let ready = true;
    let ending = false;
    answerTeam(server, {
      publicUrl,
      allowedHosts: settings.allowedHosts,
      authorization: authorizationOf(publicUrl, start, runtime, opened),
      serverFor: teamServer({
        runtime,
        version,
        entries,
        files: store.files,
        texts: store.texts,
        inFlight,
        turnedAway,
      }),
      inFlight,
      logger: runtime.logger,
      turnedAway,
      isReady: () => ready,
      stateProblem: () => store.problem?.(),
      isEnding: () => ending,
    });
    return {
      publicUrl,
      address: `${settings.host}:${port}`,
      stateProblem: () => store.problem?.(),
      announceEnd() {
        ready = false;
      },
      async end() {
        ready = false;
        ending = true;
        await closeServer(server, inFlight);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function logChanges(store: TeamStore, logger: Logger): void {
  store.onChange?.((isUp) => {
    if (isUp) logger.warn('the shared state is available again');
    else logger.warn({ reason: store.problem?.() }, 'the shared state is unavailable');
  });
  store.onOtherKey?.((differ) => {
    if (differ) logger.warn('an instance has a different WORKOS_MCP_STATE_KEY: it cannot read the files kept here');
    else logger.warn('all instances have the same WORKOS_MCP_STATE_KEY again');
  });
}

/** Time for clients to read the last answers, in milliseconds. */
const LAST_ANSWERS_MS = 2_000;

/** Closes the server once the calls in flight have ended and their answers are read. No write is cut off. */
async function closeServer(server: Server, inFlight: InFlight): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await inFlight.drained(READS_END_AFTER_MS);
  // Clients get a moment to read written answers; a connection is idle once its answer is read.
  const closingIdle = setInterval(() => server.closeIdleConnections(), 20);
  const timer = new AbortController();
  await Promise.race([closed, delay(LAST_ANSWERS_MS, undefined, timer)]).catch(() => {});
  timer.abort();
  clearInterval(closingIdle);
  // A call whose message had already arrived may have started meanwhile.
  await inFlight.drained(0);
  server.closeAllConnections();
  await closed;
}

/** Opens the store of a single instance, or the shared one. Code for Redis is loaded only for the shared store. */
function storeOf({ config, settings, stateKey }: TeamStart): NonNullable<TeamStart['openStore']> {
  const { state, publicUrl, host, port } = settings;
  if (state === undefined) return ownStore;
  return async (options) => {
    const { sharedStore } = await import('./redis/shared-store.ts');
    const deployment = publicUrl ?? endpointUrl(host, port);
    return sharedStore({ ...options, url: state, deployment, baseUrl: config.baseUrl, key: stateKey });
  };
}

function authorizationOf(
  publicUrl: string,
  { settings, authkitProxy }: TeamStart,
  runtime: Runtime,
  opened: (() => Promise<unknown>)[],
): Authorization | undefined {
  const { authkitDomain, requireOrganization, acceptClientAudience } = settings;
  if (authkitDomain === undefined) return undefined;
  const fetcher = documentFetcher(authkitDomain, authkitProxy);
  opened.push(() => fetcher.close());
  return {
    authkitDomain,
    requireOrganization,
    verify: tokenVerifier({
      issuer: authkitDomain,
      audiences: audiencesOf(publicUrl, acceptClientAudience),
      fetch: fetcher.fetch,
      now: runtime.now,
    }),
    lookUp: permissionLookup(runtime),
  };
}
