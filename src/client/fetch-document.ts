import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { type Proxies, proxyFor } from './proxy.ts';

/** Fetches small public documents from one host, never with a key. */
export interface DocumentFetcher {
  /** Follows no redirects. @throws {Error} if no complete document arrives in time, or it is too large. */
  fetch(url: string, headers?: Headers): Promise<{ status: number; text: string }>;
  close(): Promise<void>;
}

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;

/**
 * @param proxies As in HTTPS_PROXY, HTTP_PROXY, and NO_PROXY; undefined for direct connections.
 * @param timeoutMs For one document, from connecting to its last byte.
 */
export function documentFetcher(origin: string, proxies: Proxies | undefined, timeoutMs = TIMEOUT_MS): DocumentFetcher {
  const limits = { connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const proxy = proxyFor(new URL(origin), proxies);
  const dispatcher: Dispatcher = proxy ? new ProxyAgent({ ...limits, uri: proxy }) : new Agent(limits);
  return {
    async fetch(url, headers) {
      const signal = AbortSignal.timeout(timeoutMs);
      const { origin: at, pathname, search } = new URL(url);
      const response = await dispatcher.request({
        origin: at,
        path: pathname + search,
        method: 'GET',
        headers: Object.fromEntries(headers ?? []),
        signal,
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of response.body) {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) throw new Error(`the document has more than ${MAX_BYTES} bytes`);
        chunks.push(chunk);
      }
      return { status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') };
    },
    close: () => dispatcher.destroy(),
  };
}
