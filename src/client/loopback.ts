/**
 * True for a host on this machine, where plain http and an unproxied connection are fine. IPv6 addresses may be in
 * brackets.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' || bare === '::1' || bare === '::ffff:7f00:1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(bare)
  );
}

/** True for a URL whose host is on this machine; false if it cannot be parsed. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}
