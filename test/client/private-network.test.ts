import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { checkedTarget, download } from '../../src/client/download.ts';
import { isPrivateAddress } from '../../src/client/private-network.ts';
import { InputError, RefusedError } from '../../src/errors/errors.ts';

describe('an IPv4 address', () => {
  it.each([
    ['0.0.0.1', true],
    ['9.255.255.255', false],
    ['10.255.255.255', true],
    ['11.0.0.0', false],
    ['100.63.255.255', false],
    ['100.64.0.0', true],
    ['126.255.255.255', false],
    ['127.8.8.8', true],
    ['128.0.0.0', false],
    ['168.63.129.16', true],
    ['168.63.129.17', false],
    ['169.254.0.1', true],
    ['172.16.0.0', true],
    ['192.0.0.192', true],
    ['192.0.2.1', true],
    ['192.88.99.1', true],
    ['192.168.255.255', true],
    ['192.169.0.0', false],
    ['198.51.100.9', true],
    ['203.0.113.9', true],
    ['223.255.255.255', false],
    ['239.0.0.1', true],
    ['93.184.216.34', false],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});

describe('an IPv6 address', () => {
  it.each([
    ['that is unspecified', '::', true],
    ['of this machine', '::1', true],
    ['for discarding', '100::1', true],
    ['for documentation', '2001:db8::1', true],
    ['for documentation, the newer range', '3fff:fff::1', true],
    ['for benchmarks', '2001:2::1', true],
    ['of a segment router', '5f00::1', true],
    ['that is unique local', 'fdff:ffff::1', true],
    ['that is link local', 'fe80::1', true],
    ['that is link local, with its zone', 'fe80::1%eth0', true],
    ['that is site local', 'fec0::1', true],
    ['that is site local, at the end of the range', 'feff:ffff::1', true],
    ['for multicast', 'ff0e::1', true],
    ['outside the global unicast range', '4000::1', true],
    ['of the public internet', '2620:fe::fe', false],
    ['of the public internet, written in full', '2a00:1450:4001:0811:0000:0000:0000:200e', false],
    ['of the public internet, with a zone', '2620:fe::fe%1', false],
  ])('%s: %s is private: %s', (_, address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });

  it.each(['10.1.2.3', '127.9.9.9', '169.254.169.254', '172.20.0.1', '192.168.9.9', '100.100.100.200', '0.0.0.0'])(
    'that embeds the private %s in any form is private',
    (inner) => {
      for (const [form, address] of Object.entries(embeddings(inner))) {
        expect({ form, private: isPrivateAddress(address) }).toEqual({ form, private: true });
      }
    },
  );

  it.each(['::ffff:', '64:ff9b::'])('translated from a public IPv4 address is public: %s', (prefix) => {
    expect(isPrivateAddress(`${prefix}93.184.216.34`)).toBe(false);
    expect(isPrivateAddress(`${prefix}5db8:d822`)).toBe(false);
  });

  it('of 6to4 is public if the IPv4 address in it is public', () => {
    expect(isPrivateAddress('2002:5db8:d822::1')).toBe(false);
  });

  it.each(['', 'localhost', '1.2.3', '10.0.0.1.', ':::', '2001::1::2', '%eth0'])(
    '%j is not an address and is refused',
    (text) => {
      expect(isPrivateAddress(text)).toBe(true);
    },
  );
});

describe('a link', () => {
  it.each(['10.1.2.3', '192.168.9.9', '169.254.169.254'])('to the private %s is refused in every spelling', (inner) => {
    const addresses = Object.values(embeddings(inner)).filter((address) => !address.includes('%'));
    for (const host of [...spellings(inner), ...addresses.map((address) => `[${address}]`)]) {
      expect(() => checkedTarget(`https://${host}/e.csv`, false), host).toThrow(RefusedError);
      expect(() => checkedTarget(`https://${host}/e.csv`, true), host).toThrow(RefusedError);
    }
  });

  it.each(['[fe80::1%25eth0]', '[fe80::1%eth0]', '[::ffff:10.0.0.1%251]'])('cannot have a zone: %s', (host) => {
    expect(() => checkedTarget(`https://${host}/e.csv`, false)).toThrow(InputError);
  });

  it.each(['localhost.', 'LOCALHOST.', '127.0.0.1.', '%6c%6fcalhost'])('to %s points to this machine', (host) => {
    expect(() => checkedTarget(`https://${host}/e.csv`, false)).toThrow('it points to this machine');
    expect(checkedTarget(`http://${host}/e.csv`, true).pathname).toBe('/e.csv');
  });

  it.each(Object.entries(embeddings('10.1.2.3')))('whose name resolves to %s is refused: %s', async (_, address) => {
    const found: LookupAddress[] = [{ address, family: 6 }];
    const fetched = download('https://exports.audit-logs.com/e.csv', {
      allowLoopback: false,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      write: async () => {},
      resolve: (_name, { all }, callback) => (all ? callback(null, found) : callback(null, address, 6)),
    });
    await expect(fetched).rejects.toThrow('resolves to a private address');
  });
});

/** The IPv6 addresses that embed or translate to an IPv4 address. */
function embeddings(ipv4: string): Record<string, string> {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  const hex = (high: number, low: number) => (high * 256 + low).toString(16);
  const words = `${hex(a, b)}:${hex(c, d)}`;
  const flipped = `${hex(255 - a, 255 - b)}:${hex(255 - c, 255 - d)}`;
  return {
    mapped: `::ffff:${ipv4}`,
    'mapped, in hex': `::ffff:${words}`,
    'mapped, written in full': `0:0:0:0:0:FFFF:${words}`,
    'mapped, with a zone': `::ffff:${ipv4}%1`,
    compatible: `::${ipv4}`,
    'compatible, in hex': `::${words}`,
    translated: `::ffff:0:${ipv4}`,
    NAT64: `64:ff9b::${ipv4}`,
    'NAT64, in hex': `64:FF9B::${words}`,
    'NAT64, local': `64:ff9b:1::${words}`,
    'NAT64, local with a subnet': `64:ff9b:1:fffe::${ipv4}`,
    '6to4': `2002:${words}::1`,
    'Teredo, the server': `2001:0:${words}:8000:63bf:a2a7:27dd`,
    'Teredo, the client': `2001:0:808:808:8000:63bf:${flipped}`,
    ISATAP: `2620:fe::5efe:${words}`,
    'ISATAP, marked unique': `2620:fe::200:5efe:${ipv4}`,
  };
}

/** The ways a URL may write an IPv4 address. https://url.spec.whatwg.org/#concept-ipv4-parser */
function spellings(ipv4: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  return [
    ipv4,
    `${ipv4}.`,
    String(whole),
    `0x${whole.toString(16)}`,
    `0${whole.toString(8)}`,
    [a, b, c, d].map((byte) => `0${byte.toString(8)}`).join('.'),
    [a, b, c, d].map((byte) => `0x${byte.toString(16).toUpperCase()}`).join('.'),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    ipv4.replaceAll('.', '\u3002'),
    ipv4.replaceAll('1', '%31'),
    ipv4.replaceAll('1', '\uff11'),
  ];
}
