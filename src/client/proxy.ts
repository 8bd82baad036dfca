/** The proxy settings from the environment: HTTP_PROXY, HTTPS_PROXY, and NO_PROXY. */
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

/**
 * The URL of a proxy from a variable such as HTTPS_PROXY. A host without a scheme means http, as in curl.
 * @throws {Error} if it is not a proxy URL. The message never contains the value, which may hold a password.
 */
export function parseProxy(text: string): string {
  const mustBe = 'must be http://host:port or https://host:port';
  if (text.includes('$\u007B')) throw new Error(`${mustBe}; it contains a placeholder that the client did not expand`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) throw new Error(`${mustBe}, not ${scheme}://`);
  // A URL parser accepts unintended text as a host, such as the scheme in http:/proxy.
  const usable = scheme !== undefined || /^[^\s/?#]*[^\s/?#:]\/?$/.test(text);
  const url = scheme === undefined ? `http://${text}` : text;
  if (!usable || !isProxyUrl(url)) throw new Error(mustBe);
  return url;
}

function isProxyUrl(text: string): boolean {
  try {
    const { username, password, port, pathname, search, hash } = new URL(text);
    decodeURIComponent(username + password);
    return port !== '0' && pathname === '/' && search === '' && hash === '';
  } catch {
    return false;
  }
}
