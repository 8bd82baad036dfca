import { lookup } from 'node:dns/promises';
import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import * as z from 'zod';
import { ApiError, ConfigError, InputError, NetworkError, RefusedError } from '../errors/errors.ts';
import { toolset, workflow } from './define.ts';
import {
  type DiagnosticAccess,
  diagnose,
  diagnoseAll,
  type NameLookup,
  type Observations,
  type ProbeResponse,
  type TlsHandshake,
} from './diagnosis.ts';
import type { ConnectionInfo } from './finding.ts';
import type { WorkflowContext } from './types.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;

/** Paths to probe if no url is given. The first one that the settings allow is used. */
const DEFAULT_PATHS = [
  '/organizations?limit=1',
  '/user_management/users?limit=1',
  '/connections?limit=1',
  '/directories?limit=1',
  '/authorization/permissions?limit=1',
];

export const diagnostics = toolset('diagnostics', 'Find out why calls fail', {
  check_connector: workflow({
    title: 'Check connector',
    description:
      'Find out why calls fail. Checks the key variable, proxy, DNS, TLS, an authenticated request, the clock and the rate limit. Each finding says what to fix. Changes nothing.',
    also: [
      '401 unauthorized, 403, 429',
      'is my key working, which environment',
      'troubleshoot, diagnose, debug a problem',
      'health check, connectivity, outage, error',
      'rate limited, too many requests, timeout, certificate error',
    ],
    input: {
      env_name: z.string().optional().describe('Key variable; default: the one in use'),
      url: z.string().optional().describe('API URL to try; default: /organizations?limit=1'),
      method: z.string().optional().describe('GET (default), HEAD or OPTIONS'),
    },
    localArguments: ['env_name'],
    filterable: true,
    everywhere: true,
    effect: 'read',
    core: true,
    run: async ({ env_name, url, method = 'GET' }, context) => {
      const verb = METHODS.find((one) => one === method.toUpperCase());
      if (!verb) {
        throw new InputError(
          `method ${method.slice(0, 20)} is not read-only`,
          ['method'],
          'Use GET, HEAD or OPTIONS. A check must not change anything.',
        );
      }
      const check = async (one: WorkflowContext) => {
        const { connection, refusal } = one.diagnostics;
        const path = url === undefined ? DEFAULT_PATHS.find((path) => !refusal(path)) : pathWithin(connection, url);
        return diagnose(await gather(one, env_name, verb, path));
      };
      const names = environmentsToCheck(context, env_name);
      if (names.length === 0) return check(context);
      // A few listeners per environment are not a leak.
      setMaxListeners(0, context.signal);
      return diagnoseAll(
        await Promise.all(
          names.map(async (name) => ({ environment: name, ...(await check(context.inEnvironment(name))) })),
        ),
      );
    },
  }),
});

/** The environments to check one by one. Empty if only the environment of this call is meant. */
function environmentsToCheck(context: WorkflowContext, variable: string | undefined): readonly string[] {
  const { environment, environments } = context;
  if (environment !== undefined || variable === undefined) return environment === undefined ? environments : [];
  return environments.filter((name) => context.inEnvironment(name).diagnostics.connection.keyVariable === variable);
}

/** The path of a URL below the configured API. @throws {RefusedError} for any other host, because the key would be sent there */
function pathWithin({ baseUrl }: ConnectionInfo, url: string): string {
  const base = new URL(baseUrl);
  if (!URL.canParse(url, `${base.href}/`)) throw new InputError('url is not a valid URL', ['url']);
  const target = new URL(url, base);
  const prefix = base.pathname.replace(/\/$/, '');
  if (
    target.origin !== base.origin ||
    target.username ||
    target.password ||
    !target.pathname.startsWith(`${prefix}/`)
  ) {
    throw new RefusedError(
      `Nothing was sent: url is not below the configured API, ${base.origin}${prefix}`,
      'The key is only sent to the configured host. Leave out url, or use a path of that host.',
    );
  }
  return target.pathname.slice(prefix.length) + target.search;
}

async function gather(
  context: WorkflowContext,
  variable: string | undefined,
  method: (typeof METHODS)[number],
  path: string | undefined,
): Promise<Observations> {
  const { connection, keyInfo, otherKeys } = context.diagnostics;
  const base = new URL(connection.baseUrl);
  const direct = connection.proxy === undefined;
  const [name, tls, probe] = await Promise.all([
    direct ? lookUpName(base.hostname) : undefined,
    direct && base.protocol === 'https:' ? tlsHandshake(base, context.signal) : undefined,
    path === undefined ? undefined : probeApi(context.diagnostics, method, path),
  ]);
  return {
    connection,
    key: keyInfo(variable),
    otherKeys: otherKeys(),
    request: path === undefined ? undefined : `${method} ${base.origin}${path.split('?')[0]}`,
    name,
    tls,
    probe,
    now: context.now(),
  };
}

async function lookUpName(hostname: string): Promise<NameLookup> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return { addresses: [host], error: undefined };
  try {
    const found = await lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address), error: undefined };
  } catch (error) {
    return { addresses: [], error: codeOf(error) };
  }
}

/** Only makes the TLS handshake, without a request. */
function tlsHandshake(base: URL, signal: AbortSignal): Promise<TlsHandshake> {
  return new Promise((resolve) => {
    const host = base.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(base.port || 443), servername: isIP(host) ? '' : host });
    const end = (result: TlsHandshake) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(result);
    };
    const abort = () => end({ error: 'cancelled', protocol: undefined, validTo: undefined });
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(5_000, () => end({ error: 'no handshake within 5 s', protocol: undefined, validTo: undefined }));
    socket.on('error', (error) => end({ error: codeOf(error), protocol: undefined, validTo: undefined }));
    socket.on('secureConnect', () =>
      end({
        error: undefined,
        protocol: socket.getProtocol() ?? undefined,
        validTo: Date.parse(socket.getPeerCertificate().valid_to),
      }),
    );
  });
}

async function probeApi(
  { probe }: DiagnosticAccess,
  method: (typeof METHODS)[number],
  path: string,
): Promise<ProbeResponse | { error: string } | undefined> {
  try {
    return await probe(method, path);
  } catch (error) {
    // Without a key there is nothing to send. The finding about the key says so.
    if (error instanceof ConfigError) return undefined;
    // A response that cannot be read, such as a compressed or endless one, does not come from WorkOS.
    if (error instanceof NetworkError || error instanceof ApiError) return { error: error.message };
    throw error;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
