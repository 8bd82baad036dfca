import { isLoopback } from '../client/loopback.ts';

/** Which values of Host and Origin a server answers to. */
interface Hosts {
  /** The URL that clients use. */
  publicUrl: string;
  /** Names, with a port or for any. */
  allowed: readonly string[];
}

/**
 * Whether a Host header names this server. A page that a browser loads from somewhere else, and that has its own name resolve
 * to this machine, sends its own name. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export function isAllowedHost(header: string | undefined, { publicUrl, allowed }: Hosts): boolean {
  const given = parse(header);
  if (!given) return false;
  if (isLoopback(given.name)) return true;
  const own = new URL(publicUrl);
  if (given.name === own.hostname && given.port === (own.port || DEFAULT_PORTS[own.protocol])) return true;
  // A proxy with TLS in front passes on a name without a port.
  if (given.name === own.hostname && given.port === undefined && own.port === '') return true;
  return allowed.some((entry) => {
    const { name, port } = parse(entry) ?? {};
    return given.name === name && (port === undefined || port === given.port);
  });
}

/** Whether a page of this origin may call the server. Programs other than browsers send none. */
export function isAllowedOrigin(header: string | undefined, hosts: Hosts): boolean {
  if (header === undefined) return true;
  const [, scheme = '', host] = /^(https?):\/\/([^/]+)$/i.exec(header) ?? [];
  if (host === undefined) return false;
  const port = /:\d+$/.test(host) ? '' : `:${DEFAULT_PORTS[`${scheme.toLowerCase()}:`]}`;
  return isAllowedHost(host, hosts) || isAllowedHost(host + port, hosts);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The name and port of a Host header, if it is one and nothing more. */
function parse(header: string | undefined): { name: string; port: string | undefined } | undefined {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header ?? '') ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), port };
}
