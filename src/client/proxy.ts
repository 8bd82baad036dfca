import { type Agent, ProxyAgent } from 'undici';

/** The proxies of the environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export interface Proxies {
  http?: string | undefined;
  https?: string | undefined;
  no?: string | undefined;
}

/**
 * The proxy that a request to this URL goes through, if any. NO_PROXY is read as curl reads it: names separated by
 * commas or spaces, each also meaning its subdomains, with an optional port; `*` means every host.
 */
export function proxyFor(url: URL, proxies: Proxies | undefined): string | undefined {
  const proxy = url.protocol === 'https:' ? proxies?.https : proxies?.http;
  if (!proxy) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.toLowerCase();
  const excepted = (proxies?.no ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const direct = excepted.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    const bare = name.replace(/^\*?\./, '');
    return (only === undefined || only === port) && (host === bare || host.endsWith(`.${bare}`));
  });
  return direct ? undefined : proxy;
}

/** Connections through a proxy. */
export function throughProxy(proxy: string, limits: Agent.Options): ProxyAgent {
  return new ProxyAgent({ ...limits, uri: proxy });
}
