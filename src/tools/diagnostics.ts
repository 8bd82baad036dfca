import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import * as z from 'zod';
import { ApiError, ConfigError, InputError, NetworkError, RefusedError } from '../errors/errors.ts';
import { type ConnectionFacts, type Probe, toolset, type WorkflowContext, workflow } from './define.ts';
import { diagnose, type Facts, type NameLook, type TlsLook } from './diagnosis.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;

export const diagnostics = toolset('diagnostics', 'Finding out why calls fail', {
  check_connector: workflow({
    title: 'Check connector',
    description:
      'Find out why calls fail: key variable, name, TLS, an authenticated request, clock, rate limit, proxy. Each finding says what to fix. Changes nothing.',
    input: {
      env_name: z.string().optional().describe('Key variable to look at, default the one in use'),
      url: z.string().optional().describe('URL of the API to try, default /organizations?limit=1'),
      method: z.string().optional().describe('GET (default), HEAD or OPTIONS'),
    },
    effect: 'read',
    core: true,
    run: async ({ env_name, url, method = 'GET' }, context) => {
      const verb = METHODS.find((one) => one === method.toUpperCase());
      if (!verb) {
        throw new InputError(
          `method ${method.slice(0, 20)} is not one that only looks`,
          ['method'],
          'Use GET, HEAD or OPTIONS: a check changes nothing.',
        );
      }
      const path = pathWithin(context.connection, url);
      return diagnose(await gather(context, env_name, verb, path));
    },
  }),
});

/** The path of a URL of the configured API. Any other host is refused, because the key would go there. */
function pathWithin({ baseUrl }: ConnectionFacts, url: string | undefined): string {
  if (url === undefined) return '/organizations?limit=1';
  const base = new URL(baseUrl);
  if (!URL.canParse(url, `${base.href}/`)) throw new InputError('url is not a URL', ['url']);
  const target = new URL(url, base);
  const prefix = base.pathname.replace(/\/$/, '');
  if (
    target.origin !== base.origin ||
    target.username ||
    target.password ||
    !target.pathname.startsWith(`${prefix}/`)
  ) {
    throw new RefusedError(
      `Nothing was sent: the url is not below the configured API, ${base.origin}${prefix}`,
      'The key goes to the configured host only. Leave url out, or name a path of that host.',
    );
  }
  return target.pathname.slice(prefix.length) + target.search;
}

async function gather(
  context: WorkflowContext,
  variable: string | undefined,
  method: (typeof METHODS)[number],
  path: string,
): Promise<Facts> {
  const { connection } = context;
  const base = new URL(connection.baseUrl);
  const direct = connection.proxy === undefined;
  const [name, tls, probe] = await Promise.all([
    direct ? lookUp(base.hostname) : undefined,
    direct && base.protocol === 'https:' ? shakeHands(base, context.signal) : undefined,
    probeApi(context, method, path),
  ]);
  return {
    connection,
    key: context.keyIn(variable),
    request: `${method} ${base.origin}${path.split('?')[0]}`,
    name,
    tls,
    probe,
    now: context.now(),
  };
}

async function lookUp(hostname: string): Promise<NameLook> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return { addresses: [host], error: undefined };
  try {
    const found = await lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address), error: undefined };
  } catch (error) {
    return { addresses: [], error: codeOf(error) };
  }
}

/** Only the handshake: no request is sent. */
function shakeHands(base: URL, signal: AbortSignal): Promise<TlsLook> {
  return new Promise((resolve) => {
    const host = base.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(base.port || 443), servername: isIP(host) ? '' : host });
    const end = (look: TlsLook) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(look);
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
  context: WorkflowContext,
  method: (typeof METHODS)[number],
  path: string,
): Promise<Probe | { error: string } | undefined> {
  try {
    return await context.probe(method, path);
  } catch (error) {
    // Without a key there is nothing to ask with; the key's own finding says so.
    if (error instanceof ConfigError) return undefined;
    // An answer that cannot be read, compressed or endless, is none of ours.
    if (error instanceof NetworkError || error instanceof ApiError) return { error: error.message };
    throw error;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
