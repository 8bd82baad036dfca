import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Ranges that are not on the public internet. https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry. 168.63.129.16 is a public address that Azure answers
 * inside its machines. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const NOT_GLOBAL: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

/** All public IPv6 addresses are in here. https://www.iana.org/assignments/ipv6-unicast-address-assignments */
const GLOBAL_UNICAST = ['2000::', 3] as const;

const notGlobal = new BlockList();
for (const [network, bits] of NOT_GLOBAL) notGlobal.addSubnet(network, bits, isIPv4(network) ? 'ipv4' : 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet(...GLOBAL_UNICAST, 'ipv6');

/**
 * True for an address that is not on the public internet, and for one that leads to such an IPv4 address by mapping,
 * translation, or a tunnel. An IPv6 address may have a zone. Also true for text that is not an address.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/s, '');
  if (isIPv4(bare)) return notGlobal.check(bare, 'ipv4');
  if (!isIPv6(bare)) return true;
  const { carriesOnly, inner } = embeddedIn(wordsOf(bare));
  if (inner.some((ipv4) => notGlobal.check(ipv4, 'ipv4'))) return true;
  return !carriesOnly && (!globalUnicast.check(bare, 'ipv6') || notGlobal.check(bare, 'ipv6'));
}

/** The IPv4 addresses embedded in an IPv6 address; `carriesOnly` is true if it stands for them alone. */
function embeddedIn(words: readonly number[]): { carriesOnly: boolean; inner: readonly string[] } {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0, w6 = 0, w7 = 0] = words;
  const last = dotted(w6, w7);
  const upper = [w0, w1, w2, w3, w4, w5].map((word) => word.toString(16)).join(':');
  switch (upper) {
    case '0:0:0:0:0:ffff': // Mapped. https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5
    case '64:ff9b:0:0:0:0': // NAT64. https://www.rfc-editor.org/rfc/rfc6052#section-2.1
      return { carriesOnly: true, inner: [last] };
  }
  // 6to4. https://www.rfc-editor.org/rfc/rfc3056#section-2
  if (w0 === 0x2002) return { carriesOnly: true, inner: [dotted(w1, w2)] };
  // Teredo: the server, and the client with its bits flipped. https://www.rfc-editor.org/rfc/rfc4380#section-4
  if (w0 === 0x2001 && w1 === 0) {
    return { carriesOnly: true, inner: [dotted(w2, w3), dotted(w6 ^ 0xffff, w7 ^ 0xffff)] };
  }
  // ISATAP: any network, and an interface that is an IPv4 address. https://www.rfc-editor.org/rfc/rfc5214#section-6.1
  if ((w4 === 0 || w4 === 0x200) && w5 === 0x5efe) return { carriesOnly: false, inner: [last] };
  return { carriesOnly: false, inner: [] };
}

/** The eight groups of a valid IPv6 address. */
function wordsOf(address: string): number[] {
  // The URL parser writes the last 32 bits in hex, whatever form they had.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** Suffixes that no public name has, so a name under one belongs to some private network. */
const PRIVATE_SUFFIXES: ReadonlySet<string> = new Set([
  // https://www.rfc-editor.org/rfc/rfc6761#section-6
  ...['localhost', 'test', 'invalid', 'example'],
  // https://www.rfc-editor.org/rfc/rfc6762#section-3 and the private names that its appendix G lists
  ...['local', 'intranet', 'internal', 'private', 'corp', 'home', 'lan'],
  // ICANN reserved internal, and will not delegate corp, home, and mail.
  // https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en#section2.a
  // https://www.icann.org/resources/board-material/resolutions-2018-02-04-en#2.c
  'mail',
  // https://www.rfc-editor.org/rfc/rfc7686 and https://www.rfc-editor.org/rfc/rfc9476
  ...['onion', 'alt'],
  // Holds home.arpa and the names of addresses. https://www.rfc-editor.org/rfc/rfc8375, https://www.rfc-editor.org/rfc/rfc3172
  'arpa',
  // https://www.ietf.org/archive/id/draft-chapin-rfc2606bis-00.html
  ...['localdomain', 'domain'],
  // https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
  'svc',
]);

/** True for a host name that only means something inside a private network: one label, or a private suffix. */
export function isPrivateName(name: string): boolean {
  const labels = name.toLowerCase().replace(/\.+$/, '').split('.');
  return labels.length < 2 || PRIVATE_SUFFIXES.has(labels.at(-1) ?? '');
}
