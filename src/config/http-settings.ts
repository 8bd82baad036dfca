import { isLoopback, isLoopbackUrl } from '../client/loopback.ts';
import { list, setting, wholeNumber } from './settings.ts';
import { stateUrl } from './state-settings.ts';

/** The settings of `workos-mcp http` besides those of all commands, in the order of help. */
export const HTTP_SETTINGS = {
  host: setting({
    flag: 'host',
    variable: 'WORKOS_MCP_HTTP_HOST',
    value: 'ADDRESS',
    meaning: 'address to listen on',
    default: '127.0.0.1',
    parse: host,
  }),
  port: setting({
    flag: 'port',
    variable: 'WORKOS_MCP_HTTP_PORT',
    value: 'N',
    meaning: 'port to listen on; 0 for any free port',
    default: 8787,
    parse: wholeNumber(0, 65_535),
  }),
  publicUrl: setting<string | undefined>({
    flag: 'public-url',
    variable: 'WORKOS_MCP_HTTP_PUBLIC_URL',
    value: 'URL',
    meaning: 'URL that clients use, with the path of the endpoint; plain http only on loopback',
    default: undefined,
    defaultInWords: 'http://HOST:PORT/mcp',
    parse: publicUrl,
  }),
  authkitDomain: setting<string | undefined>({
    flag: 'authkit-domain',
    variable: 'WORKOS_MCP_HTTP_AUTHKIT_DOMAIN',
    value: 'https://NAME.authkit.app',
    meaning: 'where people sign in; without it, only this machine can connect',
    default: undefined,
    defaultInWords: '',
    parse: authkitDomain,
  }),
  acceptClientAudience: setting<string | undefined>({
    flag: 'accept-client-audience',
    variable: 'WORKOS_MCP_HTTP_ACCEPT_CLIENT_AUDIENCE',
    value: 'client_…',
    meaning: 'also accept tokens for this client id, which environments without resource indicators issue',
    default: undefined,
    defaultInWords: '',
    parse: idOf('client'),
  }),
  requireOrganization: setting<string | undefined>({
    flag: 'require-organization',
    variable: 'WORKOS_MCP_HTTP_REQUIRE_ORGANIZATION',
    value: 'org_…',
    meaning: 'admit only people who are signed in to this organization',
    default: undefined,
    defaultInWords: '',
    parse: idOf('org'),
  }),
  allowedHosts: setting<readonly string[]>({
    flag: 'allowed-hosts',
    variable: 'WORKOS_MCP_HTTP_ALLOWED_HOSTS',
    value: 'a,b',
    meaning: 'host names to accept besides loopback and that of the public URL',
    default: [],
    list: true,
    parse: hosts,
  }),
  state: setting<string | undefined>({
    flag: 'state',
    variable: 'WORKOS_MCP_STATE',
    value: 'redis://…|rediss://…',
    meaning:
      'the Redis that several instances share for codes, files and rate limits; without it, run a single instance',
    default: undefined,
    defaultInWords: '',
    hidden: true,
    parse: stateUrl,
  }),
};

/** The values of these settings. */
export type HttpSettings = { readonly [Name in keyof typeof HTTP_SETTINGS]: (typeof HTTP_SETTINGS)[Name]['default'] };

/** Reserved paths. The endpoint must have another one. */
export const HEALTH = '/healthz';
export const READY = '/readyz';
export const WELL_KNOWN = '/.well-known/';

/** Problems between settings that are each valid, as one sentence each. */
export function httpProblems(settings: HttpSettings): string[] {
  const { host: address, port, publicUrl: url, authkitDomain: domain } = settings;
  if (domain === undefined) {
    const needing = [
      !isLoopback(address) && `--host ${address}: without AuthKit the server may listen only on a loopback address`,
      url !== undefined && !isLoopbackUrl(url) && `--public-url ${url}: without AuthKit anyone could use it`,
      ...(['acceptClientAudience', 'requireOrganization'] as const).map(
        (name) => settings[name] !== undefined && `--${HTTP_SETTINGS[name].flag}: without AuthKit there are no tokens`,
      ),
    ];
    return needing.flatMap((problem) => (problem ? [`${problem}. Set --authkit-domain`] : []));
  }
  if (url !== undefined || isLoopback(address)) return [];
  return [`--public-url is missing: clients on other machines cannot use ${endpointUrl(address, port)}`];
}

/** The URL of the endpoint if no public URL is set. */
export function endpointUrl(address: string, port: number): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/mcp`;
}

function host(text: string): string {
  const bare = text.replace(/^\[|\]$/g, '');
  if (!/^[\w.:%-]+$/.test(bare)) throw new Error('must be an address or a host name, without a scheme or a port');
  return bare;
}

function publicUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error('must be a URL such as https://mcp.example.com/mcp');
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must be scheme, host and path only, without credentials, ? or #');
  }
  if (!isSecure(url)) throw new Error('must be https; plain http is only for 127.0.0.1, [::1] and localhost');
  if ([HEALTH, READY].includes(url.pathname) || url.pathname.startsWith(WELL_KNOWN)) {
    throw new Error(`must have a different path: ${url.pathname} is reserved`);
  }
  return url.pathname === '/' ? url.origin : url.href.replace(/\/+$/, '');
}

function authkitDomain(text: string): string {
  if (!URL.canParse(text)) throw new Error('must be a URL such as https://your-team.authkit.app');
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') {
    throw new Error('must be scheme and host only, such as https://your-team.authkit.app');
  }
  if (!isSecure(url)) throw new Error('must be https; plain http is only for 127.0.0.1, [::1] and localhost');
  return url.origin;
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url.href));
}

function idOf(prefix: string) {
  return (text: string): string => {
    if (!new RegExp(`^${prefix}_\\w+$`).test(text)) throw new Error(`must be an id that starts with ${prefix}_`);
    return text;
  };
}

function hosts(text: string): string[] {
  return list(text).map((name) => {
    const lower = name.toLowerCase();
    if (!URL.canParse(`http://${lower}`) || new URL(`http://${lower}`).host !== lower.replace(/:80$/, '')) {
      throw new Error(`must be host names, with or without a port, which ${name} is not`);
    }
    return lower;
  });
}
