import { isLoopback } from '../client/loopback.ts';

/** The hosts under which a server answers. */
interface Hosts {
  /** The URL that clients use. */
  publicUrl: string;
  /** Host names, each with a port or for any port. */
  allowed: readonly string[];
}

/**
 * Whether a Host header names this server. In DNS rebinding, a foreign page makes its own name resolve to this machine, and the
 * browser sends that name. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export function isAllowedHost(header: string | undefined, { publicUrl, allowed }: Hosts): boolean {
  const given = parse(header);
  if (!given) return false;
  if (isLoopback(given.name)) return true;
  const own = new URL(publicUrl);
  if (given.name === own.hostname && given.port === (own.port || DEFAULT_PORTS[own.protocol])) return true;
  // A TLS proxy in front of this server passes on the name without a port.
  if (given.name === own.hostname && given.port === undefined && own.port === '') return true;
  return allowed.some((entry) => {
    const { name, port } = parse(entry) ?? {};
    return given.name === name && (port === undefined || port === given.port);
  });
}

/** Whether a page of this origin may call the server. Programs other than browsers send no Origin header. */
export function isAllowedOrigin(header: string | undefined, hosts: Hosts): boolean {
  if (header === undefined) return true;
  const [, scheme = '', host] = /^(https?):\/\/([^/]+)$/i.exec(header) ?? [];
  if (host === undefined) return false;
  const port = /:\d+$/.test(host) ? '' : `:${DEFAULT_PORTS[`${scheme.toLowerCase()}:`]}`;
  return isAllowedHost(host, hosts) || isAllowedHost(host + port, hosts);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The name and port in a Host header; undefined if it is malformed. */
function parse(header: string | undefined): { name: string; port: string | undefined } | undefined {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header ?? '') ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), port };
}
