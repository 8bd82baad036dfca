import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, ProxyAgent } from 'undici';
import {
  ApiError,
  CancelledError,
  InputError,
  LinkExpiredError,
  NetworkError,
  RefusedError,
} from '../errors/errors.ts';
import { DownloadDeadline } from './download-deadline.ts';
import { isLoopback } from './loopback.ts';
import { isPrivateAddress, isPrivateName } from './private-network.ts';
import { type Proxies, proxyFor } from './proxy.ts';

/** Options for download(). */
export interface DownloadOptions {
  /** Allow loopback hosts, and plain http to them. Only for an API that itself runs on this machine. */
  allowLoopback: boolean;
  /** Milliseconds for everything up to the first 4 MiB of the file, and for each 4 MiB after them. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Takes the bytes in order. Awaited, so a slow disk slows the download. Rejects with a RefusedError if it fails. */
  write: (chunk: Buffer) => Promise<void>;
  maxBytes?: number;
  proxy?: Proxies | undefined;
  /** DNS lookup, injectable for tests. */
  resolve?: LookupFunction;
}

/** The default limit. The export of a large customer takes a few hundred MB. */
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * Fetches a pre-signed link without any credentials. Follows no redirect and connects to no private address, not even
 * when a public name resolves to one. Returns the number of bytes.
 * @throws {LinkExpiredError} if the host no longer accepts the link.
 * @throws {RefusedError} if the link points into a private network, the file is too large, or `write` rejects.
 */
export async function download(url: string, options: DownloadOptions): Promise<number> {
  const target = checkedTarget(url, options.allowLoopback);
  const resolve = options.resolve ?? (lookup as LookupFunction);
  const proxy = proxyFor(target, options.proxy);
  if (proxy) refusePrivateName(target);
  // The download has its own deadline.
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  const agent = proxy
    ? new ProxyAgent({ ...limits, uri: proxy })
    : new Agent({
        ...limits,
        connect: { timeout: 10_000, lookup: publicOnly(resolve, options.allowLoopback) },
      });
  const deadline = new DownloadDeadline(options.timeoutMs, options.signal);
  // undici aborts a request only once it is connected; until then, only destroying the agent ends it.
  deadline.signal.addEventListener('abort', () => void agent.destroy(), { once: true });
  const attempted = { method: 'GET' as const, path: `${target.host} (pre-signed link)`, attempts: 1 };
  try {
    if (options.signal.aborted) throw new CancelledError();
    const response = await agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method: 'GET',
      headers: { accept: 'text/csv, */*' },
      signal: deadline.signal,
    });
    const status = response.statusCode;
    // The body of any other response is not read, because the connection closes with the agent.
    if (status !== 200) {
      // Object stores reject an expired or altered signature with 403, some with 400, 401, or 410.
      if ([400, 401, 403, 410].includes(status)) throw new LinkExpiredError(`${target.host} returned ${status}`);
      throw new ApiError(`${target.host} returned ${status} instead of the file`, { request: attempted, status });
    }
    const limit = options.maxBytes ?? MAX_BYTES;
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.length;
      deadline.received(chunk.length);
      if (bytes > limit) throw new RefusedError(`The file is larger than ${limit} bytes`, 'Export a shorter range.');
      await options.write(chunk);
    }
    return bytes;
  } catch (error) {
    if (options.signal.aborted) throw new CancelledError();
    if (error instanceof RefusedError || error instanceof LinkExpiredError || error instanceof ApiError) throw error;
    if (!(error instanceof Error)) throw error;
    if (error.cause instanceof RefusedError) throw error.cause;
    const { missed } = deadline;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    throw new NetworkError(`${target.host}: ${missed ?? error.message}`, {
      request: attempted,
      timedOut: missed !== undefined || code === 'UND_ERR_CONNECT_TIMEOUT',
      mayHaveSucceeded: false,
      code: missed === undefined ? code : 'ETIMEDOUT',
      cause: error,
    });
  } finally {
    deadline.close();
    await agent.destroy();
  }
}

/** The parsed link. @throws {RefusedError} if downloads from there are not allowed. */
export function checkedTarget(url: string, allowLoopback: boolean): URL {
  if (!URL.canParse(url)) throw new InputError('The export has no usable link');
  const target = new URL(url);
  const host = bareHost(target);
  if (isLoopback(host)) {
    if (allowLoopback && /^https?:$/.test(target.protocol)) return target;
    throw notOpened(target, 'it points to this machine');
  }
  if (target.protocol !== 'https:') throw notOpened(target, 'it is not https');
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw notOpened(target, 'it points into a private network');
  return target;
}

/**
 * A proxy resolves names itself, and often only the proxy can, so this checks the name alone.
 * @throws {RefusedError} for a name of a private network.
 */
function refusePrivateName(target: URL): void {
  const host = bareHost(target);
  if (isIP(host) === 0 && isPrivateName(host)) throw notOpened(target, 'its name belongs to a private network');
}

function notOpened({ host, protocol }: URL, why: string): RefusedError {
  return new RefusedError(
    `The download link to ${host || protocol} was not opened: ${why}`,
    'Check the base URL of this server.',
  );
}

/** The host without brackets, and without the trailing dot of a fully qualified name. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

/** Checks what a name resolves to while connecting, so the checked address is the one that is used. */
function publicOnly(resolve: LookupFunction, allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((one) => one.address) : [address];
      const hidden = error
        ? undefined
        : found.find((one) => isPrivateAddress(one) && !(allowLoopback && isLoopback(one)));
      if (!hidden) return callback(error, address, family);
      const refusal = new RefusedError(
        `The download link to ${hostname} was not opened: the name resolves to a private address`,
        'Check the base URL of this server.',
      );
      callback(Object.assign(new Error(refusal.message), { cause: refusal }), address, family);
    });
  };
}
