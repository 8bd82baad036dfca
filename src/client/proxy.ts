import { type Agent, ProxyAgent } from 'undici';

/** The proxies of the environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export interface Proxies {
  http?: string | undefined;
  https?: string | undefined;
  no?: string | undefined;
}

/**
 * The proxy for a request to this URL, if any. NO_PROXY is read as curl reads it: names separated by commas or spaces,
 * each also standing for its subdomains, with an optional port; `*` stands for every host.
 */
export function proxyFor(url: URL, proxies: Proxies | undefined): string | undefined {
  const proxy = url.protocol === 'https:' ? proxies?.https : proxies?.http;
  if (!proxy) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.toLowerCase();
  const exceptions = (proxies?.no ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const direct = exceptions.some((exception) => {
    if (exception === '*') return true;
    const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
    const domain = name.replace(/^\*?\./, '');
    return (onlyPort === undefined || onlyPort === port) && (host === domain || host.endsWith(`.${domain}`));
  });
  return direct ? undefined : proxy;
}

/** An agent that connects through a proxy. */
export function throughProxy(proxy: string, limits: Agent.Options): ProxyAgent {
  return new ProxyAgent({ ...limits, uri: proxy });
}
