import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { turnedAwayRecorder } from '../call/audit.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '../call/runtime.ts';
import { documentFetcher } from '../client/fetch-document.ts';
import type { Proxies } from '../client/proxy.ts';
import type { Config } from '../config/config.ts';
import { endpointUrl, type HttpSettings } from '../config/http-settings.ts';
import { NO_FILES } from '../results/private-files.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import { tokenVerifier } from './authorization.ts';
import { teamServer } from './calls.ts';
import { DiskFiles, type FileLimits } from './files.ts';
import { InFlight } from './in-flight.ts';
import { permissionLookup } from './membership.ts';
import { audiencesOf } from './metadata.ts';
import type { SharedState } from './redis/shared-state.ts';
import { type Authorization, answerTeam, createTeamServer } from './server.ts';

/** What a team server is started with. */
export interface TeamStart {
  config: Config;
  settings: HttpSettings;
  /** On the way to AuthKit. */
  authkitProxy: Proxies | undefined;
  /** What files in Redis are encrypted with. */
  stateKey?: Buffer | undefined;
  version: string;
  entries: readonly CatalogEntry[];
  env: Readonly<Record<string, string | undefined>>;
  /** Clock, limits and connections are injectable for tests. */
  runtime?: Partial<RuntimeOptions>;
  files?: Partial<FileLimits>;
  maxConnections?: number;
}

/** A team server that listens. */
export interface Team {
  /** What clients use. */
  publicUrl: string;
  /** The address and port on which it listens. */
  address: string;
  /** Is not ready from now on, but still answers, so that proxies notice before it ends. */
  announceEnd(): void;
  /** Takes no new connections, waits until the calls in flight have ended, and closes. No write is cut off. */
  end(): Promise<void>;
  /** Why the state that instances share is not there, if so. */
  stateProblem(): string | undefined;
}

/** How long calls that only read may go on after the server was told to end, in milliseconds. */
const READS_END_AFTER_MS = 20_000;

/** How often expired files are removed, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/**
 * Starts a team server.
 * @throws {ConfigError} where the audit log, the output folder or the sandbox cannot be used.
 * @throws {Error} where it cannot listen.
 */
export async function startTeam(start: TeamStart): Promise<Team> {
  const { settings, version, entries, env } = start;
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const disk = new DiskFiles(start.config.outputDir, start.runtime?.now ?? Date.now, start.files);
    opened.push(() => disk.close());
    const state = await openState(start);
    opened.push(async () => state?.close());
    const shared = state?.files(disk, start.files);
    const files = shared ?? disk;
    const sweeping = setInterval(() => void files.sweep().catch(() => {}), SWEEP_EVERY_MS);
    opened.push(async () => clearInterval(sweeping));
    const config = { ...start.config, outputDir: state && !shared ? NO_FILES : files.folder };
    const runtime = await createRuntime({
      config,
      version,
      exposed: new Set(),
      env,
      codeStore: state?.codes,
      ...start.runtime,
      client: { pacing: state?.pacing, ...start.runtime?.client },
    });
    opened.push(() => runtime.close());
    state?.onChange((isUp) => {
      if (isUp) runtime.logger.warn('Redis is back');
      else runtime.logger.warn({ reason: state.problem }, 'Redis is lost');
    });
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
      serverFor: teamServer({ runtime, version, entries, store: files, inFlight, turnedAway }),
      inFlight,
      logger: runtime.logger,
      turnedAway,
      isReady: () => ready,
      stateProblem: () => state?.problem,
      isEnding: () => ending,
    });
    return {
      publicUrl,
      address: `${settings.host}:${port}`,
      stateProblem: () => state?.problem,
      announceEnd() {
        ready = false;
      },
      async end() {
        ready = false;
        ending = true;
        const closed = new Promise((resolve) => server.close(resolve));
        await inFlight.drained(READS_END_AFTER_MS);
        // Answers that are written are given a moment to be read. A connection is idle when its answer was.
        const closingIdle = setInterval(() => server.closeIdleConnections(), 20);
        const timer = new AbortController();
        await Promise.race([closed, delay(LAST_ANSWERS_MS, undefined, timer)]).catch(() => {});
        timer.abort();
        clearInterval(closingIdle);
        // A call can have begun of which the message had arrived before.
        await inFlight.drained(0);
        server.closeAllConnections();
        await closed;
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const LAST_ANSWERS_MS = 2_000;

/** The state that instances share, where there is one. Nothing of Redis is loaded without it. */
async function openState({ config, settings, stateKey, runtime }: TeamStart): Promise<SharedState | undefined> {
  if (settings.state === undefined) return undefined;
  const { openSharedState } = await import('./redis/shared-state.ts');
  return openSharedState({
    url: settings.state,
    publicUrl: settings.publicUrl ?? endpointUrl(settings.host, settings.port),
    baseUrl: config.baseUrl,
    key: stateKey,
    now: runtime?.now,
  });
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
